/**
 * What to do about each selected partition of one asset: run, run if an input changes, wait, skip, or nothing; with
 * the reason written where it is decided. States are given (classify.ts); edges are judged in satisfy.ts.
 */
import {CODE, lastTrouble, reasonsAt, refOf, stateNotes} from './classify.ts';
import {digestAt} from './digest.ts';
import {isRefreshOpen} from './due.ts';
import {type AssetFrame, type EdgeFrame, type Frame, isSameKey, keyAt, stateAt} from './frame.ts';
import {hexAt} from './hash.ts';
import {type AssetRecord, OUTCOMES} from './ledger.ts';
import type {AssetName, PartitionKey} from './pipeline.ts';
import type {PlannedPartition, PlanRequest} from './plan.ts';
import {isInRange, isOrphanInRange} from './range.ts';
import type {Note, Reason, SkipReason} from './reason.ts';
import {findBlocked, judge, PROGRESS} from './satisfy.ts';
import {matches} from './select.ts';
import {staleReasons} from './stale.ts';
import {ACTIONS, type Action, type State} from './state.ts';
import {unreachable} from './unreachable.ts';
import {Marks, ordinalsRead} from './window.ts';

/** Failed runs in a row with the same inputs after which a partition is no longer tried by itself. */
const RETRY_BUDGET = 3;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface Deciding {
  readonly frame: Frame;
  readonly asset: AssetFrame;
  readonly progress: Map<AssetName, Uint8Array>;
  readonly request: PlanRequest;
  /** How many `run` actions the request's limit still allows; counted down. */
  readonly budget: {left: number};
}

/** What is decided about one asset, by ordinal. */
export interface AssetPlan {
  readonly asset: AssetFrame;
  /** 1: asked for. Undefined: every partition is. */
  readonly chosen: Uint8Array | undefined;
  /** One more than the index into ACTIONS; 0 where there is nothing to do. */
  readonly actions: Uint8Array;
  readonly orphans: readonly PlannedPartition[];
}

/** Wants of one partition, before its edges are judged. */
type Want =
  | {readonly kind: 'run'; readonly reasons: readonly Reason[]}
  | {readonly kind: 'skip'; readonly reason: SkipReason}
  /** To be made only if something that it reads is made in this run. */
  | {readonly kind: 'follow'}
  | {readonly kind: 'none'};

const NONE: Want = {kind: 'none'};
const FOLLOW: Want = {kind: 'follow'};
const RUN: Want = {kind: 'run', reasons: []};
const FORCED: readonly Reason[] = [{kind: 'forced'}];

const ACTION = Object.fromEntries(ACTIONS.map((action, index) => [action, index + 1])) as Readonly<
  Record<Action, number>
>; // every action is there by construction

/** Decides about every partition that is asked for; fills `progress` with what is planned. Reasons are given later. */
export function planAsset(deciding: Deciding): AssetPlan {
  const {asset, progress, request, budget} = deciding;
  const count = asset.keys.length;
  const stages = new Uint8Array(count);
  progress.set(asset.asset.name, stages);
  const actions = new Uint8Array(count);
  const chosen = chooseOrdinals(asset, request);
  const following = new Following(deciding);
  const {running, skipping, still} = wantsOf(deciding, chosen);
  const others = asset.edges.filter(({upstream}) => upstream !== asset);
  const own = asset.edges.filter(({upstream}) => upstream === asset);
  const blocked = findBlocked(asset, others, running, progress);
  let next = 0;
  const run = (ordinal: number): void => {
    // An asset's own previous key is decided just before.
    const isBlocked =
      blocked[next++] === 1 || (own.length > 0 && findBlocked(asset, own, [ordinal], progress)[0] === 1);
    if (isBlocked) {
      // What was signed off is not waited for, unless someone asked for it.
      if (asset.state[ordinal] !== CODE.accepted || request.force) actions[ordinal] = ACTION.wait;
    } else if (budget.left > 0) {
      budget.left--;
      actions[ordinal] = ACTION.run;
      stages[ordinal] = PROGRESS.planned;
    }
  };
  for (const ordinal of skipping) actions[ordinal] = ACTION.skip;
  const follow = (ordinal: number): void => {
    const isOpen = actions[ordinal] === 0 && still?.[ordinal] !== 1 && chosen?.[ordinal] !== 0;
    if (!isOpen || !following.isFollowing(ordinal)) return;
    actions[ordinal] = ACTION['run-if'];
    stages[ordinal] = PROGRESS.planned;
  };
  for (let ordinal = following.next(0); ; ordinal = following.next(ordinal + 1)) {
    for (let first = running[next]; first !== undefined && first <= ordinal; first = running[next])
      run(first);
    if (ordinal >= count) break;
    if (running[next - 1] !== ordinal) follow(ordinal);
  }
  return {asset, chosen, actions, orphans: orphansOf(asset, request)};
}

