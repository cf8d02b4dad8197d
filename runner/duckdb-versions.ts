/**
 * Counts and versions of rows as they lie in a table, by partition: one scan for all of them.
 * It does not deal with what receipts say of them.
 */
import {versionSum} from './duckdb-dialect.ts';
import {bindKeys, keyCondition} from './duckdb-key.ts';
import {literal, quoted, tableName} from './duckdb-name.ts';
import {columnSql} from './duckdb-relations.ts';
import type {Session} from './duckdb-session.ts';
import {isReadable, shapeOf} from './duckdb-table.ts';
import {heldColumns} from './held-columns.ts';
import {NO_KEY, versionOf} from './sql-dialect.ts';
import {partitionColumn} from './table-key.ts';
import type {HeldRows, HeldTable, TableSpec} from './warehouse.ts';

/** Beside columns that may have the same name. */
const KEY = quoted('key of gameplan');

/** Columns that the table does not have are null, and those of another type are read as the declared one. */
export async function readVersions(
  session: Session,
  catalog: string,
  {table, keys}: {readonly table: TableSpec; readonly keys: readonly string[] | 'all'},
): Promise<HeldTable | undefined> {
  const shape = await shapeOf(session, catalog, table.name);
  if (shape === undefined) return undefined;
  const column = partitionColumn(table.partitioning);
  const {hasKey, ...held} = heldColumns(table, new Set(shape.keys()));
  const isCut = column !== undefined && keys !== 'all';
  // Whoever asks for no key wants to know the columns.
  if (!hasKey || (isCut && keys.length === 0)) return {partitions: new Map(), ...held};
  const where = isCut ? ` WHERE ${keyCondition(table.partitioning, quoted(column), 'keys')}` : '';
  const found = isReadable(shape, table) ? undefined : shape;
  const own = column === undefined ? literal('all') : quoted(column);
  const values = [`${own} AS ${KEY}`, ...table.columns.map(each => columnSql(each, found))];
  const source = `SELECT ${values.join(', ')} FROM ${tableName(catalog, table.name)}${where}`;
  const rows = await session.rows(
    `SELECT coalesce(CAST(${KEY} AS VARCHAR), ${literal(NO_KEY)}), count(*), ${versionSum(table.columns)}
     FROM (${source}) GROUP BY ${KEY}`,
    isCut ? {bound: bindKeys(keys)} : {},
  );
  const partitions = new Map(
    rows.map(([key, count, version]): [string, HeldRows] => [
      String(key),
      {rows: Number(count), version: versionOf(typeof version === 'bigint' ? version : null)},
    ]),
  );
  return {partitions, ...held};
}
