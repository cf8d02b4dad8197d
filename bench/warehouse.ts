/**
 * What staging, judging and publishing cost over the bare statement, on real box scores: `node bench/warehouse.ts`.
 * It does not deal with the planner, the ledger or HTTP.
 */
import {existsSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import type {Check, ColumnType} from '../planner/pipeline.ts';
import {openDuckdb} from '../runner/duckdb.ts';
import type {PartitionSpec, Receipt, StageQuery, TableSpec, Warehouse} from '../runner/warehouse.ts';

const BOX = '../shared/data/player_boxscores.parquet';
const THREADS = 2;
const never = new AbortController().signal;

const types: Readonly<Record<string, ColumnType>> = {
  game_date: 'date',
  game_id: 'string',
  player_id: 'int64',
  season: 'string',
  player_name: 'string',
  team: 'string',
  is_home: 'bool',
  minutes: 'float64',
  ...Object.fromEntries(
    'pts reb ast stl blk tov fgm fga fg3m fg3a ftm fta oreb dreb pf'
      .split(' ')
      .map(name => [name, 'int64' as const]),
  ),
};

interface Case {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly query: string;
}

const keyColumns = {game_date: 'date', game_id: 'string', player_id: 'int64'} as const;
const cases: readonly Case[] = [
  {
    name: 'cheap',
    columns: {...keyColumns, team: 'string', pts: 'int64', minutes: 'float64', ts_pct: 'float64'},
    query: `SELECT game_date, game_id, player_id, team, pts, minutes,
      CASE WHEN fga + 0.44 * fta > 0 THEN pts / (2 * (fga + 0.44 * fta)) END AS ts_pct FROM box`,
  },
  {name: 'wide copy', columns: types, query: 'SELECT * FROM box'},
  {
    name: 'rolling',
    columns: {...keyColumns, pts: 'int64', pts_10: 'float64', minutes_10: 'float64', deviation_10: 'float64'},
    query: `SELECT game_date, game_id, player_id, pts, avg(pts) OVER w AS pts_10, avg(minutes) OVER w AS minutes_10,
      stddev_samp(pts) OVER w AS deviation_10 FROM box
      WINDOW w AS (PARTITION BY player_id, season ORDER BY game_date, game_id ROWS BETWEEN 10 PRECEDING AND 1 PRECEDING)`,
  },
];

function spec(name: string, columns: Readonly<Record<string, ColumnType>>): TableSpec {
  return {
    name,
    columns: Object.entries(columns).map(([column, type]) => ({
      name: column,
      type,
      unit: undefined,
      description: undefined,
    })),
    key: ['game_id', 'player_id'],
    partitioning: {kind: 'date', calendar: 'nba', column: 'game_date'},
  };
}

const at = {file: {path: 'bench', text: ''}, start: 0, end: 0};
const checks: readonly Check[] = [
  {kind: 'not-null', columns: ['game_id', 'player_id', 'pts'], name: 'not_null', severity: 'error', at},
  {kind: 'range', column: 'pts', min: 0, max: 110, name: 'range(pts)', severity: 'error', at},
  {kind: 'rows', min: 1, max: 600, of: undefined, name: 'rows', severity: 'error', at},
];

class Clock {
  readonly spent = new Map<string, number>();
  async time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    this.spent.set(name, (this.spent.get(name) ?? 0) + performance.now() - start);
    return result;
  }
  total(): number {
    return [...this.spent.values()].reduce((sum, each) => sum + each, 0);
  }
}

const source = `SELECT game_date, game_id, player_id, season, player_name, team, is_home, minutes, pts, reb, ast, stl, blk,
  tov, fgm, fga, fg3m, fg3a, ftm, fta, oreb, dreb, pf FROM '${BOX}' WHERE season BETWEEN '2021-22' AND '2024-25'`;

