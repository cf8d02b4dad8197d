/**
 * Proves that an asset's partitions come out the same made alone and made together, on the target's own data.
 * Nothing is published.
 */
import {inBatches, spread} from '../planner/batches.ts';
import {type AssetFrame, type Frame, frameOf, keyAt} from '../planner/frame.ts';
import type {AssetName} from '../planner/pipeline.ts';
import {isInRange, type KeyFilter} from '../planner/range.ts';
import type {Sources} from '../planner/sources.ts';
import {differences, type RowValues, TOLERANCE} from './compare-rows.ts';
import {specsOf} from './inputs.ts';
import type {Warehouse} from './warehouse.ts';
import {queryOf} from './workshop.ts';

export interface BatchResult {
  readonly asset: string;
  /** How many partitions were made together, and how many of them again alone. */
  readonly together: number;
  readonly alone: number;
  /** By key; empty: every partition came out the same. */
  readonly differences: ReadonlyMap<string, readonly string[]>;
}

/** Makes each batch of published partitions in the range together, and `samples` of it again alone, spread evenly. */
export async function testBatches(
  about: {
    readonly frame: Frame;
    readonly sources: Sources;
    readonly warehouse: Warehouse;
    readonly range: KeyFilter;
    readonly samples: number;
  },
  name: AssetName,
): Promise<BatchResult> {
  const asset = frameOf(about.frame, name);
  const published = asset.keys.flatMap((_, ordinal) =>
    asset.published[ordinal] === 1 && isInRange(asset, ordinal, about.range) ? [ordinal] : [],
  );
  const found = new Map<string, readonly string[]>();
  let alone = 0;
  for (const batch of inBatches(asset, published)) {
    const together = await makeRows(about, asset, batch);
    for (const ordinal of spread(batch, about.samples)) {
      alone++;
      const key = keyAt(asset, ordinal);
      const expected = (await makeRows(about, asset, [ordinal])).get(key) ?? [];
      const options = {key: asset.asset.key, tolerance: TOLERANCE};
      const lines = differences(expected, together.get(key) ?? [], options);
      if (lines.length > 0) found.set(key, lines);
    }
  }
  return {asset: name, together: published.length, alone, differences: found};
}

async function makeRows(
  {sources, warehouse}: {sources: Sources; warehouse: Warehouse},
  asset: AssetFrame,
  ordinals: readonly number[],
): Promise<ReadonlyMap<string, readonly RowValues[]>> {
  const {making, partitioning} = asset.asset;
  if (making.kind !== 'sql') throw new Error(`${asset.asset.name} has no query.`);
  const {columns, rows} = await warehouse.readQuery(
    {...specsOf(asset, ordinals), ...queryOf(sources, making.query)},
    new AbortController().signal,
  );
  const column = partitioning.kind === 'all' ? undefined : partitioning.column;
  const all = rows.map(
    (row): RowValues => Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null])),
  );
  return Map.groupBy(all, row => (column === undefined ? 'all' : String(row[column])));
}
