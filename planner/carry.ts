/**
 * What one target holds that another is to be given: which partitions are carried, which are left out, and why. Each
 * side is a frame of its own, because versions and digests belong to a target.
 * It does not deal with rows or objects (runner/carry.ts).
 */
import {chooseOrdinals} from './asked.ts';
import {type ClassifyInput, classify} from './classify.ts';
import {type AssetFrame, type Frame, heldAt, isValid, keyAt, stateAt} from './frame.ts';
import {hexAt} from './hash.ts';
import {listedPlan} from './listed-plan.ts';
import {calendarHash, isSettled} from './make-plan.ts';
import {isExternal} from './making.ts';
import type {AssetName, PartitionKey} from './pipeline.ts';
import type {Planned, PlannedPartition, PlanRequest} from './plan.ts';
import type {Reason} from './reason.ts';
import {otherInputs, type Pair, publishedAt} from './same-inputs.ts';
import {findBlocked, judge, PROGRESS} from './satisfy.ts';
import {staleReasons} from './stale.ts';

export interface CarryOrder {
  /** Name of the target that is carried from. */
  readonly from: string;
  /** All of it, as its own ledger and manifest have it. */
  readonly source: Frame;
  readonly request: PlanRequest;
  /** Carries what is stale there, too: it is stale in the other target as well. */
  readonly isStaleMeant: boolean;
}

/** A partition that is filled in the source and not carried. */
export interface CarryRefusal {
  readonly asset: AssetName;
  readonly key: PartitionKey;
  /**
   * `stale` there; `waits` for inputs here; `undeclared` here, whose calendar has no such key; `columns`: its rows have
   * other columns than are declared today.
   */
  readonly kind: 'stale' | 'waits' | 'undeclared' | 'columns';
  readonly reasons: readonly Reason[];
}

export interface CarryPlan extends Planned {
  readonly leftOut: readonly CarryRefusal[];
  /** Of keys that the calendar here does not know yet, and may once it is carried. */
  readonly later: readonly {readonly asset: AssetName; readonly key: PartitionKey}[];
  /** How many are here already. */
  readonly there: number;
}

/** Filled partitions of the source that are asked for, in order. */
function chosenIn(source: AssetFrame, request: PlanRequest): readonly number[] {
  const chosen = chooseOrdinals(source, request);
  return source.keys.flatMap((_, ordinal) =>
    chosen?.[ordinal] !== 0 && isValid(source, ordinal) ? [ordinal] : [],
  );
}

/** What is to be carried into the target of `input`, as a plan that a run can follow. */
export function planCarry(order: CarryOrder, input: ClassifyInput): CarryPlan {
  const frame = classify(input);
  const progress = new Map<AssetName, Uint8Array>();
  const found: {
    partitions: PlannedPartition[];
    leftOut: CarryRefusal[];
    unknown: CarryPlan['later'][number][];
  } = {partitions: [], leftOut: [], unknown: []};
  let there = 0;
  for (const [name, asset] of frame.assets) {
    progress.set(name, new Uint8Array(asset.keys.length));
    const source = order.source.assets.get(name);
    if (source === undefined || isExternal(asset.asset.making.kind)) continue;
    const wanted: Pair[] = [];
    for (const from of chosenIn(source, order.request)) {
      const key = keyAt(source, from);
      const refused = refusalIn(order, source, from);
      const ordinal = asset.ordinalOf.get(key);
      if (refused !== undefined) found.leftOut.push({asset: name, key, ...refused});
      else if (ordinal === undefined) found.unknown.push({asset: name, key});
      else if (!order.request.force && isThere(asset, ordinal, {source, from})) there++;
      else wanted.push({ordinal, from});
    }
    planAsset(order, {asset, source, wanted, progress}, found);
  }
  const {partitions, leftOut, unknown} = found;
  const settled = isSettled(frame, input.ledger, progress);
  const isKnownSoon =
    !settled && partitions.some(({asset, action}) => frame.settling.has(asset) && action === 'run');
  if (!isKnownSoon)
    for (const {asset, key} of unknown) leftOut.push({asset, key, kind: 'undeclared', reasons: []});
  const {pipeline, ledger, now} = input;
  const plan = listedPlan(frame, partitions, {
    pipeline: pipeline.name,
    target: pipeline.target.name,
    now: new Date(now).toISOString(),
    manifest: `sha256:${pipeline.hash}`,
    calendar: `sha256:${calendarHash(frame)}`,
    ledger: ledger.sequence,
    settled,
  });
  return {plan, frame, progress, request: undefined, leftOut, there, later: isKnownSoon ? unknown : []};
}

