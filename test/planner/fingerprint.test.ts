import {describe, expect, test} from 'vitest';
import type {StaleReason} from '../../planner/reason.ts';
import {Toy} from '../kit/toy.ts';
import type {ToyAsset, ToySpec} from '../kit/toy-spec.ts';

const COLUMNS = {game_date: 'date', game_id: 'string', points: 'int64'};
const EDGE = {asset: 'raw.box', window: '3 dates'};
const OWN: ToyAsset = {columns: COLUMNS, key: ['game_id'], upstream: {box: EDGE}};
const TEXT = 'SELECT safe_divide(points, 2) AS points FROM box';
const LIBRARY = {
  safe_divide: 'CREATE MACRO safe_divide(a, b) AS nonzero(b) * a',
  nonzero: 'CREATE MACRO nonzero(a) AS a',
};

function made(own: ToyAsset = OWN): Toy {
  const toy = new Toy({
    assets: {'raw.box': {}, 'own.table': own},
    texts: {'own.table': TEXT},
    functions: {...LIBRARY, unused: 'AS 1'},
  });
  toy.calendar({'2024-01-01': ['BOS-LAL']});
  toy.touch('own.table', '2024-01-01');
  return toy;
}

/** Why `own.table` is stale after a change; empty where it is not. */
function staleAfter(change: Partial<ToySpec> | ToyAsset, own: ToyAsset = OWN): readonly unknown[] {
  const toy = made(own);
  const isSpec = 'texts' in change || 'functions' in change;
  toy.change(isSpec ? change : {assets: {'raw.box': {}, 'raw.other': {}, 'own.table': {...own, ...change}}});
  const {state, reasons} = toy.explain('own.table', '2024-01-01');
  if (state === 'stale') return reasons;
  expect(state).toBe('fresh');
  return [];
}
const changed = (part: string): readonly unknown[] => [{kind: 'definition-changed', part}];

describe('what is in it, and named', () => {
  test.for<readonly [what: string, change: Partial<ToySpec>, part: string]>([
    ['the query', {texts: {'own.table': `${TEXT} WHERE points > 1`}}, 'query'],
    ['a function that it calls', {functions: {...LIBRARY, safe_divide: 'AS nonzero(0)'}}, 'functions'],
    ['a function that such a one calls', {functions: {...LIBRARY, nonzero: 'AS 1'}}, 'functions'],
  ])('%s', ([, change, part]) => {
    expect(staleAfter(change)).toEqual(changed(part));
  });

  test.for<readonly [what: string, change: ToyAsset, part: string]>([
    ['the key', {key: ['game_id', 'points']}, 'key'],
    ['the order of columns', {columns: {game_date: 'date', points: 'int64', game_id: 'string'}}, 'columns'],
    ['an upstream', {upstream: {box: {...EDGE, asset: 'raw.other'}}}, 'upstream'],
    ['the name of an edge', {upstream: {boxes: EDGE}}, 'upstream'],
    ['the length of a window', {upstream: {box: {...EDGE, window: '4 dates'}}}, 'upstream'],
    ['through today', {upstream: {box: {...EDGE, through: 'today'}}}, 'upstream'],
    ['crossing seasons', {upstream: {box: {...EDGE, crosses_seasons: true}}}, 'upstream'],
    ['tracks', {upstream: {box: {...EDGE, tracks: false}}}, 'upstream'],
    ['an edge more', {upstream: {box: EDGE, other: 'raw.other'}}, 'upstream'],
  ])('%s', ([, change, part]) => {
    expect(staleAfter(change)).toEqual(changed(part));
  });

  test('columns, told one by one', () => {
    const columns = {game_date: 'date', game_id: 'int64', minutes: 'float64'};
    const reason: StaleReason = {
      kind: 'schema-changed',
      added: ['minutes'],
      dropped: ['points'],
      retyped: ['game_id'],
      types: {game_id: {was: 'string', is: 'int64'}},
    };
    expect(staleAfter({columns})).toEqual([reason]);
  });

  test('the code of TypeScript, and the path of its objects', () => {
    const own = {files: 'assets/own.ts', path: 'own/{game_date}/'};
    const toy = new Toy({assets: {'own.table': own}});
    toy.calendar({'2024-01-01': ['BOS-LAL']});
    toy.touch('own.table', '2024-01-01');
    toy.change({texts: {'own.table': 'another hash'}});
    expect(toy.explain('own.table', '2024-01-01').reasons).toEqual(changed('code'));
    toy.change({texts: {}, assets: {'own.table': {...own, path: 'other/{game_date}/'}}});
    expect(toy.explain('own.table', '2024-01-01').reasons).toEqual(changed('output'));
  });

  test('the format of an export', () => {
    const own = {export: {format: 'json', path: 'own/{game_date}.json'}, upstream: {box: 'raw.box'}};
    expect(staleAfter({export: {format: 'csv', path: 'own/{game_date}.json'}}, own)).toEqual(
      changed('output'),
    );
  });
});

