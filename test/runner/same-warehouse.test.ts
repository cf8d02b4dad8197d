/** A warehouse that is not the one the ledger speaks of, and one that another run holds: both are said, nothing is made. */
import {renameSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, expect, test} from 'vitest';
import {at, listed, manifest, Project, rowsFrom, tally} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const DATES = ['2024-01-01', '2024-01-02', '2024-01-03'];
const columns = {game_date: 'date', points: 'int64'};
const ASSETS = {
  'landing.files': {files: 'assets/files.ts', path: 'files/{game_date}/'},
  'raw.points': {rows: 'assets/points.ts', columns, key: ['game_date']},
  'mart.sum': {
    sql: 'assets/sum.sql',
    upstream: {points: {asset: 'raw.points', window: 'season to date', through: 'today'}},
    columns,
    key: ['game_date'],
  },
};
const FILES = {
  'pipeline.yaml': manifest({calendars: listed({'2023-24': DATES}), assets: ASSETS}),
  'assets/points.ts': rowsFrom('points'),
  'assets/files.ts': `import type {Files} from 'gameplan';
export const files: Files = async ({partition: {key}, put}) => put('a.txt', key);\n`,
  'assets/sum.sql': `SELECT w.key AS game_date, sum(p.points)::BIGINT AS points
FROM points_window AS w JOIN points AS p ON p.game_date = w.upstream_key GROUP BY ALL`,
};

let project: Project;
afterEach(() => project.remove());

const give = (first: number): void =>
  project.data(
    'points',
    Object.fromEntries(DATES.map((date, i) => [date, [{game_date: date, points: first + i}]])),
  );
const file = (): string => join(project.root, '.gameplan/warehouse.duckdb');
const LAST = {select: 'raw.points+', range: {keys: ['2024-01-03']}, force: true};

test('a warehouse that was deleted is not filled as if it held the rest', async () => {
  project = new Project(FILES, NOW);
  give(1);
  await project.materialize();
  rmSync(file());
  await expect(project.materialize(LAST)).rejects.toThrow(/knows nothing of run .* Put the file back/);
  // Said again: the refused run left a new file behind.
  await expect(project.materialize(LAST)).rejects.toThrow(/knows nothing of run/);
  rmSync(join(project.root, '.gameplan/ledger.sqlite'));
  expect((await project.materialize()).counts.succeeded).toBe(9);
});

test('a warehouse that was set back is not taken for the newer one', async () => {
  project = new Project(FILES, NOW);
  give(1);
  await project.materialize();
  const {copyFileSync} = await import('node:fs');
  copyFileSync(file(), `${file()}.old`);
  give(11);
  await project.materialize({select: 'raw.points+', force: true});
  renameSync(`${file()}.old`, file());
  await expect(project.materialize(LAST)).rejects.toThrow(/knows nothing of run/);
});

test('a table that was dropped is told', async () => {
  project = new Project(FILES, NOW);
  give(1);
  await project.materialize();
  const {DuckDBInstance} = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(file());
  const connection = await instance.connect();
  await connection.run('DROP TABLE mart.sum');
  connection.closeSync();
  instance.closeSync();
  await expect(project.materialize(LAST)).rejects.toThrow(/holds no table 'mart.sum'/);
});

test('a warehouse that another process holds keeps no run from fetching, and ends one that cannot', async () => {
  project = new Project(FILES, NOW);
  give(1);
  const other = await project.open();
  await other.warehouse();
  await expect(project.materialize({select: 'raw.points'})).rejects.toThrow(/open in this process already/);
  expect(other.ledger.runs(1)).toEqual([]);
  expect(tally(await project.materialize())).toEqual({succeeded: 3, skipped: 6});
  await other.close();
  expect(tally(await project.materialize())).toEqual({succeeded: 6});
});
