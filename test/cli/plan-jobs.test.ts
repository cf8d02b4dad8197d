/** What a plan says of jobs and bytes, beside what a run then asks of the server that keeps BigQuery's rules. */
import {afterEach, beforeEach, expect, test} from 'vitest';
import {type Google, startGoogle} from '../kit/google.ts';
import {ToyProject} from './command-line.ts';

let google: Google;
let project: ToyProject;
beforeEach(async () => {
  google = await startGoogle({project: 'my-project', buckets: {rows: {location: 'EU'}}});
  project = new ToyProject();
});
afterEach(async () => {
  project.remove();
  await google.close();
});

/** Jobs of batches since so many: statements of a script are no jobs that we send, nor are dry runs billed. */
function sentSince(count: number): {readonly jobs: number; readonly loads: number} {
  const sent = google.bigquery.jobs
    .slice(count)
    .filter(({parent, configuration}) => parent === undefined && configuration.dryRun !== true)
    .filter(({reference}) => !reference.jobId.includes('-quarantine-'));
  return {
    jobs: sent.length,
    loads: sent.filter(({configuration}) => configuration.load !== undefined).length,
  };
}

async function plannedJobs(...args: readonly string[]) {
  const {out, err} = await project.run('plan', '--json', ...args);
  expect(err).toBe('');
  const {jobs} = JSON.parse(out) as {jobs: {jobs: number; loads: number; bytes: number; unbilled: number}};
  return jobs;
}

test('a run sends the jobs that its plan counted, and bills about what the next plan expects', async () => {
  project.declareGoogle(google, {project: 'my-project', location: 'EU'});
  const first = await project.run('plan');
  expect(first.out).toContain(
    '\nJobs: 12 (of them 1 load), 9 partition writes. Not counted in bytes: 9 partitions of assets that\nwere never billed.\n',
  );
  const planned = await plannedJobs();
  const done = await project.run('materialize');
  expect([done.code, done.err]).toEqual([0, '']);
  expect(sentSince(0)).toEqual({jobs: planned.jobs, loads: planned.loads});
  const again = await plannedJobs('--force');
  expect(again).toMatchObject({jobs: 15, loads: 1, unbilled: 0});
  expect(again.bytes).toBeGreaterThan(0);
});

test('the warehouse is asked what queries would read, and runs none of them', async () => {
  project.declareGoogle(google, {project: 'my-project', location: 'EU'});
  await project.run('materialize');
  const before = google.bigquery.jobs.length;
  const {out, err, code} = await project.run('plan', 'stats.*', '--force', '--estimate-bytes');
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(
    /\nQueries: 2, at most 20 MiB billed, <0\.01 USD for what they read, and more for judging and publishing\ntheir rows\. 1 asset of them reads what is yet to be made: that is not counted\.\n/,
  );
  expect(sentSince(before)).toEqual({jobs: 0, loads: 0});
  const {jobs} = JSON.parse(
    (await project.run('plan', 'stats.*', '--force', '--estimate-bytes', '--json')).out,
  );
  expect(jobs.queries).toEqual([
    {asset: 'stats.totals', queries: 1, asked: 1, bytes: 10 * 2 ** 20, isPartial: false},
    {asset: 'stats.running', queries: 1, asked: 1, bytes: 10 * 2 ** 20, isPartial: true},
  ]);
});

test('a query that cannot be asked about keeps no other from it', async () => {
  project.declareGoogle(google, {project: 'my-project', location: 'EU'});
  await project.run('materialize');
  project.write('assets/totals.sql', 'SELECT game_date, NO_SUCH(points) AS total FROM points\n');
  const {out} = await project.run('plan', 'stats.*', '--force', '--estimate-bytes');
  expect(out).toMatch(/\nQueries: 1, at most 10 MiB/);
  expect(out).toMatch(/\nNot known of stats\.totals: .*NO_SUCH/i);
});

test('a query of its own for BigQuery that cannot be asked about is told with its own place', async () => {
  project.declareGoogle(google, {project: 'my-project', location: 'EU'});
  await project.run('materialize');
  project.write('assets/totals.bigquery.sql', 'SELECT game_date, NO_SUCH(points) AS total FROM points\n');
  const {out} = await project.run('plan', 'stats.totals', '--estimate-bytes');
  expect(out).toMatch(/\nNot known of stats\.totals: assets\/totals\.bigquery\.sql:1:19/);
});

test('DuckDB bills nothing, and is not asked', async () => {
  const {code, err} = await project.run('plan', '--estimate-bytes');
  expect(code).toBe(64);
  expect(err).toContain(
    "--estimate-bytes is for a warehouse that bills, and that of target 'local' is DuckDB: leave it out.",
  );
});
