/** What becomes of jobs that are handed out where nobody makes them: the test itself is the worker. */
import {setTimeout as pause} from 'node:timers/promises';
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {Assignment} from '../../runner/assignment.ts';
import {beginOwn, endOwn, ownProcess, type Pulse} from '../../runner/liveness.ts';
import {type TakenJob, WorkQueue} from '../../runner/queue.ts';
import {Spread} from '../../runner/spread.ts';
import type {OpenTarget} from '../../runner/target.ts';
import {testPostgres} from '../kit/postgres.ts';
import {at, type Done, listed, manifest, Project, tally} from '../kit/project.ts';
import {describeWithPostgres} from '../kit/with-postgres.ts';

const NOW = at('2024-12-01T12:00:00Z');
const DATES = ['2024-01-01', '2024-01-02', '2024-01-03'];
const PULSE: Pulse = {deadMs: 60_000, beatMs: 100};
const FILES = {
  'pipeline.yaml': manifest({
    calendars: listed({'2023-24': DATES}),
    assets: {'landing.games': {files: 'assets/put.ts', path: 'games/{game_date}/'}},
  }),
  'assets/put.ts': `import type {Files} from 'gameplan';
export const files: Files = async ({partition, put}) => {
  await put('a.json', partition.key);
};\n`,
};

describeWithPostgres('a job that is handed out', () => {
  let project: Project;
  let queue: WorkQueue<Assignment>;
  let worker: OpenTarget;
  let url: string;
  const warned: string[] = [];

  beforeEach(async () => {
    project = new Project(FILES, NOW);
    project.pulse = PULSE;
    url = await (await testPostgres()).database();
    const place = {url, schema: 'gameplan', name: 'test'};
    queue = await WorkQueue.open({...place, pulse: PULSE, warn: () => undefined});
    worker = await project.open();
    beginOwn('worker');
    worker.ledger.beginSession({run: 'worker', ...ownProcess(), command: 'test', startedAt: NOW});
    const member = {role: 'worker' as const, identity: 'test', fetches: 4, host: 'box', pid: 1};
    worker.ledger.enlist({...member, startedAt: NOW});
  });
  afterEach(async () => {
    endOwn('worker');
    await worker.close();
    await queue.close();
    project.remove();
  });

  function handOut(): Promise<Done> {
    const concurrency = {fetches: 4, batches: 2};
    return project.materialize({
      spread: new Spread({queue, identity: 'test', concurrency, warn: text => warned.push(text)}),
      concurrency,
    });
  }

  /** Does something with every job, until the run has ended. */
  async function meanwhile(
    run: Promise<Done>,
    treat: (job: TakenJob<Assignment>) => Promise<void>,
  ): Promise<Done> {
    let isOver = false;
    const ended = run.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      const job = await queue.take();
      if (job === undefined) await pause(20);
      else await treat(job);
    }
    return await ended;
  }

  test('and takes its worker down every time is tried one by one, and has failed in the end', async () => {
    const sizes: number[] = [];
    const done = await meanwhile(handOut(), async job => {
      sizes.push(job.content.partitions.length);
      await queue.fail(job, 'it showed no sign of life');
    });
    expect(tally(done)).toEqual({failed: DATES.length});
    expect([...done.errors.values()][0]).toBe(
      '3 workers that had it ended before it was made; of the last one: it showed no sign of life.',
    );
    expect(sizes.filter(size => size === 1)).toHaveLength(3 * DATES.length);
  });

  test('and comes back unmade is handed out again, and not for ever', async () => {
    let count = 0;
    const done = await meanwhile(handOut(), async job => {
      count++;
      await queue.finish(job);
    });
    expect(tally(done)).toEqual({failed: DATES.length});
    expect([...done.errors.values()][0]).toBe('It came back 6 times unmade, and no worker said why.');
    expect(count).toBeGreaterThanOrEqual(6);
  });

  test('and that nobody takes is taken back when the last worker goes', async () => {
    const run = handOut();
    setTimeout(() => {
      worker.ledger.endSession();
      endOwn('worker');
    }, 500);
    const done = await run;
    expect(tally(done)).toEqual({succeeded: DATES.length});
    const told = done.events.flatMap(each => (each.kind === 'spreading' ? [each.workers] : []));
    expect(told).toEqual([1, 0]);
    expect(await queue.take()).toBeUndefined();
  });

  test.each([0, 300])('whose queue is gone after %d ms is made by the run itself', async ms => {
    warned.length = 0;
    const server = await testPostgres();
    const drop = () => server.query(url, 'DROP SCHEMA gameplan_queue CASCADE');
    if (ms === 0) await drop();
    const run = handOut();
    await pause(ms);
    if (ms > 0) await drop();
    expect(tally(await run)).toEqual({succeeded: DATES.length});
    await expect(queue.take()).rejects.toThrow(
      /^The queue of work is not there any more: relation .* anew\.$/,
    );
    expect(warned).toHaveLength(1);
    expect(warned[0]).toMatch(/^Nothing is handed out for now: the queue of work cannot be asked \(relation/);
  });
});
