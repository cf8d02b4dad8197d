import {describe, expect, test} from 'vitest';
import {type AgainstInput, compareProjects} from '../../planner/against.ts';
import {name, Toy} from '../kit/toy.ts';
import {CALENDARS, type ToySpec} from '../kit/toy-spec.ts';

const [DAY1, DAY2, DAY3] = ['2024-01-15', '2024-01-16', '2024-01-20'] as const;
const GAMES = {[DAY1]: ['BOS-LAL #1', 'NYK-MIA #2'], [DAY2]: ['SEA-DEN #3'], [DAY3]: ['BOS-NYK #4']};
const CHAIN = {
  'raw.box': {},
  'own.table': {upstream: {box: 'raw.box'}},
  'own.form': {upstream: {table: {asset: 'own.table', window: '1 date'}}},
};

function made(): Toy {
  const toy = new Toy({assets: CHAIN});
  toy.calendar(GAMES);
  toy.run();
  return toy;
}

/** What a change of a toy does, a line an asset. */
function told(toy: Toy, change: Partial<ToySpec>, about: Partial<AgainstInput> = {}): readonly string[] {
  const before = {pipeline: toy.pipeline, sources: toy.sources};
  toy.change(change);
  const after = {pipeline: toy.pipeline, sources: toy.sources};
  const input = {before, after, ledger: toy.ledger, now: toy.now, range: {}, assets: undefined, ...about};
  return compareProjects(input).assets.map(({asset, change: what, parts, becomes, run, runIf}) => {
    const states = becomes.map(({state, keys}) => `${keys.length} ${state}`);
    const kinds = parts.map(part => ('part' in part ? part.part : part.kind));
    return [
      asset,
      what ?? '-',
      ...kinds,
      ...states,
      ...(run.length === 0 ? [] : [`run ${run.length}`]),
      ...(runIf.length === 0 ? [] : [`run-if ${runIf.length}`]),
    ].join(' ');
  });
}

describe('a change', () => {
  test('of nothing that counts does nothing', () => {
    const toy = made();
    toy.change({texts: {'own.table': 'SELECT 1'}});
    toy.run();
    expect(told(toy, {texts: {'own.table': 'select   1 -- as it was'}})).toEqual([]);
    expect(told(made(), {})).toEqual([]);
  });

  test('of a query makes that asset stale, and what reads it may be made again', () => {
    expect(told(made(), {texts: {'own.table': 'SELECT 2'}})).toEqual([
      'own.table redefined query 3 stale run 3',
      'own.form - run-if 2',
    ]);
  });

  test('of columns, an edge or the key is named', () => {
    const text = Object.fromEntries(
      ['season', 'game_id', 'home', 'away', 'status'].map(column => [column, 'string']),
    );
    const columns = {game_date: 'date', tip: 'timestamp', points: 'float64', assists: 'int64', ...text};
    expect(told(made(), {assets: {...CHAIN, 'raw.box': {columns}}})[0]).toMatch(
      /^raw.box redefined schema-changed/,
    );
    const upstream = {table: {asset: 'own.table', window: '2 dates'}};
    expect(told(made(), {assets: {...CHAIN, 'own.form': {upstream}}})).toEqual([
      'own.form redefined upstream 3 stale run 3',
    ]);
  });

  test('that adds, removes or moves an asset says so', () => {
    expect(told(made(), {assets: {...CHAIN, 'own.new': {upstream: {box: 'raw.box'}}}})).toEqual([
      'own.new added 3 missing run 3',
    ]);
    const {'own.form': _, ...fewer} = CHAIN;
    expect(told(made(), {assets: fewer})).toEqual(['own.form removed 3 orphan']);
    expect(told(made(), {assets: {...CHAIN, 'own.form': {...CHAIN['own.form'], start: DAY2}}})).toEqual([
      'own.form - 1 exempt',
    ]);
    expect(told(made(), {manifest: {start: DAY2}})).toEqual([
      'raw.box - 1 orphan',
      'own.table - 1 orphan',
      'own.form - 1 stale 1 orphan run 1',
    ]);
  });

  test('does not answer for what was stale before', () => {
    const toy = made();
    toy.change({texts: {'raw.box': 'SELECT 2'}});
    expect(told(toy, {texts: {'raw.box': 'SELECT 2', 'own.form': 'SELECT 3'}})).toEqual([
      'own.form redefined query 3 stale run 3',
    ]);
    const missing = made();
    missing.forget('raw.box', DAY1);
    expect(told(missing, {texts: {'raw.box': 'SELECT 2'}})).toEqual([
      'raw.box redefined query 2 stale run 2',
      'own.table - run-if 2',
      'own.form - run-if 1',
    ]);
  });

  test('can be told for some assets and dates', () => {
    const change = {texts: {'own.table': 'SELECT 2'}};
    expect(told(made(), change, {range: {to: DAY1}})).toEqual(['own.table redefined query 1 stale run 1']);
    expect(told(made(), change, {assets: new Set([name('own.form')])})).toEqual(['own.form - run-if 2']);
  });
});

test('a changed calendar is told, since dates may come and go by it', () => {
  const toy = made();
  const before = {pipeline: toy.pipeline, sources: toy.sources};
  const input = {before, ledger: toy.ledger, now: toy.now, range: {}, assets: undefined};
  expect(compareProjects({...input, after: before}).unsettles).toBe(false);
  const nba = {...CALENDARS.nba, where: "status <> 'cancelled'"};
  toy.change({manifest: {calendars: {nba}}, assets: {'raw.schedule': {partition_by: 'season'}, ...CHAIN}});
  const after = {pipeline: toy.pipeline, sources: toy.sources};
  expect(compareProjects({...input, after}).unsettles).toBe(true);
});

describe('with nothing made yet', () => {
  const LISTED = {
    nba: {
      dates: [DAY1, DAY2, DAY3].map(date => ({date, season: '2023-24'})),
      timezone: 'America/New_York',
    },
  };
  const bare = (): Toy => new Toy({assets: CHAIN, manifest: {calendars: LISTED}});

  test('all that is due counts as there', () => {
    const toy = bare();
    const before = {pipeline: toy.pipeline, sources: toy.sources};
    toy.change({texts: {'own.table': 'SELECT 2'}});
    const after = {pipeline: toy.pipeline, sources: toy.sources};
    const {basis, assets} = compareProjects({
      before,
      after,
      ledger: toy.ledger,
      now: toy.now,
      range: {},
      assets: undefined,
    });
    expect(basis).toBe('all-due');
    expect(
      assets.map(({asset, becomes, runIf}) => [
        asset,
        becomes.map(({state, keys}) => [state, keys.length]),
        runIf.length,
      ]),
    ).toEqual([
      ['own.table', [['stale', 3]], 0],
      ['own.form', [], 2],
    ]);
  });

  test('what is not due is not there', () => {
    const toy = bare();
    toy.at('2024-01-17T18:00:00Z');
    expect(told(toy, {texts: {'raw.box': 'SELECT 2'}})[0]).toBe('raw.box redefined query 2 stale run 2');
  });

  test('a change of nothing does nothing', () => {
    expect(told(bare(), {})).toEqual([]);
  });
});
