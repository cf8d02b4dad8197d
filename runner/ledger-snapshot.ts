/**
 * One consistent reading of the ledger, as columns: its packed copy, brought forward by what is newer.
 * It does not write, apart from renewing that copy when it is told to.
 */
import type {DatabaseSync} from 'node:sqlite';
import type {AssetRecord, CalendarRecord, LedgerSnapshot} from '../planner/ledger.ts';
import type {AssetName} from '../planner/pipeline.ts';
import {readCalendars} from './ledger-calendar.ts';
import {AssetColumns} from './ledger-columns.ts';
import {PartitionTable} from './ledger-partitions.ts';

/** How many rows may be newer than the packed copy before it is renewed; that many take about 10 ms to read. */
const NEWER_ROWS = 2_000;

export class ColumnSnapshot implements LedgerSnapshot {
  readonly sequence: number;
  readonly calendars: ReadonlyMap<string, CalendarRecord>;
  readonly assets: readonly AssetName[];
  readonly #columns: ReadonlyMap<string, AssetColumns>;

  constructor(
    sequence: number,
    calendars: ReadonlyMap<string, CalendarRecord>,
    columns: ReadonlyMap<string, AssetColumns>,
  ) {
    this.sequence = sequence;
    this.calendars = calendars;
    this.#columns = columns;
    this.assets = [...columns.keys()].sort() as AssetName[]; // names that were written as such
  }

  find(asset: AssetName): AssetRecord | undefined {
    return this.#columns.get(asset)?.record();
  }

  /** Row of the key in the asset's columns. */
  rowOf(asset: AssetName, key: string): number | undefined {
    return this.#columns.get(asset)?.rowOf(key);
  }
}

export const EMPTY_SNAPSHOT: LedgerSnapshot = new ColumnSnapshot(0, new Map(), new Map());

/** Within the caller's transaction, so that all parts are of one moment. */
export function readSnapshot(database: DatabaseSync): ColumnSnapshot {
  const {columns} = readColumns(database);
  return new ColumnSnapshot(lastSequence(database), readCalendars(database), columns);
}

/** Renews the packed copy if much is newer than it. Within the caller's transaction. */
export function renewPacked(database: DatabaseSync): void {
  const since = packedAt(database);
  const newer = database
    .prepare('SELECT count(*) AS count FROM (SELECT 1 FROM partitions WHERE sequence > ? LIMIT ?)')
    .get(since, NEWER_ROWS);
  if (Number(newer?.['count']) < NEWER_ROWS) return;
  const {columns, changed} = readColumns(database);
  const write = database.prepare('INSERT OR REPLACE INTO packed SELECT id, ?, ? FROM assets WHERE name = ?');
  for (const asset of changed) {
    const packed = columns.get(asset)?.pack();
    if (packed !== undefined) write.run(packed.head, packed.body, asset);
  }
  database.prepare('INSERT OR REPLACE INTO packed_at VALUES (1, ?)').run(lastSequence(database));
}

function readColumns(database: DatabaseSync): {columns: Map<string, AssetColumns>; changed: Set<string>} {
  const columns = readPacked(database);
  const since = columns === undefined ? 0 : packedAt(database);
  const all = columns ?? new Map<string, AssetColumns>();
  const changed = new Set<string>();
  for (const {asset, key, row} of new PartitionTable(database).newer(since)) {
    let rows = all.get(asset);
    if (rows === undefined) {
      rows = AssetColumns.empty();
      all.set(asset, rows);
    }
    rows.set(key, row);
    changed.add(asset);
  }
  return {columns: all, changed};
}

/** Undefined where another version packed them in another way: then the rows are read. */
function readPacked(database: DatabaseSync): Map<string, AssetColumns> | undefined {
  const all = new Map<string, AssetColumns>();
  const packed = database.prepare(
    'SELECT name, head, body FROM packed JOIN assets ON assets.id = packed.asset',
  );
  for (const {name, head, body} of packed.iterate()) {
    if (!(body instanceof Uint8Array)) return undefined;
    const columns = AssetColumns.unpack({head: String(head), body});
    if (columns === undefined) return undefined;
    all.set(String(name), columns);
  }
  return all;
}

function packedAt(database: DatabaseSync): number {
  return Number(database.prepare('SELECT sequence FROM packed_at').get()?.['sequence'] ?? 0);
}

export function lastSequence(database: DatabaseSync): number {
  return Number(database.prepare('SELECT max(sequence) AS last FROM log').get()?.['last'] ?? 0);
}
