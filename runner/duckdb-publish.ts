/**
 * Puts staged rows before readers: old rows go, new rows come and receipts are written in one transaction.
 * It does not deal with whether they may be published, nor with other writers (the warehouse has one queue).
 */

import {BIGINT, type DuckDBValue, VARCHAR} from '@duckdb/node-api';
import {isDate, isSeason} from '../planner/duration.ts';
import type {Trust} from '../planner/ledger.ts';
import {appendChunk, CHUNK} from './duckdb-append.ts';
import {bindKeys, keyParameter} from './duckdb-key.ts';
import {partitionColumn, quoted, tableName, temporary} from './duckdb-name.ts';
import type {Session} from './duckdb-session.ts';
import type {Staging} from './duckdb-staging.ts';
import {reshape} from './duckdb-table.ts';
import {NEW_ROWS} from './duckdb-wrap.ts';
import {type Former, type Receipt, type TableSpec, type Warehouse, WarehouseError} from './warehouse.ts';

export interface Publication {
  readonly staging: Staging;
  readonly keys: readonly string[];
  readonly receipts: readonly Receipt[];
  /** Undefined: the table is known to fit. */
  readonly former: Former | undefined;
  /** What goes in the same transaction with what was published. */
  readonly release: () => Promise<void>;
}

const RECEIPT_COLUMNS = [
  ['asset', 'VARCHAR'],
  ['key', 'VARCHAR'],
  ['kind', 'VARCHAR'],
  ['intent', 'VARCHAR'],
  ['run', 'VARCHAR'],
  ['version', 'VARCHAR'],
  ['rows', 'BIGINT'],
  ['fingerprint', 'VARCHAR'],
  ['digest', 'VARCHAR'],
  ['expected', 'BIGINT'],
  ['found', 'BIGINT'],
  /** A JSON array of game ids. */
  ['absent', 'VARCHAR'],
  ['at', 'BIGINT'],
  ['by', 'VARCHAR'],
  ['why', 'VARCHAR'],
  /** JSON. */
  ['trust', 'VARCHAR'],
] as const;

/** Columns that tables of receipts of older versions lack. */
const ADDED_COLUMNS = ['by', 'why', 'trust'] as const;

const RECEIPTS = 'gameplan.receipts';

export async function createReceipts(session: Session, catalog: string): Promise<void> {
  const columns = RECEIPT_COLUMNS.map(([name, type]) => `${quoted(name)} ${type}`);
  const table = tableName(catalog, RECEIPTS);
  const added = ADDED_COLUMNS.map(
    name => `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${quoted(name)} VARCHAR`,
  );
  await session.run(
    [
      `CREATE SCHEMA IF NOT EXISTS ${quoted(catalog)}.gameplan`,
      `CREATE TABLE IF NOT EXISTS ${table} (${columns.join(', ')})`,
      ...added,
    ].join(';\n'),
  );
}

/** Replaces the rows of `keys` by those staged for them. All or nothing. */
export async function publish({staging, keys, receipts, former, release}: Publication): Promise<void> {
  const {session, table, catalog} = staging;
  await session.transaction(async () => {
    if (keys.length > 0) {
      if (former !== undefined) await reshape(session, catalog, {table, former, replaced: keys});
      await replaceRows(staging, keys, tableName(catalog, table.name));
    }
    await release();
    await appendReceipts(session, catalog, receipts);
  });
}

/** Writes receipts of what was not published; the rows of dropped partitions go in the same transaction. */
export async function writeReceipts(
  session: Session,
  catalog: string,
  {receipts, dropped}: Parameters<Warehouse['writeReceipts']>[0],
  release: () => Promise<void>,
): Promise<void> {
  await session.transaction(async () => {
    if (dropped !== undefined) await deleteRows(session, catalog, dropped);
    await release();
    await appendReceipts(session, catalog, receipts);
  });
}

/** A key of another slicing than the table's has no rows in it: those of `all` would be every row. */
async function deleteRows(
  session: Session,
  catalog: string,
  {table, keys}: {readonly table: TableSpec; readonly keys: readonly string[] | 'all'},
): Promise<void> {
  if (keys === 'all') {
    await session.run(`DROP TABLE IF EXISTS ${tableName(catalog, table.name)}`);
    return;
  }
  const {kind} = table.partitioning;
  const own = keys.filter(key => (kind === 'date' ? isDate(key) : kind === 'season' && isSeason(key)));
  if (own.length === 0) return;
  await session.run(`DELETE FROM ${tableName(catalog, table.name)} WHERE ${keyParameter(table, 'keys')}`, {
    bound: bindKeys(own),
  });
}

