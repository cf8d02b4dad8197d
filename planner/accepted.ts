/**
 * Which signed-off gaps speak of a partition today, and of which of its games.
 * It does not decide whether the partition is accepted: one that is published is not (classify.ts).
 */
import {DAY_MS, dateOf} from './day.ts';
import type {AssetFrame, Frame} from './frame.ts';
import type {AcceptedGap, AssetName, Pipeline} from './pipeline.ts';

/** Accepted gaps of one asset on one key, as of today in the calendar's zone. */
export function gapsOn(frame: Frame, asset: AssetFrame, key: string): readonly AcceptedGap[] {
  const gaps = gapsByAsset(frame.pipeline).get(asset.asset.name);
  if (gaps === undefined) return [];
  const today = todayOf(frame, asset);
  return gaps.filter(gap => !isExpired(gap, today) && speaksOf(gap, key));
}

/** A signed-off gap that names a partition, and whether its time is over. */
export interface Acceptance {
  readonly gap: AcceptedGap;
  readonly isExpired: boolean;
}

/** All that name a partition, also those that no longer hold. */
export function acceptancesOf(frame: Frame, asset: AssetFrame, ordinal: number): readonly Acceptance[] {
  const gaps = gapsByAsset(frame.pipeline).get(asset.asset.name);
  if (gaps === undefined) return [];
  const today = todayOf(frame, asset);
  const key = asset.keys[ordinal] ?? '';
  return gaps.filter(gap => speaksOf(gap, key)).map(gap => ({gap, isExpired: isExpired(gap, today)}));
}

/** Today in the asset's zone. */
export function todayOf({now}: Frame, {calendar}: AssetFrame): string {
  return dateOf(calendar === undefined ? Math.floor(now / DAY_MS) : calendar.today);
}

function isExpired({until}: AcceptedGap, today: string): boolean {
  return until !== undefined && today >= until;
}

function speaksOf({keys}: AcceptedGap, key: string): boolean {
  return keys.some(({from, to}) => from <= key && key <= to);
}

/** Whether any gap of an asset is signed off, whatever its key. */
export function hasGaps(frame: Frame, {asset}: AssetFrame): boolean {
  return gapsByAsset(frame.pipeline).has(asset.name);
}

const gapIndex = new WeakMap<Pipeline, ReadonlyMap<AssetName, readonly AcceptedGap[]>>();

function gapsByAsset(pipeline: Pipeline): ReadonlyMap<AssetName, readonly AcceptedGap[]> {
  let index = gapIndex.get(pipeline);
  if (index === undefined) {
    index = Map.groupBy(pipeline.knownGaps, gap => gap.asset);
    gapIndex.set(pipeline, index);
  }
  return index;
}

/** The games of a key that are signed off one by one. */
export function acceptedGames(frame: Frame, asset: AssetFrame, ordinal: number): ReadonlySet<string> {
  return new Set(gapsOn(frame, asset, asset.keys[ordinal] ?? '').flatMap(gap => gap.games));
}

/** What of a signed-off gap is there after all: whole partitions, or some of the games that it names. */
export interface VoidAcceptance {
  readonly gap: AcceptedGap;
  readonly asset: AssetFrame;
  readonly ordinals: readonly number[];
  /** Empty where it speaks of whole partitions. */
  readonly games: readonly string[];
}

/** Acceptances whose data arrived: they no longer say anything, and can go. `isChosen` says which partitions are asked for. */
export function findVoid(
  frame: Frame,
  isChosen: (asset: AssetFrame, ordinal: number) => boolean,
): readonly VoidAcceptance[] {
  return frame.pipeline.knownGaps.flatMap(gap => {
    const asset = frame.assets.get(gap.asset);
    if (asset === undefined) return [];
    const named = asset.keys.flatMap((key, ordinal) =>
      asset.published[ordinal] === 1 && speaksOf(gap, key) && isChosen(asset, ordinal) ? [ordinal] : [],
    );
    if (gap.games.length === 0) return named.length === 0 ? [] : [{gap, asset, ordinals: named, games: []}];
    const held = named.map(ordinal => ({ordinal, games: heldGames(asset, ordinal, gap.games)}));
    const there = held.filter(({games}) => games.length > 0);
    if (there.length === 0) return [];
    return [
      {gap, asset, ordinals: there.map(({ordinal}) => ordinal), games: there.flatMap(({games}) => games)},
    ];
  });
}

/** What of a signed-off gap is there in one partition: the whole of it, or some of the games that it names. */
export function voidAt(asset: AssetFrame, ordinal: number, {games}: AcceptedGap): 'all' | readonly string[] {
  if (asset.published[ordinal] === 0) return [];
  return games.length === 0 ? 'all' : heldGames(asset, ordinal, games);
}

/** Which of some games a published partition holds. */
function heldGames(
  {calendar, record, row}: AssetFrame,
  ordinal: number,
  games: readonly string[],
): readonly string[] {
  const absent = record?.absent.get(row[ordinal] ?? -1) ?? [];
  const played = calendar?.games[ordinal] ?? [];
  return games.filter(game => played.some(({id}) => id === game) && !absent.includes(game));
}
