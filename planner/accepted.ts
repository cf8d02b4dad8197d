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
  const day = asset.calendar === undefined ? Math.floor(frame.now / DAY_MS) : asset.calendar.today;
  const today = dateOf(day);
  return gaps.filter(
    gap =>
      (gap.until === undefined || today < gap.until) &&
      gap.keys.some(({from, to}) => from <= key && key <= to),
  );
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
