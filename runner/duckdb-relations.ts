/**
 * The relations that a wrapped query reads in DuckDB: temporary tables of keys and windows, and upstream tables cut to keys.
 * It does not deal with the wrapping (sql-wrap.ts) nor with filling those tables (duckdb-staging.ts).
 */
import type {Column} from '../planner/pipeline.ts';
import {QUALITY_COLUMN} from '../planner/quality.ts';
import {duckdbType, quoted, tableName, temporary} from './duckdb-name.ts';
import type {Shape} from './duckdb-table.ts';
import type {Relation} from './sql-dialect.ts';
import type {InputSpec, TableSpec} from './warehouse.ts';

/** Names of the temporary tables of one staging; a connection holds one staging at a time. */
export const PARTITIONS = 'gameplan_partitions';
export const NEW_ROWS = 'gameplan_new_rows';
export const keysName = (input: number): string => `gameplan_keys_${input}`;
export const MEMBERS = 'gameplan_members';
export const STRETCHES = 'gameplan_stretches';
export const windowName = (input: number): string => `gameplan_window_${input}`;

/** What stands after FROM for the new rows. */
export const ROWS = temporary(NEW_ROWS);

/** What `partitions` tells a query: the keys to be made, with their season, and how good their inputs are. */
export function partitionsRelation(table: TableSpec, showsQuality: boolean): Relation {
  const columns = {date: 'key AS game_date, season', season: 'key AS season', all: 'key'}[
    table.partitioning.kind
  ];
  const quality = showsQuality ? `, ${QUALITY_COLUMN}` : '';
  return {name: 'partitions', sql: `SELECT ${columns}${quality} FROM ${temporary(PARTITIONS)}`};
}

/** Which upstream keys belong to which key. */
export function windowRelation(edge: string, index: number): Relation {
  return {name: `${edge}_window`, sql: `SELECT * FROM ${temporary(windowName(index))}`};
}

/**
 * An edge's table in its declared columns, cut by a condition. `catalog` is the warehouse's own. `shape` is what the
 * table has where that is something else: what it lacks is null, as in rows that were made before it was declared.
 */
export function inputSql(
  catalog: string,
  {table, keys}: InputSpec,
  condition: string | undefined,
  shape: Shape | undefined,
): string {
  // The table of an upstream that never ran does not exist, and a soft edge may still name it.
  if (keys.length === 0)
    return `SELECT ${table.columns.map(column => columnSql(column, new Map())).join(', ')} WHERE false`;
  const columns = table.columns.map(column => columnSql(column, shape));
  const where = condition === undefined ? '' : ` WHERE ${condition}`;
  return `SELECT ${columns.join(', ')} FROM ${tableName(catalog, table.name)}${where}`;
}

/** A column as it is declared, of a table of this shape; undefined: it has it so. */
export function columnSql({name, type}: Column, shape: Shape | undefined): string {
  if (shape === undefined) return quoted(name);
  const value = shape.has(name.toLowerCase()) ? quoted(name) : 'NULL';
  return `CAST(${value} AS ${duckdbType(type)}) AS ${quoted(name)}`;
}
