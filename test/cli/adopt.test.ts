import {mkdirSync} from 'node:fs';
import path from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';
import {expectGolden} from './golden.ts';
import {printed} from './printed.ts';

let project: ToyProject;
beforeEach(async () => {
  project = new ToyProject();
  await run(
    'CREATE SCHEMA raw; CREATE SCHEMA stats',
    'CREATE TABLE raw.points (game_date DATE, player VARCHAR, points BIGINT)',
    "INSERT INTO raw.points VALUES ('2024-01-15', 'ana', 15), ('2024-01-15', 'bo', 16), ('2024-01-16', 'ana', 160)",
    'CREATE TABLE stats.totals (game_date DATE, total BIGINT)',
    "INSERT INTO stats.totals VALUES ('2024-01-15', 31), ('2024-01-16', 160), ('2024-01-18', 37)",
    'CREATE TABLE stats.running (game_date DATE, total BIGINT, games BIGINT)',
    "INSERT INTO stats.running VALUES ('2024-01-15', 0, 0)",
  );
});
afterEach(() => project.remove());

/** What another program does with the warehouse. */
async function run(...statements: readonly string[]): Promise<void> {
  const file = path.join(project.root, '.gameplan', 'warehouse.duckdb');
  mkdirSync(path.dirname(file), {recursive: true});
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

const why = ['--reason', 'the old jobs made it'];

test('what lies there is told before it is taken over, then taken over, and told by every reader', async () => {
  project.columns = 150;
  const text = await printed(
    project,
    ['adopt', '+stats.running@2024-01-01..2024-01-31', '--dry-run'],
    ['adopt', '+stats.running@2024-01-01..2024-01-31', ...why],
    ['verify', '--data'],
    ['plan'],
    ['adopt', 'raw.points@2024-01-16', '--anyway', ...why],
    ['explain', 'raw.points@2024-01-16'],
    ['runs'],
    ['runs', 'show', 'last'],
    ['verify'],
  );
  expectGolden('print/adopt.txt', text);
});

test('a dry run writes no ledger', async () => {
  await project.run('adopt', '*@*', '--dry-run');
  expect(project.files().filter(name => name.includes('ledger'))).toEqual([]);
});

test('as JSON it tells all of it', async () => {
  const {out, code} = await project.run('adopt', 'raw.points@*', '--json', ...why);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    version: 1,
    run: expect.any(String),
    assets: [
      {
        asset: 'raw.points',
        adopted: ['2024-01-15'],
        anyway: [],
        absent: ['2024-01-18'],
        refused: [{key: '2024-01-16'}],
        known: 0,
        problem: null,
      },
    ],
  });
});

test('what cannot be asked for is told with its mend', async () => {
  project.columns = 80;
  const text = await printed(
    project,
    ['adopt', 'raw.points'],
    ['adopt', '@2024-01-15', ...why],
    ['adopt', 'raw.point@2024-01-1', ...why],
    ['adopt', 'state:missing@*', ...why],
    ['adopt', 'raw.points@*'],
    ['adopt', 'raw.points@*', '--from', 'old/{game_date}/', ...why],
  );
  expectGolden('print/adopt-refused.txt', text);
});

test('the place of objects must tell keys apart', async () => {
  project.declare('assets:\n', 'assets:\n  landing.days: {files: assets/days.ts}\n');
  project.write('assets/days.ts', 'export const files = async () => undefined;\n');
  const say = async (from: string): Promise<string> =>
    (await project.run('adopt', 'landing.days@*', '--from', from, ...why)).err;
  expect(await say('old/all')).toContain("--from 'old/all' is one place for all keys: add {game_date}.");
  expect(await say('old/{date}')).toContain(
    "'{date}' stands for nothing in --from: write {game_date}, {season}, {key}.",
  );
  expect(await say('../{game_date}')).toContain('cannot be stored');
});
