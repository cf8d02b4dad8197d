/**
 * When a source is asked again because something was made of a lower one, or of too little: it may answer by now.
 * It does not deal with fetches that are missing: those are tried again by themselves.
 */
import {isCovered} from './coverage.ts';
import type {Deciding} from './deciding.ts';
import {type AssetFrame, type Frame, keyAt, refOf, trustAt} from './frame.ts';
import {type Reader, readersOf} from './on-demand.ts';
import type {Reason} from './reason.ts';

/** How long after a partition was made its better sources are asked again, where `improve` does not say. */
const UNTIL = 14 * 86_400_000;

/** Whether any partition of an asset may be asked for so. */
export function canImprove({pipeline}: Frame, {asset}: AssetFrame): boolean {
  return readersOf(pipeline, asset.name).some(isImproving);
}

function isImproving({asset: {cascade}, edge}: Reader): boolean {
  return edge.source !== undefined && cascade?.improve !== undefined;
}

export function improveReason(
  {frame, asset}: Pick<Deciding, 'frame' | 'asset'>,
  ordinal: number,
): Reason | undefined {
  const triedAt = asset.record?.triedAt[asset.row[ordinal] ?? -1] ?? 0;
  for (const reader of readersOf(frame.pipeline, asset.asset.name).filter(isImproving)) {
    const found = frame.assets.get(reader.asset.name);
    const own = found?.ordinalOf.get(keyAt(asset, ordinal));
    const improve = reader.asset.cascade?.improve;
    if (found === undefined || own === undefined || improve === undefined) continue;
    if (found.published[own] === 0 || !mayImprove(found, own, reader.edge.source ?? 0)) continue;
    const madeAt = found.record?.publishedAt[found.row[own] ?? -1] ?? 0;
    const lastAt = Math.max(triedAt, madeAt);
    const isOpen = frame.now < madeAt + (improve.until ?? UNTIL);
    if (isOpen && frame.now - lastAt >= improve.every)
      return {kind: 'better-source', upstream: refOf(found, own), lastTriedAt: lastAt};
  }
  return undefined;
}

/** Whether a lower source was used than this one, or not enough was found at all. */
function mayImprove(reader: AssetFrame, ordinal: number, rank: number): boolean {
  return rank < trustAt(reader, ordinal).depth - 1 || !isCovered(reader, ordinal);
}
