/**
 * What to do about each selected partition of one asset: run, run if an input changes, wait, skip, or nothing; with
 * the reason written where it is decided. States are given (classify.ts); edges are judged in satisfy.ts.
 */
import {CODE, lastTrouble, refOf} from './classify.ts';
import {isRefreshOpen} from './due.ts';
import {type AssetFrame, type EdgeFrame, type Frame, isSameKey, keyAt, stateAt} from './frame.ts';
import {hexAt} from './hash.ts';
import {type AssetRecord, OUTCOMES} from './ledger.ts';
import type {AssetName, PartitionKey} from './pipeline.ts';
import type {PlannedPartition, PlanRequest} from './plan.ts';
import {isInRange, isOrphanInRange} from './range.ts';
import type {Note, Reason, SkipReason} from './reason.ts';
import {judge, PROGRESS} from './satisfy.ts';
import {matches} from './select.ts';
import {STATES, type State} from './state.ts';
import {ordinalsRead, sumOver} from './window.ts';

/** Failed runs in a row with the same inputs after which a partition is no longer tried by itself. */
const RETRY_BUDGET = 3;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Deciding {
  readonly frame: Frame;
  readonly asset: AssetFrame;
  readonly progress: Map<AssetName, Uint8Array>;
  readonly request: PlanRequest;
  /** How many `run` actions the request's limit still allows; counted down. */
  readonly budget: {left: number};
}

/** Wants of one partition, before its edges are judged. */
type Want =
  | {readonly kind: 'run'; readonly reasons: readonly Reason[]}
  | {readonly kind: 'skip'; readonly reason: SkipReason}
  /** To be made only if something that it reads is made in this run. */
  | {readonly kind: 'follow'}
  | {readonly kind: 'none'};

/** Every selected partition of the asset with its verdict, by key; fills `progress` with what is planned. */
export function planAsset(deciding: Deciding): readonly PlannedPartition[] {
  const {asset, progress, request} = deciding;
  const stages = new Uint8Array(asset.keys.length);
  progress.set(asset.asset.name, stages);
  const chosen = chooseOrdinals(asset, request);
  const wants = new Map(chosen.map(ordinal => [ordinal, wantOf(deciding, ordinal)]));
  const others = asset.edges.filter(({upstream}) => upstream !== asset);
  const own = asset.edges.filter(({upstream}) => upstream === asset);
  const running = chosen.filter(ordinal => wants.get(ordinal)?.kind === 'run');
  const judged = judge({...asset, edges: others}, running, progress);
  const verdicts = new Map(running.map((ordinal, index) => [ordinal, judged[index]]));
  const planned = plannedUpstream(asset, others.filter(isTracked), chosen, progress);
  const passing = plannedUpstream(asset, others.filter(isPassing), chosen, progress);
  const partitions = chosen.map((ordinal, index): PlannedPartition => {
    const want = wants.get(ordinal) ?? {kind: 'none'};
    const before = verdicts.get(ordinal);
    const [self] = own.length > 0 ? judge({...asset, edges: own}, [ordinal], progress) : [];
    const ownPlanned = plannedUpstream(asset, own.filter(isTracked), [ordinal], progress)[0];
    return decide(deciding, {
      ordinal,
      want,
      waits: [...(before?.waits ?? []), ...(want.kind === 'run' ? (self?.waits ?? []) : [])],
      notes: [...(before?.notes ?? []), ...(want.kind === 'run' ? (self?.notes ?? []) : [])],
      // A gap that was never tried here follows only what it needs on the same key.
      upstreamPlanned:
        asset.accepted[ordinal] === 1 && !wasTried(asset, ordinal)
          ? passing[index]
          : (planned[index] ?? ownPlanned),
    });
  });
  return [...partitions, ...orphansOf(asset, request)];
}

function isTracked({edge}: EdgeFrame): boolean {
  return edge.tracks;
}

function isPassing({edge}: EdgeFrame): boolean {
  return edge.required && isSameKey(edge);
}

function chooseOrdinals(asset: AssetFrame, request: PlanRequest): readonly number[] {
  const chosen: number[] = [];
  for (let ordinal = 0; ordinal < asset.keys.length; ordinal++) {
    if (!isInRange(asset, ordinal, request.range)) continue;
    if (!isNamed(request, asset, keyAt(asset, ordinal))) continue;
    if (!isSelected(request, asset, stateAt(asset, ordinal, STATES))) continue;
    chosen.push(ordinal);
  }
  return chosen;
}

function isSelected({selection}: PlanRequest, {asset}: AssetFrame, state: State): boolean {
  return selection === undefined || matches(selection, asset.name, state);
}

function isNamed({only}: PlanRequest, {asset}: AssetFrame, key: PartitionKey): boolean {
  return only === undefined || only.get(asset.name)?.has(key) === true;
}

