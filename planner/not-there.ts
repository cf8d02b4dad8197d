/**
 * Which partitions are exempt or accepted: declared, or signed off, not to be there, by themselves or through what they
 * need on the same key. It does not deal with those that should be there (classify.ts).
 */
import {gapsOn, hasGaps} from './accepted.ts';
import {dayOf} from './day.ts';
import {daySpan} from './due.ts';
import {type AssetFrame, type EdgeFrame, type Frame, refOf} from './frame.ts';
import type {AcceptedReason, ExemptReason} from './reason.ts';
import type {Reads} from './window.ts';

export function decideExempt(asset: AssetFrame, sameKey: readonly EdgeFrame[]): void {
  const own = ownExemption(asset);
  const passing = sameKey.filter(({upstream}) => upstream.exempt.includes(1));
  if (own === undefined && passing.length === 0) return;
  for (let ordinal = 0; ordinal < asset.keys.length; ordinal++) {
    if (own?.(ordinal) !== undefined || passedExemption(passing, ordinal) !== undefined)
      asset.exempt[ordinal] = 1;
  }
}

/** Why a partition is declared not to exist, by the asset's own start, end and first days; undefined where it has none. */
export function ownExemption(asset: AssetFrame): ((ordinal: number) => ExemptReason | undefined) | undefined {
  const {start, end, skipFirstDays, partitioning} = asset.asset;
  const {calendar} = asset;
  if (calendar === undefined) return undefined;
  const skips = partitioning.kind === 'date' ? skipFirstDays : 0;
  if (start === undefined && end === undefined && skips === 0) return undefined;
  const [startDay, endDay] = [dayOf(start ?? ''), dayOf(end ?? '')];
  return ordinal => {
    const [first, last] = daySpan(asset, ordinal) ?? [0, 0];
    if (start !== undefined && last < startDay) return {kind: 'before-start', start};
    if (end !== undefined && first > endDay) return {kind: 'after-end', end};
    if (skips === 0) return undefined;
    const opening = calendar.days[calendar.seasonFrom[calendar.seasonOf[ordinal] ?? 0] ?? 0] ?? 0;
    return first < opening + skips ? {kind: 'bootstrap', days: skips} : undefined;
  };
}

export function passedExemption(sameKey: readonly EdgeFrame[], ordinal: number): ExemptReason | undefined {
  for (const {upstream, reads} of sameKey) {
    const only = onlyRead(reads, ordinal);
    if (upstream.exempt[only] === 1) return {kind: 'upstream-exempt', upstream: refOf(upstream, only)};
  }
  return undefined;
}

/** The one upstream ordinal of a same-key edge. */
function onlyRead([sequence]: Reads, ordinal: number): number {
  return sequence?.from[ordinal] ?? -1;
}

export function decideAccepted(frame: Frame, asset: AssetFrame, sameKey: readonly EdgeFrame[]): void {
  const passing = sameKey.filter(({upstream}) => upstream.accepted.includes(1));
  if (passing.length === 0 && !hasGaps(frame, asset)) return;
  for (let ordinal = 0; ordinal < asset.keys.length; ordinal++) {
    if (asset.exempt[ordinal] === 1 || asset.published[ordinal] === 1) continue;
    if (acceptedReason(frame, asset, ordinal, passing) !== undefined) asset.accepted[ordinal] = 1;
  }
}

export function acceptedReason(
  frame: Frame,
  asset: AssetFrame,
  ordinal: number,
  sameKey: readonly EdgeFrame[],
): AcceptedReason | undefined {
  const gaps = gapsOn(frame, asset, asset.keys[ordinal] ?? '');
  const signed = new Set(gaps.flatMap(gap => gap.games));
  const games = asset.asset.partitioning.kind === 'date' ? (asset.calendar?.games[ordinal] ?? []) : [];
  const isWhole = games.length > 0 && games.every(game => signed.has(game.id));
  const gap = gaps.find(candidate => candidate.games.length === 0 || isWhole);
  if (gap !== undefined) {
    return {kind: 'accepted-gap', reason: gap.reason, by: gap.acceptedBy, on: gap.acceptedOn};
  }
  for (const {upstream, reads} of sameKey) {
    const only = onlyRead(reads, ordinal);
    if (upstream.accepted[only] === 1) return {kind: 'upstream-accepted', upstream: refOf(upstream, only)};
  }
  return undefined;
}
