/**
 * What loading rows from code into BigQuery takes of this process: time and peak memory of 1,000,000 rows that are made
 * one by one, against the test servers in processes of their own.
 */
import type {Row} from '../runner/asset.ts';
import type {TableSpec} from '../runner/warehouse.ts';
import {connectGoogle, startGoogleProcesses} from '../test/kit/google.ts';
import {measure} from './process.ts';

const ROWS = 1_000_000;
const DATE = '2024-01-15';
const file = import.meta.filename;

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
  const opened = await connectGoogle({bigquery: {url: bigquery}, storage: {url: storage}}, 'bench_');
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
  const google = await startGoogleProcesses();
  try {
    const {stdout} = measure([file, 'load', google.bigquery.url, google.storage.url]);
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
    await google.close();
  }
}

const [mode, bigquery = '', storage = ''] = process.argv.slice(2);
if (mode === 'load') await load(bigquery, storage);
else await main();
