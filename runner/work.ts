/**
 * Works off a schedule: starts what is ready while there is room, waits, and starts again, until nothing is left that
 * could be made here. It decides neither what is ready (schedule.ts) nor who may make it (claims.ts).
 */
import {setTimeout as pause} from 'node:timers/promises';
import {counted} from '../planner/amount.ts';
import type {AssetFrame} from '../planner/frame.ts';
import type {Outcome} from '../planner/ledger.ts';
import type {AssetName} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';
import type {Claims} from './claims.ts';
import {type Door, POLL_MS} from './door.ts';
import {finishUntried} from './finish.ts';
import {JointWrites} from './joint-writes.ts';
import {makeExports} from './make-export.ts';
import {makeFiles} from './make-files.ts';
import {makeTable} from './make-table.ts';
import {observe} from './observe.ts';
import type {Batch, Job, Schedule, Untried} from './schedule.ts';
import type {Slots} from './slots.ts';
import type {Spread} from './spread.ts';
import type {Stage} from './workshop.ts';

export interface WorkOptions {
  readonly stage: Stage;
  readonly schedule: Schedule;
  readonly door: Door;
  readonly claims: Claims;
  /** Of the run: what it holds in use is told of it while it is at work. */
  readonly slots: Slots;
  /** By `asset@key`: kept by whoever hears the stage's events. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Hands to others what they can make. */
  readonly spread?: Spread | undefined;
  /** Brings more to do while this goes on. */
  readonly intake?: Intake | undefined;
}

/** Where more comes from. */
export interface Intake {
  /** Takes in what has come as far as there is room; whether more may come. */
  turn(schedule: Schedule): Promise<boolean>;
}

/** Faults that were no partition's, and what was at work when they struck. */
export interface WorkResult {
  readonly faults: readonly unknown[];
  readonly unmade: readonly Untried[];
}

export function workOff(options: WorkOptions): Promise<WorkResult> {
  return new Work(options).follow();
}

/** In the span of a batch; all of a batch of thousands would be too much for it. */
const KEYS_SHOWN = 20;

class Work {
  readonly #options: WorkOptions;
  readonly #slots: Slots;
  readonly #writes: JointWrites;
  readonly #running = new Set<Promise<void>>();
  readonly #faults: unknown[] = [];
  readonly #unmade: Untried[] = [];

  constructor(options: WorkOptions) {
    this.#options = options;
    this.#slots = options.slots;
    this.#writes = new JointWrites(options.stage);
  }

