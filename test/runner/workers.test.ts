/** Work that is handed out to workers in processes of their own, through a queue and a ledger on a real Postgres. */
import {setTimeout as pause} from 'node:timers/promises';
import {afterEach, expect, test} from 'vitest';
import type {Assignment} from '../../runner/assignment.ts';
import type {Pulse} from '../../runner/liveness.ts';
import {WorkQueue} from '../../runner/queue.ts';
import {Spread} from '../../runner/spread.ts';
import {Answers, FETCHED} from '../kit/answers.ts';
import {Cable} from '../kit/cable.ts';
import {Crew, type StartedWorker} from '../kit/crew.ts';
import {testPostgres} from '../kit/postgres.ts';
import {at, type Done, listed, manifest, Project, tally} from '../kit/project.ts';
import {describeWithPostgres} from '../kit/with-postgres.ts';

const NOW = at('2024-12-01T12:00:00Z');
const DATES = Array.from({length: 120}, (_, i) =>
  new Date(Date.UTC(2024, 0, 1) + i * 86_400_000).toISOString().slice(0, 10),
);
// A process that is cut off within a write keeps the others from writing for 8 seconds: that is no death.
const PULSE: Pulse = {deadMs: 9_500, beatMs: 500};
const FETCHES = 4;
/** As a manifest names a variable. */
const LEDGER = '$'.concat('{GAMEPLAN_LEDGER}');

const crew = new Crew();
let project: Project;
let answers: Answers;
let cable: Cable | undefined;
let queue: WorkQueue<Assignment> | undefined;
afterEach(async () => {
  crew.end();
  await cable?.close();
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
        targets: {
          local: {warehouse: {engine: 'duckdb', memory_limit: '256MB'}, ledger: LEDGER},
        },
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
  project.env = {GAMEPLAN_LEDGER: place.url};
  queue = await WorkQueue.open({...place, pulse: PULSE, warn: () => undefined});
  return place;
}

async function handOut(): Promise<Done> {
  if (queue === undefined) throw new Error('no queue');
  const concurrency = {fetches: FETCHES, batches: 2};
  return await project.materialize({
    spread: new Spread({queue, identity: 'test', concurrency, warn: () => undefined}),
    concurrency,
  });
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error('It did not happen within 30 s.');
    await pause(20);
  }
}

/** Each with the place at which it finds ledger and queue. */
async function startWorkers(places: Readonly<Record<string, Place>>): Promise<readonly StartedWorker[]> {
  const about = {root: project.root, now: NOW, pulse: PULSE, fetches: FETCHES};
  const started = Object.entries(places).map(([run, queue]) =>
    crew.start({...about, run, queue, env: {GAMEPLAN_LEDGER: queue.url}}),
  );
  const {ledger, close} = await project.open();
  await until(() => ledger.crew().length === started.length);
  await close();
  return started;
}

const hasEndedJob = (worker: StartedWorker | undefined): boolean =>
  worker?.said.some(({kind}) => kind === 'job-ended') === true;

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

describeWithPostgres('work that is handed out', () => {
  test('is made once each, although of three workers one is killed and one is cut off', async () => {
    const place = await setUp();
    const {port} = await testPostgres();
    cable = await Cable.to(port);
    const cutOff = {...place, url: place.url.replace(`:${port}/`, `:${cable.port}/`)};
    const [killed, lost, left] = await startWorkers({killed: place, lost: cutOff, left: place});
    const handedOut = handOut();
    await until(() => hasEndedJob(killed));
    killed?.kill('SIGKILL');
    await until(() => hasEndedJob(lost));
    cable.cut();
    expect(tally(await handedOut)).toEqual({succeeded: DATES.length});
    const made = await madeBy();
    expect([...made.keys()].toSorted()).toEqual(['killed', 'left', 'lost']);
    expect([...made.values()].reduce((sum, count) => sum + count, 0)).toBe(DATES.length);
    // What the two had asked for and not published is asked for again, and nothing else.
    expect(answers.total - DATES.length).toBeLessThanOrEqual(2 * FETCHES);
    cable.mend();
    expect((await lost?.ended)?.error).toMatch(/taken for dead|cannot be reached/);
    expect(await madeBy()).toEqual(made);
    left?.kill('SIGTERM');
    expect((await left?.ended)?.error).toBeUndefined();
    expect((await project.materialize()).counts.requested).toBe(0);
  });

  test('is made by the run itself while no worker is there', async () => {
    await setUp();
    const done = await handOut();
    expect(done.events.find(({kind}) => kind === 'spreading')).toMatchObject({workers: 0, others: 0});
    expect(tally(done)).toEqual({succeeded: DATES.length});
  });
});
