import {expect, test} from 'vitest';
import {expectedAt, frameOf, heldAt, refOf} from '../../planner/frame.ts';
import type {Gap} from '../../planner/gap.ts';
import {absentGames, findGaps, gapAt} from '../../planner/gaps.ts';
import {PLAIN_TRUST} from '../../planner/ledger.ts';
import {WHOLE_REQUEST} from '../../planner/plan.ts';
import {name, ordinalIn, Toy} from '../kit/toy.ts';
import type {ToySpec} from '../kit/toy-spec.ts';

const [DAY1, DAY2, DAY3] = ['2024-01-15', '2024-01-16', '2024-01-20'] as const;
const GAMES = {
  [DAY1]: ['BOS-LAL #1', 'NYK-MIA #2'],
  [DAY2]: ['SEA-DEN #3'],
  [DAY3]: ['BOS-NYK #4', 'LAL-MIA #5'],
};
const CHAIN = {
  'landing.box': {files: 'assets/box.ts', covers: {}},
  'raw.box': {rows: 'assets/raw.ts', upstream: {box: 'landing.box'}, covers: {column: 'game_id'}},
  'own.form': {upstream: {box: {asset: 'raw.box', window: '2 dates'}}},
  'own.feature': {upstream: {form: 'own.form'}},
};
const SIGNED = {keys: [DAY2], reason: 'no rows', accepted_by: 'a@b.c', accepted_on: '2024-01-25'};

function toyOf(more: Partial<ToySpec> = {}): Toy {
  const toy = new Toy({assets: CHAIN, ...more});
  toy.calendar(GAMES);
  return toy;
}

/** `asset@key standing: cause, from ROOT` of each gap. */
function told(toy: Toy): readonly string[] {
  return findGaps(toy.frame(), WHOLE_REQUEST).map(gap => {
    const ref = refOf(gap.asset, gap.ordinal);
    const root = refOf(gap.root.asset, gap.root.ordinal);
    return `${ref} ${gap.standing}: ${gap.cause.kind}${root === ref ? '' : `, from ${root}`}`;
  });
}

function gapOf(toy: Toy, asset: string, key: string): Gap {
  const frame = toy.frame();
  const own = frameOf(frame, name(asset));
  const gap = gapAt(frame, own, ordinalIn(own, key));
  if (gap === undefined) throw new Error(`${asset}@${key} is no gap`);
  return gap;
}

function fill(toy: Toy, ...keys: readonly string[]): void {
  for (const asset of Object.keys(CHAIN)) for (const key of keys) toy.touch(asset, key);
}

test('nothing is a gap where everything is there', () => {
  const toy = toyOf();
  fill(toy, DAY1, DAY2, DAY3);
  expect(told(toy)).toEqual([]);
});

test('what waits is traced to the fetch that failed', () => {
  const toy = toyOf();
  fill(toy, DAY1);
  toy.fail('landing.box', DAY2, {error: 'HTTP 500'});
  expect(told(toy)).toEqual([
    `landing.box@${DAY2} open: failed`,
    `landing.box@${DAY3} open: untried`,
    `raw.box@${DAY2} open: failed, from landing.box@${DAY2}`,
    `raw.box@${DAY3} open: untried, from landing.box@${DAY3}`,
    'own.form@2024-01-16 open: untried',
    `own.form@${DAY3} open: failed, from landing.box@${DAY2}`,
    'own.feature@2024-01-16 open: untried, from own.form@2024-01-16',
    `own.feature@${DAY3} open: failed, from landing.box@${DAY2}`,
  ]);
  expect(gapOf(toy, 'own.feature', DAY3).cause).toEqual({kind: 'failed', error: 'HTTP 500'});
});

test('of several inputs that are not there, the one that failed is named', () => {
  const toy = toyOf({
    assets: {'raw.a': {}, 'raw.b': {}, 'own.both': {upstream: {a: 'raw.a', b: 'raw.b'}}},
  });
  toy.fail('raw.b', DAY1, {quarantined: true, error: 'range(points)'});
  expect(told(toy)).toContain(`own.both@${DAY1} open: quarantined, from raw.b@${DAY1}`);
});

