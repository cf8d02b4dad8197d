import {existsSync, readFileSync, rmSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

test('explain of a missing partition says what has to happen first', async () => {
  const {out} = await project.run('explain', 'stats.totals@2024-01-16');
  expect(out).toContain(`What has to happen
  1. raw.points@2024-01-16 is made by the next run
  2. stats.totals@2024-01-16 is made by the next run
`);
});

test('explain tells an error once, and that a parked input may be signed off', async () => {
  project.write('fail-2024-01-16', '');
  await project.run('materialize');
  const {out} = await project.run('explain', 'raw.points@2024-01-16');
  const words = out.replaceAll(/\s+/g, ' ');
  expect(words.split('the source answered HTTP 503 for 2024-01-16')).toHaveLength(2);
  expect(words).toMatch(/last attempt \S+ ms ago: failed Checks before/);
  expect(words).toMatch(/failed in \S+ ms \(run \S+\), as told above/);
  for (let i = 0; i < 2; i++) await project.run('materialize');
  const totals = await project.run('explain', 'stats.totals@2024-01-16');
  expect(totals.out).toMatch(
    /1\. raw\.points@2024-01-16 must be made, or signed off as a known gap; parked: failed 3 times/,
  );
  expect(totals.out).toContain('  2. then stats.totals@2024-01-16 is made\n');
});

test('explain tells where an export writes, and what is protected', async () => {
  project.declare(
    'assets:\n',
    `assets:
  exports.totals:
    sql: assets/show.sql
    export: {format: json, path: 'v1/{season}/{game_date}.json'}
    protect: true
    upstream: {totals: stats.totals}
`,
  );
  project.write('assets/show.sql', 'SELECT game_date, total FROM totals ORDER BY game_date NULLS LAST');
  await project.run('materialize');
  const {out} = await project.run('explain', 'exports.totals@2024-01-16');
  expect(out).toContain(`  export: assets/show.sql
  writes .gameplan/store/v1/2023-24/2024-01-16.json
  protected: once published, made again only with --allow-protected
`);
  expect(existsSync(path.join(project.root, '.gameplan/store/v1/2023-24/2024-01-16.json'))).toBe(true);
  const totals = await project.run('explain', 'stats.totals@2024-01-16', '--json');
  expect(JSON.parse(totals.out)).toMatchObject({protected: false});
  expect(JSON.parse(totals.out)).not.toHaveProperty('object');
});

test('explain --why-not names the rule, for what the flags ask for', async () => {
  await project.run('materialize');
  const fresh = await project.run('explain', '--why-not', 'stats.totals@2024-01-16');
  expect(fresh).toEqual({
    code: 0,
    out: `stats.totals@2024-01-16 is not planned
  yes  its key is declared
  yes  every asset is asked for
  yes  every key is asked for
  yes  it is fresh
  no   it is up to date, and what it reads is not made
`,
    err: '',
  });
  const query = readFileSync(path.join(project.root, 'assets/totals.sql'), 'utf8');
  project.write('assets/totals.sql', query.replace('sum', 'max'));
  const told = async (...flags: readonly string[]) =>
    (await project.run('explain', '--why-not', 'stats.totals@2024-01-16', ...flags)).out;
  expect(await told()).toContain('stats.totals@2024-01-16 is planned\n');
  expect(await told('raw.*')).toContain('no   raw.* does not select its asset\n');
  expect(await told('--to', '2024-01-15')).toContain('no   --to 2024-01-15 leaves it out\n');
  expect(await told('--missing-only')).toContain('no   --missing-only leaves it: it is stale\n');
  expect(await told('--limit', '1')).toContain('no   --limit 1 is used up by partitions before it\n');
  const json = await project.run('explain', '--why-not', 'stats.totals@2024-01-16', '--limit', '1', '--json');
  expect(JSON.parse(json.out)).toMatchObject({planned: false, rule: 'limit', limit: 1, state: 'stale'});
});

test('explain --why-not of a key that is none says which there are', async () => {
  const {code, out} = await project.run('explain', '--why-not', 'stats.totals@2024-01-17');
  expect(code).toBe(0);
  expect(out).toBe(`stats.totals@2024-01-17 is not planned
  no   it has no such key: the nearest are 2024-01-16 and 2024-01-18
`);
});

test('selectors and flags of a plan go with --why-not alone', async () => {
  rmSync(path.join(project.root, 'assets/totals.test.yaml'));
  const {code, err} = await project.run('explain', 'stats.totals@2024-01-16', '--force');
  expect(code).toBe(64);
  expect(err).toBe('error: selectors and flags of a plan go with --why-not.\n');
});
