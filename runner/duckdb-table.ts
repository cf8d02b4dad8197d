/**
 * Brings an asset's table into its declared shape, within the transaction that publishes into it: a query that fails,
 * or a publication that is refused, leaves the old table whole.
 * It does not deal with the rows that are published (duckdb-publish.ts).
 */
import type {Column} from '../planner/pipeline.ts';
import {bindKeys, keyCondition} from './duckdb-key.ts';
import {duckdbType, literal, quoted, tableName} from './duckdb-name.ts';
import type {Session} from './duckdb-session.ts';
import {partitionColumn, tablePlace} from './table-key.ts';
import {type Former, type TableSpec, WarehouseError} from './warehouse.ts';

/** The columns that a table has, in lower case, with their types as the engine writes them. */
export type Shape = ReadonlyMap<string, string>;

/** Undefined: there is no such table. */
export async function shapeOf(session: Session, catalog: string, asset: string): Promise<Shape | undefined> {
  const {schema, table} = tablePlace(asset);
  const exists = await session.rows(
    `SELECT 1 FROM duckdb_tables()
     WHERE database_name = ${literal(catalog)} AND schema_name = ${literal(schema)} AND table_name = ${literal(table)}`,
  );
  if (exists.length === 0) return undefined;
  // Looking through the columns of all tables, as duckdb_columns() does, takes 40 ms.
  const found = await session.rows(`DESCRIBE ${tableName(catalog, asset)}`);
  return new Map(found.map(([column, type]) => [String(column).toLowerCase(), String(type)]));
}

/** Whether the declared columns can be read as they are. */
export function isReadable(shape: Shape, {columns}: TableSpec): boolean {
  return columns.every(({name, type}) => shape.get(name.toLowerCase()) === duckdbType(type));
}

/** Names of all tables, as assets are named. */
export async function tablesIn(session: Session, catalog: string): Promise<ReadonlySet<string>> {
  const found = await session.rows(
    `SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ${literal(catalog)}`,
  );
  return new Set(found.map(([schema, table]) => `${schema}.${table}`));
}

export interface Reshaping {
  readonly table: TableSpec;
  readonly former: Former;
  /** Partitions whose rows are replaced in the same transaction: they are not carried over. */
  readonly replaced: readonly string[];
}

/** Creates the table, or makes it anew with the rows that stay. One that fits costs a look. */
export async function reshape(
  session: Session,
  catalog: string,
  {table, former, replaced}: Reshaping,
): Promise<void> {
  const shape = await shapeOf(session, catalog, table.name);
  const place = tableName(catalog, table.name);
  const {schema} = tablePlace(table.name);
  const columns = table.columns.map(column => `${quoted(column.name)} ${duckdbType(column.type)}`).join(', ');
  if (shape === undefined) {
    await session.run(`CREATE SCHEMA IF NOT EXISTS ${quoted(catalog)}.${quoted(schema)};
      CREATE TABLE ${place} (${columns})`);
    return;
  }
  const slicedBy = partitionColumn(table.partitioning);
  const heldKey = [slicedBy, former.slicedBy].find(
    name => name !== undefined && shape.has(name.toLowerCase()),
  );
  if (heldKey === undefined) {
    // Every row is replaced, or belongs to no key that is declared.
    if (!isExactly(shape, table, [])) await session.run(`CREATE OR REPLACE TABLE ${place} (${columns})`);
    return;
  }
  const kept = former.columns.filter(name => shape.has(name.toLowerCase()) && !declares(table, name));
  if (isExactly(shape, table, kept)) return;
  const bound = bindKeys(replaced);
  const stays = `NOT ${keyCondition(table.partitioning, quoted(heldKey), 'keys')}`;
  for (const column of table.columns) {
    const was = shape.get(column.name.toLowerCase());
    if (was !== undefined && was !== duckdbType(column.type))
      await refuseLoss(session, {table, column, was, place, stays, bound});
  }
  const values = table.columns.map(column => {
    const source = column.name === slicedBy ? heldKey : column.name;
    return shape.has(source.toLowerCase())
      ? `CAST(${quoted(source)} AS ${duckdbType(column.type)}) AS ${quoted(column.name)}`
      : `CAST(NULL AS ${duckdbType(column.type)}) AS ${quoted(column.name)}`;
  });
  await session.run(
    `CREATE OR REPLACE TABLE ${place} AS
     SELECT ${[...values, ...kept.map(quoted)].join(', ')} FROM ${place} WHERE ${stays}`,
    {bound},
  );
}

function declares({columns}: TableSpec, name: string): boolean {
  return columns.some(column => column.name.toLowerCase() === name.toLowerCase());
}

function isExactly(shape: Shape, table: TableSpec, kept: readonly string[]): boolean {
  return isReadable(shape, table) && shape.size === table.columns.length + kept.length;
}

interface Retype {
  readonly table: TableSpec;
  readonly column: Column;
  readonly was: string;
  readonly place: string;
  /** Condition on the rows that stay. */
  readonly stays: string;
  readonly bound: ReturnType<typeof bindKeys>;
}

/** Values that the new type cannot give back as they were are no values of that type. */
async function refuseLoss(
  session: Session,
  {table, column, was, place, stays, bound}: Retype,
): Promise<void> {
  const name = quoted(column.name);
  const is = duckdbType(column.type);
  const isLost = isCastable(was, is)
    ? `TRY_CAST(TRY_CAST(${name} AS ${is}) AS ${was}) IS DISTINCT FROM ${name}`
    : `${name} IS NOT NULL`;
  const [found] = await session.rows(
    `SELECT count(*), CAST(min(${name}) AS VARCHAR) FROM ${place} WHERE ${isLost} AND ${stays}`,
    {bound},
  );
  const [count, example] = found ?? [];
  if (Number(count) === 0) return;
  throw new WarehouseError(
    'shape',
    `The column '${column.name}' of ${table.name} is declared ${column.type}, and ${count} published ${Number(count) === 1 ? 'row holds a value' : 'rows hold values'} that ${column.type} cannot hold as it is, such as ${example}. Declare the new column under another name, which leaves the published rows as they are until they are made again; or take the old type back.`,
  );
}

const NUMBERS = ['BOOLEAN', 'BIGINT', 'DOUBLE'];
const TIMES = ['DATE', 'TIMESTAMP'];

function isCastable(from: string, to: string): boolean {
  if (from === 'VARCHAR' || to === 'VARCHAR') return true;
  return [NUMBERS, TIMES].some(group => group.includes(from) && group.includes(to));
}
