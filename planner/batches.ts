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

/** How many there are; objects are made one by one. */
export function batchesOf({asset, calendar}: AssetFrame, ordinals: readonly number[]): number {
  if (asset.making.kind === 'files' || asset.making.kind === 'export') return ordinals.length;
  if (asset.batch.kind === 'keys') return Math.ceil(ordinals.length / asset.batch.count);
  if (asset.partitioning.kind !== 'date' || calendar === undefined) return 1;
  return new Set(ordinals.map(ordinal => calendar.seasonOf[ordinal])).size;
}

/** The ordinals of each batch of an asset with a query. */
export function inBatches(
  {asset, calendar}: AssetFrame,
  ordinals: readonly number[],
): readonly (readonly number[])[] {
  const {batch, partitioning} = asset;
  if (batch.kind === 'season' && partitioning.kind === 'date')
    return [...Map.groupBy(ordinals, ordinal => calendar?.seasonOf[ordinal] ?? 0).values()];
  const size = batch.kind === 'keys' ? batch.count : ordinals.length;
  return Array.from({length: Math.ceil(ordinals.length / size)}, (_, i) =>
    ordinals.slice(i * size, (i + 1) * size),
  );
}

/** At most `count` members, with the first and the last. */
export function spread<Item>(all: readonly Item[], count: number): readonly Item[] {
  if (all.length <= count) return all;
  const step = (all.length - 1) / Math.max(1, count - 1);
  const picked = new Set(Array.from({length: count}, (_, i) => Math.round(i * step)));
  return all.filter((_, i) => picked.has(i));
}
