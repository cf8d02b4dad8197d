/** When partitions run, and which end without being made: accepted gaps, soft edges, barriers, chains. */
import {afterEach, describe, expect, test} from 'vitest';
import type {PartitionRef} from '../../planner/reason.ts';
import {at, type Done, ended, lines, listed, manifest, Project, rowsFrom, tally} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const FIRST = ['2023-04-01', '2023-04-03'];
const DATES = ['2024-01-01', '2024-01-02', '2024-01-04', '2024-01-05'];
const ALL = [...FIRST, ...DATES];
const BAD = '2024-01-02';
const columns = {game_date: 'date', points: 'int64'};
const key = ['game_date'];
const SCORES = {rows: 'assets/scores.ts', columns, key, batch: 1};
const COPY = {sql: 'assets/copy.sql', upstream: {scores: 'raw.scores'}, columns, key};
const SUM = {
  sql: 'assets/sum.sql',
  upstream: {scores: {asset: 'raw.scores', window: 'season to date', through: 'today'}},
  columns,
  key,
};
const TEXTS = {
  'assets/scores.ts': rowsFrom('scores'),
  'assets/copy.sql': 'SELECT game_date, points FROM scores',
  'assets/sum.sql': `SELECT w.key AS game_date, sum(s.points) AS points
FROM scores_window AS w JOIN scores AS s ON s.game_date = w.upstream_key GROUP BY ALL`,
};
const GAP = {
  asset: 'raw.scores',
  keys: [BAD],
  reason: 'never recorded',
  accepted_by: 'test',
  accepted_on: '2024-02-01',
};

let project: Project;
afterEach(() => project.remove());

function declare(assets: object): string {
  const warehouse = {engine: 'duckdb', memory_limit: '256MB'};
  return manifest({
    calendars: listed({'2022-23': FIRST, '2023-24': DATES}),
    targets: {local: {warehouse, known_gaps: 'known-gaps.yaml'}},
    assets,
  });
}

function open(assets: object, gaps: readonly object[] = []): void {
  project = new Project({'pipeline.yaml': declare(assets), ...TEXTS}, NOW);
  project.write('known-gaps.yaml', JSON.stringify(gaps));
  project.data('scores', all());
}

const all = (change: Record<string, unknown> = {}) =>
  ({
    ...Object.fromEntries(ALL.map(date => [date, [{game_date: date, points: Number(date.slice(-1))}]])),
    ...change,
  }) as Parameters<Project['data']>[1]; // rows or a message, as each test says

describe('an accepted gap', () => {
  test('is never tried, its copies are passed over, and windows leave it out', async () => {
    open({'raw.scores': SCORES, 'mart.copy': COPY, 'mart.sum': SUM}, [GAP]);
    const done = await project.materialize();
    expect(tally(done)).toEqual({succeeded: 5 + 5 + 6});
    expect([...done.outcomes.keys()].filter(ref => ref.endsWith(BAD))).toEqual([`mart.sum@${BAD}`]);
    expect(await project.query('SELECT points FROM mart.sum ORDER BY game_date')).toEqual(
      [1, 4, 1, 1, 5, 10].map(points => [points]),
    );
    expect((await project.materialize()).counts.requested).toBe(0);
  });

  test('is void when data comes: what hangs on it is made', async () => {
    open({'raw.scores': SCORES, 'mart.copy': COPY, 'mart.sum': SUM}, [GAP]);
    await project.materialize();
    const done = await project.materialize({select: 'raw.scores', range: {keys: [BAD]}, force: true});
    expect(ended(done)).toEqual([`raw.scores@${BAD} succeeded`]);
    expect(ended(await project.materialize())).toEqual([
      `mart.copy@${BAD} succeeded`,
      `mart.sum@${BAD} succeeded`,
      'mart.sum@2024-01-04 succeeded',
      'mart.sum@2024-01-05 succeeded',
    ]);
    expect((await project.materialize()).counts.requested).toBe(0);
  });

  test('is void in one run with what brings the data', async () => {
    open({'raw.scores': SCORES, 'mart.copy': COPY}, [{...GAP, asset: 'mart.copy'}]);
    await project.materialize({select: 'raw.scores', range: {keys: DATES.filter(date => date !== BAD)}});
    const done = await project.materialize({select: 'raw.scores+', range: {keys: [BAD]}});
    expect(done.outcomes.get(`raw.scores@${BAD}`)).toBe('succeeded');
    await project.materialize();
    expect(await project.query('SELECT count(*) FROM mart.copy')).toEqual([[6]]);
  });

  test('that still fails stays accepted, and is not tried again with the same inputs', async () => {
    open({'raw.scores': SCORES, 'mart.copy': COPY}, [GAP]);
    project.data('scores', all({[BAD]: 'gone for good'}));
    await project.materialize();
    const done = await project.materialize({select: 'raw.scores', range: {keys: [BAD]}, force: true});
    expect(ended(done)).toEqual([`raw.scores@${BAD} failed`]);
    expect((await project.materialize()).counts.requested).toBe(0);
    const plan = await project.plan();
    expect(plan.states).toMatchObject({accepted: 2, missing: 0});
  });

  test('that was tried is not tried again because its input was made again and stayed as it was', async () => {
    const odd = {...COPY, sql: 'assets/odd.sql'};
    open({'raw.scores': SCORES, 'mart.copy': odd}, [{...GAP, asset: 'mart.copy'}]);
    project.write('assets/odd.sql', 'SELECT game_date, points FROM scores WHERE points <> 2');
    expect((await project.materialize()).outcomes.get(`mart.copy@${BAD}`)).toBe('failed');
    expect((await project.materialize()).counts.requested).toBe(0);
    await project.forget('raw.scores', [BAD]);
    expect(ended(await project.materialize())).toEqual([
      `mart.copy@${BAD} not-needed`,
      `raw.scores@${BAD} succeeded`,
    ]);
  });
});