/** What every chosen partition wants: ordinals in order, and marks of those that stay as they are whatever is made. */
function wantsOf(
  deciding: Deciding,
  chosen: Uint8Array | undefined,
): {
  readonly running: readonly number[];
  readonly skipping: ReadonlySet<number>;
  readonly still: Uint8Array | undefined;
} {
  const {asset, request} = deciding;
  const running: number[] = [];
  const skipping = new Set<number>();
  const {stateCounts, state, asset: declared} = asset;
  const canBeAsked = request.force || request.missingOnly || declared.protect;
  // Most partitions are fresh and follow what they read: they are not looked at one by one.
  const areFreshPlain = !canBeAsked && declared.refresh === undefined;
  if (areFreshPlain && stateCounts[CODE.fresh] === state.length) return {running, skipping, still: undefined};
  const still = new Uint8Array(state.length);
  for (let ordinal = 0; ordinal < state.length; ordinal++) {
    if (chosen !== undefined && chosen[ordinal] === 0) continue;
    if (areFreshPlain && state[ordinal] === CODE.fresh) continue;
    const want = wantOf(deciding, ordinal);
    if (want.kind === 'run') running.push(ordinal);
    else if (want.kind === 'skip') skipping.add(ordinal);
    else if (want.kind === 'none') still[ordinal] = 1;
  }
  return {running, skipping, still};
}

/** Whether a partition reads something that this plan makes, and what. */
class Following {
  readonly #asset: AssetFrame;
  readonly #progress: ReadonlyMap<AssetName, Uint8Array>;
  /** Of the edges over which something planned may be read. */
  readonly #marks: readonly {readonly edge: EdgeFrame; readonly marks: Marks}[];
  /** Marks what reads a planned partition over a tracked edge, and over any. */
  readonly #reached: Uint8Array;
  readonly #possible: Uint8Array;
  readonly #readsItself: boolean;

