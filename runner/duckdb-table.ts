/**
 * Makes an asset's table fit its declaration: creates it, adds, drops and retypes columns.
 * It does not deal with rows: a changed declaration makes every partition stale, and they come anew.
 */
import type {Column} from '../planner/pipeline.ts';
import {duckdbType, literal, partitionColumn, quoted, tableName, tablePlace} from './duckdb-name.ts';
import type {Session} from './duckdb-session.ts';
import type {TableSpec} from './warehouse.ts';

/** Creates or alters the table in one transaction; a table that fits costs one look. */
export async function ensureTable(session: Session, catalog: string, table: TableSpec): Promise<void> {
  const {schema, table: name} = tablePlace(table.name);
  const exists = await session.rows(
    `SELECT 1 FROM duckdb_tables()
     WHERE database_name = ${literal(catalog)} AND schema_name = ${literal(schema)} AND table_name = ${literal(name)}`,
  );
  // Looking through the columns of all tables, as duckdb_columns() does, takes 40 ms.
  const found =
    exists.length === 0
      ? []
      : await session.rows(
          `SELECT name, type FROM pragma_table_info(${literal(tableName(catalog, table.name))})`,
        );
  const place = tableName(catalog, table.name);
  const columns = table.columns.map(column => `${quoted(column.name)} ${duckdbType(column.type)}`).join(', ');
  if (found.length === 0) {
    await session.run(`CREATE SCHEMA IF NOT EXISTS ${quoted(catalog)}.${quoted(schema)};
      CREATE TABLE IF NOT EXISTS ${place} (${columns})`);
    return;
  }
  const actual = new Map(found.map(([column, type]) => [String(column).toLowerCase(), String(type)]));
  const partition = partitionColumn(table.partitioning)?.toLowerCase();
  if (partition !== undefined && !actual.has(partition)) {
    // Rows of another slicing belong to no key any more: nothing would ever replace them.
    await session.run(`CREATE OR REPLACE TABLE ${place} (${columns})`);
    return;
  }
  const steps = alterations(table, actual, place);
  if (steps.length === 0) return;
  await session.transaction(async () => {
    for (const step of steps) await step(session);
  });
}

/** Names of all tables, as assets are named. */
export async function tablesIn(session: Session, catalog: string): Promise<ReadonlySet<string>> {
  const found = await session.rows(
    `SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ${literal(catalog)}`,
  );
  return new Set(found.map(([schema, table]) => `${schema}.${table}`));
}

type Step = (session: Session) => Promise<void>;

function alterations(table: TableSpec, actual: ReadonlyMap<string, string>, place: string): readonly Step[] {
  const declared = new Set(table.columns.map(column => column.name.toLowerCase()));
  const steps: Step[] = [];
  for (const column of table.columns) {
    const type = actual.get(column.name.toLowerCase());
    if (type === undefined) steps.push(session => add(session, place, column));
    else if (type !== duckdbType(column.type)) steps.push(session => retype(session, place, column, type));
  }
  for (const name of actual.keys()) {
    if (!declared.has(name)) {
      steps.push(session => session.run(`ALTER TABLE ${place} DROP COLUMN ${quoted(name)}`));
    }
  }
  return steps;
}

async function add(session: Session, place: string, column: Column): Promise<void> {
  await session.run(`ALTER TABLE ${place} ADD COLUMN ${quoted(column.name)} ${duckdbType(column.type)}`);
}

/** Keeps what the new type can hold; where there is no way from the old one (bool to date) the column becomes null. */
async function retype(session: Session, place: string, column: Column, old: string): Promise<void> {
  const name = quoted(column.name);
  const type = duckdbType(column.type);
  const value = isCastable(old, type) ? `TRY_CAST(${name} AS ${type})` : `CAST(NULL AS ${type})`;
  await session.run(`ALTER TABLE ${place} ALTER COLUMN ${name} SET DATA TYPE ${type} USING ${value}`);
}

const NUMBERS = ['BOOLEAN', 'BIGINT', 'DOUBLE'];
const TIMES = ['DATE', 'TIMESTAMP'];

function isCastable(from: string, to: string): boolean {
  if (from === 'VARCHAR' || to === 'VARCHAR') return true;
  return [NUMBERS, TIMES].some(group => group.includes(from) && group.includes(to));
}