test('the case of names is in it where they can be read in what is made', () => {
  const text = 'SELECT to_json({points: points}) AS points FROM box';
  const toy = new Toy({assets: {'raw.box': {}, 'own.table': OWN}, texts: {'own.table': text}});
  toy.calendar({'2024-01-01': ['BOS-LAL']});
  toy.touch('own.table', '2024-01-01');
  toy.change({texts: {'own.table': text.replace('{points', '{Points')}});
  expect(toy.verdict('own.table', '2024-01-01')).toMatch('definition-changed');
});

describe('what is not in it', () => {
  test.for<readonly [what: string, change: Partial<ToySpec>]>([
    [
      'comments, space and the case of keywords',
      {texts: {'own.table': `-- x\n${TEXT.replace('FROM', 'from')}  `}},
    ],
    ['the case of a name', {texts: {'own.table': TEXT.replace('AS points', 'AS Points')}}],
    ['a function that it does not call', {functions: {...LIBRARY, unused: 'AS 2'}}],
    ['a comment in a function', {functions: {...LIBRARY, nonzero: 'CREATE MACRO nonzero(a) AS /* ! */ a'}}],
  ])('%s', ([, change]) => {
    expect(staleAfter(change)).toEqual([]);
  });

  test.for<readonly [what: string, change: ToyAsset]>([
    ['checks', {checks: [{not_null: ['points']}]}],
    ['at_least', {upstream: {box: {...EDGE, at_least: '50%'}}}],
    ['required', {upstream: {box: {...EDGE, required: false}}}],
    ['due', {due: 'scheduled'}],
    ['batch', {batch: 'season'}],
    ['retries and timeout', {retries: 9, timeout: '9m'}],
    ['texts', {description: 'x', owner: 'a@b.c', tags: ['x'], group: 'x'}],
    ['units and descriptions of columns', {columns: {...COLUMNS, points: {type: 'int64', unit: 'points'}}}],
    ['start and end', {start: '2023-01-01', end: '2025-01-01'}],
    ['empty', {empty: 'allowed'}],
    ['the order of key columns', {key: ['game_id']}],
    [
      'how its table is laid out',
      {bigquery: {grain: 'month', cluster: ['game_id'], max_bytes_billed: '1 GiB'}},
    ],
  ])('%s', ([, change]) => {
    expect(staleAfter(change)).toEqual([]);
  });

  test('the bounds of coverage', () => {
    const own = {...OWN, covers: {column: 'game_id'}};
    expect(staleAfter({covers: {column: 'game_id', at_least: '50%', rows_per_game: {min: 5}}}, own)).toEqual(
      [],
    );
  });

  test('skip_first, of keys that are past it', () => {
    const toy = made();
    toy.calendar({'2023-12-01': ['BOS-LAL'], '2024-01-01': ['BOS-LAL']});
    toy.touch('own.table', '2024-01-01');
    toy.change({assets: {'raw.box': {}, 'own.table': {...OWN, skip_first: '10 days'}}});
    expect(toy.explain('own.table', '2024-01-01').state).toBe('fresh');
    expect(toy.verdict('own.table', '2023-12-01')).toBe('exempt: bootstrap');
  });

  test('refresh and site of a fetch', () => {
    const own = {files: 'assets/own.ts'};
    const toy = new Toy({assets: {'own.table': own}});
    toy.calendar({'2024-01-01': ['BOS-LAL']});
    toy.touch('own.table', '2024-01-01');
    toy.change({
      assets: {'own.table': {...own, refresh: {every: '24h'}, site: 'nba'}},
      manifest: {sites: {nba: {url: 'https://example.com'}}},
    });
    expect(toy.verdict('own.table', '2024-01-01')).toBe('fresh');
  });
});
