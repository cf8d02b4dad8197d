/**
 * The order of a run: which planned partitions may start now, and which end without being made. Each waits for its
 * own inputs alone; nothing waits for a whole table but what its asset asked for with `batch: season`.
 * It starts nothing itself (work.ts), nor does it judge whether a partition needs to be made at all (not-needed.ts).
 */
import {digestsOf, triedDigestsOf} from '../planner/digest.ts';
import {engineOf} from '../planner/engine.ts';
import {type AssetFrame, type Frame, frameOf, keyAt} from '../planner/frame.ts';
import {hexAt} from '../planner/hash.ts';
import type {AssetName, PartitionKey} from '../planner/pipeline.ts';
import type {PlannedPartition} from '../planner/plan.ts';
import type {Quality} from '../planner/quality.ts';
import type {Reason} from '../planner/reason.ts';
import {judge, PROGRESS} from '../planner/satisfy.ts';
import {parkedReason} from '../planner/want.ts';
import {ordinalsRead, sumOver} from '../planner/window.ts';
import type {PartitionRow} from './ledger-row.ts';
import {type Inputs, isNotNeeded} from './not-needed.ts';
import {ReadyJobs} from './ready.ts';
import type {Demand} from './workshop.ts';

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

/** What a published partition was made from: hashes. */
interface Made {
  readonly fingerprint: string;
  readonly digest: string;
}

/** Which keys come first where several are ready. */
export type Order = 'oldest' | 'newest';

export interface TakeRequest {
  readonly hasRoom: (asset: AssetFrame) => boolean;
  readonly load: (asset: AssetFrame) => number;
  /** Whether anything is at work, so that what is waited for may come. */
  readonly isBusy: boolean;
  /** How many partitions of an asset are taken at least where there are so many; its own batch where nothing is said. */
  readonly least?: (asset: AssetFrame, ready: number) => number;
}

export interface ScheduleOptions {
  /** Undefined: gates are not kept. */
  readonly gates: Quality | undefined;
  readonly order: Order;
  /** Whether a published partition has come to be protected since the plan was made. */
  readonly keptSince?: ((asset: AssetFrame, ordinal: number) => boolean) | undefined;
}

/** A slow site must not keep readers from what is there already. */
const LONGEST_GATHERING_MS = 300_000;

export class Schedule implements Demand {
  readonly #frame: Frame;
  readonly #gates: Quality | undefined;
  readonly #progress: Map<AssetName, Uint8Array>;
  /** Not started, by asset and ordinal, ascending. */
  readonly #waiting = new Map<AssetName, Map<number, PlannedPartition>>();
  /** Ready and judged, not yet handed out. */
  readonly #ready = new Map<AssetName, ReadyJobs>();
  /** To be made if somebody asks for it, and not asked for; by asset and ordinal. */
  readonly #onDemand = new Map<AssetName, Map<number, PlannedPartition>>();
  readonly #planned = new Map<AssetName, Map<number, PlannedPartition>>();
  readonly #putBack = new WeakSet<Job>();
  /** Ready, and held by other runs. */
  readonly #aside = new Map<AssetName, Map<number, Job>>();
  /** What other runs have recorded since the plan: the definition and the inputs of what is published. */
  readonly #recorded = new Map<AssetName, Map<number, Made>>();
  readonly #order: Order;
  readonly #isPatient: boolean;
  readonly #keptSince: ScheduleOptions['keptSince'];
  #isBehind = false;
  readonly #dirty = new Set<AssetName>();
  readonly #downstream = new Map<AssetName, AssetName[]>();

