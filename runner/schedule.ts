/**
 * The order of a run: which planned partitions may start now, and which end without being made. Each waits for its
 * own inputs alone; nothing waits for a whole table but what its asset asked for with `batch: season`.
 * It starts nothing itself (execute.ts).
 */

import {digestsOf} from '../planner/digest.ts';
import {type AssetFrame, type Frame, frameOf, isSameKey, isValid, keyAt, stateAt} from '../planner/frame.ts';
import {hexAt} from '../planner/hash.ts';
import type {AssetName, PartitionKey} from '../planner/pipeline.ts';
import type {PlannedPartition} from '../planner/plan.ts';
import type {Reason} from '../planner/reason.ts';
import {judge, PROGRESS} from '../planner/satisfy.ts';
import {wasTriedWith} from '../planner/tried.ts';
import {ordinalsRead, sumOver} from '../planner/window.ts';

/** A partition that is to be made, with the digest of what it will read. */
export interface Job {
  readonly ordinal: number;
  readonly key: PartitionKey;
  readonly digest: string;
  readonly reasons: readonly Reason[];
}

/** Partitions of one asset that one statement, or one staging, makes. */
export interface Batch {
  readonly asset: AssetFrame;
  readonly jobs: readonly Job[];
}

/** Partitions that end without being tried. */
export interface Untried {
  readonly asset: AssetFrame;
  readonly ordinal: number;
  readonly outcome: 'not-needed' | 'skipped' | 'cancelled';
  readonly reasons: readonly Reason[];
}

interface Waiting {
  readonly planned: PlannedPartition;
}

export class Schedule {
  readonly #frame: Frame;
  readonly #progress: Map<AssetName, Uint8Array>;
  /** Not started, by asset and ordinal, ascending. */
  readonly #waiting = new Map<AssetName, Map<number, Waiting>>();
  /** Ready and judged, not yet handed out. */
  readonly #ready = new Map<AssetName, Map<number, Job>>();
  readonly #dirty = new Set<AssetName>();
  readonly #downstream = new Map<AssetName, AssetName[]>();

  constructor(
    frame: Frame,
    planned: readonly PlannedPartition[],
    progress: ReadonlyMap<AssetName, Uint8Array>,
  ) {
    this.#frame = frame;
    this.#progress = new Map([...progress].map(([name, stages]) => [name, stages.slice()]));
    for (const partition of planned) {
      if (partition.action !== 'run' && partition.action !== 'run-if') continue;
      const ordinal = frameOf(frame, partition.asset).ordinalOf.get(partition.key);
      if (ordinal === undefined)
        throw new Error(`Internal error: ${partition.asset}@${partition.key} is not declared`);
      const waiting = this.#waiting.get(partition.asset) ?? new Map<number, Waiting>();
      waiting.set(ordinal, {planned: partition});
      this.#waiting.set(partition.asset, waiting);
      this.#dirty.add(partition.asset);
    }
    for (const {asset, edges} of frame.assets.values()) {
      for (const {upstream} of edges) {
        const list = this.#downstream.get(upstream.asset.name) ?? [];
        list.push(asset.name);
        this.#downstream.set(upstream.asset.name, list);
      }
    }
  }

  /** Marks the end of a partition; what reads it is looked at again. */
  end(asset: AssetFrame, ordinal: number, isGood: boolean): void {
    const stages = this.#progress.get(asset.asset.name);
    if (stages !== undefined) stages[ordinal] = isGood ? PROGRESS.done : PROGRESS.failed;
    for (const name of this.#downstream.get(asset.asset.name) ?? []) this.#dirty.add(name);
  }

  /** Judges what has become ready. Partitions that need not or cannot be made are returned and ended here. */
  settle(): readonly Untried[] {
    const untried: Untried[] = [];
    // In topological order, so that one pass reaches the end of a chain of partitions that need not be made.
    for (const [name, asset] of this.#frame.assets) {
      while (this.#dirty.delete(name)) {
        for (const item of this.#settleAsset(asset)) {
          untried.push(item);
          this.end(asset, item.ordinal, item.outcome === 'not-needed');
        }
      }
    }
    return untried;
  }

  #settleAsset(asset: AssetFrame): readonly Untried[] {
    const waiting = this.#waiting.get(asset.asset.name);
    if (waiting === undefined || waiting.size === 0) return [];
    const candidates = [...waiting.keys()];
    const pending = this.#pendingInputs(asset, candidates);
    const ready = candidates.filter((_, index) => pending[index] === 0);
    if (ready.length === 0) return [];
    const verdicts = judge(asset, ready, this.#progress);
    const digests = digestsOf(asset, ready);
    const jobs = this.#ready.get(asset.asset.name) ?? new Map<number, Job>();
    this.#ready.set(asset.asset.name, jobs);
    const untried: Untried[] = [];
    ready.forEach((ordinal, index) => {
      const planned = waiting.get(ordinal)?.planned;
      waiting.delete(ordinal);
      if (planned === undefined) return;
      const digest = hexAt(digests, index);
      const waits = verdicts[index]?.waits ?? [];
      if (isNotNeeded(asset, ordinal, digest, planned)) {
        untried.push({asset, ordinal, outcome: 'not-needed', reasons: planned.reasons});
      } else if (waits.length > 0) {
        untried.push({asset, ordinal, outcome: 'skipped', reasons: waits});
      } else jobs.set(ordinal, {ordinal, key: keyAt(asset, ordinal), digest, reasons: planned.reasons});
    });
    return untried;
  }

  /** For each candidate: how many planned inputs have not ended. */
  #pendingInputs(asset: AssetFrame, candidates: readonly number[]): Float64Array {
    const total = new Float64Array(candidates.length);
    for (const {upstream, reads} of asset.edges) {
      const stages = this.#progress.get(upstream.asset.name);
      if (stages?.includes(PROGRESS.planned) !== true) continue;
      const sums = sumOver(reads, i => (stages[i] === PROGRESS.planned ? 1 : 0), candidates);
      for (let i = 0; i < total.length; i++) total[i] = (total[i] ?? 0) + (sums[i] ?? 0);
    }
    return total;
  }

