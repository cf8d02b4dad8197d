/** A worker alone, with jobs that come one by one: what it knows of what others make meanwhile. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {afterEach, expect, test} from 'vitest';
import {makePlan} from '../../planner/make-plan.ts';
import type {AssetName} from '../../planner/pipeline.ts';
import {WHOLE_REQUEST} from '../../planner/plan.ts';
import type {Assignment} from '../../runner/assignment.ts';
import type {Event} from '../../runner/event.ts';
import {PULSE} from '../../runner/liveness.ts';
import type {TakenJob} from '../../runner/queue.ts';
import {takeWork} from '../../runner/worker.ts';
import type {OtherRun} from '../kit/other-run.ts';
import {Project} from '../kit/project.ts';
import {DATES, FILES, NOW} from '../kit/shared-work.ts';

const [FIRST = '', SECOND = ''] = DATES;
let project: Project;
afterEach(() => project.remove());

/** Jobs as the queue would bring them, once they are put there. */
class Jobs {
  readonly #waiting: TakenJob<Assignment>[] = [];
  readonly #fingerprints: ReadonlyMap<string, string>;
  #put = 0;
  #ended = 0;

  constructor(fingerprints: ReadonlyMap<string, string>) {
    this.#fingerprints = fingerprints;
  }

  /** Ends when the worker has ended it. */
  async make(asset: string, key: string): Promise<void> {
    const about = {run: 'run-1', planning: 1, now: NOW, acceptCalendar: false};
    const fingerprint = this.#fingerprints.get(asset) ?? '';
    const content = {...about, asset, fingerprint, partitions: [{key, reasons: []}]};
    this.#waiting.push({id: String(++this.#put), retryCount: 0, content});
    while (this.#ended < this.#put) await pause(10);
  }

  async take(): Promise<TakenJob<Assignment> | undefined> {
    return this.#waiting.shift();
  }

  async beat(): Promise<void> {
    // Nobody takes it for dead.
  }

  async finish(): Promise<void> {
    this.#ended++;
  }

  async fail(_job: unknown, error: string): Promise<void> {
    throw new Error(`A job failed: ${error}`);
  }
}

/** Begins to make it in another process, which sleeps before it publishes anything. */
async function beginElsewhere(asset: string, key: string): Promise<ChildProcess> {
  const asked: OtherRun = {
    ...{root: project.root, now: NOW, waitMs: 0, pulse: PULSE, select: asset, keys: [key]},
    stopAt: {point: 'at-fetch', asset},
  };
  const script = join(import.meta.dirname, '..', 'kit', 'other-run.ts');
  const child = spawn(process.execPath, [script, JSON.stringify(asked)], {stdio: 'ignore'});
  while (!existsSync(join(project.root, `stopped-${child.pid}`))) await pause(10);
  return child;
}

test('what a job reads may have been made by others since the worker last claimed anything', async () => {
  project = new Project(FILES, NOW);
  const target = await project.open();
  const {pipeline, sources, ledger} = target;
  const input = {pipeline, sources, ledger: ledger.snapshot(), now: NOW, request: WHOLE_REQUEST};
  const {assets} = makePlan(input).frame;
  const names = ['landing.copies', 'raw.copies'];
  const jobs = new Jobs(
    new Map(names.map(name => [name, assets.get(name as AssetName)?.fingerprint.hash ?? ''])),
  );
  const stop = new AbortController();
  const outcomes: Record<string, string> = {};
  const workshop = target.workshop({
    run: 'worker-1',
    emit: (event: Event) => {
      if (event.kind === 'partition-ended') outcomes[`${event.asset}@${event.key}`] = event.outcome;
    },
    stop: stop.signal,
    cancel: new AbortController().signal,
    acceptCalendar: false,
  });
  const working = takeWork(workshop, {
    queue: jobs,
    identity: 'alike',
    concurrency: {fetches: 4, batches: 2},
    command: 'gameplan worker',
    untilIdleMs: undefined,
    tell: () => undefined,
  });
  const other = await beginElsewhere('landing.copies', SECOND);
  await jobs.make('landing.copies', FIRST);
  const before = ledger.sequence();
  const ended = once(other, 'exit');
  other.kill('SIGCONT');
  while (ledger.sequence() === before) await pause(5);
  await jobs.make('raw.copies', SECOND);
  await ended;
  stop.abort();
  await working;
  await target.close();
  expect(outcomes).toEqual({
    [`landing.copies@${FIRST}`]: 'succeeded',
    [`raw.copies@${SECOND}`]: 'succeeded',
  });
});
