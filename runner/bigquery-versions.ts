/**
 * Counts and versions of rows as they lie in a table, by partition, and when partitions were last modified.
 * It does not deal with what receipts say of them.
 */
import {bigqueryDialect} from './bigquery-dialect.ts';
import {quoted, referenceOf, tableSql} from './bigquery-name.ts';
import type {Parts} from './bigquery-parts.ts';
import {columnSql} from './bigquery-scope.ts';
import {shapeOf} from './bigquery-tables.ts';
import {heldColumns} from './held-columns.ts';
import {keyList, keyText, NO_KEY, versionOf} from './sql-dialect.ts';
import {partitionColumn} from './table-key.ts';
import type {HeldRows, HeldTable, TableSpec} from './warehouse.ts';

interface Asked {
  readonly table: TableSpec;
  readonly keys: readonly string[] | 'all';
}

/** Columns that the table does not have are null, and those of another type are read as the declared one. */
export async function readVersions(
  {place, tables, statements}: Parts,
  {table, keys}: Asked,
): Promise<HeldTable | undefined> {
  const reference = referenceOf(place, table);
  const there = await tables.find(reference);
  if (there === undefined) return undefined;
  const shape = shapeOf(there);
  const column = partitionColumn(table.partitioning);
  const {hasKey, ...held} = heldColumns(table, new Set(shape.keys()));
  const isCut = column !== undefined && keys !== 'all';
  // Whoever asks for no key wants to know the columns.
  if (!hasKey || (isCut && keys.length === 0)) return {partitions: new Map(), ...held};
  const columns = table.columns.map(each => columnSql(each, shape)).join(', ');
  const where = isCut ? ` WHERE ${quoted(column)} IN UNNEST(@keys)` : '';
  const key = keyText({dialect: bigqueryDialect, table}, 't.');
  const rows = await statements.rows(
    {
      sql: `SELECT ${column === undefined ? bigqueryDialect.literal('all') : 'gameplan_key'}, COUNT(*), ${bigqueryDialect.version(table.columns)}
FROM (SELECT t.*, ${key} AS gameplan_key FROM (SELECT ${columns} FROM ${tableSql(reference)}${where}) AS t) GROUP BY 1`,
      parameters: isCut ? {keys: keyList(table.partitioning, keys)} : {},
    },
    {asset: table.name, step: 'versions'},
  );
  const partitions = new Map(
    rows.map(([of, count, version]): [string, HeldRows] => [
      String(of ?? NO_KEY),
      {rows: Number(count), version: versionOf(version)},
    ]),
  );
  return {partitions, ...held};
}

/** By key; undefined where the table's partitions are not its keys. */
export async function readLastModified(
  {place, tables, statements}: Parts,
  {table, keys}: Asked,
): Promise<ReadonlyMap<string, number> | undefined> {
  const reference = referenceOf(place, table);
  const there = await tables.find(reference);
  if (there === undefined) return new Map();
  // What is no partition of its own cannot tell when it changed.
  const {type, field} = there.timePartitioning ?? {};
  const {partitioning} = table;
  if (
    partitioning.kind !== 'date' ||
    type !== 'DAY' ||
    field?.toLowerCase() !== partitioning.column.toLowerCase()
  )
    return undefined;
  const rows = await statements.rows(
    {
      sql: `SELECT partition_id, UNIX_MILLIS(last_modified_time) FROM ${quoted(reference.projectId)}.${quoted(reference.datasetId)}.INFORMATION_SCHEMA.PARTITIONS WHERE table_name = @name AND total_rows > 0`,
      parameters: {name: reference.tableId},
    },
    {asset: table.name, step: 'look'},
  );
  const found = rows.map(([id, at]): [string, number] => [
    String(id).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3'),
    Number(at),
  ]);
  const asked = keys === 'all' ? undefined : new Set(keys);
  return new Map(found.filter(([key]) => asked?.has(key) !== false && /^\d{4}-/.test(key)));
}