  constructor({asset, progress}: Deciding) {
    this.#asset = asset;
    this.#progress = progress;
    this.#marks = asset.edges.flatMap(edge => {
      const stages = progress.get(edge.upstream.asset.name);
      const isOf = edge.edge.tracks || isPassing(edge);
      if (!isOf || edge.upstream === asset || stages === undefined) return [];
      return stages.includes(PROGRESS.planned) ? [{edge, marks: new Marks(edge.reads, stages)}] : [];
    });
    this.#readsItself = asset.edges.some(({upstream}) => upstream === asset);
    this.#reached = new Uint8Array(asset.keys.length);
    for (const {edge, marks} of this.#marks) if (edge.edge.tracks) marks.reach(this.#reached);
    const others = this.#marks.filter(({edge}) => !edge.edge.tracks);
    this.#possible = others.length > 0 ? this.#reached.slice() : this.#reached;
    for (const {marks} of others) marks.reach(this.#possible);
  }

  /** The first ordinal from this one on that may follow; the number of keys where none does. */
  next(ordinal: number): number {
    if (this.#readsItself) return Math.min(ordinal, this.#possible.length);
    const found = this.#marks.length === 0 ? -1 : this.#possible.indexOf(1, ordinal);
    return found === -1 ? this.#possible.length : found;
  }

  isFollowing(ordinal: number): boolean {
    const asset = this.#asset;
    if (asset.accepted[ordinal] === 1 && !wasTried(asset, ordinal)) return this.reason(ordinal) !== undefined;
    return this.#reached[ordinal] === 1 || this.#ownReason(ordinal) !== undefined;
  }

  /** The first edge that reads a planned partition, with the first of those and how many there are. */
  reason(ordinal: number): Reason | undefined {
    const asset = this.#asset;
    // A gap that was never tried here follows only what it needs on the same key.
    const isPassingOnly = asset.accepted[ordinal] === 1 && !wasTried(asset, ordinal);
    for (const {edge, marks} of this.#marks) {
      if (isPassingOnly ? !isPassing(edge) : !edge.edge.tracks) continue;
      const found = marks.within(ordinal);
      if (found === undefined) continue;
      return {kind: 'upstream-planned', upstream: refOf(edge.upstream, found.first), count: found.count};
    }
    return isPassingOnly ? undefined : this.#ownReason(ordinal);
  }

  /** The asset's own previous key, which is decided one after another. */
  #ownReason(ordinal: number): Reason | undefined {
    if (!this.#readsItself) return undefined;
    const stages = this.#progress.get(this.#asset.asset.name);
    for (const {edge, upstream, reads} of this.#asset.edges) {
      if (upstream !== this.#asset || !edge.tracks) continue;
      const first = ordinalsRead(reads, ordinal).find(i => stages?.[i] === PROGRESS.planned);
      if (first !== undefined) return {kind: 'upstream-planned', upstream: refOf(upstream, first), count: 1};
    }
    return undefined;
  }
}

function isPassing({edge}: EdgeFrame): boolean {
  return edge.required && isSameKey(edge);
}

/** Marks what is asked for; undefined: all of it. */
function chooseOrdinals(asset: AssetFrame, request: PlanRequest): Uint8Array | undefined {
  const isWhole = Object.values(request.range).every(value => value === undefined);
  if (request.selection === undefined && request.only === undefined && isWhole) return undefined;
  const chosen = new Uint8Array(asset.keys.length);
  for (let ordinal = 0; ordinal < chosen.length; ordinal++) {
    const isMeant =
      (isWhole || isInRange(asset, ordinal, request.range)) &&
      isNamed(request, asset, keyAt(asset, ordinal)) &&
      isSelected(request, asset, stateAt(asset, ordinal));
    if (isMeant) chosen[ordinal] = 1;
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

/**
 * The chosen partitions of an asset with their reasons, by key, orphans last. `all`: also those that are fresh and
 * need nothing.
 */
export function* listPartitions(deciding: Deciding, plan: AssetPlan): Generator<PlannedPartition> {
  const {asset, chosen, actions, orphans} = plan;
  const {stateCounts} = asset;
  const isAllFresh = stateCounts[CODE.fresh] === asset.keys.length && !actions.some(action => action !== 0);
  if (!isAllFresh || deciding.request.all) {
    const teller = new Teller(deciding, plan);
    for (let ordinal = 0; ordinal < actions.length; ordinal++) {
      if (chosen !== undefined && chosen[ordinal] === 0) continue;
      const isListed = deciding.request.all || actions[ordinal] !== 0 || asset.state[ordinal] !== CODE.fresh;
      if (isListed) yield teller.tell(ordinal);
    }
  }
  yield* orphans;
}

/** Gives decided partitions their reasons, by the same rules that decided. */
class Teller {
  readonly #deciding: Deciding;
  readonly #plan: AssetPlan;
  #following: Following | undefined;
  #verdicts: ReadonlyMap<number, ReturnType<typeof judge>[number]> | undefined;

  constructor(deciding: Deciding, plan: AssetPlan) {
    this.#deciding = deciding;
    this.#plan = plan;
  }

  tell(ordinal: number): PlannedPartition {
    const {frame, asset} = this.#deciding;
    const action = ACTIONS[(this.#plan.actions[ordinal] ?? 0) - 1];
    const state = stateAt(asset, ordinal);
    return {
      asset: asset.asset.name,
      key: keyAt(asset, ordinal),
      state,
      action,
      reasons: [
        ...reasonsAt(frame, asset, ordinal),
        ...trouble(asset, ordinal, state),
        ...this.#because(ordinal, action),
      ],
      notes: [...stateNotes(frame, asset, ordinal), ...this.#notes(ordinal)],
    };
  }

  #because(ordinal: number, action: Action | undefined): readonly Reason[] {
    switch (action) {
      case undefined:
      case 'drop':
        return [];
      case 'run':
        return this.#wanted(ordinal);
      case 'wait':
        return [...this.#wanted(ordinal), ...(this.#judged().get(ordinal)?.waits ?? [])];
      case 'skip': {
        const want = wantOf(this.#deciding, ordinal);
        return want.kind === 'skip' ? [want.reason] : [];
      }
      case 'run-if': {
        this.#following ??= new Following(this.#deciding);
        const reason = this.#following.reason(ordinal);
        return reason === undefined ? [] : [reason];
      }
      default:
        return unreachable(action);
    }
  }

  #wanted(ordinal: number): readonly Reason[] {
    const want = wantOf(this.#deciding, ordinal);
    return want.kind === 'run' ? want.reasons : [];
  }

  #notes(ordinal: number): readonly Note[] {
    return this.#judged().get(ordinal)?.notes ?? [];
  }

  /** Verdicts of what wants to run. */
  #judged(): ReadonlyMap<number, ReturnType<typeof judge>[number]> {
    if (this.#verdicts === undefined) {
      const {asset, progress} = this.#deciding;
      const {running} = wantsOf(this.#deciding, this.#plan.chosen);
      const judged = judge(asset, running, progress);
      this.#verdicts = new Map(
        running.flatMap((ordinal, index) => (judged[index] === undefined ? [] : [[ordinal, judged[index]]])),
      );
    }
    return this.#verdicts;
  }
}

function wantOf({asset, frame, request}: Deciding, ordinal: number): Want {
  const state = stateAt(asset, ordinal);
  if (state === 'exempt' || state === 'not-due' || state === 'orphan') return NONE;
  if (request.missingOnly && state !== 'missing') return NONE;
  const isProtected = asset.asset.protect && asset.published[ordinal] === 1 && !request.allowProtected;
  if (isProtected) {
    const isAsked = request.force || state === 'stale';
    return isAsked ? {kind: 'skip', reason: {kind: 'protected'}} : NONE;
  }
  if (request.force) return {kind: 'run', reasons: FORCED};
  const isWanted =
    state === 'missing' ||
    (state === 'stale' && !isOnlyRedefined(asset, ordinal)) ||
    (state === 'accepted' && isAcceptedOnOtherInputs(asset, ordinal));
  if (isWanted) {
    const parked = parkedReason(asset, ordinal, frame.now);
    return parked === undefined ? RUN : {kind: 'skip', reason: parked};
  }
  if (state === 'accepted' && isFetchDue(asset, ordinal, frame.now)) return RUN;
  const again = clockReason(asset, ordinal, frame.now);
  if (again !== undefined) return {kind: 'run', reasons: again};
  return FOLLOW;
}

/** A fetched object is not remade because a line of code changed. */
export function isOnlyRedefined(asset: AssetFrame, ordinal: number): boolean {
  if (asset.asset.making.kind !== 'files') return false;
  return staleReasons(asset, ordinal).every(
    ({kind}) => kind === 'definition-changed' || kind === 'schema-changed',
  );
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
    ? !wasTriedWith(asset, ordinal, digestAt(asset, ordinal))
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
    !wasTriedWith(asset, ordinal, digestAt(asset, ordinal))
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

/** What the last attempt left on a published partition; a missing one carries it already. */
function trouble(asset: AssetFrame, ordinal: number, state: State): readonly Reason[] {
  if (state === 'missing' || asset.record === undefined) return [];
  const found = lastTrouble(asset.record, asset.row[ordinal] ?? -1);
  return found === undefined ? [] : [found];
}
