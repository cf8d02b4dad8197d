/** What others make: looked at with one question, never written, and told where it changed or went. */
import {mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {classify} from '../../planner/classify.ts';
import {fingerprintOf} from '../../planner/fingerprint.ts';
import type {AssetName, PartitionKey} from '../../planner/pipeline.ts';
import {correct} from '../../runner/correct.ts';
import {readStandings, restore, snapshotOf, verifyData, verifyLedger} from '../../runner/receipts.ts';
import type {Workshop} from '../../runner/workshop.ts';
import {at, ended, lines, listed, manifest, Project, tally} from '../kit/project.ts';

const DATES = ['2024-01-01', '2024-01-02', '2024-01-03'];
const [FIRST = '', SECOND = '', THIRD = ''] = DATES;
const NOW = at('2024-01-20T12:00:00Z');
const PROPS = {
  external: {table: 'nba_raw.odds', date: 'day'},
  columns: {day: 'date', player: 'string', line: 'float64'},
  key: ['day', 'player'],
};
const LINES = {
  sql: 'assets/lines.sql',
  upstream: {odds: 'raw.props'},
  columns: {game_date: 'date', lines: 'int64', total: 'float64'},
  key: ['game_date'],
  batch: 'season',
};
const LINES_SQL = 'SELECT day AS game_date, count(*) AS lines, sum(line) AS total FROM odds GROUP BY ALL';
const BOARD = {external: {objects: 'nba-com/scoreboard/{game_date}/'}};
const GAMES = {
  rows: 'assets/games.ts',
  upstream: {board: 'landing.board'},
  columns: {game_date: 'date', name: 'string', games: 'int64'},
  key: ['name'],
};
const GAMES_TS = `import type {Rows} from 'gameplan';

export const rows: Rows = async ({partition, inputs}) => {
  const found = [];
  for await (const object of inputs['board']?.objects() ?? [])
    found.push({game_date: partition.key, name: object.name, games: JSON.parse(object.text()).games});
  return found;
};
`;

let project: Project;
beforeEach(() => {
  project = new Project(
    {
      'pipeline.yaml': declare({'raw.props': PROPS, 'mart.lines': LINES}),
      'assets/lines.sql': LINES_SQL,
      'assets/games.ts': GAMES_TS,
    },
    NOW,
  );
});
afterEach(() => project.remove());

function declare(assets: object): string {
  return manifest({calendars: listed({'2023-24': DATES}), assets});
}

/** What another program does with the warehouse. */
async function others(...statements: readonly string[]): Promise<void> {
  const path = join(project.root, '.gameplan/warehouse.duckdb');
  mkdirSync(dirname(path), {recursive: true});
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

const TABLE = [
  'CREATE SCHEMA nba_raw',
  'CREATE TABLE nba_raw.odds (day DATE, player VARCHAR, line DOUBLE, book VARCHAR)',
  `INSERT INTO nba_raw.odds SELECT CAST(d AS DATE), p, 20.5, 'x' FROM unnest(['${FIRST}', '${SECOND}']) t(d), unnest(['ana', 'bo']) u(p)`,
];

function put(name: string, text: string): void {
  const file = join(project.root, '.gameplan/store/nba-com/scoreboard', name);
  mkdirSync(dirname(file), {recursive: true});
  writeFileSync(file, text);
}

const reasons = async (ref: string): Promise<readonly string[]> =>
  (await project.plan()).partitions
    .filter(({asset, key}) => `${asset}@${key}` === ref)
    .flatMap(partition => partition.reasons.map(({kind}) => kind));

test('a table of others is looked at with one question, and what it lacks is a gap with its cause', async () => {
  await others(...TABLE);
  expect(lines(await project.plan()).slice(0, 3)).toEqual(
    DATES.map(date => `raw.props@${date} missing run: not-observed`),
  );
  const asked: string[][] = [];
  const through = (workshop: Workshop): Workshop => ({
    ...workshop,
    warehouse: async () => {
      const warehouse = await workshop.warehouse();
      const versions: typeof warehouse.versions = request => {
        if (request.table.name === 'nba_raw.odds') asked.push([...request.keys]);
        return warehouse.versions(request);
      };
      return new Proxy(warehouse, {
        get: (target, name) =>
          name === 'versions'
            ? versions
            : typeof target[name as keyof typeof target] === 'function'
              ? (target[name as keyof typeof target] as () => unknown).bind(target)
              : target[name as keyof typeof target],
      });
    },
  });
  const done = await project.materialize({through});
  expect(asked).toEqual([DATES]);
  expect(ended(done)).toEqual([
    `mart.lines@${FIRST} succeeded`,
    `mart.lines@${SECOND} succeeded`,
    `mart.lines@${THIRD} skipped`,
    `raw.props@${FIRST} succeeded`,
    `raw.props@${SECOND} succeeded`,
    `raw.props@${THIRD} failed`,
  ]);
  expect(done.errors.get(`raw.props@${THIRD}`)).toBe(
    `The table 'nba_raw.odds', which others make, holds no rows of ${THIRD}.`,
  );
  expect(await project.query('SELECT lines, total FROM mart.lines ORDER BY game_date')).toEqual([
    [2, 41],
    [2, 41],
  ]);
  expect(await reasons(`raw.props@${THIRD}`)).toEqual(['not-observed', 'last-attempt-failed']);
});

test('what others change makes stale what reads it, with the reason that the source changed', async () => {
  await others(...TABLE);
  await project.materialize();
  await others(`UPDATE nba_raw.odds SET line = 30.5 WHERE day = '${FIRST}' AND player = 'bo'`);
  const looked = await project.materialize({force: true, select: 'raw.props'});
  expect(ended(looked)).toEqual([
    `raw.props@${FIRST} succeeded`,
    `raw.props@${SECOND} unchanged`,
    `raw.props@${THIRD} failed`,
  ]);
  expect(await reasons(`mart.lines@${FIRST}`)).toEqual(['source-changed']);
  const followed = await project.materialize({select: 'mart.lines'});
  expect(followed.outcomes.get(`mart.lines@${FIRST}`)).toBe('succeeded');
  expect(await project.query('SELECT total FROM mart.lines ORDER BY game_date')).toEqual([[51], [41]]);
});

test('a column that others add beside those declared changes nothing', async () => {
  await others(...TABLE);
  await project.materialize();
  await others('ALTER TABLE nba_raw.odds ADD COLUMN seen TIMESTAMP');
  const looked = await project.materialize({force: true, select: 'raw.props'});
  expect(looked.outcomes.get(`raw.props@${FIRST}`)).toBe('unchanged');
});

test('rows that others delete are a gap again, and what read them is built without them', async () => {
  await others(...TABLE);
  await project.materialize();
  await others(`DELETE FROM nba_raw.odds WHERE day = '${FIRST}'`);
  const done = await project.materialize({force: true, select: 'raw.props+'});
  expect(done.outcomes.get(`raw.props@${FIRST}`)).toBe('failed');
  expect(await reasons(`raw.props@${FIRST}`)).toEqual(['source-gone', 'last-attempt-failed']);
  expect(await reasons(`mart.lines@${FIRST}`)).toContain('upstream-lost');
  expect(await compared()).toEqual([]);
});

test('the clock looks again at what is young, once a day unless said otherwise', async () => {
  await others(...TABLE);
  project.now = at('2024-01-05T12:00:00Z');
  await project.materialize();
  const day = at('2024-01-06T12:00:00Z');
  const again = (await project.plan({now: day})).partitions.filter(({asset}) => asset === 'raw.props');
  expect(again.map(({key, reasons}) => [key, ...reasons.map(({kind}) => kind)])).toEqual([
    [SECOND, 'refresh'],
    [THIRD, 'not-observed', 'last-attempt-failed'],
  ]);
});

test('a table that is not there, or has other columns, fails with its mend', async () => {
  await others('CREATE SCHEMA nba_raw');
  const none = await project.materialize({select: 'raw.props'});
  expect(none.errors.get(`raw.props@${FIRST}`)).toBe(
    "There is no table 'nba_raw.odds' in the warehouse, and others should make it: correct 'external', or ask them.",
  );
  await others('CREATE TABLE nba_raw.odds (day DATE, who VARCHAR)');
  const other = await project.materialize({select: 'raw.props', force: true});
  expect(other.errors.get(`raw.props@${FIRST}`)).toBe(
    "The table 'nba_raw.odds' has no column 'player', 'line': declare the columns of raw.props as they are there.",
  );
});

test('objects of others are versions of their bytes, read by code, and nothing is put beside them', async () => {
  project.write('pipeline.yaml', declare({'landing.board': BOARD, 'raw.games': GAMES}));
  put(`${FIRST}/a/one.json`, '{"games": 7}');
  put(`${SECOND}/two.json`, '{"games": 3}');
  const done = await project.materialize();
  expect(tally(done)).toEqual({succeeded: 4, failed: 1, skipped: 1});
  expect(done.errors.get(`landing.board@${THIRD}`)).toBe(
    `There is nothing in 'nba-com/scoreboard/${THIRD}/' of the store, where others put the objects of ${THIRD}.`,
  );
  expect(await project.query('SELECT name, games FROM raw.games ORDER BY ALL')).toEqual([
    ['a/one.json', 7],
    ['two.json', 3],
  ]);
  put(`${SECOND}/two.json`, '{"games": 4}');
  const looked = await project.materialize({force: true, select: 'landing.board'});
  expect(looked.outcomes.get(`landing.board@${FIRST}`)).toBe('unchanged');
  expect(await reasons(`raw.games@${SECOND}`)).toEqual(['source-changed']);
  const folder = join(project.root, '.gameplan/store');
  expect(
    readdirSync(folder, {recursive: true, encoding: 'utf8'})
      .filter(each => each.endsWith('.json'))
      .sort(),
  ).toEqual([`nba-com/scoreboard/${FIRST}/a/one.json`, `nba-com/scoreboard/${SECOND}/two.json`]);
  expect(await compared()).toEqual([]);
});

/** What ledger and receipts, receipts and data, and a ledger made anew from receipts say against each other. */
async function compared(): Promise<readonly string[]> {
  const {pipeline, sources, ledger, ...target} = await project.open();
  try {
    const [warehouse, store] = [await target.warehouse(), target.store()];
    const known = [...pipeline.assets.values()].map(asset => fingerprintOf(asset, sources));
    const standings = await readStandings({warehouse, store, known});
    const isMeant = (): boolean => true;
    const told = verifyLedger({snapshot: ledger.snapshot(), standings, atWork: new Set(), isMeant});
    const anew = snapshotOf(await restore(pipeline, warehouse, standings));
    const frame = classify({pipeline, sources, ledger: anew, now: project.now});
    const data = await verifyData({pipeline, warehouse, store, standings, isMeant, frame, readsAll: false});
    expect(data.agree).toBeGreaterThan(0);
    return [...told.differences, ...data.differences, ...data.damaged].map(each => JSON.stringify(each));
  } finally {
    await target.close();
  }
}

test('receipts know what was observed, and verify tells what changed or went since', async () => {
  await others(...TABLE);
  await project.materialize();
  expect(await compared()).toEqual([]);
  await others(
    `UPDATE nba_raw.odds SET line = 1 WHERE day = '${FIRST}'`,
    `DELETE FROM nba_raw.odds WHERE day = '${SECOND}'`,
  );
  expect(await compared()).toEqual([
    `{"asset":"raw.props","key":"${FIRST}","fault":{"kind":"source-changed"}}`,
    `{"asset":"raw.props","key":"${SECOND}","fault":{"kind":"source-gone"}}`,
  ]);
});

test('forgetting and pruning what others made leaves their rows', async () => {
  await others(...TABLE);
  await project.materialize();
  await forget(FIRST);
  expect(await reasons(`raw.props@${FIRST}`)).toEqual(['forgotten']);
  expect((await project.materialize({select: 'raw.props'})).outcomes.get(`raw.props@${FIRST}`)).toBe(
    'succeeded',
  );
  project.write(
    'pipeline.yaml',
    manifest({
      calendars: listed({'2023-24': [SECOND, THIRD]}),
      assets: {'raw.props': PROPS, 'mart.lines': LINES},
    }),
  );
  const pruned = await project.materialize({prune: true});
  expect(pruned.outcomes.get(`raw.props@${FIRST}`)).toBe('succeeded');
  expect(await project.query('SELECT count(*) FROM nba_raw.odds')).toEqual([[4]]);
  expect(await project.query('SELECT count(*) FROM mart.lines')).toEqual([[1]]);
  expect(await compared()).toEqual([]);
});

async function forget(key: string): Promise<void> {
  const target = await project.open();
  try {
    const order = {kind: 'forget' as const, asset: 'raw.props' as AssetName, keys: [key as PartitionKey]};
    const about = {by: 'ana', why: 'a test', allowProtected: false, now: project.now, command: 'test'};
    await correct({...target, run: 'forgetting', clock: () => project.now}, {...order, ...about});
  } finally {
    await target.close();
  }
}
