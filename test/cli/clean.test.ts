/** Housekeeping: what no plan needs goes when its time is over, and nothing else. */

import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
const place = (...names: readonly string[]): string => path.join(project.root, '.gameplan', ...names);
const DAY = 86_400_000;

beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

/** With fetches, of which each is another than the last. */
function declareFetches(retention: string): void {
  const file = path.join(project.root, 'pipeline.yaml');
  const text = readFileSync(file, 'utf8');
  project.write(
    'pipeline.yaml',
    `${text.replace('assets:\n', `retention: ${retention}\nassets:\n`)}  landing.files: {files: assets/files.ts, path: 'files/{game_date}/'}\n`,
  );
  project.write(
    'assets/files.ts',
    'export const files = async ({put}) => put("a.json", String(process.hrtime.bigint()));\n',
  );
}

const generations = (): readonly string[] => readdirSync(place('store', 'files', '2024-01-15')).toSorted();

test('by default nothing that was committed goes', async () => {
  declareFetches('{staging: 1 day}');
  for (let i = 0; i < 3; i++) await project.run('materialize', 'landing.files', '--force', '--yes');
  const before = generations();
  expect(before).toHaveLength(3);
  const {code, out} = await project.run('clean');
  expect(code).toBe(0);
  expect(out).toContain('generations  0 older fetches, 0 B');
  expect(generations()).toEqual(before);
});

test('older fetches go beyond those that are kept, the newest never; a dry run touches nothing', async () => {
  declareFetches('{generations: 1}');
  await project.run('materialize');
  for (let i = 0; i < 2; i++) await project.run('materialize', 'landing.files', '--force', '--yes');
  const [, , newest] = generations();
  const dry = await project.run('clean', '--dry-run', '--json');
  expect(JSON.parse(dry.out)).toMatchObject({dryRun: true, generations: {count: 6}});
  expect(generations()).toHaveLength(3);
  expect((await project.run('clean')).out).toContain('generations  6 older fetches');
  expect(generations()).toEqual([newest]);
  expect((await project.run('plan', 'landing.files', '--detailed-exitcode')).code).toBe(0);
  expect((await project.run('verify', '--data')).code).toBe(0);
  expect((await project.run('clean')).out).toContain('generations  0 older fetches');
});

test('an older fetch stays where the manifest of the newest cannot be read', async () => {
  declareFetches('{generations: 1}');
  for (let i = 0; i < 2; i++) await project.run('materialize', 'landing.files', '--force', '--yes');
  const [older, newest] = generations();
  writeFileSync(place('store', 'files', '2024-01-15', newest ?? '', 'manifest.json'), '{');
  expect((await project.run('clean')).code).toBe(0);
  expect(generations()).toEqual([older, newest]);
});

test('where nothing was made there is nothing to clean, and nothing is made', async () => {
  const {code, err} = await project.run('clean', '--dry-run');
  expect([code, err]).toEqual([1, 'error: Nothing has been made yet, so there is nothing to clean.\n']);
  expect(project.files().some(name => name.includes('ledger'))).toBe(false);
});

test('what a plan file made stays known to it', async () => {
  declareFetches('{history: 30 days}');
  await project.run('plan', 'raw.points', '--out', 'plan.json');
  await project.run('materialize', 'plan.json');
  await project.run('materialize', 'raw.points', '--force', '--yes');
  const ledger = new DatabaseSync(place('ledger.sqlite'));
  ledger.exec(`UPDATE runs SET started_at = started_at - ${60 * DAY}`);
  const before = ledger.prepare('SELECT count(*) AS count FROM attempts').get();
  ledger.close();
  expect((await project.run('clean')).code).toBe(0);
  const after = new DatabaseSync(place('ledger.sqlite'));
  expect(after.prepare('SELECT count(*) AS count FROM attempts').get()).toEqual(before);
  after.close();
});

