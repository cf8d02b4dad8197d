/**
 * Whether a partition that is ready turns out to need nothing: it would be made of what it was last made or tried with.
 * It does not deal with what other runs have made meanwhile (schedule.ts).
 */
import {type AssetFrame, type EdgeFrame, isSameKey, isValid, stateAt} from '../planner/frame.ts';
import {hexAt} from '../planner/hash.ts';
import type {PlannedPartition} from '../planner/plan.ts';
import {wasTriedWith} from '../planner/tried.ts';
import {ordinalsRead} from '../planner/window.ts';

/** A partition that is ready, with the digest of what it would be made from and of all that could be tried. */
export interface Inputs {
  readonly asset: AssetFrame;
  readonly ordinal: number;
  readonly digest: string;
  readonly tried: string;
}

/**
 * Whether what was planned turns out to be up to date: the inputs came out as they were when it was last made. A
 * partition that was planned for another reason than its inputs (forced, on the clock) is made all the same.
 */
export function isNotNeeded({asset, ordinal, digest, tried}: Inputs, planned: PlannedPartition): boolean {
  if (asset.published[ordinal] === 0) {
    return planned.action === 'run-if' && (!arePassed(asset, ordinal) || wasTriedWith(asset, ordinal, tried));
  }
  const isByInputs = planned.action === 'run-if' || stateAt(asset, ordinal) === 'stale';
  const isAsked = planned.reasons.some(
    ({kind}) => kind === 'forced' || kind === 'refresh' || kind === 'better-source' || kind === 'carried',
  );
  if (!isByInputs || isAsked) return false;
  const {record, row, fingerprint} = asset;
  const at = row[ordinal] ?? -1;
  if (record === undefined || at < 0) return false;
  const was = record.fingerprints[record.fingerprint[at] ?? 0];
  return was?.hash === fingerprint.hash && hexAt(record.digest, at) === digest;
}

/** Whether the same-key inputs of an accepted gap are there after all, so that it may be filled: of sources, one. */
function arePassed({edges, asset}: AssetFrame, ordinal: number): boolean {
  const isThere = ({upstream, reads}: EdgeFrame): boolean =>
    ordinalsRead(reads, ordinal).every(i => isValid(upstream, i));
  const sources = edges.filter(({edge}) => edge.source !== undefined);
  return (
    edges.filter(({edge}) => edge.required && isSameKey(edge)).every(isThere) &&
    (asset.cascade === undefined || sources.some(isThere))
  );
}
