/**
 * Why a partition is in its state, by the functions that decided it.
 * It does not decide (classify.ts), nor say why anything is done about it (tell.ts).
 */

import {acceptedGames} from './accepted.ts';
import {isTooLate} from './due.ts';
import {
  type AssetFrame,
  type EdgeFrame,
  expectedAt,
  type Frame,
  heldAt,
  isSameKey,
  isUnasked,
  stateAt,
} from './frame.ts';
import {isExternal} from './making.ts';
import {dueOf, notDueReason} from './not-due.ts';
import {acceptedReason, ownExemption, passedExemption} from './not-there.ts';
import type {Asset} from './pipeline.ts';
import type {MissingReason, Note, Reason} from './reason.ts';
import {staleReasons} from './stale.ts';
import {CODE} from './state.ts';
import {unreachable} from './unreachable.ts';

/** Why a partition is in the state that `classify` gave it; empty where it is fresh. */
export function reasonsAt(frame: Frame, asset: AssetFrame, ordinal: number): readonly Reason[] {
  const state = stateAt(asset, ordinal);
  switch (state) {
    case 'fresh':
    case 'orphan':
      return [];
    case 'stale':
      return staleReasons(asset, ordinal);
    case 'partial':
      return [partialReason(frame, asset, ordinal)];
    case 'exempt':
      return listed(
        isUnasked(frame, asset, ordinal)
          ? {kind: 'on-demand'}
          : (ownExemption(asset)?.(ordinal) ?? passedExemption(sameKeyEdges(asset), ordinal)),
      );
    case 'accepted':
      return listed(acceptedReason(frame, asset, ordinal, sameKeyEdges(asset)));
    case 'not-due':
      return listed(notDueReason(frame, asset, ordinal));
    case 'missing':
      return missingReasons(frame, asset, ordinal);
    default:
      return unreachable(state);
  }
}

/** What there is to note about a partition's state. */
export function stateNotes(frame: Frame, asset: AssetFrame, ordinal: number): readonly Note[] {
  if (asset.state[ordinal] !== CODE.missing) return [];
  const dueness = dueOf(frame, asset)(ordinal);
  return dueness.kind === 'due' && dueness.overdue ? [{kind: 'schedule-not-final'}] : [];
}

function listed(reason: Reason | undefined): readonly Reason[] {
  if (reason === undefined) throw new Error('Internal error: a state without its reason');
  return [reason];
}

function sameKeyEdges(asset: AssetFrame): readonly EdgeFrame[] {
  return asset.edges.filter(({edge}) => edge.required && isSameKey(edge));
}

function partialReason(frame: Frame, asset: AssetFrame, ordinal: number): Reason {
  const accepted = acceptedGames(frame, asset, ordinal);
  const absent = (asset.record?.absent.get(asset.row[ordinal] ?? -1) ?? []).filter(
    game => !accepted.has(game),
  );
  return {
    kind: 'below-coverage',
    found: heldAt(asset, ordinal),
    expected: expectedAt(asset, ordinal),
    absent,
  };
}

/** Of a partition that was never published. */
export function neverReason({making}: Asset): MissingReason {
  return {kind: isExternal(making.kind) ? 'not-observed' : 'never-materialized'};
}

function missingReasons({now}: Frame, asset: AssetFrame, ordinal: number): readonly Reason[] {
  const {record, row} = asset;
  const index = row[ordinal] ?? -1;
  const tried = lastTrouble(record, index);
  const why = whyMissing(asset, ordinal, {now, isTroubled: tried !== undefined});
  return tried === undefined ? [why] : [why, tried];
}

function whyMissing(
  asset: AssetFrame,
  ordinal: number,
  {now, isTroubled}: {readonly now: number; readonly isTroubled: boolean},
): MissingReason {
  const {liveFor, making} = asset.asset;
  if (liveFor !== undefined && isTooLate(asset, ordinal, now)) return {kind: 'too-late', liveFor};
  const isLost = (asset.record?.lostAt[asset.row[ordinal] ?? -1] ?? 0) > 0;
  if (!isLost) return neverReason(asset.asset);
  // What someone forgot is there when it is looked at next.
  return {kind: isTroubled && isExternal(making.kind) ? 'source-gone' : 'forgotten'};
}

/** What the last attempt left, if it did not succeed. */
export function lastTrouble(record: AssetFrame['record'], row: number): Reason | undefined {
  if (record === undefined || row < 0) return undefined;
  const outcome = record.outcome[row] ?? 0;
  const error = record.errors.get(row) ?? '';
  if (outcome === FAILED) return {kind: 'last-attempt-failed', error};
  return outcome === QUARANTINED ? {kind: 'last-attempt-quarantined', error} : undefined;
}

// Codes of `AssetRecord.outcome`: one more than the index into OUTCOMES.
const FAILED = 4;
const QUARANTINED = 5;