test('what a cascade reads besides its sources is no cause', () => {
  const toy = toyOf({
    assets: {
      'landing.list': {files: 'assets/list.ts'},
      'landing.box': {files: 'assets/box.ts'},
      'raw.box': {
        rows: 'assets/raw.ts',
        upstream: {list: {asset: 'landing.list', required: false}},
        sources: [{name: 'nba', upstream: 'landing.box'}],
      },
    },
  });
  expect(told(toy)).toContain(`raw.box@${DAY1} open: untried, from landing.box@${DAY1}`);
});

test('a table that lacks a game lacks it because its input does', () => {
  const toy = toyOf();
  fill(toy, DAY1, DAY2, DAY3);
  toy.touch('landing.box', DAY1, {absent: ['2']});
  toy.touch('raw.box', DAY1, {absent: ['2']});
  expect(told(toy).slice(0, 2)).toEqual([
    `landing.box@${DAY1} open: games-absent`,
    `raw.box@${DAY1} open: games-absent, from landing.box@${DAY1}`,
  ]);
  expect(gapOf(toy, 'raw.box', DAY1).games).toEqual({open: 1, accepted: 0});
});

test('a cascade that lacks a game lacks it because its sources do', () => {
  const toy = toyOf({
    assets: {
      'landing.box': {files: 'assets/box.ts', covers: {}},
      'landing.bdl': {files: 'assets/bdl.ts', covers: {}},
      'raw.box': {
        rows: 'assets/raw.ts',
        covers: {column: 'game_id'},
        sources: [
          {name: 'nba', upstream: 'landing.box'},
          {name: 'bdl', upstream: 'landing.bdl'},
        ],
      },
    },
  });
  for (const day of [DAY1, DAY2, DAY3]) for (const asset of ['landing.box', 'raw.box']) toy.touch(asset, day);
  toy.touch('landing.box', DAY1, {absent: ['2']});
  toy.touch('landing.bdl', DAY1, {absent: ['2']});
  toy.touch('raw.box', DAY1, {absent: ['2']});
  expect(told(toy)).toContain(`raw.box@${DAY1} open: games-absent, from landing.box@${DAY1}`);
});

test('a game that the calendar gains is lacked until its partition is made again', () => {
  const toy = toyOf();
  fill(toy, DAY1, DAY2, DAY3);
  toy.calendar({...GAMES, [DAY2]: ['SEA-DEN #3', 'BOS-MIA #6']});
  const gap = gapOf(toy, 'raw.box', DAY2);
  expect([gap.state, gap.standing, gap.games]).toEqual(['stale', 'open', {open: 1, accepted: 0}]);
  const frame = toy.frame();
  const box = frameOf(frame, name('raw.box'));
  expect([heldAt(box, ordinalIn(box, DAY2)), expectedAt(box, ordinalIn(box, DAY2))]).toEqual([1, 2]);
  fill(toy, DAY2);
  expect(told(toy)).toEqual([]);
});

test('what waits at its gate says so, and for what', () => {
  const toy = toyOf({assets: {...CHAIN, 'own.form': {...CHAIN['own.form'], gate: {quality: 90}}}});
  for (const day of [DAY1, DAY2, DAY3])
    for (const asset of ['landing.box', 'raw.box']) toy.touch(asset, day, {trust: PLAIN_TRUST});
  const warned = [{check: 'odd', count: 1, penalty: 40}];
  toy.touch('raw.box', DAY1, {trust: {...PLAIN_TRUST, warned}});
  expect(gapOf(toy, 'own.form', DAY3).cause).toMatchObject({
    kind: 'gate',
    gate: 90,
    weakest: `raw.box@${DAY1}`,
  });
  toy.touch('raw.box', DAY1, {trust: PLAIN_TRUST});
  expect(gapOf(toy, 'own.form', DAY3).cause.kind).toBe('untried');
});

test('an accepted gap is one, with what is accepted through it', () => {
  const toy = toyOf({knownGaps: [{asset: 'landing.box', ...SIGNED}]});
  fill(toy, DAY1, DAY3);
  expect(told(toy)).toEqual([
    `landing.box@${DAY2} accepted: accepted`,
    `raw.box@${DAY2} accepted: accepted, from landing.box@${DAY2}`,
    `own.form@${DAY2} open: untried`,
    `own.feature@${DAY2} open: untried, from own.form@${DAY2}`,
  ]);
  const gap = gapOf(toy, 'raw.box', DAY2);
  expect(gap.since).toBe(Date.parse('2024-01-25T05:00:00Z'));
  expect(gap.games).toEqual({open: 0, accepted: 1});
});

