/**
 * A worker in a process of its own. Its one argument is JSON (`OtherWorker`); it prints what it says, and at last what it
 * made, a line of JSON each.
 */

import type {Assignment} from '../../runner/assignment.ts';
import type {Pulse} from '../../runner/liveness.ts';
import {WorkQueue} from '../../runner/queue.ts';
import {takeWork, type WorkerNews} from '../../runner/worker.ts';
import {openAt} from './project.ts';

export interface OtherWorker {
  readonly root: string;
  readonly now: number;
  readonly run: string;
  readonly pulse: Pulse;
  readonly fetches: number;
  readonly queue: {readonly url: string; readonly schema: string; readonly name: string};
  /** Variables that the manifest reads. */
  readonly env: Readonly<Record<string, string>>;
}

export type WorkerLine =
  | WorkerNews
  | {readonly kind: 'ended'; readonly made: number; readonly error: string | undefined};

const asked = JSON.parse(process.argv[2] ?? '') as OtherWorker; // of a test

function say(line: WorkerLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const project = openAt(asked.root, asked.now);
project.pulse = asked.pulse;
project.env = asked.env;
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
const queue = await WorkQueue.open<Assignment>({
  ...asked.queue,
  pulse: asked.pulse,
  warn: text => say({kind: 'trouble', text}),
});
const target = await project.open();
let made = 0;
let error: string | undefined;
try {
  const workshop = target.workshop({
    run: asked.run,
    emit: event => {
      if (event.kind === 'partition-ended') made++;
    },
    stop: stop.signal,
    cancel: new AbortController().signal,
    acceptCalendar: false,
  });
  await takeWork(workshop, {
    queue,
    identity: asked.queue.name,
    concurrency: {fetches: asked.fetches, batches: 2},
    command: 'test worker',
    untilIdleMs: undefined,
    tell: say,
  });
} catch (fault) {
  error = fault instanceof Error ? fault.message : String(fault);
}
say({kind: 'ended', made, error});
await target.close();
await queue.close();