function refusalIn(
  {isStaleMeant}: CarryOrder,
  source: AssetFrame,
  ordinal: number,
): Pick<CarryRefusal, 'kind' | 'reasons'> | undefined {
  if (stateAt(source, ordinal) !== 'stale') return undefined;
  const reasons = staleReasons(source, ordinal);
  if (!isStaleMeant) return {kind: 'stale', reasons};
  const was = source.record?.fingerprints[source.record.fingerprint[source.row[ordinal] ?? -1] ?? -1];
  const hasSame = was?.parts['columns'] === source.fingerprint.parts['columns'];
  return hasSame ? undefined : {kind: 'columns', reasons};
}

/** Up to date here, with no fewer games, and made from nothing older than what the source has now. */
function isThere(
  asset: AssetFrame,
  ordinal: number,
  {source, from}: {readonly source: AssetFrame; readonly from: number},
): boolean {
  const state = stateAt(asset, ordinal);
  if (asset.published[ordinal] === 0 || (state !== 'fresh' && state !== 'partial')) return false;
  if (heldAt(source, from) > heldAt(asset, ordinal)) return false;
  const isSame = hexAt(source.version, from) === hexAt(asset.version, ordinal);
  return isSame || publishedAt(source, from) <= publishedAt(asset, ordinal);
}

/** What may be carried of one asset: all whose inputs are here, or are carried before. */
function planAsset(
  order: CarryOrder,
  {
    asset,
    source,
    wanted,
    progress,
  }: {
    readonly asset: AssetFrame;
    readonly source: AssetFrame;
    readonly wanted: readonly Pair[];
    readonly progress: Map<AssetName, Uint8Array>;
  },
  found: {readonly partitions: PlannedPartition[]; readonly leftOut: CarryRefusal[]},
): void {
  const {name} = asset.asset;
  const stages = progress.get(name);
  const ordinals = wanted.map(({ordinal}) => ordinal);
  const others = asset.edges.filter(({upstream}) => upstream !== asset);
  const own = asset.edges.filter(({upstream}) => upstream === asset);
  // What the source made was let through by its gates there.
  const about = {progress, gates: undefined};
  const blocked = findBlocked(asset, others, {ordinals, ...about});
  const isCarried = (upstream: AssetFrame, i: number): boolean =>
    progress.get(upstream.asset.name)?.[i] === PROGRESS.planned;
  const other = own.length > 0 ? [] : otherInputs({source, asset, isCarried}, wanted);
  for (const [i, {ordinal, from}] of wanted.entries()) {
    // An asset's own previous key is decided just before.
    const isBlocked =
      blocked[i] === 1 ||
      (own.length > 0 && findBlocked(asset, own, {ordinals: [ordinal], ...about})[0] === 1);
    const odd = own.length > 0 ? otherInputs({source, asset, isCarried}, [{ordinal, from}])[0] : other[i];
    const base = {asset: name, key: keyAt(asset, ordinal), state: stateAt(asset, ordinal), notes: []};
    if (isBlocked || odd !== undefined) {
      const waits = isBlocked ? judge(asset, [ordinal], progress, undefined)[0]?.waits : undefined;
      const reasons = waits ?? (odd === undefined ? [] : [odd]);
      found.partitions.push({...base, action: 'wait', reasons});
      found.leftOut.push({asset: name, key: base.key, kind: 'waits', reasons});
      continue;
    }
    const madeAt = source.record?.triedAt[source.row[from] ?? -1] ?? 0;
    found.partitions.push({...base, action: 'run', reasons: [{kind: 'carried', from: order.from, madeAt}]});
    if (stages !== undefined) stages[ordinal] = PROGRESS.planned;
  }
}
