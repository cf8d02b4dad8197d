/**
 * What gameplan adds to SQL: every SQL asset of the demo's pipeline materialized from nothing (staging, version,
 * checks, delete, insert, receipts, ledger), over the bare statements: each query once over the whole range with
 * CREATE TABLE AS, on the same DuckDB, with the same threads and rows. Side by side in one run, medians of three.
 */
import {join} from 'node:path';
import {type DuckDBConnection, DuckDBInstance} from '@duckdb/node-api';
import {classify} from '../planner/classify.ts';
import type {AssetFrame} from '../planner/frame.ts';
import type {AssetName} from '../planner/pipeline.ts';
import {functionsOf} from '../runner/functions.ts';
import {specsOf} from '../runner/inputs.ts';
import {openTarget} from '../runner/target.ts';
import type {InputSpec} from '../runner/warehouse.ts';
import {copyFilled, duckdbOf, median} from './filled.ts';
import {remake} from './remake.ts';

const ROUNDS = 3;
const filled = await copyFilled();
const {root, pipeline, sources} = filled;
const warehouseFile = join(root, duckdbOf(pipeline).path);
const names = [...pipeline.assets.values()].filter(({making}) => making.kind === 'sql').map(({name}) => name);

/** Seconds of each asset's bare statement, in dependency order. */
async function bare(): Promise<ReadonlyMap<AssetName, number>> {
  const target = openTarget({root, pipeline, sources, clock: Date.now, waitMs: 5_000});
  const frame = classify({pipeline, sources, ledger: target.ledger.snapshot(), now: Date.now()});
  await target.close();
  // The same memory for both: what spills, spills in both.
  const {memoryLimit} = duckdbOf(pipeline);
  const settings = memoryLimit === undefined ? {} : {memory_limit: memoryLimit};
  const instance = await DuckDBInstance.create(warehouseFile, settings);
  const connection = await instance.connect();
  for (const [name, definition] of functionsOf('duckdb'))
    await connection.run(`CREATE TEMP MACRO ${name}${definition}`);
  await connection.run('CREATE TEMP TYPE float64 AS DOUBLE');
  await connection.run('CREATE SCHEMA bare');
  const seconds = new Map<AssetName, number>();
  for (const asset of frame.assets.values()) {
    if (!names.includes(asset.asset.name)) continue;
    seconds.set(asset.asset.name, await bareStatement(connection, asset));
  }
  await connection.run('DROP SCHEMA bare CASCADE');
  connection.closeSync();
  instance.closeSync();
  return seconds;
}

/** The windows are laid ready before the clock starts: they are the planner's work, not the statement's. */
async function bareStatement(connection: DuckDBConnection, asset: AssetFrame): Promise<number> {
  const {making, name} = asset.asset;
  if (making.kind !== 'sql') return 0;
  const published = asset.keys.flatMap((_, ordinal) => (asset.published[ordinal] === 1 ? [ordinal] : []));
  const {inputs, partitions} = specsOf(asset, published);
  const isDate = asset.asset.partitioning.kind === 'date';
  await fillTable(
    connection,
    'bare_partitions',
    {
      [isDate ? 'game_date' : 'key']: partitions.map(({key}) => key),
      season: partitions.map(({season}) => season ?? ''),
    },
    isDate ? ['game_date'] : [],
  );
  const relations = ['partitions AS (SELECT * FROM bare_partitions)'];
  for (const input of inputs) {
    relations.push(`${input.edge} AS (SELECT * FROM ${input.table.name})`);
    if (input.window === undefined) continue;
    await fillWindow(connection, input);
    relations.push(`${input.edge}_window AS (SELECT * FROM bare_${input.edge})`);
  }
  const query = (sources.queries.get(making.query)?.text ?? '').replace(/;\s*$/, '');
  const statement = `CREATE TABLE bare.${name.replace('.', '_')} AS WITH ${relations.join(', ')} SELECT * FROM (${query}\n)`;
  const startedAt = performance.now();
  await connection.run(statement);
  return (performance.now() - startedAt) / 1000;
}

