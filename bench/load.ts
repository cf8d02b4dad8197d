/**
 * What loading rows from code into BigQuery takes of this process: time and peak memory of 1,000,000 rows that are made
 * one by one, against the test servers in processes of their own.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {createInterface} from 'node:readline';
import type {Pipeline} from '../planner/pipeline.ts';
import type {Row} from '../runner/asset.ts';
import {connectBigquery} from '../runner/bigquery-open.ts';
import type {TableSpec} from '../runner/warehouse.ts';
import {measure} from './process.ts';

const ROWS = 1_000_000;
const DATE = '2024-01-15';
const LOCATION = 'us-west2';
const file = import.meta.filename;

async function server(script: string, options: object): Promise<{url: string; stop(): Promise<void>}> {
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, '..', 'test', 'google', script), JSON.stringify(options)],
    {stdio: ['pipe', 'pipe', 'inherit']},
  );
  const [url] = await once(createInterface({input: child.stdout}), 'line');
  return {
    url: String(url),
    stop: async () => {
      const gone = once(child, 'exit');
      child.stdin.end();
      await gone;
    },
  };
}

async function* made(): AsyncGenerator<readonly Row[]> {
  for (let from = 0; from < ROWS; from += 1000) {
    // As an asset's code gives them: some at a time.
    await Promise.resolve();
    yield Array.from({length: 1000}, (_, i) => ({
      game_date: DATE,
      player: from + i,
      name: `Player ${from + i}`,
      points: (from + i) % 60,
      share: (from + i) / ROWS,
    }));
  }
}

/** In a process of its own: what it takes is what is measured. */
async function load(bigquery: string, storage: string): Promise<void> {
  const credentials = {kind: 'default', impersonate: undefined} as const;
  const warehouse = {
    engine: 'bigquery',
    project: 'league',
    location: LOCATION,
    datasetPrefix: 'bench_',
    maxBytesBilled: undefined,
    maxBytesBilledPerRun: undefined,
    pricePerTib: 6.25,
    endpoint: bigquery,
    credentials,
  } as const;
  const store = {kind: 'gcs', bucket: 'rows', prefix: '', endpoint: storage, credentials} as const;
  // Nothing else of a pipeline is looked at.
  const pipeline = {name: 'bench', target: {warehouse, store}} as unknown as Pipeline;
  const opened = await connectBigquery({root: '.', pipeline, warehouse, owner: undefined, run: 'bench'});
  const column = (name: string, type: TableSpec['columns'][number]['type']) => ({
    name,
    type,
    unit: undefined,
    description: undefined,
  });
  const table: TableSpec = {
    name: 'raw.players',
    columns: [
      column('game_date', 'date'),
      column('player', 'int64'),
      column('name', 'string'),
      column('points', 'int64'),
      column('share', 'float64'),
    ],
    key: ['player'],
    partitioning: {kind: 'date', calendar: 'nba', column: 'game_date'},
  };
  const before = process.memoryUsage.rss();
  const startedAt = performance.now();
  const staged = await opened.stageRows(
    {table, partitions: [{key: DATE, season: '2023-24'}], inputs: [], rows: made()},
    new AbortController().signal,
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const {partitions} = await opened.audit({staged, checks: [], covers: undefined, expected: []});
  if (partitions[0]?.rows !== ROWS) throw new Error(`${partitions[0]?.rows} rows came.`);
  await opened.discard(staged);
  await opened.close();
  const {maxRSS} = process.resourceUsage();
  process.stdout.write(JSON.stringify({seconds, beforeMb: before / 2 ** 20, peakMb: maxRSS / 1024}));
}

async function main(): Promise<void> {
  const storage = await server('storage-process.ts', {buckets: {rows: {location: LOCATION}}});
  const bigquery = await server('bigquery-process.ts', {project: 'league', storageUrl: storage.url});
  try {
    const {stdout} = measure([file, 'load', bigquery.url, storage.url]);
    const {seconds, beforeMb, peakMb} = JSON.parse(stdout);
    const rows = [
      ['rows', ROWS.toLocaleString('en-US')],
      [
        'staged in',
        `${seconds.toFixed(1)} s (${Math.round(ROWS / seconds).toLocaleString('en-US')} a second)`,
      ],
      ['memory before', `${Math.round(beforeMb)} MB`],
      ['peak memory', `${Math.round(peakMb)} MB (aim: under 300)`],
    ];
    for (const [name = '', value = ''] of rows) process.stdout.write(`${name.padEnd(16)}${value}\n`);
    process.stdout.write(`${JSON.stringify({bench: 'load', rows: ROWS, seconds, beforeMb, peakMb})}\n`);
  } finally {
    await bigquery.stop();
    await storage.stop();
  }
}

const [mode, bigquery = '', storage = ''] = process.argv.slice(2);
if (mode === 'load') await load(bigquery, storage);
else await main();