test('a lower source that is signed off is not why a date is missing', () => {
  const sources = [
    {name: 'first', upstream: 'landing.box'},
    {name: 'second', upstream: 'landing.other'},
  ];
  const toy = new Toy({
    assets: {
      'landing.box': {files: 'assets/box.ts'},
      'landing.other': {files: 'assets/other.ts'},
      'raw.box': {rows: 'assets/raw.ts', sources},
      'own.other': {rows: 'assets/own.ts', upstream: {other: 'landing.other'}},
    },
    knownGaps: [{asset: 'landing.other', ...SIGNED}],
  });
  toy.calendar({[DAY2]: ['SEA-DEN #3']});
  expect(told(toy).filter(each => each.startsWith('raw.box'))).toEqual([
    `raw.box@${DAY2} open: untried, from landing.box@${DAY2}`,
  ]);
});

test('an accepted game of a published date is a gap of that game alone', () => {
  const toy = toyOf({knownGaps: [{asset: 'landing.box', ...SIGNED, keys: [DAY1], games: ['2']}]});
  fill(toy, DAY1, DAY2, DAY3);
  toy.touch('landing.box', DAY1, {absent: ['2']});
  const gap = gapOf(toy, 'landing.box', DAY1);
  expect([gap.state, gap.standing, gap.games]).toEqual(['fresh', 'accepted', {open: 0, accepted: 1}]);
  toy.touch('landing.box', DAY1, {absent: ['1', '2']});
  const frame = toy.frame();
  const asset = frameOf(frame, name('landing.box'));
  expect(absentGames(frame, asset, ordinalIn(asset, DAY1))).toEqual({open: ['1'], accepted: ['2']});
  expect(gapOf(toy, 'landing.box', DAY1)).toMatchObject({state: 'partial', standing: 'open'});
});

test('a game below the share that a date must reach is a gap all the same', () => {
  const toy = toyOf({assets: {'raw.box': {covers: {column: 'game_id', at_least: '50%'}}}});
  for (const key of [DAY1, DAY2, DAY3]) toy.touch('raw.box', key);
  toy.touch('raw.box', DAY1, {absent: ['2']});
  expect(gapOf(toy, 'raw.box', DAY1)).toMatchObject({state: 'fresh', standing: 'open'});
});

test('a gap begins when it and what it needs on its key fell due', () => {
  const toy = toyOf({
    assets: {
      'raw.box': {due: {days_after: 2, at: '06:00'}},
      'own.table': {upstream: {box: 'raw.box'}},
      'own.alone': {},
    },
  });
  const since = (asset: string) => new Date(gapOf(toy, asset, DAY1).since ?? 0).toISOString();
  expect(since('raw.box')).toBe('2024-01-17T11:00:00.000Z');
  expect(since('own.table')).toBe('2024-01-17T11:00:00.000Z');
  expect(since('own.alone')).toBe('2024-01-16T05:00:00.000Z');
});

test('a partition that lacks games is a gap since it was published', () => {
  const toy = toyOf();
  const at = Date.parse('2024-01-17T10:00:00Z');
  toy.touch('landing.box', DAY1, {absent: ['2'], at});
  expect(gapOf(toy, 'landing.box', DAY1).since).toBe(at);
});

test('an acceptance whose time is over leaves an open gap that says so', () => {
  const toy = toyOf({knownGaps: [{asset: 'landing.box', ...SIGNED, until: '2024-01-30'}]});
  expect(gapOf(toy, 'landing.box', DAY2)).toMatchObject({standing: 'open', expired: '2024-01-30'});
  expect(gapOf(toy, 'landing.box', DAY1).expired).toBeUndefined();
});

test('only what is asked for is told, traced to roots that are not', () => {
  const toy = toyOf();
  toy.fail('landing.box', DAY1);
  const selection = [{assets: new Set([name('raw.box')]), states: undefined}];
  const gaps = findGaps(toy.frame(), {...WHOLE_REQUEST, selection, range: {to: DAY1}});
  expect(gaps.map(gap => [refOf(gap.asset, gap.ordinal), refOf(gap.root.asset, gap.root.ordinal)])).toEqual([
    [`raw.box@${DAY1}`, `landing.box@${DAY1}`],
  ]);
});
