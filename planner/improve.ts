/**
 * When a source is asked again because something was made of a lower one, or of too little: it may answer by now.
 * It does not deal with fetches that are missing: those are tried again by themselves.
 */
import {isCovered} from './coverage.ts';
import type {Deciding} from './deciding.ts';
import {isRefreshOver} from './due.ts';
import {type AssetFrame, type Frame, keyAt, refOf, trustAt} from './frame.ts';
import {readersOf} from './on-demand.ts';
import type {Reason} from './reason.ts';
import {wasTried} from './tried.ts';

const DAY_MS = 86_400_000;

/** How long after a partition was made its better sources are asked again, where `improve` does not say. */
const UNTIL = 14 * DAY_MS;

/** Whether any partition of an asset may be asked for so. */
export function canImprove({pipeline}: Frame, {asset}: AssetFrame): boolean {
  return readersOf(pipeline, asset.name).some(({edge}) => edge.source !== undefined);
}

export function improveReason(
  {frame, asset}: Pick<Deciding, 'frame' | 'asset'>,
  ordinal: number,
): Reason | undefined {
  if (isRefreshOver(asset, ordinal, frame.now)) return undefined;
  const triedAt = asset.record?.triedAt[asset.row[ordinal] ?? -1] ?? 0;
  for (const {asset: reader, edge} of readersOf(frame.pipeline, asset.asset.name)) {
    const found = frame.assets.get(reader.name);
    const own = found?.ordinalOf.get(keyAt(asset, ordinal));
    if (edge.source === undefined || found === undefined || own === undefined) continue;
    const clock = clockOf(found, own, edge.source);
    const lastAt = Math.max(triedAt, clock?.since ?? 0);
    const isOpen = clock !== undefined && frame.now < clock.until;
    if (isOpen && frame.now - lastAt >= clock.every)
      return {kind: 'better-source', upstream: refOf(found, own), lastTriedAt: lastAt};
  }
  return undefined;
}

interface Clock {
  readonly since: number;
  readonly every: number;
  readonly until: number;
}

/**
 * When a source is asked again for a partition of the asset that reads it: every day for as long as games are absent
 * or nothing came of any source, and as `improve` says where a lower source was used than this one.
 */
function clockOf(reader: AssetFrame, ordinal: number, rank: number): Clock | undefined {
  const {record, row, published, accepted, exempt} = reader;
  const at = row[ordinal] ?? -1;
  const improve = reader.asset.cascade?.improve;
  const daily = {every: improve?.every ?? DAY_MS, until: Number.POSITIVE_INFINITY};
  if (published[ordinal] === 0) {
    const isFailed = accepted[ordinal] === 0 && exempt[ordinal] === 0 && wasTried(reader, ordinal);
    return isFailed ? {...daily, since: record?.triedAt[at] ?? 0} : undefined;
  }
  const since = record?.publishedAt[at] ?? 0;
  if (!isCovered(reader, ordinal)) return {...daily, since};
  if (improve === undefined || rank >= trustAt(reader, ordinal).depth - 1) return undefined;
  return {since, every: improve.every, until: since + (improve.until ?? UNTIL)};
}