  async follow(): Promise<WorkResult> {
    const {stage, schedule, door} = this.#options;
    let idleSince: number | undefined;
    for (;;) {
      let isOpen = false;
      const wasBusy = this.#running.size > 0;
      try {
        isOpen = await this.#turn();
      } catch (error) {
        this.#faults.push(error);
      }
      const isHeldUp = this.#isGoing && (schedule.hasAside || (!door.isOpen && schedule.hasReady(isTable)));
      if (this.#running.size === 0) {
        // What was handed out may have ended in this very turn: what it makes ready is started by the next.
        if (wasBusy) continue;
        if (!isHeldUp && !isOpen) break;
        idleSince = isHeldUp ? (idleSince ?? performance.now()) : undefined;
        if (idleSince !== undefined && performance.now() - idleSince > door.patienceMs) {
          finishUntried(
            stage,
            schedule.endHeld((asset, key) => this.#holderOf(asset, key)),
          );
          continue;
        }
      } else idleSince = undefined;
      const isPolled = isHeldUp || isOpen || door.isOpen || this.#options.spread?.isWaiting === true;
      await wait(this.#running, isPolled ? POLL_MS : undefined, stage.stop);
      schedule.takeUp();
    }
    return {faults: this.#faults, unmade: this.#unmade};
  }

  get #isGoing(): boolean {
    return this.#faults.length === 0 && !this.#options.stage.stop.aborted;
  }

  /** Starts all that may start now; whether more may come from elsewhere. */
  async #turn(): Promise<boolean> {
    const {stage, schedule, claims, door, intake} = this.#options;
    await this.#hearOthers();
    const before = schedule.openCount;
    const isOpen = this.#isGoing && (await intake?.turn(schedule)) === true;
    // What has come may read what others have made since.
    if (this.#isGoing) claims.catchUp(stage, {atOnce: schedule.openCount > before});
    // What hangs on a partition that a fault or an interrupt stopped has no failed input: it is cancelled with the rest.
    if (this.#isGoing) finishUntried(stage, schedule.settle());
    if (this.#slots.batches > 0) door.worked();
    else if (!schedule.hasReady(this.#isOwnTable) || door.isAskedFor) await door.rest();
    while (this.#isGoing) {
      const hasSpread = this.#handOut();
      const hasTables = !door.isAskedFor && schedule.hasReady(this.#isOwnTable);
      if (hasTables) await door.tryOpen(stage.frame);
      const hasFetched = await this.#admit(this.#take(isFetch));
      const canBatch = door.isOpen && !door.isAskedFor;
      const hasBatched = await this.#admit(canBatch ? this.#take(isTable, 1) : []);
      if (!hasSpread && !hasFetched && !hasBatched) break;
    }
    return isOpen;
  }

  readonly #isOwnTable = (asset: AssetFrame): boolean => isTable(asset) && !this.#isForOthers(asset);

  #isForOthers(asset: AssetFrame): boolean {
    return this.#options.spread?.takes(this.#options, asset) === true;
  }

  /** What became of what was handed out. Where that cannot be heard any more, nobody waits for it. */
  async #hearOthers(): Promise<void> {
    const {spread} = this.#options;
    try {
      await spread?.turn(this.#options, this.#isGoing);
    } catch (error) {
      spread?.abandon(this.#options);
      throw error;
    }
  }

  /** Whether anything was handed to others. */
  #handOut(): boolean {
    const {schedule, spread} = this.#options;
    if (spread === undefined) return false;
    const batch = schedule.take({
      hasRoom: each => this.#isForOthers(each) && spread.hasRoom(each),
      load: () => 0,
      isBusy: this.#running.size > 0,
      least: (asset, ready) => spread.least(asset, ready),
    });
    if (batch === undefined) return false;
    this.#follow(batch, () => spread.make(this.#options, batch));
    return true;
  }

  /** The next batches, as many as there is room for, and at most so many. Each has its place from here on. */
  #take(isMeant: (asset: AssetFrame) => boolean, most = Number.POSITIVE_INFINITY): readonly Batch[] {
    const all: Batch[] = [];
    while (all.length < most) {
      const batch = this.#options.schedule.take({
        hasRoom: each => isMeant(each) && !this.#isForOthers(each) && this.#slots.hasRoom(each.asset),
        load: each => this.#slots.load(each.asset),
        isBusy: this.#running.size > 0,
      });
      if (batch === undefined) break;
      this.#slots.begin(batch.asset.asset);
      all.push(batch);
    }
    return all;
  }

  /**
   * Whether anything changed: a batch began, or turned out to be held, or is to be judged anew. All of one asset are
   * claimed with one question.
   */
  async #admit(taken: readonly Batch[]): Promise<boolean> {
    const {stage, schedule, claims} = this.#options;
    const left = new Set(taken);
    try {
      for (const [asset, own] of Map.groupBy(taken, each => each.asset)) {
        const admission = await claims.admit(stage, {asset, jobs: own.flatMap(({jobs}) => jobs)});
        // The frame has changed, also for those that were not asked for yet.
        if (admission === undefined) break;
        schedule.putAside({asset, jobs: admission.held});
        const jobs = new Set(admission.jobs);
        for (const batch of own) {
          left.delete(batch);
          this.#start({asset, jobs: batch.jobs.filter(job => jobs.has(job))});
        }
      }
    } finally {
      // After a fault it is cancelled with the rest.
      for (const batch of left) {
        schedule.giveBack(batch);
        this.#slots.end(batch.asset.asset);
      }
    }
    if (left.size > 0) finishUntried(stage, schedule.settle());
    return taken.length > 0;
  }

  #start(batch: Batch): void {
    const {asset} = batch.asset;
    if (batch.jobs.length === 0) this.#slots.end(asset);
    else this.#follow(batch, () => this.#made(batch).finally(() => this.#slots.end(asset)));
  }

  #follow(batch: Batch, making: () => Promise<void>): void {
    const {stage, schedule, outcomes} = this.#options;
    const {asset, jobs} = batch;
    const {name} = asset.asset;
    stage.emit({kind: 'batch-started', at: stage.clock(), asset: name, keys: jobs.map(({key}) => key)});
    const own = (): readonly Job[] => jobs.filter(job => !schedule.isPutBack(job));
    const work = making()
      .catch((error: unknown) => {
        this.#faults.push(error);
        for (const {ordinal, key, reasons} of own()) {
          if (!outcomes.has(`${name}@${key}`))
            this.#unmade.push({asset, ordinal, outcome: 'cancelled', reasons});
        }
      })
      .finally(() => {
        this.#running.delete(work);
        for (const {ordinal, key} of own())
          schedule.end(asset, ordinal, isGood(outcomes.get(`${name}@${key}`)));
      });
    this.#running.add(work);
  }

