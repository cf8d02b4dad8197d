/**
 * Conditions on the column that holds a table's key.
 * It does not deal with which keys are meant.
 */
import {LIST, listValue, VARCHAR} from '@duckdb/node-api';
import type {Partitioning} from '../planner/pipeline.ts';
import {duckdbType, quoted} from './duckdb-name.ts';
import type {Bound} from './duckdb-session.ts';
import type {Parameter, Parameters} from './sql-dialect.ts';
import {keyType, partitionColumn} from './table-key.ts';
import type {TableSpec} from './warehouse.ts';

/** A condition on a table's partition column: its key is in the list parameter `$name`. */
export function keyParameter({partitioning}: TableSpec, name: string): string {
  return keyCondition(partitioning, quoted(partitionColumn(partitioning) ?? ''), name);
}

/** The same on any value that is a key of this partitioning. */
export function keyCondition(partitioning: Partitioning, value: string, name: string): string {
  const type = duckdbType(keyType(partitioning));
  return `${value} IN (SELECT CAST(unnest($${name}) AS ${type}))`;
}

/** Values for `keyParameter(table, 'keys')`. */
export function bindKeys(keys: readonly string[]): Bound {
  return {values: {keys: listValue(keys)}, types: {keys: LIST(VARCHAR)}};
}

/** Values of parameters as DuckDB takes them. */
export function bindParameters(parameters: Parameters): Bound {
  const lists = Object.entries(parameters).filter(([, value]) => typeof value !== 'string');
  return {
    values: Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, boundValue(name, value)]),
    ),
    types: Object.fromEntries(lists.map(([name]) => [name, LIST(VARCHAR)])),
  };
}

function boundValue(name: string, value: Parameter): string | ReturnType<typeof listValue> {
  if (typeof value === 'string') return value;
  if (value.type === 'structs') throw new Error(`Internal error: windows are tables here, not '$${name}'`);
  return listValue(value.values);
}
