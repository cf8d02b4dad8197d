/**
 * Where a table lies, by the name of its asset, and the key of its partitions: the column that holds it, and its type.
 * It does not deal with how an engine writes any of these.
 */
import type {Partitioning} from '../planner/pipeline.ts';

/** The type of a key in `partitions` and in window relations. */
export function keyType(partitioning: Partitioning): 'date' | 'string' {
  return partitioning.kind === 'date' ? 'date' : 'string';
}

/** The column that holds a table's key; undefined where the table is one partition. */
export function partitionColumn(partitioning: Partitioning): string | undefined {
  return partitioning.kind === 'all' ? undefined : partitioning.column;
}

/** Schema and table of an asset: `raw.games` is table `games` in schema `raw`; a name without a dot is in `main`. */
export function tablePlace(asset: string): {readonly schema: string; readonly table: string} {
  const dot = asset.indexOf('.');
  if (dot < 0) return {schema: 'main', table: asset};
  return {schema: asset.slice(0, dot), table: asset.slice(dot + 1)};
}