async function replaceRows(
  {session, table}: Staging,
  keys: readonly string[],
  target: string,
): Promise<void> {
  const columns = table.columns.map(column => quoted(column.name)).join(', ');
  const insert = `INSERT INTO ${target} (${columns}) SELECT ${columns} FROM ${temporary(NEW_ROWS)}`;
  if (partitionColumn(table.partitioning) === undefined) {
    await session.run(`DELETE FROM ${target}`);
    await session.run(insert);
    return;
  }
  const bound = bindKeys(keys);
  const cut = `WHERE ${keyParameter(table, 'keys')}`;
  await session.run(`DELETE FROM ${target} ${cut}`, {bound});
  await session.run(`${insert} ${cut}`, {bound});
}

async function appendReceipts(
  session: Session,
  catalog: string,
  receipts: readonly Receipt[],
): Promise<void> {
  if (receipts.length === 0) return;
  const appender = await session.connection.createAppender('receipts', 'gameplan', catalog);
  const types = RECEIPT_COLUMNS.map(([, type]) => ({VARCHAR, BIGINT})[type]);
  for (let from = 0; from < receipts.length; from += CHUNK) {
    const rows = receipts.slice(from, from + CHUNK).map(receiptValues);
    appendChunk(
      appender,
      types,
      RECEIPT_COLUMNS.map((_, i) => rows.map(row => row[i] ?? null)),
    );
  }
  appender.closeSync();
}

function receiptValues(receipt: Receipt): readonly DuckDBValue[] {
  const whole = (value: number | null): bigint | null => (value === null ? null : BigInt(value));
  return [
    receipt.asset,
    receipt.key,
    receipt.kind,
    receipt.intent,
    receipt.run,
    receipt.version,
    whole(receipt.rows),
    receipt.fingerprint,
    receipt.digest,
    whole(receipt.expected),
    whole(receipt.found),
    JSON.stringify(receipt.absent),
    whole(receipt.at),
    receipt.by ?? null,
    receipt.why ?? null,
    receipt.trust === undefined ? null : JSON.stringify(receipt.trust),
  ];
}

/** The receipts of these intents, in the order of their writing. */
export async function readReceipts(
  session: Session,
  catalog: string,
  intents: readonly string[],
): Promise<readonly Receipt[]> {
  if (intents.length === 0) return [];
  const columns = RECEIPT_COLUMNS.map(([name]) => quoted(name)).join(', ');
  const rows = await session.rows(
    `SELECT ${columns} FROM ${tableName(catalog, RECEIPTS)} WHERE intent IN (SELECT unnest($keys)) ORDER BY rowid`,
    {bound: bindKeys(intents)},
  );
  return rows.map(receipt);
}

export async function hasReceiptOf(session: Session, catalog: string, run: string): Promise<boolean> {
  const found = await session.rows(
    `SELECT 1 FROM ${tableName(catalog, RECEIPTS)} WHERE ${quoted('run')} = $run LIMIT 1`,
    {bound: {values: {run}}},
  );
  return found.length > 0;
}

function receipt(row: readonly DuckDBValue[]): Receipt {
  const text = (i: number): string => String(row[i]);
  const count = (i: number): number | null =>
    row[i] === null || row[i] === undefined ? null : Number(row[i]);
  const absent: unknown = JSON.parse(text(11));
  return {
    asset: text(0),
    key: text(1),
    kind: receiptKind(text(2)),
    intent: text(3),
    run: text(4),
    version: text(5),
    rows: count(6) ?? 0,
    fingerprint: text(7),
    digest: text(8),
    expected: count(9),
    found: count(10),
    absent: Array.isArray(absent) ? absent.map(String) : [],
    at: count(12) ?? 0,
    ...(typeof row[13] === 'string' ? {by: row[13]} : {}),
    ...(typeof row[14] === 'string' ? {why: row[14]} : {}),
    ...(typeof row[15] === 'string' ? {trust: JSON.parse(row[15]) as Trust} : {}), // written above
  };
}

function receiptKind(text: string): Receipt['kind'] {
  switch (text) {
    case 'published':
    case 'unchanged':
    case 'forgotten':
    case 'marked':
    case 'dropped':
      return text;
    default:
      throw new WarehouseError(
        'unreadable',
        `The warehouse holds a receipt of the unknown kind '${text}'; a newer gameplan wrote it. Use that one.`,
      );
  }
}
