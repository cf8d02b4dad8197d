/**
 * SQLMesh and Dagster: both know partitions, and are asked through their Python API by the drivers beside this file.
 */
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Command, Peer, Question} from './peer.ts';
import {queryOf} from './query.ts';

const GRAPH = 'graph.json';

function driver(name: string): (question: string, tools: string) => Command {
  const script = join(import.meta.dirname, `${name}_driver.py`);
  return (question, tools) => ({file: join(tools, 'bin', 'python'), args: [script, question, '.', GRAPH]});
}

const askSqlmesh = driver('sqlmesh');
const SQLMESH_DAYS =
  '(SELECT CAST(d AS DATE) AS game_date FROM generate_series(@start_date, @end_date, INTERVAL 1 DAY) AS s(d))';

/** State and tables in one DuckDB file. Its windows are in the queries: `lookback` would make days anew, not read them. */
export const sqlmesh: Peer = {
  name: 'SQLMesh',
  packages: ['sqlmesh==0.236.4'],
  kind: 'pip',
  caches: ['.cache'],
  write: (graph, folder) => {
    mkdirSync(join(folder, 'models'), {recursive: true});
    writeFileSync(join(folder, GRAPH), JSON.stringify(graph));
    writeFileSync(
      join(folder, 'config.yaml'),
      'gateways: {local: {connection: {type: duckdb, database: warehouse.duckdb}}}\nmodel_defaults: {dialect: duckdb}\n',
    );
    for (const asset of graph.assets) {
      const query = queryOf(asset, {days: SQLMESH_DAYS, tableOf: name => `bench.${name}`});
      const day = asset.upstream.length === 0 ? 'days_to_make.game_date' : 'u0.game_date';
      const head = `name bench.${asset.name}, kind INCREMENTAL_BY_TIME_RANGE (time_column game_date), cron '@daily'`;
      writeFileSync(
        join(folder, 'models', `${asset.name}.sql`),
        `MODEL (${head}, start '${graph.first}', end '${graph.last}', grain (game_date));\n${query}WHERE ${day} BETWEEN @start_date AND @end_date\n`,
      );
    }
  },
  fill: tools => askSqlmesh('fill', tools),
  ask: (question, tools) => {
    switch (question) {
      case 'load':
      case 'load again':
        return askSqlmesh('load', tools);
      case 'plan':
      case 'status':
        return askSqlmesh(question, tools);
      case 'plan, stale too':
        return 'knows changed models, no stale days';
    }
  },
};

const askDagster = driver('dagster');
const DAGSTER_ASKS: Readonly<Record<Exclude<Question, 'load again'>, string>> = {
  load: 'load',
  plan: 'plan',
  'plan, stale too': 'stale',
  status: 'status',
};

/** State in SQLite, as its own development server keeps it. */
export const dagster: Peer = {
  name: 'Dagster',
  packages: ['dagster==1.13.29'],
  kind: 'pip',
  caches: [],
  write: (graph, folder) => {
    mkdirSync(folder, {recursive: true});
    writeFileSync(join(folder, GRAPH), JSON.stringify(graph));
  },
  fill: tools => askDagster('fill', tools),
  ask: (question, tools) =>
    question === 'load again' ? 'keeps nothing of a load' : askDagster(DAGSTER_ASKS[question], tools),
};
