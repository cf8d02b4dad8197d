/**
 * The work of a run handed out to workers, and what came of it: a few jobs ahead of what they can take, each of several
 * partitions. What has ended is read from the ledger, and never from the queue (queue.ts says why).
 * It does not deal with how a worker makes it (worker.ts).
 */
import {randomUUID} from 'node:crypto';
import {counted} from '../planner/amount.ts';
import {engineOf} from '../planner/engine.ts';
import type {AssetFrame, Frame} from '../planner/frame.ts';
import {isExternal} from '../planner/making.ts';
import type {Concurrency} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';
import type {Assignment} from './assignment.ts';
import {type Claims, hearNews} from './claims.ts';
import {begin, finish} from './finish.ts';
import {LedgerError} from './ledger-error.ts';
import type {AttemptRecord} from './ledger-run.ts';
import {ownMachine} from './liveness.ts';
import type {JobFate, WorkQueue} from './queue.ts';
import type {Batch, Job, Schedule} from './schedule.ts';
import {settleIntents} from './settle.ts';
import {isFetch} from './work.ts';
import type {Stage} from './workshop.ts';

export interface SpreadOptions {
  readonly queue: WorkQueue<Assignment>;
  /** Only workers of the same one are given anything. */
  readonly identity: string;
  /** How much a worker is taken to make at once. */
  readonly concurrency: Concurrency;
  /** Is told why nothing is handed out for a while. */
  readonly warn: (text: string) => void;
}

/** How many jobs of fetches there are for each worker: some that it has, and some for when it has room. */
const JOBS_A_WORKER = 4;
/** How many partitions of fetches a job has, for each that a worker makes at once. */
const PARTITIONS_A_PLACE = 2;
/** How many workers a job may take down before its partitions are tried one by one, and how many one alone may. */
const TRIES_TOGETHER = 2;
const TRIES_ALONE = 3;
/** How often a partition may come back unmade, without a cause, before it counts as failed. */
const MOST_RETURNS = 5;
/** Between two looks at the queue, and at who is there. Milliseconds. */
const LOOK_MS = 1_000;
/** So long a run goes on alone where the queue could not be asked. Milliseconds. */
const REST_MS = 30_000;

/** A job that was handed out. */
interface Out {
  /** The job's, in the queue. */
  readonly id: string;
  readonly batch: Batch;
  /** Partitions that have not ended, by key. */
  readonly open: Map<string, Job>;
  readonly ended: PromiseWithResolvers<void>;
  /** Whether the queue has it. */
  isSent: boolean;
  /** When its worker last showed that it lives, on a clock that nobody sets. */
  seen: {readonly beat: number; readonly at: number};
}

export interface SpreadStage {
  readonly stage: Stage;
  readonly schedule: Schedule;
  readonly claims: Claims;
}

const SILENT = 'it showed no sign of life';

/** Of one run, over all its stages. */
export class Spread {
  readonly #options: SpreadOptions;
  readonly #out = new Map<string, Out>();
  readonly #byRef = new Map<string, Out>();
  /** How often a partition came back unmade. */
  readonly #returns = new Map<string, number>();
  #workers: number | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #restsUntil = Number.NEGATIVE_INFINITY;
  /** The frame of the run's last plan, and how many there were. */
  #planning: {readonly frame: Frame | undefined; readonly count: number} = {frame: undefined, count: 0};
  /** Up to which attempt all is known. */
  #after = 0;

  constructor(options: SpreadOptions) {
    this.#options = options;
  }

  /** Tells the ledger that this run hands out its work. */
  begin({ledger, clock}: Pick<Stage, 'ledger' | 'clock'>): void {
    const {identity, concurrency} = this.#options;
    const {fetches} = concurrency;
    ledger.enlist({role: 'coordinator', identity, fetches, ...ownMachine(), startedAt: clock()});
  }

  /** Whether anything is handed out. */
  get isWaiting(): boolean {
    return this.#out.size > 0;
  }

