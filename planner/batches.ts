/**
 * The batches that a run would form of a plan's partitions, if all of an asset were ready at once.
 * It does not deal with what one costs (estimate.ts, jobs.ts).
 */
import type {AssetFrame} from './frame.ts';
import type {AssetName, PartitionKey} from './pipeline.ts';
import type {Plan} from './plan.ts';

/** Keys that are to be made, by action. */
export type WorkOf = Readonly<Record<'run' | 'run-if', PartitionKey[]>>;

export function groupWork(groups: Plan['groups']): ReadonlyMap<AssetName, WorkOf> {
  const found = new Map<AssetName, WorkOf>();
  for (const {asset, keys, action} of groups) {
    if (action !== 'run' && action !== 'run-if') continue;
    const work = found.get(asset) ?? {run: [], 'run-if': []};
    for (const key of keys) work[action].push(key);
    found.set(asset, work);
  }
  return found;
}

export function batchesOf({asset, calendar}: AssetFrame, ordinals: readonly number[]): number {
  if (asset.making.kind === 'files' || asset.making.kind === 'export') return ordinals.length;
  if (asset.batch.kind === 'keys') return Math.ceil(ordinals.length / asset.batch.count);
  if (asset.partitioning.kind !== 'date' || calendar === undefined) return 1;
  return new Set(ordinals.map(ordinal => calendar.seasonOf[ordinal])).size;
}
