/**
 * Puts staged rows before readers: old rows go, new rows come and receipts are written in one transaction.
 * It does not deal with receipts as such (duckdb-receipts.ts), with whether rows may be published, nor with other
 * writers (the warehouse has one queue).
 */

import {isDate, isSeason} from '../planner/duration.ts';
import type {Fingerprint} from '../planner/ledger.ts';
import {bindKeys, keyParameter} from './duckdb-key.ts';
import {quoted, tableName, temporary} from './duckdb-name.ts';
import {appendReceipts, keepFingerprints} from './duckdb-receipts.ts';
import {NEW_ROWS} from './duckdb-relations.ts';
import type {Session} from './duckdb-session.ts';
import type {Staging} from './duckdb-staging.ts';
import {reshape} from './duckdb-table.ts';
import {partitionColumn} from './table-key.ts';
import type {Former, Receipt, TableSpec, Warehouse} from './warehouse.ts';

export interface Publication {
  readonly staging: Staging;
  readonly keys: readonly string[];
  readonly receipts: readonly Receipt[];
  /** Those that are not known to be kept. */
  readonly fingerprints: readonly Fingerprint[];
  /** Undefined: the table is known to fit. */
  readonly former: Former | undefined;
  /** What goes in the same transaction with what was published. */
  readonly release: () => Promise<void>;
  readonly guard: (() => void) | undefined;
}

/** Replaces the rows of `keys` by those staged for them. All or nothing. */
export async function publish({
  staging,
  keys,
  receipts,
  fingerprints,
  former,
  release,
  guard,
}: Publication): Promise<void> {
  const {session, table, catalog} = staging;
  await session.transaction(async () => {
    if (keys.length > 0) {
      if (former !== undefined) await reshape(session, catalog, {table, former, replaced: keys});
      await replaceRows(staging, keys, tableName(catalog, table.name));
    }
    await release();
    await keepFingerprints(session, catalog, fingerprints);
    await appendReceipts(session, catalog, receipts);
    guard?.();
  });
}

/** Writes receipts of what was not published; the rows of dropped partitions go in the same transaction. */
export async function writeReceipts(
  session: Session,
  catalog: string,
  {receipts, fingerprints = [], dropped}: Parameters<Warehouse['writeReceipts']>[0],
  release: () => Promise<void>,
): Promise<void> {
  await session.transaction(async () => {
    if (dropped !== undefined) await deleteRows(session, catalog, dropped);
    await release();
    await keepFingerprints(session, catalog, fingerprints);
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
