/**
 * Receipts in DuckDB: an append-only table beside the data, and the parts of the fingerprints that they name.
 * It does not deal with the rows that receipts speak of (duckdb-publish.ts).
 */
import {BIGINT, type DuckDBValue, VARCHAR} from '@duckdb/node-api';
import type {Fingerprint, Trust} from '../planner/ledger.ts';
import {appendChunk, CHUNK} from './duckdb-append.ts';
import {bindKeys} from './duckdb-key.ts';
import {quoted, tableName} from './duckdb-name.ts';
import type {Session} from './duckdb-session.ts';
import {type LastReceipt, type Receipt, WarehouseError} from './warehouse.ts';

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
  ['tried', 'VARCHAR'],
  ['entry', 'VARCHAR'],
  /** JSON. */
  ['carried', 'VARCHAR'],
] as const;

/** Columns that tables of receipts of older versions lack. */
const ADDED_COLUMNS = ['by', 'why', 'trust', 'tried', 'entry', 'carried'] as const;

const RECEIPTS = 'gameplan.receipts';
/** The parts of each fingerprint that a receipt names, as JSON. */
const FINGERPRINTS = 'gameplan.fingerprints';

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
      `CREATE TABLE IF NOT EXISTS ${tableName(catalog, FINGERPRINTS)} (hash VARCHAR, parts VARCHAR)`,
      ...added,
    ].join(';\n'),
  );
}

/** Within the caller's transaction. */
export async function appendReceipts(
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
    receipt.tried ?? null,
    receipt.entry ?? null,
    receipt.carried === undefined ? null : JSON.stringify(receipt.carried),
  ];
}

/** Within the caller's transaction. */
export async function keepFingerprints(
  session: Session,
  catalog: string,
  fingerprints: readonly Fingerprint[],
): Promise<void> {
  const table = tableName(catalog, FINGERPRINTS);
  for (const {hash, parts} of fingerprints) {
    await session.run(
      `INSERT INTO ${table} SELECT $hash, $parts WHERE $hash NOT IN (SELECT hash FROM ${table})`,
      {bound: {values: {hash, parts: JSON.stringify(parts)}}},
    );
  }
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

/** One query, whatever the number of partitions. Receipts are appended only, so the row's number is their order. */
export async function readLastReceipts(session: Session, catalog: string): Promise<readonly LastReceipt[]> {
  const table = tableName(catalog, RECEIPTS);
  const columns = RECEIPT_COLUMNS.map(([name]) => quoted(name)).join(', ');
  const rows = await session.rows(
    `WITH receipts AS (SELECT *, rowid AS place FROM ${table}),
     losses AS (
       SELECT asset, key, max(place) AS lost FROM receipts WHERE kind IN ('forgotten', 'dropped') GROUP BY ALL),
     histories AS (
       SELECT max(place) AS last,
         min("at") FILTER (kind = 'published' AND place > coalesce(lost, -1)) AS arrived_at,
         arg_max("at", place) FILTER (kind = 'published') AS published_at,
         arg_max("at", place) FILTER (kind IN ('published', 'unchanged')) AS made_at
       FROM receipts LEFT JOIN losses USING (asset, key) GROUP BY asset, key)
     SELECT ${columns}, arrived_at, published_at, made_at
     FROM receipts JOIN histories ON place = last ORDER BY place`,
  );
  return rows.map(row => {
    const [arrivedAt, publishedAt, madeAt] = row.slice(RECEIPT_COLUMNS.length).map(Number);
    return {...receipt(row), arrivedAt: arrivedAt ?? 0, publishedAt: publishedAt ?? 0, madeAt: madeAt ?? 0};
  });
}

export async function readFingerprints(session: Session, catalog: string): Promise<readonly Fingerprint[]> {
  const rows = await session.rows(`SELECT hash, parts FROM ${tableName(catalog, FINGERPRINTS)}`);
  // `keepFingerprints` wrote them
  return rows.map(([hash, parts]) => ({
    hash: String(hash),
    parts: JSON.parse(String(parts)) as Fingerprint['parts'],
  }));
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
    ...(typeof row[16] === 'string' ? {tried: row[16]} : {}),
    ...(typeof row[17] === 'string' ? {entry: row[17]} : {}),
    ...(typeof row[18] === 'string' ? {carried: JSON.parse(row[18]) as Receipt['carried']} : {}), // written above
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