  #made(batch: Batch): Promise<void> {
    const {stage, outcomes} = this.#options;
    const {asset, jobs} = batch;
    const {name} = asset.asset;
    const attributes = {
      'gameplan.asset': name,
      'gameplan.partitions': jobs.length,
      'gameplan.keys': jobs.slice(0, KEYS_SHOWN).map(({key}) => key),
    };
    return stage.trace.span({name: `make ${name}`, attributes}, async span => {
      await make(stage, batch, this.#writes);
      const bad = jobs.filter(({key}) => isFailure(outcomes.get(`${name}@${key}`))).length;
      if (bad > 0) span.fail(`${counted(bad, 'partition')} of ${jobs.length} failed or held back`);
    });
  }

  /** Who holds a partition, or the warehouse that it needs. */
  #holderOf(asset: AssetName, key: string): string {
    const {claims, stage, door} = this.#options;
    return claims.holderOf(stage, asset, key) ?? door.refusal?.holder ?? 'another process';
  }
}

export function isFetch({asset}: AssetFrame): boolean {
  return asset.making.kind === 'files';
}

/** What needs the warehouse. */
function isTable(asset: AssetFrame): boolean {
  return !isFetch(asset);
}

export function isGood(outcome: Outcome | undefined): boolean {
  return outcome === 'succeeded' || outcome === 'unchanged' || outcome === 'not-needed';
}

/** Until something at work ends or the time is over; a run that is stopped just now looks at once what is left. */
async function wait(
  running: ReadonlySet<Promise<void>>,
  ms: number | undefined,
  stop: AbortSignal,
): Promise<void> {
  const woken = new AbortController();
  const signal = stop.aborted ? woken.signal : AbortSignal.any([woken.signal, stop]);
  const timer = ms === undefined ? [] : [pause(ms, undefined, {signal}).catch(() => undefined)];
  try {
    await Promise.race([...running, ...timer]);
  } finally {
    woken.abort();
  }
}

function make(stage: Stage, batch: Batch, writes: JointWrites): Promise<void> {
  switch (batch.asset.asset.making.kind) {
    case 'files':
      return makeFiles(stage, batch, writes);
    case 'rows':
    case 'sources':
    case 'sql':
      return makeTable(stage, batch);
    case 'export':
      return makeExports(stage, batch, writes);
    case 'external-table':
    case 'external-objects':
      return observe(stage, batch);
    default:
      return unreachable(batch.asset.asset.making);
  }
}

/** Failed, or held back by a check. */
export function isFailure(outcome: Outcome | undefined): boolean {
  return outcome === 'failed' || outcome === 'quarantined';
}
