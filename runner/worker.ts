/**
 * A worker: takes jobs from the queue and makes their partitions as the run that handed them out would, with leases,
 * intents and receipts of its own session. Of one plan of one run at a time, whose frame it makes once and brings forward
 * by what others record.
 * It does not decide what is to be made (execute.ts), and trusts a job in nothing that the ledger knows better.
 */
import {setTimeout as pause} from 'node:timers/promises';
import {type Frame, stateAt} from '../planner/frame.ts';
import type {Outcome} from '../planner/ledger.ts';
import {makePlan} from '../planner/make-plan.ts';
import type {AssetName, Concurrency, PartitionKey} from '../planner/pipeline.ts';
import {type PlannedPartition, WHOLE_REQUEST} from '../planner/plan.ts';
import type {Assignment} from './assignment.ts';
import {Claims} from './claims.ts';
import {CrewError} from './crew-error.ts';
import {Door, POLL_MS} from './door.ts';
import {countOutcomes, type Event, type OutcomeCounts} from './event.ts';
import {beginWork, type Heart} from './heart.ts';
import {SessionLost} from './ledger-session.ts';
import {ownMachine} from './liveness.ts';
import type {TakenJob, WorkQueue} from './queue.ts';
import {Schedule} from './schedule.ts';
import {settleIntents} from './settle.ts';
import {Slots} from './slots.ts';
import {type Intake, workOff} from './work.ts';
import type {Stage, Workshop} from './workshop.ts';

export interface WorkerRequest {
  readonly queue: Pick<WorkQueue<Assignment>, 'take' | 'beat' | 'finish' | 'fail'>;
  /** Of project, program and places: only runs of the same one give it anything. */
  readonly identity: string;
  readonly concurrency: Concurrency;
  /** As the user typed it. */
  readonly command: string;
  /** Ends when there was nothing to do for so long; undefined: only when it is told to. Milliseconds. */
  readonly untilIdleMs: number | undefined;
  /** Hears what it does. */
  readonly tell: (news: WorkerNews) => void;
}

export type WorkerNews =
  /** Whoever hands out work knows of it. */
  | {readonly kind: 'ready'}
  | {readonly kind: 'serving'; readonly run: string}
  | {readonly kind: 'job-ended'; readonly run: string; readonly asset: string; readonly counts: OutcomeCounts}
  | {readonly kind: 'trouble'; readonly text: string};

type Taken = TakenJob<Assignment>;

/** A job at hand, and which of its partitions have not ended. */
interface AtHand {
  readonly job: Taken;
  readonly open: Set<string>;
  readonly outcomes: Outcome[];
}

/**
 * Takes work until it is stopped, or idle. Throws a `SessionLost` where it was taken for dead, and what is no partition's
 * fault: its jobs go to others.
 */
export async function takeWork(workshop: Workshop, request: WorkerRequest): Promise<OutcomeCounts> {
  const {ledger, clock, run, pulse} = workshop;
  const {identity, concurrency, command} = request;
  const slots = new Slots(workshop.pipeline, concurrency);
  const {heart, signals} = beginWork(workshop, {command, slots});
  try {
    const {fetches} = concurrency;
    ledger.enlist({role: 'worker', identity, fetches, ...ownMachine(), startedAt: clock()});
    request.tell({kind: 'ready'});
    const worker = new Worker(
      {
        ...workshop,
        ...signals,
        // What a dead worker holds is waited for until it counts as dead.
        waitMs: Math.max(workshop.waitMs, 2 * pulse.deadMs),
      },
      request,
      {heart, slots},
    );
    const counts = await worker.follow();
    if (heart.isLost) throw new SessionLost(run);
    return counts;
  } finally {
    heart.end();
  }
}

class Worker implements Intake {
  readonly #workshop: Workshop;
  readonly #request: WorkerRequest;
  readonly #claims: Claims;
  readonly #door: Door;
  readonly #slots: Slots;
  readonly #atHand = new Map<string, AtHand>();
  readonly #byRef = new Map<string, AtHand>();
  /** Of partitions at hand, and of those that ended last. */
  readonly #outcomes = new Map<string, Outcome>();
  readonly #made: Outcome[] = [];
  /** What is told to the queue and not known there yet. */
  readonly #telling = new Set<Promise<void>>();
  /** Of another plan than the one that is worked on. */
  #next: Taken | undefined;
  #serving: {readonly name: string; readonly frame: Frame} | undefined;
  #pollAt = 0;
  #idleSince = performance.now();

