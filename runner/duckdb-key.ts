/**
 * Conditions on the column that holds a table's key.
 * It does not deal with which keys are meant.
 */
import {LIST, listValue, VARCHAR} from '@duckdb/node-api';
import type {Partitioning} from '../planner/pipeline.ts';
import {duckdbType, keyType, partitionColumn, quoted} from './duckdb-name.ts';
import type {Bound} from './duckdb-session.ts';
import type {TableSpec} from './warehouse.ts';

/** A condition on a table's partition column: its key is in the list parameter `$name`. */
export function keyParameter({partitioning}: TableSpec, name: string): string {
  return keyCondition(partitioning, partitionColumn(partitioning) ?? '', name);
}

/** The same on any column that holds keys of this partitioning. */
export function keyCondition(partitioning: Partitioning, column: string, name: string): string {
  const type = duckdbType(keyType(partitioning));
  return `${quoted(column)} IN (SELECT CAST(unnest($${name}) AS ${type}))`;
}

/** Values for `keyParameter(table, 'keys')`. */
export function bindKeys(keys: readonly string[]): Bound {
  return {values: {keys: listValue(keys)}, types: {keys: LIST(VARCHAR)}};
}
