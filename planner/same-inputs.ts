/**
 * Whether what a partition was made from in one target is what another target holds: only then its rows are what that
 * one would make, and may take its digest.
 * It does not deal with which partitions are carried (carry.ts).
 */
import {type AssetFrame, depthAt, type EdgeFrame, isValid, refOf} from './frame.ts';
import {hexAt} from './hash.ts';
import {isExternal} from './making.ts';
import type {WaitReason} from './reason.ts';
import {ordinalsRead, sumOver} from './window.ts';

/** One partition in both frames, by ordinal. */
export interface Pair {
  readonly ordinal: number;
  readonly from: number;
}

export interface Sides {
  /** Where it was made. */
  readonly source: AssetFrame;
  /** Where it is to be. */
  readonly asset: AssetFrame;
  /** Whether a partition here was, or will be, carried from the source just now. */
  isCarried(upstream: AssetFrame, ordinal: number): boolean;
}

/** By place in `pairs`: an input that is not here as it was there; undefined where all are. */
export function otherInputs(
  {source, asset, isCarried}: Sides,
  pairs: readonly Pair[],
): readonly (WaitReason | undefined)[] {
  const found: (WaitReason | undefined)[] = pairs.map(() => undefined);
  const ordinals = pairs.map(({ordinal}) => ordinal);
  asset.edges.forEach((edge, index) => {
    const there = source.edges[index]?.upstream;
    if (there === undefined || !edge.edge.tracks) return;
    const known: (boolean | undefined)[] = [];
    const isOther = (i: number): boolean => {
      known[i] ??= isOtherAt(edge, there, i, isCarried);
      return known[i];
    };
    const counts = sumOver(edge.reads, i => (isOther(i) ? 1 : 0), ordinals);
    pairs.forEach(({ordinal, from}, place) => {
      const isRead = edge.edge.source === undefined || edge.edge.source < depthAt(source, from);
      if (counts[place] === 0 || found[place] !== undefined || !isRead) return;
      const others = ordinalsRead(edge.reads, ordinal).filter(isOther);
      const upstream = refOf(edge.upstream, others[0] ?? -1);
      const isThere = isValid(edge.upstream, others[0] ?? -1);
      const kind = isThere ? 'upstream-other' : 'upstream-missing';
      found[place] = {kind, upstream, count: others.length};
    });
  });
  return found;
}

function isOtherAt(
  {upstream}: EdgeFrame,
  source: AssetFrame,
  ordinal: number,
  isCarried: Sides['isCarried'],
): boolean {
  const from = source.ordinalOf.get(upstream.keys[ordinal] ?? '') ?? -1;
  const wasThere = from >= 0 && isValid(source, from);
  if (isCarried(upstream, ordinal)) return !wasThere;
  const isThere = isValid(upstream, ordinal);
  if (!isThere || !wasThere) return isThere !== wasThere;
  // What others make is looked at in each target for itself.
  if (isExternal(upstream.asset.making.kind)) return false;
  const isSameVersion = hexAt(upstream.version, ordinal) === hexAt(source.version, from);
  return !isSameVersion && publishedAt(upstream, ordinal) !== publishedAt(source, from);
}

/** What was carried is published when it was where it was made. Milliseconds since 1970. */
export function publishedAt({record, row}: AssetFrame, ordinal: number): number {
  return record?.publishedAt[row[ordinal] ?? -1] ?? 0;
}