function orphansOf(asset: AssetFrame, request: PlanRequest): readonly PlannedPartition[] {
  if (!isSelected(request, asset, 'orphan')) return [];
  const isProtected = asset.asset.protect && !request.allowProtected;
  const dropped = isProtected
    ? {action: 'skip' as const, reasons: [{kind: 'undeclared' as const}, {kind: 'protected' as const}]}
    : {action: 'drop' as const, reasons: [{kind: 'undeclared' as const}]};
  return asset.orphans
    .filter(({key}) => isOrphanInRange(asset, key, request.range) && isNamed(request, asset, key))
    .map(({key}) => ({
      asset: asset.asset.name,
      key,
      state: 'orphan' as const,
      ...(request.prune ? dropped : {action: undefined, reasons: [{kind: 'undeclared' as const}]}),
      notes: [],
    }));
}

function wantOf({asset, frame, request}: Deciding, ordinal: number): Want {
  const state = stateAt(asset, ordinal, STATES);
  if (state === 'exempt' || state === 'not-due' || state === 'orphan') return {kind: 'none'};
  if (request.missingOnly && state !== 'missing') return {kind: 'none'};
  const isProtected = asset.asset.protect && asset.published[ordinal] === 1 && !request.allowProtected;
  if (isProtected) {
    const isAsked = request.force || state === 'stale';
    return isAsked ? {kind: 'skip', reason: {kind: 'protected'}} : {kind: 'none'};
  }
  if (request.force) return {kind: 'run', reasons: [{kind: 'forced'}]};
  const isWanted =
    state === 'missing' ||
    (state === 'stale' && !isOnlyRedefined(asset, ordinal)) ||
    (state === 'accepted' && isAcceptedOnOtherInputs(asset, ordinal));
  if (isWanted) {
    const parked = parkedReason(asset, ordinal, frame.now);
    return parked === undefined ? {kind: 'run', reasons: []} : {kind: 'skip', reason: parked};
  }
  if (state === 'accepted' && isFetchDue(asset, ordinal, frame.now)) return {kind: 'run', reasons: []};
  const again = clockReason(asset, ordinal, frame.now);
  if (again !== undefined) return {kind: 'run', reasons: again};
  return {kind: 'follow'};
}

/** A fetched object is not remade because a line of code changed. */
function isOnlyRedefined(asset: AssetFrame, ordinal: number): boolean {
  if (asset.asset.making.kind !== 'files') return false;
  const reasons = asset.reasons.get(ordinal) ?? [];
  return reasons.every(({kind}) => kind === 'definition-changed' || kind === 'schema-changed');
}

/**
 * A gap that was tried here is tried again when its inputs are others than then; one that never was, as soon as what
 * it needs on the same key is there.
 */
function isAcceptedOnOtherInputs(asset: AssetFrame, ordinal: number): boolean {
  const passing = asset.edges.filter(isPassing);
  const areThere = passing.every(({upstream, reads}) =>
    ordinalsRead(reads, ordinal).every(i => upstream.published[i] === 1),
  );
  if (!areThere) return false;
  return wasTried(asset, ordinal)
    ? !wasTriedWith(asset, ordinal, hexAt(asset.digest, ordinal))
    : passing.length > 0;
}

function wasTried({record, row}: AssetFrame, ordinal: number): boolean {
  return (record?.outcome[row[ordinal] ?? -1] ?? 0) !== 0;
}

/** Whether the last attempt had today's definition and these inputs (16 hex digits): the same would come of it. */
export function wasTriedWith(asset: AssetFrame, ordinal: number, digest: string): boolean {
  const {record, row, fingerprint} = asset;
  const at = row[ordinal] ?? -1;
  if (record === undefined || !wasTried(asset, ordinal)) return false;
  const was = record.fingerprints[record.triedFingerprint[at] ?? 0];
  return was?.hash === fingerprint.hash && hexAt(record.triedDigest, at) === digest;
}

/** Failed too often with the same inputs. A fetch, whose input is the world, is tried again after 1 h, 6 h, then daily. */
function parkedReason(asset: AssetFrame, ordinal: number, now: number): SkipReason | undefined {
  const {record, row} = asset;
  const at = row[ordinal] ?? -1;
  const failures = record?.failures[at] ?? 0;
  if (
    record === undefined ||
    failures < RETRY_BUDGET ||
    !wasTriedWith(asset, ordinal, hexAt(asset.digest, ordinal))
  )
    return undefined;
  const error = record.errors.get(at) ?? '';
  if (asset.asset.making.kind !== 'files') return {kind: 'parked', failures, error, nextTryAt: undefined};
  const pause = [HOUR_MS, 6 * HOUR_MS][failures - RETRY_BUDGET] ?? DAY_MS;
  const nextTryAt = (record.triedAt[at] ?? 0) + pause;
  return now >= nextTryAt ? undefined : {kind: 'parked', failures, error, nextTryAt};
}

