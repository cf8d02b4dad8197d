/**
 * A small project in a temporary folder, and a command line to use on it: real files, ledger and DuckDB, in this process.
 */

import {mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {runProgram} from '../../cli/program.ts';
import type {World} from '../../cli/world.ts';
import type {GoogleAt} from '../kit/google.ts';

const MANIFEST = `name: toy
calendars:
  days:
    dates:
      - {date: 2024-01-15, season: 2023-24}
      - {date: 2024-01-16, season: 2023-24}
      - {date: 2024-01-18, season: 2023-24}
    timezone: America/New_York
targets:
  local:
    warehouse: {engine: duckdb, path: .gameplan/warehouse.duckdb}
    store: {kind: folder, path: .gameplan/store}
    ledger: .gameplan/ledger.sqlite
assets:
  raw.points:
    description: Points of two players a date.
    rows: assets/points.ts
    columns: {game_date: date, player: string, points: {type: int64, unit: points}}
    key: [game_date, player]
    retries: 0
    group: raw
    checks: [{range: {column: points, min: 0, max: 100}}]
  stats.totals:
    sql: assets/totals.sql
    columns: {game_date: date, total: int64}
    key: [game_date]
    upstream: {points: raw.points}
    batch: season
  stats.running:
    sql: assets/running.sql
    columns: {game_date: date, total: int64}
    key: [game_date]
    upstream: {totals: {asset: stats.totals, window: season to date, required: false}}
    batch: season
`;

/** What makes `raw.points`; a file `fail-DATE` in the project makes that date fail. */
const POINTS = `import {existsSync} from 'node:fs';
import type {Rows} from 'gameplan';

export const rows: Rows = async ({partition}) => {
  const broken = new URL('../fail-' + partition.key, import.meta.url);
  if (existsSync(broken)) throw new Error('the source answered HTTP 503 for ' + partition.key);
  const day = Number(partition.key.slice(-2));
  return ['ana', 'bo'].map((player, index) => ({game_date: partition.key, player, points: day + index}));
};
`;

const FILES = {
  'pipeline.yaml': MANIFEST,
  'package.json': '{"type": "module"}\n',
  'assets/points.ts': POINTS,
  'assets/totals.sql': 'SELECT game_date, sum(points)::BIGINT AS total FROM points GROUP BY game_date\n',
  'assets/totals.test.yaml': `- name: adds up the points of a date
  calendar: [{date: 2024-01-15, season: 2023-24}]
  partitions: [2024-01-15]
  inputs:
    points:
      - {game_date: 2024-01-15, player: ana, points: 3}
      - {game_date: 2024-01-15, player: bo, points: 4}
  expect: [{game_date: 2024-01-15, total: 7}]
`,
  'assets/running.sql': `SELECT partitions.game_date, coalesce(sum(totals.total), 0)::BIGINT AS total
FROM partitions
LEFT JOIN totals_window ON totals_window.key = partitions.game_date
LEFT JOIN totals ON totals.game_date = totals_window.upstream_key
GROUP BY partitions.game_date
`,
};

/** Where BigQuery keeps the tables. */
interface Place {
  readonly project: string;
  readonly location: string;
  readonly prefix?: string | undefined;
}

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export class ToyProject {
  readonly root = mkdtempSync(path.join(tmpdir(), 'gameplan-cli-'));
  /** When the project came to be; the clock goes on from there. */
  readonly begun = Date.parse('2024-02-01T12:00:00Z');
  readonly #real = Date.now();
  /** What was asked, and what is answered. */
  readonly asked: string[] = [];
  answer = true;
  /** By how much the clock was set. Milliseconds. */
  clockMs = 0;
  env: Readonly<Record<string, string>> = {};
  /** Of the terminal. */
  columns = 100;
  isColored = false;
  /** Called for what is written, as it is written. */
  onOutput: (text: string) => void = () => undefined;
  readonly #listeners = new Set<() => void>();

  constructor() {
    for (const [name, text] of Object.entries(FILES)) this.write(name, text);
  }

  /** Writes the manifest anew, with one text in place of another. */
  declare(was: string, is: string): void {
    if (!MANIFEST.includes(was)) throw new Error(`The manifest does not say '${was}'`);
    this.write('pipeline.yaml', MANIFEST.replace(was, is));
  }

  /** Declares BigQuery and the bucket `rows` in place of what is local, and writes the queries as BigQuery has them. */
  declareGoogle({bigquery, storage}: GoogleAt, {project, location, prefix}: Place): void {
    const about = [
      `project: ${project}`,
      `location: ${location}`,
      ...(prefix === undefined ? [] : [`dataset_prefix: ${prefix}`]),
      `endpoint: '${bigquery.url}'`,
    ];
    this.declare(
      `    warehouse: {engine: duckdb, path: .gameplan/warehouse.duckdb}
    store: {kind: folder, path: .gameplan/store}`,
      `    warehouse: {engine: bigquery, ${about.join(', ')}}
    store: {kind: gcs, bucket: rows, endpoint: '${storage.url}'}`,
    );
    this.write(
      'assets/totals.sql',
      'SELECT game_date, SUM(points) AS total FROM points GROUP BY game_date\n',
    );
    this.write(
      'assets/running.sql',
      `SELECT partitions.game_date, COALESCE(SUM(totals.total), 0) AS total
FROM partitions
LEFT JOIN totals_window ON totals_window.key = partitions.game_date
LEFT JOIN totals ON totals.game_date = totals_window.upstream_key
GROUP BY partitions.game_date\n`,
    );
  }

  write(name: string, text: string): void {
    const file = path.join(this.root, name);
    mkdirSync(path.dirname(file), {recursive: true});
    writeFileSync(file, text);
  }

  move(from: string, to: string): void {
    renameSync(path.join(this.root, from), path.join(this.root, to));
  }

  /** Everything in the project's folder but the cache of parsed files. */
  files(): readonly string[] {
    return readdirSync(this.root, {recursive: true, encoding: 'utf8'})
      .filter(name => !name.includes('cache'))
      .toSorted();
  }

  interrupt(): void {
    for (const listener of this.#listeners) listener();
  }

  async run(...args: readonly string[]): Promise<Said> {
    let out = '';
    let err = '';
    const world: World = {
      write: text => {
        out += text;
        this.onOutput(text);
      },
      complain: text => {
        err += text;
      },
      input: () => process.stdin,
      env: this.env,
      cwd: this.root,
      isTerminal: false,
      columns: () => this.columns,
      isColored: this.isColored,
      now: () => this.begun + (Date.now() - this.#real) + this.clockMs,
      build: 'test',
      self: [process.execPath, fileURLToPath(new URL('../../cli/main.ts', import.meta.url))],
      web: fileURLToPath(new URL('../../dist/web', import.meta.url)),
      template: fileURLToPath(new URL('../../template', import.meta.url)),
      version: '1.2.3',
      commandLine: `gameplan ${args.join(' ')}`,
      confirm: async question => {
        this.asked.push(question);
        return this.answer;
      },
      user: () => 'ada',
      onInterrupt: listener => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
    const code = await runProgram(args, world);
    return {code, out, err};
  }

  remove(): void {
    rmSync(this.root, {recursive: true, force: true});
  }
}
