/** Work that is handed out to workers in processes of their own, through a queue and a ledger on a real Postgres. */
import {setTimeout as pause} from 'node:timers/promises';
import {afterEach, describe, expect, test} from 'vitest';
import type {Assignment} from '../../runner/assignment.ts';
import type {Pulse} from '../../runner/liveness.ts';
import {WorkQueue} from '../../runner/queue.ts';
import {Spread} from '../../runner/spread.ts';
import {Answers, FETCHED} from '../kit/answers.ts';
import {Crew, type StartedWorker} from '../kit/crew.ts';
import {hasPostgres, testPostgres} from '../kit/postgres.ts';
import {at, type Done, listed, manifest, Project, tally} from '../kit/project.ts';

const NOW = at('2024-12-01T12:00:00Z');
const DATES = Array.from({length: 160}, (_, i) =>
  new Date(Date.UTC(2024, 0, 1) + i * 86_400_000).toISOString().slice(0, 10),
);
const PULSE: Pulse = {deadMs: 3_000, beatMs: 300};
const FETCHES = 4;

const crew = new Crew();
let project: Project;
let answers: Answers;
let queue: WorkQueue<Assignment> | undefined;
afterEach(async () => {
  crew.end();
  await queue?.close();
  queue = undefined;
  answers.close();
  project.remove();
});

interface Place {
  readonly url: string;
  readonly schema: string;
  readonly name: string;
}

async function setUp(): Promise<Place> {
  answers = await Answers.open(({path, response}) => {
    setTimeout(() => response.end(JSON.stringify({games: [{id: path, points: 1}]})), 20);
    return undefined;
  });
  project = new Project(
    {
      'pipeline.yaml': manifest({
        sites: {api: {url: answers.url, concurrency: FETCHES}},
        calendars: listed({'2023-24': DATES}),
        assets: {'landing.games': {files: 'assets/fetch.ts', path: 'games/{game_date}/', site: 'api'}},
      }),
      'assets/fetch.ts': FETCHED,
    },
    NOW,
  );
  project.pulse = PULSE;
  project.waitMs = 5_000;
  const place: Place = {url: await (await testPostgres()).database(), schema: 'gameplan', name: 'test'};
  queue = await WorkQueue.open({...place, pulse: PULSE, warn: () => undefined});
  return place;
}

async function handOut(): Promise<Done> {
  if (queue === undefined) throw new Error('no queue');
  const concurrency = {fetches: FETCHES, batches: 2};
  return await project.materialize({spread: new Spread({queue, identity: 'test', concurrency}), concurrency});
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error('It did not happen within 30 s.');
    await pause(20);
  }
}

async function startWorkers(place: Place, runs: readonly string[]): Promise<readonly StartedWorker[]> {
  const about = {root: project.root, now: NOW, pulse: PULSE, fetches: FETCHES, queue: place, env: {}};
  const started = runs.map(run => crew.start({...about, run}));
  const {ledger, close} = await project.open();
  await until(() => ledger.crew().length === runs.length);
  await close();
  return started;
}

/** By session: how many partitions each worker made of the last run. */
async function madeBy(): Promise<ReadonlyMap<string, number>> {
  const {ledger, close} = await project.open();
  const run = ledger.lastRun()?.id ?? '';
  const counts = new Map<string, number>();
  for (const {worker = run} of ledger.attemptsOfRunAfter(run, 0).attempts)
    counts.set(worker, (counts.get(worker) ?? 0) + 1);
  await close();
  return counts;
}

describe.skipIf(!hasPostgres)('work that is handed out', () => {
  test('is made once each, by the workers that are left where one is killed', async () => {
    const place = await setUp();
    const [first, ...others] = await startWorkers(place, ['worker-a', 'worker-b', 'worker-c']);
    const done = handOut();
    await until(() => first?.said.some(({kind}) => kind === 'job-ended') === true);
    first?.kill('SIGKILL');
    expect(tally(await done)).toEqual({succeeded: DATES.length});
    const made = await madeBy();
    expect([...made.keys()].toSorted()).toEqual(['worker-a', 'worker-b', 'worker-c']);
    expect([...made.values()].reduce((sum, count) => sum + count, 0)).toBe(DATES.length);
    // What the killed one had asked for and not published is asked for again, and nothing else.
    expect(answers.total - DATES.length).toBeLessThanOrEqual(FETCHES);
    for (const worker of others) worker.kill('SIGTERM');
    const ends = await Promise.all(others.map(({ended}) => ended));
    expect(ends.map(end => end?.error)).toEqual([undefined, undefined]);
    expect((await project.materialize()).counts.requested).toBe(0);
  });

  test('is made by the run itself while no worker is there', async () => {
    await setUp();
    const done = await handOut();
    expect(done.events.find(({kind}) => kind === 'spreading')).toMatchObject({workers: 0, others: 0});
    expect(tally(done)).toEqual({succeeded: DATES.length});
  });
});