async function fillWindow(connection: DuckDBConnection, {edge, window, table}: InputSpec): Promise<void> {
  if (window === undefined) return;
  const {members, stretches} = window;
  const dates = table.partitioning.kind === 'date' ? ['key', 'upstream_key'] : [];
  const byGames = members.teams === undefined ? {} : {team: members.teams, game_id: members.gameIds ?? []};
  const placed = {position: members.positions.map(String), upstream_key: members.upstreamKeys, ...byGames};
  await fillTable(connection, 'bare_members', placed, dates);
  const [first, past] = [stretches.from.map(String), stretches.to.map(String)];
  await fillTable(connection, 'bare_stretches', {key: stretches.keys, first, past}, dates);
  await connection.run(`CREATE OR REPLACE TEMP TABLE bare_${edge} AS SELECT key, m.* EXCLUDE (position)
    FROM bare_stretches JOIN bare_members m ON m.position::INT >= first::INT AND m.position::INT < past::INT`);
}

async function fillTable(
  connection: DuckDBConnection,
  name: string,
  columns: Readonly<Record<string, readonly string[]>>,
  dates: readonly string[],
): Promise<void> {
  const entries = Object.entries(columns);
  const lists = entries.map(([column, values]) =>
    `${JSON.stringify(values).replaceAll("'", "''")}`.replace(/^/, `${column}|`),
  );
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE ${name} (${entries.map(([column]) => `${column} ${dates.includes(column) ? 'DATE' : 'VARCHAR'}`).join(', ')})`,
  );
  const select = lists.map(list => {
    const at = list.indexOf('|');
    const column = list.slice(0, at);
    return `unnest(from_json('${list.slice(at + 1)}', '["VARCHAR"]'))::${dates.includes(column) ? 'DATE' : 'VARCHAR'} AS ${column}`;
  });
  await connection.run(`INSERT INTO ${name} SELECT ${select.join(', ')}`);
}

/** Seconds of each asset alone, and of all of them in one run. */
async function ours(): Promise<{readonly each: ReadonlyMap<AssetName, number>; readonly together: number}> {
  const each = new Map<AssetName, number>();
  for (const name of orderOf()) each.set(name, (await remake(filled, [name])).seconds);
  return {each, together: (await remake(filled, names)).seconds};
}

function orderOf(): readonly AssetName[] {
  const order: AssetName[] = [];
  const visit = (name: AssetName): void => {
    if (order.includes(name)) return;
    for (const {upstream} of pipeline.assets.get(name)?.upstream ?? [])
      if (names.includes(upstream)) visit(upstream);
    order.push(name);
  };
  for (const name of names) visit(name);
  return order;
}

const bareRounds: ReadonlyMap<AssetName, number>[] = [];
const ourRounds: Awaited<ReturnType<typeof ours>>[] = [];
try {
  for (let round = 0; round < ROUNDS; round++) {
    bareRounds.push(await bare());
    ourRounds.push(await ours());
  }
} finally {
  filled.remove();
}
const rows = orderOf().map(name => {
  const plain = median(bareRounds.map(round => round.get(name) ?? 0));
  const made = median(ourRounds.map(round => round.each.get(name) ?? 0));
  return {name, bare: plain, gameplan: made, ratio: made / plain};
});
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const bareTotal = median(bareRounds.map(round => sum([...round.values()])));
const together = median(ourRounds.map(round => round.together));
console.log(
  `SQL assets of target '${filled.target}', seconds, medians of ${ROUNDS} rounds: bare statement, gameplan, ratio`,
);
for (const {name, bare: plain, gameplan, ratio} of rows) {
  console.log(
    `${name.padEnd(44)}${plain.toFixed(3).padStart(9)}${gameplan.toFixed(3).padStart(9)}${ratio.toFixed(2).padStart(7)}`,
  );
}
console.log(
  `${'all of them'.padEnd(44)}${bareTotal.toFixed(3).padStart(9)}${together.toFixed(3).padStart(9)}${(together / bareTotal).toFixed(2).padStart(7)}`,
);
console.log(
  JSON.stringify({
    bench: 'sql',
    target: filled.target,
    bare: bareTotal,
    gameplan: together,
    ratio: together / bareTotal,
    worst: Math.max(...rows.map(({ratio}) => ratio)),
    assets: rows,
  }),
);