  /** The batch to start next among the assets that `isWanted`: oldest key first, then topological order. */
  take(isWanted: (asset: AssetFrame) => boolean): Batch | undefined {
    let best: {readonly asset: AssetFrame; readonly jobs: readonly Job[]} | undefined;
    for (const [name, jobs] of this.#ready) {
      const asset = frameOf(this.#frame, name);
      if (jobs.size === 0 || !isWanted(asset)) continue;
      const batch = this.#nextBatch(asset, jobs);
      if (batch === undefined) continue;
      if (best === undefined || isEarlier({asset, jobs: batch}, best)) best = {asset, jobs: batch};
    }
    if (best === undefined) return undefined;
    const jobs = this.#ready.get(best.asset.asset.name);
    for (const {ordinal} of best.jobs) jobs?.delete(ordinal);
    return best;
  }

  #nextBatch(asset: AssetFrame, jobs: ReadonlyMap<number, Job>): readonly Job[] | undefined {
    const {batch} = asset.asset;
    const sorted = [...jobs.values()].sort((a, b) => a.ordinal - b.ordinal);
    if (batch.kind === 'keys') return sorted.slice(0, batch.count);
    const seasonOf = (ordinal: number): number =>
      asset.asset.partitioning.kind === 'date' ? (asset.calendar?.seasonOf[ordinal] ?? 0) : 0;
    const held = new Set([...(this.#waiting.get(asset.asset.name)?.keys() ?? [])].map(seasonOf));
    const first = sorted.find(({ordinal}) => !held.has(seasonOf(ordinal)));
    if (first === undefined) return undefined;
    return sorted.filter(({ordinal}) => seasonOf(ordinal) === seasonOf(first.ordinal));
  }

  /** Ends all that has not started. */
  cancelRest(): readonly Untried[] {
    const rest: Untried[] = [];
    for (const [name, waiting] of this.#waiting) {
      const asset = frameOf(this.#frame, name);
      for (const [ordinal, {planned}] of waiting)
        rest.push({asset, ordinal, outcome: 'cancelled', reasons: planned.reasons});
      waiting.clear();
    }
    for (const [name, jobs] of this.#ready) {
      const asset = frameOf(this.#frame, name);
      for (const {ordinal, reasons} of jobs.values())
        rest.push({asset, ordinal, outcome: 'cancelled', reasons});
      jobs.clear();
    }
    for (const {asset, ordinal} of rest) this.end(asset, ordinal, false);
    return rest;
  }
}

function isEarlier(one: Batch, other: Batch): boolean {
  const key = ({jobs}: Batch): string => jobs[0]?.key ?? '';
  return key(one) < key(other);
}

/**
 * Whether what was planned turns out to be up to date: the inputs came out as they were when it was last made. A
 * partition that was planned for another reason than its inputs (forced, on the clock) is made all the same.
 */
function isNotNeeded(asset: AssetFrame, ordinal: number, digest: string, planned: PlannedPartition): boolean {
  if (asset.published[ordinal] === 0) {
    return (
      planned.action === 'run-if' && (!arePassed(asset, ordinal) || wasTriedWith(asset, ordinal, digest))
    );
  }
  const isByInputs = planned.action === 'run-if' || stateAt(asset, ordinal) === 'stale';
  const isAsked = planned.reasons.some(({kind}) => kind === 'forced' || kind === 'refresh');
  if (!isByInputs || isAsked) return false;
  const {record, row, fingerprint} = asset;
  const at = row[ordinal] ?? -1;
  if (record === undefined || at < 0) return false;
  const was = record.fingerprints[record.fingerprint[at] ?? 0];
  return was?.hash === fingerprint.hash && hexAt(record.digest, at) === digest;
}

/** Whether the same-key inputs of an accepted gap are there after all, so that it may be filled. */
function arePassed(asset: AssetFrame, ordinal: number): boolean {
  return asset.edges
    .filter(({edge}) => edge.required && isSameKey(edge))
    .every(({upstream, reads}) => ordinalsRead(reads, ordinal).every(i => isValid(upstream, i)));
}