  constructor(
    workshop: Workshop,
    request: WorkerRequest,
    {heart, slots}: {readonly heart: Heart; readonly slots: Slots},
  ) {
    this.#slots = slots;
    const emit = (event: Event): void => {
      if (event.kind === 'partition-ended') this.#hear(event);
      workshop.emit(event);
    };
    this.#workshop = {...workshop, emit};
    this.#request = request;
    this.#claims = new Claims(workshop);
    this.#door = new Door(this.#workshop, heart);
  }

  async follow(): Promise<OutcomeCounts> {
    const {pulse, stop} = this.#workshop;
    const beat = setInterval(() => void this.#beat(), pulse.beatMs);
    beat.unref();
    try {
      this.#claims.buryDead(this.#workshop);
      while (!stop.aborted) {
        const job = await this.#wait();
        if (job === undefined) break;
        await this.#serve(job);
      }
    } finally {
      clearInterval(beat);
      if (this.#next !== undefined) this.#giveBack(this.#next, undefined);
      await Promise.allSettled(this.#telling);
    }
    return countOutcomes(this.#made);
  }

  /** The next job; undefined where it is told to end, or idle. */
  async #wait(): Promise<Taken | undefined> {
    const {stop} = this.#workshop;
    while (!stop.aborted && !this.#isIdle()) {
      const job = await this.#take();
      if (job !== undefined) return job;
      await pause(POLL_MS, undefined, {signal: stop}).catch(() => undefined);
    }
    return undefined;
  }

  async #take(): Promise<Taken | undefined> {
    const job = this.#next;
    this.#next = undefined;
    if (job !== undefined) return job;
    if (performance.now() < this.#pollAt) return undefined;
    try {
      const taken = await this.#request.queue.take();
      if (taken === undefined) this.#pollAt = performance.now() + POLL_MS;
      else this.#idleSince = performance.now();
      return taken;
    } catch (error) {
      if (error instanceof CrewError) throw error;
      this.#complain(error);
      this.#pollAt = performance.now() + this.#workshop.pulse.beatMs;
      return undefined;
    }
  }

  /** Nothing to do for long, and nobody there who may bring more. */
  #isIdle(): boolean {
    const {untilIdleMs, identity} = this.#request;
    if (untilIdleMs === undefined || this.#atHand.size > 0) return false;
    if (performance.now() - this.#idleSince < untilIdleMs) return false;
    const isBringing = this.#workshop.ledger
      .crew()
      .some(each => each.role === 'coordinator' && each.identity === identity);
    if (isBringing) this.#idleSince = performance.now();
    return !isBringing;
  }

  /** Works for one plan of one run, until a job of another one comes. */
  async #serve(first: Taken): Promise<void> {
    const {pipeline, sources, ledger} = this.#workshop;
    const {run, now, acceptCalendar} = first.content;
    this.#next = first;
    ledger.workFor(run);
    this.#request.tell({kind: 'serving', run});
    await settleIntents(ledger, this.#workshop);
    const {frame, plan, progress} = makePlan({
      pipeline,
      sources,
      ledger: ledger.snapshot(),
      now,
      request: WHOLE_REQUEST,
    });
    const blank = new Map([...progress].map(([name, all]) => [name, new Uint8Array(all.length)]));
    // What is planned, and what its gates let through, was decided by the run.
    const schedule = new Schedule(frame, [], blank, {gates: undefined, order: 'oldest'});
    const stage: Stage = {
      ...this.#workshop,
      acceptCalendar,
      frame,
      sequence: plan.ledger,
      heard: plan.ledger,
      demand: schedule,
      retried: new Map(),
    };
    this.#serving = {name: planOf(first), frame};
    const {faults} = await workOff({
      stage,
      schedule,
      door: this.#door,
      claims: this.#claims,
      slots: this.#slots,
      outcomes: this.#outcomes,
      intake: this,
    });
    const [fault] = faults;
    for (const {job} of [...this.#atHand.values()]) this.#giveBack(job, fault);
    if (fault !== undefined) throw fault;
  }

  async turn(schedule: Schedule): Promise<boolean> {
    // What is ready is enough for all that may begin.
    while (schedule.openCount < this.#request.concurrency.fetches) {
      const job = await this.#take();
      if (job === undefined) return !this.#isIdle();
      if (planOf(job) !== this.#serving?.name) {
        this.#next = job;
        return false;
      }
      this.#accept(schedule, job, this.#serving.frame);
    }
    return true;
  }

  #accept(schedule: Schedule, job: Taken, frame: Frame): void {
    const {run, asset: name, fingerprint, partitions} = job.content;
    const asset = frame.assets.get(name as AssetName); // looked up, whatever it is
    if (asset?.fingerprint.hash !== fingerprint) {
      const {host, pid} = ownMachine();
      const cause = `the worker of process ${pid} on ${host} has another definition of ${name}`;
      this.#giveBack(job, new Error(cause));
      return;
    }
    const keys = partitions.map(({key}) => key);
    const ended = this.#workshop.ledger.endedIn(run, name, keys);
    const planned = partitions.flatMap(({key, reasons}): readonly PlannedPartition[] => {
      const ordinal = asset.ordinalOf.get(key as PartitionKey); // looked up, whatever it is
      if (ordinal === undefined || ended.has(key) || this.#byRef.has(`${name}@${key}`)) return [];
      const state = stateAt(asset, ordinal);
      return [{asset: asset.asset.name, key: key as PartitionKey, state, action: 'run', reasons, notes: []}];
    });
    const refs = planned.map(({key}) => `${name}@${key}`);
    const hand: AtHand = {job, open: new Set(refs), outcomes: []};
    this.#atHand.set(job.id, hand);
    for (const ref of refs) {
      this.#outcomes.delete(ref);
      this.#byRef.set(ref, hand);
    }
    if (refs.length === 0) this.#end(hand);
    else schedule.add(planned);
  }

  #hear({asset, key, outcome}: Event & {readonly kind: 'partition-ended'}): void {
    const ref = `${asset}@${key}`;
    const hand = this.#byRef.get(ref);
    if (hand === undefined) return;
    this.#byRef.delete(ref);
    this.#outcomes.set(ref, outcome);
    this.#made.push(outcome);
    hand.outcomes.push(outcome);
    hand.open.delete(ref);
    if (hand.open.size === 0) this.#end(hand);
  }

  #end({job, outcomes}: AtHand): void {
    this.#atHand.delete(job.id);
    this.#idleSince = performance.now();
    const {run, asset} = job.content;
    this.#request.tell({kind: 'job-ended', run, asset, counts: countOutcomes(outcomes)});
    this.#tellQueue(this.#request.queue.finish(job));
  }

  /** What is left of it is another's: as a failed try of it where there was a fault. */
  #giveBack(job: Taken, fault: unknown): void {
    const hand = this.#atHand.get(job.id);
    this.#atHand.delete(job.id);
    for (const ref of hand?.open ?? []) this.#byRef.delete(ref);
    const {queue} = this.#request;
    this.#tellQueue(fault === undefined ? queue.finish(job) : queue.fail(job, messageOf(fault)));
  }

  #tellQueue(telling: Promise<void>): void {
    const told = telling
      .catch((error: unknown) => this.#complain(error))
      .finally(() => this.#telling.delete(told));
    this.#telling.add(told);
  }

  async #beat(): Promise<void> {
    const jobs = [...this.#atHand.values()].map(({job}) => job);
    if (this.#next !== undefined) jobs.push(this.#next);
    await this.#request.queue.beat(jobs).catch((error: unknown) => this.#complain(error));
  }

  #complain(error: unknown): void {
    this.#request.tell({kind: 'trouble', text: `the queue of work: ${messageOf(error)}`});
  }
}

function planOf({content: {run, planning}}: Taken): string {
  return `${run} ${planning}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