  constructor(
    frame: Frame,
    planned: readonly PlannedPartition[],
    progress: ReadonlyMap<AssetName, Uint8Array>,
    {gates, order, keptSince}: ScheduleOptions,
  ) {
    this.#keptSince = keptSince;
    this.#frame = frame;
    this.#gates = gates;
    this.#order = order;
    this.#isPatient = engineOf(frame.pipeline.target.warehouse).isPatient;
    this.#progress = new Map([...progress].map(([name, stages]) => [name, stages.slice()]));
    for (const partition of planned) {
      if (partition.action !== 'run' && partition.action !== 'run-if') continue;
      const ordinal = this.#plan(partition);
      if (isOnDemand(partition)) put(this.#onDemand, partition.asset, ordinal, partition);
      else this.#await(partition, ordinal);
    }
    for (const {asset, edges} of frame.assets.values()) {
      for (const {upstream} of edges) {
        const list = this.#downstream.get(upstream.asset.name) ?? [];
        list.push(asset.name);
        this.#downstream.set(upstream.asset.name, list);
      }
    }
  }

  /** Takes in more than was planned at first. */
  add(planned: readonly PlannedPartition[]): void {
    for (const partition of planned) this.#await(partition, this.#plan(partition));
  }

  #plan(partition: PlannedPartition): number {
    const ordinal = frameOf(this.#frame, partition.asset).ordinalOf.get(partition.key);
    if (ordinal === undefined)
      throw new Error(`Internal error: ${partition.asset}@${partition.key} is not declared`);
    put(this.#planned, partition.asset, ordinal, partition);
    return ordinal;
  }

  #await(planned: PlannedPartition, ordinal: number): void {
    put(this.#waiting, planned.asset, ordinal, planned);
    this.#dirty.add(planned.asset);
  }

  /**
   * Asks for what a source of a partition's cascade reads, where that is on demand: the partition is put back and waits
   * for it. False where there is nothing to ask for: what there is of that source is all there will be.
   */
  ask(asset: AssetFrame, job: Job, rank: number): boolean {
    const {ordinal} = job;
    const own = asset.edges.filter(({edge}) => edge.source === rank);
    const asked = own.map(({upstream, reads}) => this.#askFor(upstream, ordinalsRead(reads, ordinal)));
    if (!asked.includes(true)) return false;
    this.putBack(asset, job);
    return this.#putBack.has(job);
  }

  isPutBack(job: Job): boolean {
    return this.#putBack.has(job);
  }

  /** A job that was begun and not made after all is judged anew. */
  putBack({asset: {name}}: AssetFrame, job: Job): void {
    const planned = this.#planned.get(name)?.get(job.ordinal);
    if (planned === undefined) return;
    this.#await(planned, job.ordinal);
    this.#putBack.add(job);
  }

  hear({asset: {name}}: AssetFrame, ordinal: number, {published, fingerprint, digest}: PartitionRow): void {
    // What is at work is waited for by whatever reads it, whoever makes it.
    if (!this.#isAtWork(name, ordinal)) this.#isBehind = true;
    if (published) put(this.#recorded, name, ordinal, {fingerprint: fingerprint.hash, digest});
    else this.#recorded.get(name)?.delete(ordinal);
  }

  #isAtWork(name: AssetName, ordinal: number): boolean {
    if (this.#progress.get(name)?.[ordinal] !== PROGRESS.planned) return false;
    const isOpen = [this.#waiting, this.#aside].some(all => all.get(name)?.has(ordinal) === true);
    return !isOpen && this.#ready.get(name)?.has(ordinal) !== true;
  }

  /** What was judged ready is judged anew: others have recorded what it may read, or what it is itself. */
  #reconsider(): void {
    for (const all of [this.#ready, this.#aside]) {
      for (const [name, jobs] of all) {
        for (const {ordinal} of jobs.values()) {
          const planned = this.#planned.get(name)?.get(ordinal);
          if (planned !== undefined) this.#await(planned, ordinal);
        }
        jobs.clear();
      }
    }
    for (const name of this.#waiting.keys()) this.#dirty.add(name);
    this.#isBehind = false;
  }

  /** What was taken and did not start after all is judged anew: others may have made it meanwhile. */
  giveBack({asset: {asset}, jobs}: Batch): void {
    for (const {ordinal} of jobs) {
      const planned = this.#planned.get(asset.name)?.get(ordinal);
      if (planned !== undefined) this.#await(planned, ordinal);
    }
  }

  #readyOf(name: AssetName): ReadyJobs {
    let ready = this.#ready.get(name);
    if (ready === undefined) {
      ready = new ReadyJobs(this.#order);
      this.#ready.set(name, ready);
    }
    return ready;
  }

  /** What was taken and is held by another run: it is not given out until `takeUp`. */
  putAside({asset, jobs}: Batch): void {
    for (const job of jobs) put(this.#aside, asset.asset.name, job.ordinal, job);
  }

  takeUp(): void {
    for (const [name, jobs] of this.#aside) {
      const ready = this.#readyOf(name);
      for (const job of jobs.values()) ready.add(job);
      jobs.clear();
    }
  }

  get hasAside(): boolean {
    return [...this.#aside.values()].some(jobs => jobs.size > 0);
  }

  /** How many have not begun. */
  get openCount(): number {
    const all = [...this.#waiting.values(), ...this.#ready.values(), ...this.#aside.values()];
    return all.reduce((sum, {size}) => sum + size, 0);
  }

  /** Whether partitions are planned that are made only if this asset asks for them. */
  mayAsk({edges}: AssetFrame): boolean {
    return edges.some(({upstream}) => (this.#onDemand.get(upstream.asset.name)?.size ?? 0) > 0);
  }

  hasReady(isWanted: (asset: AssetFrame) => boolean): boolean {
    return [...this.#ready].some(([name, jobs]) => jobs.size > 0 && isWanted(frameOf(this.#frame, name)));
  }

  /** Ends what others hold, or what needs what they hold. */
  endHeld(holderOf: (asset: AssetName, key: PartitionKey) => string): readonly Untried[] {
    this.takeUp();
    const rest: Untried[] = [];
    for (const [name, jobs] of this.#ready) {
      const asset = frameOf(this.#frame, name);
      for (const {ordinal, key} of jobs.values()) {
        const reasons = [{kind: 'leased' as const, holder: holderOf(name, key)}];
        rest.push({asset, ordinal, outcome: 'skipped', reasons});
      }
      jobs.clear();
    }
    for (const {asset, ordinal} of rest) this.end(asset, ordinal, false);
    return rest;
  }

  /** With all that it reads in turn. */
  #askFor(asset: AssetFrame, ordinals: readonly number[]): boolean {
    const {name} = asset.asset;
    const stages = this.#progress.get(name);
    let isAny = false;
    for (const ordinal of ordinals) {
      const planned = this.#onDemand.get(name)?.get(ordinal);
      if (planned === undefined || stages === undefined) continue;
      this.#onDemand.get(name)?.delete(ordinal);
      stages[ordinal] = PROGRESS.planned;
      // Somebody needs it: it is made whatever it was last tried with.
      const wanted: PlannedPartition = {...planned, action: 'run'};
      put(this.#planned, name, ordinal, wanted);
      this.#await(wanted, ordinal);
      for (const {upstream, reads} of asset.edges) this.#askFor(upstream, ordinalsRead(reads, ordinal));
      isAny = true;
    }
    return isAny;
  }

  /** Ends what nobody asked for. */
  endUnasked(): readonly Untried[] {
    const rest: Untried[] = [];
    for (const [name, all] of this.#onDemand) {
      const asset = frameOf(this.#frame, name);
      for (const [ordinal, {reasons}] of all) rest.push({asset, ordinal, outcome: 'not-needed', reasons});
    }
    this.#onDemand.clear();
    return rest;
  }

  /** Marks the end of a partition; what reads it is looked at again. */
  end(asset: AssetFrame, ordinal: number, isGood: boolean): void {
    const stages = this.#progress.get(asset.asset.name);
    if (stages !== undefined) stages[ordinal] = isGood ? PROGRESS.done : PROGRESS.failed;
    for (const name of this.#downstream.get(asset.asset.name) ?? []) this.#dirty.add(name);
  }

  /** Judges what has become ready. Partitions that need not or cannot be made are returned and ended here. */
  settle(): readonly Untried[] {
    if (this.#isBehind) this.#reconsider();
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
    const verdicts = judge(asset, ready, this.#progress, this.#gates);
    const digests = digestsOf(asset, ready);
    const tried = asset.asset.cascade === undefined ? digests : triedDigestsOf(asset, ready);
    const jobs = this.#readyOf(asset.asset.name);
    const untried: Untried[] = [];
    ready.forEach((ordinal, index) => {
      const planned = waiting.get(ordinal);
      waiting.delete(ordinal);
      if (planned === undefined) return;
      const digest = hexAt(tried, index);
      const waits = verdicts[index]?.waits ?? [];
      const isParked = planned.action === 'run-if' && parkedReason(this.#frame, asset, ordinal) !== undefined;
      const inputs = {asset, ordinal, digest: hexAt(digests, index), tried: digest};
      if (isParked || this.#isMadeByOthers(inputs, planned) || isNotNeeded(inputs, planned)) {
        untried.push({asset, ordinal, outcome: 'not-needed', reasons: planned.reasons});
      } else if (this.#keptSince?.(asset, ordinal) === true) {
        untried.push({asset, ordinal, outcome: 'skipped', reasons: [{kind: 'protected'}]});
      } else if (waits.length > 0) {
        untried.push({asset, ordinal, outcome: 'skipped', reasons: waits});
      } else jobs.add({ordinal, key: keyAt(asset, ordinal), digest, reasons: planned.reasons});
    });
    return untried;
  }

  /** Whether another run has made it meanwhile, from the same definition and inputs. */
  #isMadeByOthers({asset, ordinal, digest}: Inputs, {reasons}: PlannedPartition): boolean {
    const made = this.#recorded.get(asset.asset.name)?.get(ordinal);
    if (made === undefined || reasons.some(({kind}) => kind === 'forced')) return false;
    return made.fingerprint === asset.fingerprint.hash && made.digest === digest;
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

  /**
   * The batch to start next among the assets that have room: of the one with the least at work, then the first key in
   * the run's order, then topological order. With `isBusy`, one that may still grow by what is at work waits for that,
   * where its engine would have it so.
   */
  take({hasRoom, load, isBusy, least}: TakeRequest): Batch | undefined {
    let best: {readonly asset: AssetFrame; readonly first: Job; readonly load: number} | undefined;
    for (const [name, asset] of this.#frame.assets) {
      const jobs = this.#ready.get(name);
      if (jobs === undefined || jobs.size === 0 || !hasRoom(asset)) continue;
      if (isBusy && this.#isGathering(asset, jobs)) continue;
      const first = this.#firstOf(asset, jobs);
      if (first === undefined) continue;
      const found = {asset, first, load: load(asset)};
      if (best === undefined || this.#isBefore(found, best)) best = found;
    }
    if (best === undefined) return undefined;
    const {asset, first} = best;
    return {asset, jobs: this.#takeBatch(asset, first, least?.(asset, this.#readyOf(asset.asset.name).size))};
  }

  #isGathering({asset: {name, batch, making}}: AssetFrame, jobs: ReadyJobs): boolean {
    if (!this.#isPatient || batch.kind !== 'keys' || making.kind === 'files') return false;
    const isComing = (this.#waiting.get(name)?.size ?? 0) > 0;
    return isComing && jobs.size < batch.count && jobs.waitedMs < LONGEST_GATHERING_MS;
  }

  #isBefore(
    one: {readonly first: Job; readonly load: number},
    other: {readonly first: Job; readonly load: number},
  ): boolean {
    if (one.load !== other.load) return one.load < other.load;
    return this.#order === 'oldest' ? one.first.key < other.first.key : one.first.key > other.first.key;
  }

  #firstOf(asset: AssetFrame, jobs: ReadyJobs): Job | undefined {
    if (asset.asset.batch.kind === 'keys') return jobs.first();
    const waiting = this.#waiting.get(asset.asset.name);
    if (waiting === undefined || waiting.size === 0) return jobs.first();
    const held = new Set([...waiting.keys()].map(ordinal => seasonAt(asset, ordinal)));
    const free = [...jobs.values()].filter(({ordinal}) => !held.has(seasonAt(asset, ordinal)));
    const sign = this.#order === 'oldest' ? 1 : -1;
    return free.reduce<Job | undefined>(
      (best, job) => (best === undefined || (job.ordinal - best.ordinal) * sign < 0 ? job : best),
      undefined,
    );
  }

  #takeBatch(asset: AssetFrame, first: Job, least = 1): readonly Job[] {
    const jobs = this.#readyOf(asset.asset.name);
    const {batch} = asset.asset;
    if (batch.kind === 'keys')
      return jobs.take(Math.max(batch.count, least)).toSorted((a, b) => a.ordinal - b.ordinal);
    const season = seasonAt(asset, first.ordinal);
    const own = [...jobs.values()].filter(({ordinal}) => seasonAt(asset, ordinal) === season);
    for (const job of own) jobs.remove(job);
    return own.sort((a, b) => a.ordinal - b.ordinal);
  }

  /** Ends all that has not started. */
  cancelRest(): readonly Untried[] {
    this.takeUp();
    const rest: Untried[] = [];
    for (const [name, waiting] of this.#waiting) {
      const asset = frameOf(this.#frame, name);
      for (const [ordinal, {reasons}] of waiting) rest.push({asset, ordinal, outcome: 'cancelled', reasons});
      waiting.clear();
    }
    for (const [name, jobs] of this.#ready) {
      const asset = frameOf(this.#frame, name);
      for (const {ordinal, reasons} of jobs.values())
        rest.push({asset, ordinal, outcome: 'cancelled', reasons});
      jobs.clear();
    }
    for (const [name, all] of this.#onDemand) {
      const asset = frameOf(this.#frame, name);
      for (const [ordinal, {reasons}] of all) rest.push({asset, ordinal, outcome: 'cancelled', reasons});
      all.clear();
    }
    for (const {asset, ordinal} of rest) this.end(asset, ordinal, false);
    return rest;
  }
}

/** That of a date; all keys of another grain are of one. */
function seasonAt({asset, calendar}: AssetFrame, ordinal: number): number {
  return asset.partitioning.kind === 'date' ? (calendar?.seasonOf[ordinal] ?? 0) : 0;
}

/** Whether a planned partition is made only if somebody asks for it. */
export function isOnDemand({action, reasons}: Pick<PlannedPartition, 'action' | 'reasons'>): boolean {
  return action === 'run-if' && reasons.some(({kind}) => kind === 'if-source-fails');
}

function put<Value>(
  all: Map<AssetName, Map<number, Value>>,
  name: AssetName,
  at: number,
  value: Value,
): void {
  let own = all.get(name);
  if (own === undefined) {
    own = new Map();
    all.set(name, own);
  }
  own.set(at, value);
}