test('what was never committed goes when it is old enough', async () => {
  declareFetches('{staging: 1 day}');
  await project.run('materialize', 'landing.files');
  const folder = place('store', 'files', '2024-01-15');
  for (const name of ['20240101T000000000Z-00000000', '20991231T000000000Z-00000000']) {
    mkdirSync(path.join(folder, name));
    writeFileSync(path.join(folder, name, 'a.json'), '12345');
  }
  const aside = path.join(folder, '.0123456789ab.tmp');
  writeFileSync(aside, '123');
  utimesSync(aside, 1, 1);
  const {out} = await project.run('clean');
  expect(out).toContain('staging      2 leftovers, 8 B');
  expect(existsSync(aside)).toBe(false);
  expect(generations()).not.toContain('20240101T000000000Z-00000000');
  expect(generations()).toContain('20991231T000000000Z-00000000');
});

test('history goes when its time is over; the last run, and the last attempt of each partition, stay', async () => {
  declareFetches('{history: 30 days}');
  await project.run('materialize');
  await project.run('materialize', 'raw.points', '--force', '--yes');
  await project.run('materialize', 'raw.points', '--force', '--yes');
  const ledger = new DatabaseSync(place('ledger.sqlite'));
  const age = (table: string, column: string) =>
    ledger.exec(`UPDATE ${table} SET ${column} = ${column} - ${60 * DAY}`);
  for (const [table, column] of [
    ['runs', 'started_at'],
    ['log', 'at'],
    ['events', 'at'],
    ['tries', 'at'],
  ] as const)
    age(table, column);
  ledger.close();
  const before = (await project.run('plan', '--json')).out;
  const {out} = await project.run('clean', '--json');
  expect(JSON.parse(out).history.attempts).toBe(6);
  expect(JSON.parse((await project.run('plan', '--json')).out).states).toEqual(JSON.parse(before).states);
  expect(JSON.parse((await project.run('runs', '--json')).out).length).toBeGreaterThanOrEqual(1);
  expect((await project.run('explain', 'raw.points@2024-01-15')).out).toContain('unchanged in');
  expect((await project.run('materialize')).out).toContain('Nothing to do');
});

describe('the warehouse', () => {
  test('is compacted where asked, and holds what it held', async () => {
    await project.run('materialize');
    const before = statSync(place('warehouse.duckdb')).size;
    const {out} = await project.run('clean', '--compact', '--json');
    const {warehouse} = JSON.parse(out);
    expect(warehouse.bytes).toBe(before);
    expect(warehouse.after).toBe(statSync(place('warehouse.duckdb')).size);
    expect((await project.run('verify', '--data')).code).toBe(0);
    expect((await project.run('materialize', 'raw.points', '--force', '--yes')).code).toBe(0);
    expect((await project.run('ledger', 'rebuild', '--yes')).code).toBe(0);
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
  });

  test('is whole when it is killed while it is compacted', async () => {
    await project.run('materialize');
    const file = place('warehouse.duckdb');
    const compact = new URL('../../runner/duckdb-compact.ts', import.meta.url).pathname;
    for (const ms of [0, 3, 8, 15, 30, 60]) {
      const script = `import {compactFile} from '${compact}';
        setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${ms});
        await compactFile({path: ${JSON.stringify(file)}});`;
      spawnSync(process.execPath, ['--input-type=module', '-e', script], {encoding: 'utf8'});
      expect((await project.run('verify', '--data')).code).toBe(0);
    }
    const after = await project.run('clean', '--compact');
    expect(after.code).toBe(0);
    expect(readdirSync(place()).filter(name => name.includes('compacting'))).toEqual([]);
  });
});

test('status says what the target takes of the disk', async () => {
  await project.run('materialize');
  expect((await project.run('status')).out).toMatch(
    /\nOn disk: ledger \d+ KiB, warehouse [\d.]+ [KM]iB, store 0 B\.\n/,
  );
  const {sizes} = JSON.parse((await project.run('status', '--json')).out);
  expect(sizes.warehouse).toBe(statSync(place('warehouse.duckdb')).size);
});
