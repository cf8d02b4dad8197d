/**
 * What a run has come to so far, gathered from its events: a pure reader, one event at a time.
 * It does not print (print-progress.ts) and reads no clock: every event carries its time.
 */

import {causeOf, likeness} from '../planner/alike.ts';
import type {Outcome} from '../planner/ledger.ts';
import type {Reason} from '../planner/reason.ts';
import {withoutTold} from '../planner/sources-told.ts';
import {unreachable} from '../planner/unreachable.ts';
import type {Event, OutcomeCounts} from '../runner/event.ts';

/** Partitions of one asset that ended badly for one cause. */
export interface Failure {
  readonly asset: string;
  readonly outcome: 'failed' | 'quarantined';
  /** As the first of them said it. */
  readonly error: string;
  readonly keys: readonly string[];
}

/** Partitions of one asset that were passed over for one reason. */
export interface Skip {
  readonly asset: string;
  readonly reasons: readonly Reason[];
  readonly keys: readonly string[];
}

export interface Warning {
  readonly asset: string;
  readonly message: string;
  readonly keys: readonly string[];
}

export interface Progress {
  readonly run: string;
  readonly startedAt: number;
  readonly requested: number;
  readonly done: number;
  /** Outcomes by asset, in the order in which assets first ended something. */
  readonly assets: ReadonlyMap<string, Readonly<Partial<Record<Outcome, number>>>>;
  /** Keys at work by asset. */
  readonly active: ReadonlyMap<string, ReadonlySet<string>>;
  /** By asset: since when something of it is at work, without a pause. */
  readonly since: ReadonlyMap<string, number>;
  readonly retrying: ReadonlyMap<string, string>;
  readonly failures: readonly Failure[];
  readonly skips: readonly Skip[];
  readonly warnings: readonly Warning[];
  readonly interrupted: 0 | 1 | 2;
  readonly ended: {readonly counts: OutcomeCounts; readonly durationMs: number} | undefined;
  /** Partitions done per second of late; undefined until it can be told. */
  readonly rate: number | undefined;
}

/** Over how long the rate is taken, in milliseconds. */
const WINDOW_MS = 15_000;

/** Gathers events. `progress` is the same object, brought forward: thousands of events a second pass through. */
export class ProgressReader {
  #run = '';
  #startedAt = 0;
  #requested = 0;
  #done = 0;
  readonly #assets = new Map<string, Partial<Record<Outcome, number>>>();
  readonly #active = new Map<string, Set<string>>();
  readonly #since = new Map<string, number>();
  readonly #retrying = new Map<string, string>();
  /** `asset@key`. */
  readonly #failed = new Set<string>();
  readonly #failures = new Map<string, Told<Omit<Failure, 'keys'>>>();
  readonly #skips = new Map<string, Told<Omit<Skip, 'keys'>>>();
  readonly #warnings = new Map<string, Told<Omit<Warning, 'keys'>>>();
  #interrupted: 0 | 1 | 2 = 0;
  #ended: Progress['ended'];
  /** When `done` had which value, once a second at most. */
  readonly #samples: {readonly at: number; readonly done: number}[] = [];

  /** Empty until a run has begun. */
  get run(): string {
    return this.#run;
  }

  read(event: Event): void {
    switch (event.kind) {
      case 'run-started':
        this.#run = event.run;
        this.#startedAt = event.at;
        this.#requested = event.requested;
        return;
      case 'replanned':
        this.#requested = event.requested;
        return;
      case 'batch-started':
        this.#start(event);
        return;
      case 'retrying':
        this.#retrying.set(event.asset, `${event.key}: ${event.error}`);
        return;
      case 'partition-ended':
        this.#end(event);
        return;
      case 'waiting':
      case 'spreading':
        return;
      case 'interrupted':
        this.#interrupted = event.times;
        return;
      case 'run-ended':
        this.#ended = {counts: event.counts, durationMs: event.durationMs};
        return;
      default:
        unreachable(event);
    }
  }

  #start({asset, keys, at}: Extract<Event, {kind: 'batch-started'}>): void {
    if (!this.#since.has(asset)) this.#since.set(asset, at);
    const active = this.#active.get(asset) ?? new Set();
    for (const key of keys) active.add(key);
    this.#active.set(asset, active);
  }

  #end(event: Extract<Event, {kind: 'partition-ended'}>): void {
    const {asset, key, outcome} = event;
    this.#done += 1;
    const counts = this.#assets.get(asset) ?? {};
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    this.#assets.set(asset, counts);
    const active = this.#active.get(asset);
    active?.delete(key);
    if (active?.size === 0) {
      this.#active.delete(asset);
      this.#since.delete(asset);
    }
    this.#retrying.delete(asset);
    if (outcome === 'failed' || outcome === 'quarantined') {
      const error = withoutTold(event.error ?? 'no cause was given', this.#failed);
      this.#failed.add(`${asset}@${key}`);
      add(this.#failures, `${asset} ${outcome} ${causeOf(error)}`, key, {asset, outcome, error});
    }
    if (outcome === 'skipped') {
      const like = event.reasons.map(likeness).join('|');
      add(this.#skips, `${asset} ${like}`, key, {asset, reasons: event.reasons});
    }
    for (const message of event.warnings)
      add(this.#warnings, `${asset} ${causeOf(message)}`, key, {asset, message});
    this.#sample(event.at);
  }

  #sample(at: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && at - last.at < 1000) return;
    this.#samples.push({at, done: this.#done});
    while (this.#samples.length > 2 && at - (this.#samples[0]?.at ?? at) > WINDOW_MS) this.#samples.shift();
  }

  progressAt(now: number): Progress {
    return {
      run: this.#run,
      startedAt: this.#startedAt,
      requested: this.#requested,
      done: this.#done,
      assets: this.#assets,
      active: this.#active,
      since: this.#since,
      retrying: this.#retrying,
      failures: listOf(this.#failures),
      skips: listOf(this.#skips),
      warnings: listOf(this.#warnings),
      interrupted: this.#interrupted,
      ended: this.#ended,
      rate: this.#rateAt(now),
    };
  }

  #rateAt(now: number): number | undefined {
    const from = this.#samples.find(({at}) => now - at <= WINDOW_MS) ?? this.#samples.at(-1);
    if (from === undefined) return undefined;
    const since = from === this.#samples[0] ? {at: this.#startedAt, done: 0} : from;
    const elapsed = now - since.at;
    return elapsed < 500 ? undefined : ((this.#done - since.done) * 1000) / elapsed;
  }
}

/** The same with its assets in the order of the pipeline instead of that in which they first ended something. */
export function inOrder(progress: Progress, rank: (asset: string) => number): Progress {
  const byRank = <T extends {readonly asset: string}>(all: readonly T[]): readonly T[] =>
    all.toSorted((one, other) => rank(one.asset) - rank(other.asset));
  return {
    ...progress,
    assets: new Map([...progress.assets].toSorted(([one], [other]) => rank(one) - rank(other))),
    failures: byRank(progress.failures),
    skips: byRank(progress.skips),
    warnings: byRank(progress.warnings),
  };
}

/** Said once, of many keys. */
interface Told<T> {
  readonly about: T;
  readonly keys: string[];
}

function add<T>(found: Map<string, Told<T>>, id: string, key: string, about: T): void {
  const entry = found.get(id);
  if (entry === undefined) found.set(id, {about, keys: [key]});
  else entry.keys.push(key);
}

function listOf<T>(found: ReadonlyMap<string, Told<T>>): readonly (T & {readonly keys: readonly string[]})[] {
  return [...found.values()].map(({about, keys}) => ({...about, keys}));
}
