/**
 * The key of a table's partitions: the column that holds it, and its type.
 * It does not deal with how an engine writes either.
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
