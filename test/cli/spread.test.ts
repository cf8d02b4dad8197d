/**
 * Whole commands: a worker takes what `materialize --spread` hands out, over a ledger in PostgreSQL and the test servers of
 * BigQuery and Cloud Storage, where everything can be made anywhere.
 */
import {readFileSync} from 'node:fs';
import {afterAll, afterEach, beforeAll, beforeEach, expect, test} from 'vitest';
import {type Google, startGoogle} from '../kit/google.ts';
import {PASSWORD, testPostgres} from '../kit/postgres.ts';
import {describeWithPostgres} from '../kit/with-postgres.ts';
import {type Said, ToyProject} from './command-line.ts';

const LEDGER = '$'.concat('{LEDGER_URL}');
let google: Google;
let project: ToyProject;

describeWithPostgres('materialize --spread', () => {
  beforeAll(async () => {
    google = await startGoogle({project: 'my-project', buckets: {rows: {location: 'US-WEST2'}}});
  });
  afterAll(() => google.close());
  beforeEach(async () => {
    project = new ToyProject();
    project.declareGoogle(google, {project: 'my-project', location: 'us-west2'});
    const manifest = readFileSync(`${project.root}/pipeline.yaml`, 'utf8');
    project.write('pipeline.yaml', manifest.replace('.gameplan/ledger.sqlite', `'${LEDGER}'`));
    project.env = {LEDGER_URL: await (await testPostgres()).database()};
  });
  afterEach(() => project.remove());

  /** Starts a worker that has nothing to do yet, and ends when nothing is left. */
  async function startWorker(): Promise<{readonly ended: Promise<Said>}> {
    const ready = Promise.withResolvers<void>();
    project.onOutput = text => {
      if (text.includes('takes work')) ready.resolve();
    };
    const ended = project.run('worker', '--until-idle', '--wait', '2s');
    await ready.promise;
    return {ended};
  }

  test('is made by a worker, table after table, and shown as one run', async () => {
    const {ended} = await startWorker();
    const run = await project.run('materialize', '--spread');
    expect(run.err).toBe('');
    expect(run.out).toContain('1 worker at work: what they can make is handed to them.');
    expect(run.code, run.out).toBe(0);
    const worker = await ended;
    expect([worker.code, worker.err]).toEqual([0, '']);
    expect(worker.out).toMatch(/Works for run \S+\.\n/);
    expect(worker.out).toMatch(/Made 9 partitions: 9 succeeded\.\n$/);
    const shown = await project.run('runs', 'show', 'last');
    expect(shown.out).toMatch(/handed to 1 worker: process \d+ on \S+ \(9\); made by itself: 0/);
    expect((await project.run('plan')).out).toMatch(/Nothing to do/);
    expect((await project.run('verify')).code).toBe(0);
    expect([run, worker, shown].map(({out}) => out).join('')).not.toContain(PASSWORD);
  });

  test('gives nothing to a worker of another version of the project, and says so', async () => {
    const {ended} = await startWorker();
    project.write(
      'assets/totals.sql',
      'SELECT game_date, SUM(points) + 0 AS total FROM points GROUP BY game_date\n',
    );
    const run = await project.run('materialize', '--spread');
    expect(run.code).toBe(0);
    expect(run.out.replaceAll(/\s+/g, ' ')).toContain(
      "No worker is at work, so this run makes everything itself until one comes: start one with 'gameplan worker'. 1 worker with another version of the project",
    );
    expect((await ended).out).toMatch(/Made 0 partitions\.\n$/);
  });
});