/** When the source last answered: an answer that changed nothing is told by the attempt alone. */
function lastFetchAt({outcome, triedAt, publishedAt}: AssetRecord, row: number): number {
  const isUnchanged = OUTCOMES[(outcome[row] ?? 0) - 1] === 'unchanged';
  return (isUnchanged ? triedAt[row] : publishedAt[row]) ?? 0;
}

/** A signed-off fetch that was tried here is tried again once a day: data that comes voids the gap. */
function isFetchDue(asset: AssetFrame, ordinal: number, now: number): boolean {
  if (asset.asset.making.kind !== 'files' || !wasTried(asset, ordinal)) return false;
  return now - (asset.record?.triedAt[asset.row[ordinal] ?? -1] ?? 0) >= DAY_MS;
}

/** A published fetch that the clock asks for again: `refresh`, or too few games and a day gone by. */
function clockReason(asset: AssetFrame, ordinal: number, now: number): readonly Reason[] | undefined {
  const {record, row} = asset;
  const at = row[ordinal] ?? -1;
  if (record === undefined || asset.published[ordinal] === 0) return undefined;
  const lastTriedAt = record.triedAt[at] ?? 0;
  const {refresh, making} = asset.asset;
  if (refresh !== undefined && now - lastTriedAt >= refresh.every) {
    const fetchedAt = lastFetchAt(record, at);
    if (isRefreshOpen(asset, ordinal, {fetchedAt, now})) return [{kind: 'refresh', lastTriedAt}];
  }
  const isPartialFetch = making.kind === 'files' && asset.state[ordinal] === CODE.partial;
  return isPartialFetch && now - lastTriedAt >= (refresh?.every ?? DAY_MS) ? [] : undefined;
}

/** By chosen ordinal: the first partition that it reads and that is planned, if any, and how many. */
function plannedUpstream(
  asset: AssetFrame,
  edges: readonly EdgeFrame[],
  ordinals: readonly number[],
  progress: ReadonlyMap<AssetName, Uint8Array>,
): readonly (Reason | undefined)[] {
  const found: (Reason | undefined)[] = ordinals.map(() => undefined);
  for (const {upstream, reads} of edges) {
    const stages = progress.get(upstream.asset.name);
    if (stages?.includes(PROGRESS.planned) !== true) continue;
    const isPlanned = (i: number): boolean => stages[i] === PROGRESS.planned;
    const sums = upstream === asset ? undefined : sumOver(reads, Float64Array.from(stages), ordinals);
    ordinals.forEach((ordinal, index) => {
      if (found[index] !== undefined || sums?.[index] === 0) return;
      // Listed for the count: a window by games adds a date once for each team.
      const all = ordinalsRead(reads, ordinal).filter(isPlanned);
      const [first] = all;
      if (first === undefined) return;
      found[index] = {kind: 'upstream-planned', upstream: refOf(upstream, first), count: all.length};
    });
  }
  return found;
}

function decide(
  {asset, progress, budget}: Deciding,
  found: {
    readonly ordinal: number;
    readonly want: Want;
    readonly waits: readonly Reason[];
    readonly notes: readonly Note[];
    readonly upstreamPlanned: Reason | undefined;
  },
): PlannedPartition {
  const {ordinal, want, waits, upstreamPlanned} = found;
  const state = stateAt(asset, ordinal, STATES);
  const because = [...(asset.reasons.get(ordinal) ?? []), ...published(asset, ordinal, state)];
  const notes = [...(asset.notes.get(ordinal) ?? []), ...found.notes];
  const entry = {asset: asset.asset.name, key: keyAt(asset, ordinal), state, notes};
  const stages = progress.get(asset.asset.name);
  const markPlanned = (): void => {
    if (stages !== undefined) stages[ordinal] = PROGRESS.planned;
  };
  if (want.kind === 'skip') return {...entry, action: 'skip', reasons: [...because, want.reason]};
  if (want.kind === 'run') {
    if (waits.length > 0) {
      // What was signed off is not waited for, unless someone asked for it.
      if (state === 'accepted' && want.reasons.length === 0)
        return {...entry, action: undefined, reasons: because};
      return {...entry, action: 'wait', reasons: [...because, ...want.reasons, ...waits]};
    }
    if (budget.left <= 0) return {...entry, action: undefined, reasons: because};
    budget.left--;
    markPlanned();
    return {...entry, action: 'run', reasons: [...because, ...want.reasons]};
  }
  if (want.kind === 'follow' && upstreamPlanned !== undefined) {
    markPlanned();
    return {...entry, action: 'run-if', reasons: [...because, upstreamPlanned]};
  }
  return {...entry, action: undefined, reasons: because};
}

/** What the last attempt left on a published partition; a missing one carries it already. */
function published(asset: AssetFrame, ordinal: number, state: State): readonly Reason[] {
  if (state === 'missing') return [];
  const trouble = lastTrouble(asset.record, asset.row[ordinal] ?? -1);
  return trouble === undefined ? [] : [trouble];
}
