/**
 * What each partition wants by its own state, the clock and its last attempts, before its edges are judged.
 * It does not deal with what it reads (satisfy.ts, following.ts).
 */

import {acceptedGames} from './accepted.ts';
import type {Deciding} from './deciding.ts';
import {triedDigestAt} from './digest.ts';
import {isRefreshOpen, isRefreshOver, isTooLate, refreshEnd} from './due.ts';
import {isPassing} from './following.ts';
import {type AssetFrame, type Frame, holderAt, isUnasked, isValid, stateAt} from './frame.ts';
import {canImprove, improveReason} from './improve.ts';
import {type AssetRecord, OUTCOMES} from './ledger.ts';
import {isOutside} from './making.ts';
import {dueOf} from './not-due.ts';
import {isAskedAlone} from './on-demand.ts';
import {isProtected} from './protection.ts';
import type {Reason, SkipReason} from './reason.ts';
import {PROGRESS, type Progress} from './satisfy.ts';
import {staleReasons} from './stale.ts';
import {CODE} from './state.ts';
import {wasTried, wasTriedWith} from './tried.ts';
import {ordinalsRead} from './window.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

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

/** What every chosen partition wants: ordinals in order, and marks of those that stay as they are whatever is made. */
export function wantsOf(
  deciding: Deciding,
  chosen: Uint8Array | undefined,
): {
  readonly running: readonly number[];
  readonly skipping: ReadonlySet<number>;
  readonly still: Uint8Array | undefined;
} {
  const {asset, frame, request} = deciding;
  const running: number[] = [];
  const skipping = new Set<number>();
  const {stateCounts, state, asset: declared} = asset;
  const canBeAsked = request.force || request.missingOnly || declared.protect !== 'never';
  // Most partitions are fresh and follow what they read: they are not looked at one by one.
  const mayLackGames = declared.making.kind === 'files' && (asset.record?.absent.size ?? 0) > 0;
  const isUntimed = declared.refresh === undefined && !mayLackGames && !canImprove(frame, asset);
  const areFreshPlain = !canBeAsked && isUntimed;
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

export function wantOf(deciding: Deciding, ordinal: number): Want {
  const want = ownWant(deciding, ordinal);
  if (want.kind !== 'run') return want;
  const holder = holderAt(deciding.frame, deciding.asset, ordinal);
  if (holder !== undefined) return {kind: 'skip', reason: {kind: 'leased', holder}};
  const beyond = deciding.beyond(deciding.asset, ordinal);
  return beyond === undefined ? want : {kind: 'skip', reason: beyond};
}

function ownWant(deciding: Deciding, ordinal: number): Want {
  const {asset, frame, progress, request} = deciding;
  const state = stateAt(asset, ordinal);
  if (isUnasked(frame, asset, ordinal)) return unaskedWant(deciding, ordinal);
  if (state === 'exempt' || state === 'not-due' || state === 'orphan') return NONE;
  if (request.missingOnly && state !== 'missing') return NONE;
  if (!request.allowProtected && isProtected(asset, ordinal, frame.now)) {
    const isAsked = request.force || state === 'stale';
    return isAsked ? {kind: 'skip', reason: {kind: 'protected'}} : NONE;
  }
  if (request.force) return isPassedDown(asset, ordinal, progress) ? NONE : {kind: 'run', reasons: FORCED};
  // What would be fetched now is the present, whatever was there before.
  if (isTooLate(asset, ordinal, frame.now)) return NONE;
  const isWanted =
    state === 'missing' ||
    (state === 'stale' && !isOnlyRedefined(asset, ordinal)) ||
    (state === 'accepted' && isAcceptedOnOtherInputs(asset, ordinal));
  // Also of what is stale: where its inputs come out as they were, the clock asks for it all the same.
  const again = clockReason(deciding, ordinal);
  if (isWanted) {
    const parked = parkedReason(frame, asset, ordinal);
    if (parked !== undefined) return {kind: 'skip', reason: parked};
    return again === undefined ? RUN : {kind: 'run', reasons: again};
  }
  if (state === 'accepted' && isFetchDue(asset, ordinal, frame.now)) return RUN;
  return again === undefined ? FOLLOW : {kind: 'run', reasons: again};
}

/** What is on demand is made by itself only where its own clock, or a request for it alone, says so. */
function unaskedWant(deciding: Deciding, ordinal: number): Want {
  const {asset, frame, request} = deciding;
  if (request.missingOnly || dueOf(frame, asset)(ordinal).kind === 'not-due') return NONE;
  if (request.force && isAskedAlone(deciding, ordinal)) return {kind: 'run', reasons: FORCED};
  const better = isTooLate(asset, ordinal, frame.now) ? undefined : improveReason(deciding, ordinal);
  return better === undefined ? NONE : {kind: 'run', reasons: [better]};
}

/** Accepted through what it needs on the same key, which this plan does not try: forcing it could only fail. */
function isPassedDown(asset: AssetFrame, ordinal: number, progress: Progress): boolean {
  if (asset.accepted[ordinal] === 0) return false;
  return asset.edges
    .filter(isPassing)
    .some(({upstream, reads}) =>
      ordinalsRead(reads, ordinal).some(
        i => upstream.accepted[i] === 1 && progress.get(upstream.asset.name)?.[i] !== PROGRESS.planned,
      ),
    );
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
  if (wasTried(asset, ordinal)) return !wasTriedWith(asset, ordinal, triedDigestAt(asset, ordinal));
  return passing.length > 0 || hasSource(asset, ordinal);
}

/** Whether a source of a cascade is there. */
function hasSource({edges}: AssetFrame, ordinal: number): boolean {
  return edges.some(
    ({edge, upstream, reads}) =>
      edge.source !== undefined && ordinalsRead(reads, ordinal).some(i => isValid(upstream, i)),
  );
}

/** Failed too often with the same inputs. What reads the world outside is tried again after 1 h, 6 h, then daily. */
export function parkedReason(
  {pipeline, now}: Pick<Frame, 'pipeline' | 'now'>,
  asset: AssetFrame,
  ordinal: number,
): SkipReason | undefined {
  const {record, row} = asset;
  const at = row[ordinal] ?? -1;
  const failures = record?.failures[at] ?? 0;
  const budget = pipeline.healing.retryBudget;
  if (
    record === undefined ||
    failures < budget ||
    !wasTriedWith(asset, ordinal, triedDigestAt(asset, ordinal))
  )
    return undefined;
  const error = record.errors.get(at) ?? '';
  if (!isOutside(asset.asset.making.kind)) return {kind: 'parked', failures, error, nextTryAt: undefined};
  const pause = [HOUR_MS, 6 * HOUR_MS][failures - budget] ?? DAY_MS;
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
  if (!isOutside(asset.asset.making.kind) || !wasTried(asset, ordinal)) return false;
  return now - (asset.record?.triedAt[asset.row[ordinal] ?? -1] ?? 0) >= DAY_MS;
}

/** A published fetch that the clock asks for again: `refresh`, a better source, or games that it lacks and a day gone by. */
function clockReason(deciding: Deciding, ordinal: number): readonly Reason[] | undefined {
  const {asset, frame} = deciding;
  const {now} = frame;
  const {record, row} = asset;
  const at = row[ordinal] ?? -1;
  if (record === undefined || asset.published[ordinal] === 0) return undefined;
  const lastTriedAt = record.triedAt[at] ?? 0;
  const {refresh, making} = asset.asset;
  if (refresh !== undefined && now - lastTriedAt >= refresh.every) {
    const fetchedAt = lastFetchAt(record, at);
    if (isRefreshOpen(asset, ordinal, {fetchedAt, now}))
      return [{kind: 'refresh', lastTriedAt, ...untilOf(asset, ordinal)}];
  }
  const better = isOutside(making.kind) ? improveReason(deciding, ordinal) : undefined;
  if (better !== undefined) return [better];
  // Whatever it lacks.
  if (isRefreshOver(asset, ordinal, now)) return undefined;
  if (making.kind !== 'files' || now - lastTriedAt < (refresh?.every ?? DAY_MS)) return undefined;
  if (asset.state[ordinal] === CODE.partial) return [];
  // As of a whole partition that was signed off, data that comes voids the gap.
  return lacksAccepted(frame, asset, ordinal) ? [{kind: 'refresh', lastTriedAt}] : undefined;
}

function untilOf(asset: AssetFrame, ordinal: number): Pick<Extract<Reason, {kind: 'refresh'}>, 'until'> {
  const start = asset.asset.refresh?.until;
  const at = refreshEnd(asset, ordinal);
  return typeof start !== 'string' || at === undefined ? {} : {until: {start, at}};
}

/** Whether a published partition lacks games that are signed off. */
function lacksAccepted(frame: Frame, asset: AssetFrame, ordinal: number): boolean {
  const absent = asset.record?.absent.get(asset.row[ordinal] ?? -1) ?? [];
  if (absent.length === 0) return false;
  const accepted = acceptedGames(frame, asset, ordinal);
  return absent.some(game => accepted.has(game));
}