/** Milliseconds of each bare statement, on a file of its own with the same rows. */
async function bare(folder: string): Promise<ReadonlyMap<string, number>> {
  const instance = await DuckDBInstance.create(join(folder, 'bare.duckdb'), {threads: String(THREADS)});
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE box AS ${source}`);
  await connection.run('CHECKPOINT');
  const clock = new Clock();
  for (const {name, query} of cases) {
    await clock.time(name, () => connection.run(`CREATE TABLE "${name}" AS ${query}`));
  }
  connection.closeSync();
  instance.closeSync();
  return clock.spent;
}

async function fillBox(
  warehouse: Warehouse,
  seasons: ReadonlyMap<string, PartitionSpec[]>,
  box: TableSpec,
): Promise<Clock> {
  const clock = new Clock();
  await warehouse.ensureTable(box);
  for (const [season, partitions] of seasons) {
    const {columns, rows} = await warehouse.read(`${source} AND season = '${season}'`);
    const objects = rows.map(row => Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null])));
    const staged = await clock.time('stageRows', () =>
      warehouse.stageRows({table: box, partitions, inputs: [], rows: [objects]}, never),
    );
    await clock.time('audit', () => warehouse.audit({staged, checks, covers: undefined, expected: []}));
    const keys = partitions.map(({key}) => key);
    await clock.time('publish', () => warehouse.publish({staged, keys, receipts: []}));
    await clock.time('discard', () => warehouse.discard(staged));
  }
  return clock;
}

/** Makes the batches, `atOnce` of them side by side; the clock's sum is then more than the time that passed. */
async function make(
  warehouse: Warehouse,
  {name, columns, query}: Case,
  batches: readonly (readonly PartitionSpec[])[],
  {box, atOnce}: {readonly box: TableSpec; readonly atOnce: number},
): Promise<{readonly clock: Clock; readonly passed: number}> {
  const clock = new Clock();
  const start = performance.now();
  const table = spec(`bench.${name}`, columns);
  await clock.time('ensure', () => warehouse.ensureTable(table));
  const waiting = [...batches];
  const worker = async (): Promise<void> => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      await makeBatch(warehouse, clock, {table, query, partitions: batch, box});
    }
  };
  await Promise.all(Array.from({length: atOnce}, worker));
  return {clock, passed: performance.now() - start};
}

async function makeBatch(
  warehouse: Warehouse,
  clock: Clock,
  {
    table,
    query,
    partitions,
    box,
  }: Pick<StageQuery, 'table' | 'query' | 'partitions'> & {readonly box: TableSpec},
): Promise<void> {
  const keys = partitions.map(({key}) => key);
  const inputs = [{edge: 'box', table: box, keys, window: undefined}];
  const staged = await clock.time('stage', () =>
    warehouse.stageQuery({table, query, queryPath: `${table.name}.sql`, partitions, inputs}, never),
  );
  const {partitions: audits, foreign} = await clock.time('audit', () =>
    warehouse.audit({staged, checks, covers: undefined, expected: []}),
  );
  if (foreign.length > 0 || audits.some(({violations}) => violations.length > 0))
    throw new Error('The checks failed.');
  const receipts = audits.map(({key, rows, version}) => receipt(table.name, key, rows, version));
  await clock.time('publish', () => warehouse.publish({staged, keys, receipts}));
  await clock.time('discard', () => warehouse.discard(staged));
}

function receipt(asset: string, key: string, rows: number, version: string): Receipt {
  return {
    asset,
    key,
    kind: 'published',
    intent: 'bench',
    run: 'bench',
    version,
    rows,
    fingerprint: 'f'.repeat(64),
    digest: version,
    expected: null,
    found: null,
    absent: [],
    at: 0,
  };
}

async function once(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gameplan-bench-'));
  try {
    const least = await bare(folder);
    const warehouse = await openDuckdb({
      path: join(folder, 'warehouse.duckdb'),
      threads: THREADS,
      now: Date.now,
    });
    const box = spec('raw.box', types);
    const found = await warehouse.read(
      `SELECT DISTINCT season, game_date FROM (${source}) ORDER BY game_date`,
    );
    const seasons = new Map<string, PartitionSpec[]>();
    for (const [season, key] of found.rows) {
      const known = seasons.get(String(season)) ?? [];
      known.push({key: String(key), season: String(season)});
      seasons.set(String(season), known);
    }
    print('rows from TypeScript', await fillBox(warehouse, seasons, box), undefined);
    const bySeason = [...seasons.values()];
    let [sum, leastSum] = [0, 0];
    for (const each of cases) {
      const one = least.get(each.name) ?? 0;
      const alone = await make(warehouse, each, bySeason, {box, atOnce: 1});
      print(`${each.name}, a season a batch`, alone.clock, one);
      const paired = await make(warehouse, {...each, name: `${each.name} paired`}, bySeason, {
        box,
        atOnce: 2,
      });
      console.log(`${each.name}, two batches side by side: ${ratio(paired.passed, one)}`);
      const whole = await make(warehouse, {...each, name: `${each.name} whole`}, [bySeason.flat()], {
        box,
        atOnce: 1,
      });
      print(`${each.name}, all at once`, whole.clock, one);
      sum += paired.passed;
      leastSum += one;
    }
    console.log(`all cases, a season a batch, two side by side: ${ratio(sum, leastSum)}`);
    const start = performance.now();
    await warehouse.close();
    console.log(`close ${(performance.now() - start).toFixed(0)} ms`);
  } finally {
    await rm(folder, {recursive: true});
  }
}

function ratio(passed: number, least: number): string {
  return `${passed.toFixed(0)} ms, ${(passed / least).toFixed(2)}x of the bare ${least.toFixed(0)} ms`;
}

function print(name: string, clock: Clock, least: number | undefined): void {
  const phases = [...clock.spent].map(([phase, spent]) => `${phase} ${spent.toFixed(0)}`).join(', ');
  const total = least === undefined ? `${clock.total().toFixed(0)} ms` : ratio(clock.total(), least);
  console.log(`${name}: ${total} (${phases})`);
}

if (existsSync(BOX)) await once();
else console.log(`Skipped: ${BOX} is not there.`);