  /** Whether partitions of that asset are made by workers. */
  takes({stage, schedule}: SpreadStage, asset: AssetFrame): boolean {
    if ((this.#workers ?? 0) === 0) return false;
    const {making, cascade} = asset.asset;
    if (isFetch(asset)) return true;
    if (isExternal(making.kind)) return false;
    // Only here it is known what a source on demand is asked for.
    if (cascade !== undefined && schedule.mayAsk(asset)) return false;
    return engineOf(stage.pipeline.target.warehouse).isShared;
  }

  hasRoom(asset: AssetFrame): boolean {
    const isOwnKind = ({batch}: Out): boolean => isFetch(batch.asset) === isFetch(asset);
    const most = isFetch(asset) ? JOBS_A_WORKER : this.#options.concurrency.batches + 1;
    return [...this.#out.values()].filter(isOwnKind).length < most * (this.#workers ?? 0);
  }

  /** How many partitions a job is to have: fewer towards the end, so that no worker has the last ones alone. */
  least(asset: AssetFrame, ready: number): number {
    if (!isFetch(asset)) return 1;
    const share = Math.ceil(ready / (JOBS_A_WORKER * Math.max(1, this.#workers ?? 0)));
    return Math.min(share, PARTITIONS_A_PLACE * this.#options.concurrency.fetches);
  }

  /** Hands a batch out; ends when each of its partitions has ended or was put back. */
  async make(about: SpreadStage, batch: Batch): Promise<void> {
    const {stage} = about;
    const {asset, jobs} = batch;
    const id = randomUUID();
    const out: Out = {
      id,
      batch,
      open: new Map(jobs.map(job => [job.key, job])),
      ended: Promise.withResolvers<void>(),
      isSent: false,
      seen: {beat: 0, at: performance.now()},
    };
    // A worker may have made it before the queue has said that it has it.
    this.#out.set(id, out);
    for (const {key} of jobs) this.#byRef.set(`${asset.asset.name}@${key}`, out);
    const tries = jobs.length === 1 ? TRIES_ALONE : TRIES_TOGETHER;
    const assignment = assignmentOf(stage, this.#planningOf(stage), batch);
    try {
      await this.#options.queue.send(id, assignment, tries);
      out.isSent = true;
    } catch (error) {
      this.#rest(about, error);
    }
    await out.ended.promise;
  }

  /** The queue is a hint and no more: without it the run makes by itself what no worker has at work, and asks again later. */
  #rest(about: SpreadStage, error: unknown): void {
    const {stage} = about;
    this.#restsUntil = performance.now() + REST_MS;
    for (const id of [...this.#out.keys()]) this.#putBack(about, id, 'unheard');
    if (this.#workers === 0) return;
    const why = error instanceof Error ? error.message : String(error);
    this.#options.warn(`Nothing is handed out for now: the queue of work cannot be asked (${why}).`);
    this.#workers = 0;
    const others = stage.ledger.crew().filter(({role}) => role === 'worker').length;
    stage.emit({kind: 'spreading', at: stage.clock(), workers: 0, others});
  }

  #planningOf({frame}: Stage): number {
    if (this.#planning.frame !== frame) this.#planning = {frame, count: this.#planning.count + 1};
    return this.#planning.count;
  }

  /** Hears who is there and what has ended. `isGoing`: whether anything more is to be handed out. */
  async turn(about: SpreadStage, isGoing: boolean): Promise<void> {
    const {stage} = about;
    if (performance.now() < this.#restsUntil) return;
    try {
      if (stage.cancel.aborted) await this.#leave(about);
      else await this.#look(about, isGoing);
    } catch (error) {
      // What the ledger says against it ends the run.
      if (error instanceof LedgerError) throw error;
      this.#rest(about, error);
    }
  }

  async #look(about: SpreadStage, isGoing: boolean): Promise<void> {
    const {stage, claims} = about;
    if (performance.now() - this.#lookedAt < Math.min(LOOK_MS, stage.pulse.beatMs)) {
      if (this.#out.size > 0) this.#hearEnded(stage);
      return;
    }
    this.#lookedAt = performance.now();
    claims.buryDead(stage);
    this.#count(stage);
    // The ledger is read after the queue: what a job that has ended came to is known by then.
    const sent = [...this.#out].flatMap(([id, {isSent}]) => (isSent ? [id] : []));
    const fates = await this.#options.queue.look(sent);
    this.#hearEnded(stage);
    for (const fate of fates) await this.#judge(about, fate);
    if (isGoing && this.#workers !== 0) return;
    // Nobody is there to take them, or nobody is to.
    const waiting = fates.filter(({id, state}) => state === 'waiting' && this.#out.has(id));
    await this.#options.queue.withdraw(waiting.map(({id}) => id));
    for (const {id} of waiting) this.#putBack(about, id, 'unmade');
  }

  /** Waits for nothing any more: workers finish what they have, and the ledger hears of it. */
  abandon(about: SpreadStage): void {
    for (const id of [...this.#out.keys()]) this.#putBack(about, id, 'unmade');
  }

  async #leave(about: SpreadStage): Promise<void> {
    const ids = [...this.#out.keys()];
    this.abandon(about);
    const fates = await this.#options.queue.look(ids);
    await this.#options.queue.withdraw(fates.filter(({state}) => state === 'waiting').map(({id}) => id));
  }

  #count(stage: Stage): void {
    const crew = stage.ledger.crew().filter(({role}) => role === 'worker');
    const workers = crew.filter(({identity}) => identity === this.#options.identity).length;
    if (workers === this.#workers) return;
    this.#workers = workers;
    stage.emit({kind: 'spreading', at: stage.clock(), workers, others: crew.length - workers});
  }

  #hearEnded(stage: Stage): void {
    const {last, attempts} = stage.ledger.attemptsOfRunAfter(stage.run, this.#after);
    this.#after = last;
    // A worker that is told to end cancels what it has at work; this run has not.
    const ended = attempts.filter(({worker, outcome}) => worker !== undefined && outcome !== 'cancelled');
    if (ended.length === 0) return;
    // Of versions all is known by then that there was when these were read.
    hearNews(stage);
    for (const attempt of ended) this.#end(stage, attempt);
  }

  #end(stage: Stage, {asset, key, outcome, rows, durationMs, error, reasons, endedAt}: AttemptRecord): void {
    const out = this.#byRef.get(`${asset}@${key}`);
    if (out === undefined) return;
    const about = {asset, key, outcome, rows: rows ?? null, durationMs, error: error ?? null, reasons};
    stage.emit({kind: 'partition-ended', at: endedAt, ...about, warnings: []});
    this.#isEnded(out, key);
  }

  #isEnded(out: Out, key: string): void {
    this.#byRef.delete(`${out.batch.asset.asset.name}@${key}`);
    out.open.delete(key);
    if (out.open.size > 0) return;
    this.#out.delete(out.id);
    out.ended.resolve();
  }

  async #judge(about: SpreadStage, fate: JobFate): Promise<void> {
    const out = this.#out.get(fate.id);
    if (out === undefined) return;
    const at = performance.now();
    switch (fate.state) {
      case 'waiting':
        out.seen = {beat: 0, at};
        return;
      case 'at-work':
        if (out.seen.beat !== fate.beat) out.seen = {beat: fate.beat, at};
        // pg-boss would see it as well, later.
        else if (at - out.seen.at > about.stage.pulse.deadMs) await this.#options.queue.fail(fate, SILENT);
        return;
      case 'failed':
        await this.#giveUp(about, out, fate);
        return;
      case 'done':
      case 'gone':
        this.#putBack(about, fate.id, 'unmade');
        return;
      default:
        unreachable(fate.state);
    }
  }

  /** One of several may be what takes workers down, so each is tried alone. One alone has failed. */
  async #giveUp(about: SpreadStage, out: Out, {error, retryCount}: JobFate): Promise<void> {
    const {stage} = about;
    const {asset, jobs} = out.batch;
    if (jobs.length > 1) {
      this.#out.delete(out.id);
      const parts = [...out.open.values()].map(job => this.make(about, {asset, jobs: [job]}));
      Promise.all(parts).then(() => out.ended.resolve(), out.ended.reject);
      return;
    }
    await settleIntents(stage.ledger, stage, asset.asset.name);
    this.#hearEnded(stage);
    const count = counted(retryCount + 1, 'worker');
    const cause = `${count} that had it ended before it was made; of the last one: ${error ?? SILENT}.`;
    for (const job of [...out.open.values()]) this.#fail(stage, out, job, cause);
  }

  /** What was not made after all, or nobody can say of, is judged anew. */
  #putBack({stage, schedule}: SpreadStage, id: string, why: 'unmade' | 'unheard'): void {
    const out = this.#out.get(id);
    if (out === undefined) return;
    const {asset} = out.batch;
    for (const job of [...out.open.values()]) {
      const ref = `${asset.asset.name}@${job.key}`;
      const returns = (this.#returns.get(ref) ?? 0) + (why === 'unmade' ? 1 : 0);
      this.#returns.set(ref, returns);
      if (returns > MOST_RETURNS)
        this.#fail(stage, out, job, `It came back ${returns} times unmade, and no worker said why.`);
      else {
        schedule.putBack(asset, job);
        this.#isEnded(out, job.key);
      }
    }
  }

  #fail(stage: Stage, out: Out, job: Job, error: string): void {
    const {asset} = out.batch;
    const result = {outcome: 'failed' as const, error};
    const results = new Map([[job.ordinal, result]]);
    finish(stage, {batch: {asset, jobs: [job]}, results, begun: begin(stage)});
    this.#isEnded(out, job.key);
  }
}

function assignmentOf(
  {run, frame, acceptCalendar}: Stage,
  planning: number,
  {asset, jobs}: Batch,
): Assignment {
  return {
    run,
    planning,
    now: frame.now,
    acceptCalendar,
    asset: asset.asset.name,
    fingerprint: asset.fingerprint.hash,
    partitions: jobs.map(({key, reasons}) => ({key, reasons})),
  };
}
