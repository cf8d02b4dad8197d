import {expect, test} from 'vitest';
import {remedyOf, type Step} from '../../planner/remedy.ts';
import {Toy} from '../kit/toy.ts';
import type {ToyAsset} from '../kit/toy-spec.ts';

const [DAY1, DAY2, DAY3] = ['2024-01-15', '2024-01-16', '2024-01-20'] as const;
const GAMES = {[DAY1]: ['BOS-LAL #1', 'NYK-MIA #2'], [DAY2]: ['SEA-DEN #3'], [DAY3]: ['BOS-NYK #4']};
const CHAIN = {
  'raw.box': {},
  'own.table': {upstream: {box: 'raw.box'}},
  'own.form': {upstream: {table: {asset: 'own.table', window: '4 days'}}},
};

function toyOf(
  assets: Readonly<Record<string, ToyAsset>> = CHAIN,
  games: Readonly<Record<string, readonly string[]>> = GAMES,
): Toy {
  const toy = new Toy({assets});
  toy.calendar(games);
  return toy;
}

function steps(toy: Toy, asset: string, key: string): readonly string[] {
  const planned = toy.planned({all: true});
  const target = planned.plan.partitions.find(each => each.asset === asset && each.key === key);
  if (target === undefined) throw new Error(`no ${asset}@${key}`);
  return remedyOf(planned, target).map(stepText);
}

function stepText({asset, keys, verb, by, canBeSignedOff}: Step): string {
  const how = by.kind === 'skip' || by.kind === 'due' ? `${by.kind} ${by.because.kind}` : by.kind;
  return `${asset}@${keys.join(',')} ${verb} ${how}${canBeSignedOff ? ' or signed off' : ''}`;
}

test('what is fresh needs nothing', () => {
  const toy = toyOf();
  toy.run();
  expect(steps(toy, 'own.form', DAY3)).toEqual([]);
});

test('what is missing comes after all that it reads, in order', () => {
  expect(steps(toyOf(), 'own.form', DAY3)).toEqual([
    `raw.box@${DAY2} made next-run`,
    `own.table@${DAY2} made next-run`,
    `own.form@${DAY3} made next-run`,
  ]);
});

test('a parked input may be tried again or signed off', () => {
  const toy = toyOf();
  for (let i = 0; i < 3; i++) toy.fail('raw.box', DAY2);
  expect(steps(toy, 'own.form', DAY3)).toEqual([
    `raw.box@${DAY2} made skip parked or signed off`,
    `own.table@${DAY2} made steps-before`,
    `own.form@${DAY3} made steps-before`,
  ]);
  expect(steps(toy, 'raw.box', DAY2)).toEqual([`raw.box@${DAY2} made skip parked`]);
});

test('what is not due waits for its games, and what reads it for that', () => {
  const toy = toyOf(CHAIN, {...GAMES, '2024-02-01': ['BOS-LAL #9 scheduled']});
  toy.run();
  expect(steps(toy, 'own.table', '2024-02-01')).toEqual([
    'raw.box@2024-02-01 made due games-not-final',
    'own.table@2024-02-01 made due games-not-final',
  ]);
});

test('what only follows is made if its input changes', () => {
  const toy = toyOf();
  toy.run();
  toy.change({texts: {'raw.box': 'SELECT 2'}});
  expect(steps(toy, 'own.table', DAY1)).toEqual([
    `raw.box@${DAY1} made next-run`,
    `own.table@${DAY1} made next-run`,
  ]);
});

test('a lower source is made only where better ones fail', () => {
  const toy = toyOf({
    'landing.nba': {files: 'assets/nba.ts'},
    'landing.bdl': {files: 'assets/bdl.ts'},
    'raw.box': {
      rows: 'assets/raw.ts',
      sources: [
        {name: 'nba', upstream: 'landing.nba'},
        {name: 'bdl', upstream: 'landing.bdl'},
      ],
    },
  });
  const planned = toy.planned({all: true});
  const target = planned.plan.partitions.find(({asset, key}) => asset === 'raw.box' && key === DAY1);
  if (target === undefined) throw new Error('no raw.box');
  expect(remedyOf(planned, target).map(({asset, by}) => [asset, by])).toEqual([
    ['landing.nba', {kind: 'next-run', onlyIf: false, isOnDemand: false}],
    ['landing.bdl', {kind: 'next-run', onlyIf: true, isOnDemand: true}],
    ['raw.box', {kind: 'next-run', onlyIf: false, isOnDemand: false}],
  ]);
});

test('an earlier key of the same asset comes before, and gaps that are signed off do not come up', () => {
  const toy = toyOf({
    'raw.box': {},
    'own.sum': {upstream: {box: 'raw.box', before: {asset: 'own.sum', window: 'previous'}}},
  });
  expect(steps(toy, 'own.sum', DAY2)).toEqual([
    `raw.box@${DAY1},${DAY2} made next-run`,
    `own.sum@${DAY1} made next-run`,
    `own.sum@${DAY2} made next-run`,
  ]);
  const gap = {
    asset: 'raw.box',
    keys: [DAY2],
    reason: 'lost',
    accepted_by: 'a@b.c',
    accepted_on: '2024-01-20',
  };
  const signed = new Toy({assets: CHAIN, knownGaps: [gap]});
  signed.calendar(GAMES);
  expect(steps(signed, 'own.form', DAY3)).toEqual([`own.form@${DAY3} made next-run`]);
  expect(steps(signed, 'own.table', DAY2)).toEqual([]);
});

test('an orphan is dropped with --prune', () => {
  const toy = toyOf();
  toy.run();
  toy.calendar({[DAY1]: GAMES[DAY1], [DAY2]: GAMES[DAY2]});
  expect(steps(toy, 'raw.box', DAY3)).toEqual([`raw.box@${DAY3} dropped prune`]);
});