describe('a soft edge', () => {
  const soft = {...SUM, upstream: {scores: {...SUM.upstream.scores, required: false}}, empty: 'allowed'};

  test('waits for what is planned, whatever becomes of it, and reads what is there', async () => {
    open({'raw.scores': SCORES, 'mart.sum': soft});
    project.data('scores', all({[BAD]: 'down'}));
    const done = await project.materialize();
    expect(tally(done)).toEqual({succeeded: 5 + 6, failed: 1});
    expect(orderOf(done, `raw.scores@${BAD}`)).toBeLessThan(orderOf(done, 'mart.sum@2024-01-05'));
    expect(await project.query('SELECT points FROM mart.sum ORDER BY game_date')).toEqual(
      [1, 4, 1, 1, 5, 10].map(points => [points]),
    );
    project.data('scores', all());
    expect(ended(await project.materialize())).toEqual([
      `mart.sum@${BAD} succeeded`,
      'mart.sum@2024-01-04 succeeded',
      'mart.sum@2024-01-05 succeeded',
      `raw.scores@${BAD} succeeded`,
    ]);
  });
});

const orderOf = ({outcomes}: Done, ref: PartitionRef): number => [...outcomes.keys()].indexOf(ref);

describe('batches', () => {
  test('of a season wait for all of it, and no other season waits', async () => {
    open({'raw.scores': SCORES, 'mart.copy': {...COPY, batch: 'season'}});
    const done = await project.materialize();
    const copies = done.events.flatMap(event =>
      event.kind === 'batch-started' && event.asset === 'mart.copy' ? [event.keys] : [],
    );
    expect(copies).toEqual([FIRST, DATES]);
    const before = done.events.slice(
      0,
      done.events.findIndex(event => event.kind === 'batch-started' && event.asset === 'mart.copy'),
    );
    expect(before.filter(({kind}) => kind === 'partition-ended').length).toBeLessThan(6);
  });

  test('of a season are made without the one that cannot be', async () => {
    open({'raw.scores': SCORES, 'mart.copy': {...COPY, batch: 'season'}});
    project.data('scores', all({[BAD]: 'down'}));
    expect(tally(await project.materialize())).toEqual({succeeded: 10, failed: 1, skipped: 1});
    project.data('scores', all());
    expect(ended(await project.materialize())).toEqual([
      `mart.copy@${BAD} succeeded`,
      `raw.scores@${BAD} succeeded`,
    ]);
  });
});

describe('a chain', () => {
  const chain = {
    sql: 'assets/chain.sql',
    upstream: {scores: 'raw.scores', before: {asset: 'mart.chain', window: 'previous'}},
    columns,
    key,
  };
  const query = `SELECT s.game_date, s.points + coalesce((SELECT sum(points) FROM before), 0) AS points FROM scores AS s`;

  function openChain(about: object = {}, gaps: readonly object[] = []): void {
    open({'raw.scores': SCORES, 'mart.chain': {...chain, ...about}}, gaps);
    project.write('assets/chain.sql', query);
  }
  const values = async () =>
    (await project.query('SELECT points FROM mart.chain ORDER BY game_date')).map(([points]) => points);

  test('is made one key after another and begins anew with each season', async () => {
    openChain();
    expect(tally(await project.materialize())).toEqual({succeeded: 12});
    expect(await values()).toEqual([1, 4, 1, 3, 7, 12]);
    expect((await project.materialize()).counts.requested).toBe(0);
  });

  test('crosses seasons where it says so', async () => {
    openChain({upstream: {...chain.upstream, before: {...chain.upstream.before, crosses_seasons: true}}});
    await project.materialize();
    expect(await values()).toEqual([1, 4, 5, 7, 11, 16]);
  });

  test('stops at what fails, and goes on from there', async () => {
    openChain();
    project.data('scores', all({[BAD]: 'down'}));
    const done = await project.materialize();
    expect(tally(done)).toEqual({succeeded: 5 + 3, failed: 1, skipped: 3});
    expect(lines(await project.plan()).filter(line => line.startsWith('mart'))).toEqual([
      `mart.chain@${BAD} missing run: never-materialized`,
      'mart.chain@2024-01-04 missing run: never-materialized',
      'mart.chain@2024-01-05 missing run: never-materialized',
    ]);
    project.data('scores', all());
    expect(tally(await project.materialize())).toEqual({succeeded: 4});
    expect(await values()).toEqual([1, 4, 1, 3, 7, 12]);
  });

  test('passes over an accepted gap, and takes it in when it is filled', async () => {
    openChain({}, [GAP]);
    await project.materialize();
    expect(await values()).toEqual([1, 4, 1, 5, 10]);
    await project.materialize({select: 'raw.scores', range: {keys: [BAD]}, force: true});
    await project.materialize();
    await project.materialize();
    expect(await values()).toEqual([1, 4, 1, 3, 7, 12]);
    expect((await project.materialize()).counts.requested).toBe(0);
  });
});
