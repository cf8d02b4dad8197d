import {describe, expect, test} from 'vitest';
import {coneOf} from '../../planner/cone.ts';
import {type CorrectionKind, chooseCorrected} from '../../planner/correction.ts';
import {frameOf} from '../../planner/frame.ts';
import {parseRange} from '../../planner/range-text.ts';
import {name, ordinalIn, Toy} from '../kit/toy.ts';
import type {ToyAsset} from '../kit/toy-spec.ts';

const [DAY1, DAY2, DAY3] = ['2024-01-15', '2024-01-16', '2024-01-20'] as const;
const GAMES = {[DAY1]: ['BOS-LAL #1'], [DAY2]: ['SEA-DEN #2'], [DAY3]: ['BOS-NYK #3']};

function made(assets: Readonly<Record<string, ToyAsset>>): Toy {
  const toy = new Toy({assets});
  toy.calendar(GAMES);
  toy.run();
  return toy;
}

/** The keys chosen, then what is left with its cause. */
function choose(
  toy: Toy,
  kind: CorrectionKind,
  [asset, range]: readonly [string, string],
  allowProtected = false,
): readonly string[] {
  const {patterns = []} = parseRange(range);
  const frame = toy.frame();
  const found = frameOf(frame, name(asset));
  const {ordinals, left} = chooseCorrected(frame, found, {kind, patterns, allowProtected});
  return [
    ...ordinals.map(ordinal => found.keys[ordinal] ?? ''),
    ...left.map(({key, because, isRefused, isNamed}) =>
      [key, isRefused ? 'refused' : 'idle', ...(isNamed ? ['named'] : []), because].join(': '),
    ),
  ];
}

describe('what may be forgotten', () => {
  test('is published; a range leaves the others as they are', () => {
    const toy = made({'raw.box': {}});
    toy.forget('raw.box', DAY2);
    expect(choose(toy, 'forget', ['raw.box', `${DAY1}..${DAY2}`])).toEqual([
      DAY1,
      `${DAY2}: refused: it is missing (published once and forgotten since); there is nothing to forget`,
    ]);
  });

  test('is not protected, unless someone allows it', () => {
    const toy = made({'raw.box': {protect: true}});
    expect(choose(toy, 'forget', ['raw.box', DAY1])).toEqual([
      `${DAY1}: refused: named: it is protected; --allow-protected forgets it all the same`,
    ]);
    expect(choose(toy, 'forget', ['raw.box', DAY1], true)).toEqual([DAY1]);
  });

  test('is declared: an orphan is dropped, and a key that there is not is no partition', () => {
    const toy = made({'raw.box': {}});
    toy.calendar({[DAY1]: ['BOS-LAL #1'], [DAY2]: ['BOS-NYK #3', 'SEA-DEN #2']});
    expect(choose(toy, 'forget', ['raw.box', `${DAY3},2024-01-17`])).toEqual([
      `${DAY3}: refused: named: it is an orphan (recorded, and nothing declares its key any more); 'gameplan materialize raw.box --prune' drops it`,
      `2024-01-17: refused: named: there is no such partition; they go from ${DAY1} to ${DAY2}`,
    ]);
  });

  test('rounds outward: a date means its season and all', () => {
    const toy = made({
      'own.season': {partition_by: 'season', upstream: {box: 'raw.box'}},
      'own.all': {partition_by: 'all', upstream: {box: {asset: 'raw.box', window: 'all'}}},
      'raw.box': {},
    });
    for (const range of [DAY1, '2024-01-17', `${DAY1}..${DAY3}`, '2024-01-*', '2023-24']) {
      expect(choose(toy, 'forget', ['own.season', range])).toEqual(['2023-24']);
      expect(choose(toy, 'forget', ['own.all', range])).toEqual(['all']);
    }
    expect(choose(toy, 'forget', ['own.season', '2025-01-*'])).toEqual([]);
    expect(choose(toy, 'forget', ['own.season', '2022-01-15'])).toEqual([
      '2022-01-15: refused: named: there is no such partition; they go from 2023-24 to 2023-24',
    ]);
  });
});

describe('what may be marked fresh', () => {
  test('is stale; what is up to date needs nothing, and what is not there cannot be taken as it is', () => {
    const toy = made({'raw.box': {}, 'own.table': {start: DAY2, upstream: {box: 'raw.box'}}});
    toy.forget('own.table', DAY3);
    toy.touch('raw.box', DAY2, {version: 'ffffffffffffffff'});
    expect(choose(toy, 'mark', ['own.table', `${DAY1},${DAY2},${DAY3}`])).toEqual([
      DAY2,
      `${DAY1}: refused: named: it is exempt (before its start, ${DAY2}); change what exempts it if it should exist`,
      `${DAY3}: refused: named: it is missing (published once and forgotten since); 'gameplan materialize own.table --dates ${DAY3}' makes it when it is due`,
    ]);
    expect(choose(toy, 'mark', ['raw.box', DAY1])).toEqual([
      `${DAY1}: idle: named: it is up to date already`,
    ]);
  });

  test('has the columns that are declared', () => {
    const toy = made({'raw.box': {columns: {game_date: 'date', points: 'int64'}, key: ['game_date']}});
    toy.change({assets: {'raw.box': {columns: {game_date: 'date', goals: 'int64'}, key: ['game_date']}}});
    const [verdict] = choose(toy, 'mark', ['raw.box', DAY1]);
    expect(verdict).toContain('so its rows are not those declared');
    expect(verdict).toContain(`'gameplan materialize raw.box --dates ${DAY1}' makes it again`);
  });
});

describe('the cone of a partition', () => {
  const cone = (toy: Toy, asset: string, key: string) =>
    coneOf(toy.frame(), new Map([[name(asset), [ordinalIn(toy.asset(asset), key)]]])).map(part => [
      part.asset,
      part.direct,
      part.further,
    ]);

  test('is what reads it, and what reads that', () => {
    const toy = made({
      'raw.box': {},
      'own.table': {upstream: {box: 'raw.box'}},
      'own.form': {
        upstream: {table: {asset: 'own.table', window: '1 date'}, box: {asset: 'raw.box', window: 'all'}},
      },
      'own.season': {partition_by: 'season', upstream: {form: 'own.form'}},
    });
    expect(cone(toy, 'raw.box', DAY1)).toEqual([
      ['own.table', [DAY1], []],
      ['own.form', [DAY2, DAY3], []],
      ['own.season', [], ['2023-24']],
    ]);
    expect(cone(toy, 'own.table', DAY2)).toEqual([
      ['own.form', [DAY3], []],
      ['own.season', [], ['2023-24']],
    ]);
  });

  test('goes through keys that read the one before them', () => {
    const toy = made({'own.elo': {upstream: {before: {asset: 'own.elo', window: 'previous'}}}});
    expect(cone(toy, 'own.elo', DAY1)).toEqual([['own.elo', [DAY2], [DAY3]]]);
  });

  test('leaves out what is not published, and edges that do not track', () => {
    const toy = made({
      'raw.box': {},
      'own.table': {upstream: {box: 'raw.box'}},
      'own.loose': {upstream: {box: {asset: 'raw.box', tracks: false}}},
    });
    toy.forget('own.table', DAY1);
    expect(cone(toy, 'raw.box', DAY1)).toEqual([]);
  });
});
