import {describe, expect, test} from 'vitest';
import {findLeftOut} from '../../planner/left-out.ts';
import type {PlanRequest} from '../../planner/plan.ts';
import type {Selection} from '../../planner/select.ts';
import {name, Toy} from '../kit/toy.ts';
import type {ToyAsset} from '../kit/toy-spec.ts';

const [DAY1, DAY2, DAY3] = ['2024-01-15', '2024-01-16', '2024-01-20'] as const;
const CHAIN = {
  'raw.a': {},
  'own.b': {upstream: {a: 'raw.a'}},
  'own.c': {upstream: {b: 'own.b'}},
};

function toyOf(assets: Readonly<Record<string, ToyAsset>>): Toy {
  const toy = new Toy({assets});
  toy.calendar({[DAY1]: ['BOS-LAL #1'], [DAY2]: ['SEA-DEN #2'], [DAY3]: ['BOS-NYK #3']});
  return toy;
}

/** Everything made, then one query changed: its partitions are stale. */
function changed(assets: Readonly<Record<string, ToyAsset>>, ...names: readonly string[]): Toy {
  const toy = toyOf(assets);
  toy.run();
  toy.change({texts: Object.fromEntries(names.map(each => [each, 'SELECT 2']))});
  return toy;
}

const only = (...names: readonly string[]): Selection => [
  {assets: new Set(names.map(name)), states: undefined},
];

function leftOut(toy: Toy, request: Partial<PlanRequest>) {
  return findLeftOut(toy.planned(request));
}

describe('stale partitions upstream of what is asked for', () => {
  test('are left out where they are read by it', () => {
    const toy = changed(CHAIN, 'raw.a', 'own.b');
    expect(leftOut(toy, {selection: only('own.b')})).toEqual([
      {state: 'stale', count: 3, first: `raw.a@${DAY1}`, readers: ['own.b'], because: ['selection']},
    ]);
  });

  test('are left out further up too, behind a fresh one that is not selected', () => {
    const toy = changed(CHAIN, 'raw.a', 'own.c');
    expect(toy.verdict('own.b', DAY1)).toContain('fresh');
    expect(leftOut(toy, {selection: only('own.c')})).toEqual([
      {state: 'stale', count: 3, first: `raw.a@${DAY1}`, readers: ['own.c'], because: ['selection']},
    ]);
  });

  test('are left out where nothing runs: what is asked for is up to date only as things stand', () => {
    const toy = changed(CHAIN, 'raw.a');
    const selection = only('own.c');
    expect(toy.actions({selection})).toEqual([]);
    expect(leftOut(toy, {selection})).toMatchObject([{count: 3, readers: ['own.c']}]);
  });

  test('count on every level', () => {
    const toy = changed(CHAIN, 'raw.a', 'own.b', 'own.c');
    expect(leftOut(toy, {selection: only('own.c')})).toMatchObject([{count: 6, first: `raw.a@${DAY1}`}]);
  });

  test('are no concern of what does not read them', () => {
    const toy = changed({...CHAIN, 'own.other': {}}, 'raw.a', 'own.other');
    expect(leftOut(toy, {selection: only('own.other')})).toEqual([]);
    expect(leftOut(toy, {selection: only('own.other'), force: true})).toEqual([]);
  });

  test('are those of the keys that are asked for, and no others', () => {
    const toy = changed(CHAIN, 'raw.a');
    const about = {selection: only('own.b'), range: {keys: [DAY2]}};
    expect(leftOut(toy, about)).toMatchObject([{count: 1, first: `raw.a@${DAY2}`}]);
  });

  test('are those that a window reads, and what its keys are left out by', () => {
    const assets = {'raw.a': {}, 'own.b': {upstream: {a: {asset: 'raw.a', window: '2 dates'}}}};
    const toy = changed(assets, 'raw.a');
    const found = {state: 'stale', count: 2, first: `raw.a@${DAY1}`, readers: ['own.b']};
    expect(leftOut(toy, {range: {keys: [DAY3]}})).toEqual([{...found, because: ['range']}]);
    expect(leftOut(toy, {selection: only('own.b'), range: {from: DAY1}})).toEqual([
      {...found, because: ['selection']},
    ]);
    expect(leftOut(toy, {selection: only('own.b'), range: {from: DAY3}})).toEqual([
      {...found, because: ['selection', 'range']},
    ]);
    expect(leftOut(toy, {only: new Map([['own.b', new Set([DAY3])]])})).toEqual([
      {...found, because: ['only']},
    ]);
  });

  test('are found through an asset that reads its own previous key', () => {
    const assets = {
      'raw.a': {},
      'own.b': {upstream: {a: 'raw.a', before: {asset: 'own.b', window: 'previous', required: false}}},
    };
    const toy = changed(assets, 'raw.a');
    toy.forget('own.b', DAY3);
    expect(leftOut(toy, {selection: only('own.b')})).toMatchObject([{count: 3, readers: ['own.b']}]);
  });

  test('name the assets that hang on them, without those that others of them are made from', () => {
    const toy = changed({...CHAIN, 'own.d': {upstream: {a: 'raw.a'}}, 'own.free': {}}, 'raw.a');
    const selection = only('own.b', 'own.c', 'own.d', 'own.free');
    expect(leftOut(toy, {selection, force: true})).toMatchObject([{readers: ['own.c', 'own.d']}]);
  });

  test('are not left out where they are selected, whatever keeps them from running', () => {
    const toy = changed(CHAIN, 'raw.a', 'own.b');
    expect(leftOut(toy, {})).toEqual([]);
    expect(leftOut(toy, {selection: only('raw.a', 'own.b')})).toEqual([]);
    expect(leftOut(toy, {selection: only('raw.a', 'own.b'), limit: 1})).toEqual([]);
  });

  test('are no fetches whose code alone changed: no plan would make those again', () => {
    const toy = toyOf({
      'land.a': {files: 'assets/a.ts', path: 'a/{game_date}.json'},
      'own.b': {rows: 'assets/b.ts', upstream: {a: 'land.a'}},
    });
    toy.run();
    toy.change({texts: {'land.a': 'other'}});
    expect(toy.verdict('land.a', DAY1)).toBe('stale: definition-changed');
    expect(leftOut(toy, {selection: only('own.b'), force: true})).toEqual([]);
  });
});

describe('missing partitions that are waited for', () => {
  test('are left out where a required edge lacks them', () => {
    const toy = toyOf(CHAIN);
    expect(leftOut(toy, {selection: only('own.b')})).toEqual([
      {state: 'missing', count: 3, first: `raw.a@${DAY1}`, readers: ['own.b'], because: ['selection']},
    ]);
  });

  test('are what is lacked at the top, where what lies between is selected', () => {
    const toy = toyOf(CHAIN);
    expect(leftOut(toy, {selection: only('own.b', 'own.c'), range: {keys: [DAY1]}})).toEqual([
      {state: 'missing', count: 1, first: `raw.a@${DAY1}`, readers: ['own.b'], because: ['selection']},
    ]);
  });

  test('are none where nothing waits', () => {
    const toy = toyOf({'raw.a': {}, 'own.b': {upstream: {a: {asset: 'raw.a', required: false}}}});
    expect(leftOut(toy, {selection: only('own.b')})).toEqual([]);
  });

  test('stand beside stale ones', () => {
    const toy = changed(CHAIN, 'raw.a', 'own.b');
    toy.forget('raw.a', DAY1);
    expect(leftOut(toy, {selection: only('own.b')})).toMatchObject([
      {state: 'stale', count: 2},
      {state: 'missing', count: 1},
    ]);
  });
});
