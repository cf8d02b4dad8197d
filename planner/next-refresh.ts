/**
 * When what is fresh is asked for again, of sources that move within the day: those whose `refresh` ends with a start.
 * It does not deal with what is planned now (want.ts).
 */
import {refreshEnd} from './due.ts';
import {type AssetFrame, type Frame, refOf} from './frame.ts';
import type {PartitionRef} from './reason.ts';

/** The next fetch of a partition, and when the last one has passed. Milliseconds since 1970. */
export interface NextRefresh {
  readonly at: number;
  readonly endsAt: number;
}

/** Undefined where no start ends it, or nothing more comes before that. */
export function nextRefreshAt(asset: AssetFrame, ordinal: number, now: number): NextRefresh | undefined {
  const endsAt = refreshEnd(asset, ordinal);
  const {record, row} = asset;
  if (endsAt === undefined || now >= endsAt || record === undefined || asset.published[ordinal] !== 1)
    return undefined;
  const triedAt = record.triedAt[row[ordinal] ?? -1] ?? 0;
  const at = Math.max(now, triedAt + (asset.asset.refresh?.every ?? 0));
  return at < endsAt ? {at, endsAt} : undefined;
}

/** The partition that the clock asks for again next, and how many it asks for in all. */
export interface ComingRefresh {
  readonly at: number;
  readonly first: PartitionRef;
  readonly count: number;
}

/** Of partitions that are not due for it yet. */
export function comingRefresh({assets, now}: Pick<Frame, 'assets' | 'now'>): ComingRefresh | undefined {
  let coming: ComingRefresh | undefined;
  for (const asset of assets.values()) {
    if (typeof asset.asset.refresh?.until !== 'string') continue;
    const {calendar} = asset;
    for (let ordinal = asset.keys.length - 1; ordinal >= 0; ordinal--) {
      // The games of a date begin on it, or in the night after.
      if (calendar !== undefined && (calendar.days[ordinal] ?? 0) < calendar.today - 1) break;
      const at = nextRefreshAt(asset, ordinal, now)?.at ?? now;
      if (at <= now) continue;
      const count: number = (coming?.count ?? 0) + 1;
      if (coming === undefined || at < coming.at) coming = {at, first: refOf(asset, ordinal), count};
      else coming = {...coming, count};
    }
  }
  return coming;
}
