/**
 * Published rows that stand for new ones, in the columns that are declared now.
 * It does not deal with judging them.
 */
import {quoted, referenceOf, tableSql} from './bigquery-name.ts';
import type {Parts} from './bigquery-parts.ts';
import {columnSql, emptySql} from './bigquery-scope.ts';
import {shapeOf} from './bigquery-tables.ts';
import {keyList, type Parameters} from './sql-dialect.ts';
import {partitionColumn} from './table-key.ts';
import type {StageRequest} from './warehouse.ts';

/** What stands after FROM for them, and what that needs. A table that is not there, or is cut by another key, has none. */
export async function publishedRows(
  {place, tables}: Parts,
  {table, partitions}: StageRequest,
): Promise<{readonly rows: string; readonly parameters: Parameters}> {
  const {columns, partitioning} = table;
  const reference = referenceOf(place, table);
  const there = await tables.find(reference);
  const shape = there === undefined ? undefined : shapeOf(there);
  const column = partitionColumn(partitioning);
  if (shape === undefined || (column !== undefined && !shape.has(column.toLowerCase())))
    return {rows: `(${emptySql(columns)})`, parameters: {}};
  const all = `SELECT ${columns.map(each => columnSql(each, shape)).join(', ')} FROM ${tableSql(reference)}`;
  if (column === undefined) return {rows: `(${all})`, parameters: {}};
  const keys = partitions.map(({key}) => key);
  return {
    rows: `(${all} WHERE ${quoted(column)} IN UNNEST(@published))`,
    parameters: {published: keyList(partitioning, keys)},
  };
}
