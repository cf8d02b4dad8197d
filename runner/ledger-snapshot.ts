/**
 * One consistent reading of the ledger, as columns: its packed copy, brought forward by what is newer.
 * It does not write, apart from renewing that copy when it is told to.
 */
import {createHash} from 'node:crypto';
import {
  type CalendarRecord,
  type Leases,
  type LedgerSnapshot,
  NO_LEASES,
  type SiteSpending,
} from '../planner/ledger.ts';
import type {AssetName} from '../planner/pipeline.ts';
import {readCalendars} from './ledger-calendar.ts';
import {
  FORMAT,
  type Packed,
  type PackedColumns,
  type PackedHead,
  type PackedKeys,
  type Part,
  RecordColumns,
} from './ledger-columns.ts';
import type {LedgerDatabase, SqlValue, Statement} from './ledger-database.ts';
import {packRecord} from './ledger-pack.ts';
import {type NumberedAssets, PartitionTable} from './ledger-partitions.ts';
import type {PartitionRow} from './ledger-row.ts';
import {readSpending} from './ledger-spending.ts';

/** How many rows may be newer than the packed copy before it is renewed; that many take about 10 ms to read. */
const NEWER_ROWS = 2_000;

/** What is held by runs at work, in words. */
type LeaseReader = (database: LedgerDatabase, assets: NumberedAssets) => Leases;

/** Newer rows by asset and key. */
type Newer = ReadonlyMap<string, ReadonlyMap<string, PartitionRow>>;

const NO_ROWS: ReadonlyMap<string, PartitionRow> = new Map();

export class ColumnSnapshot implements LedgerSnapshot {
  readonly sequence: number;
  readonly calendars: ReadonlyMap<string, CalendarRecord>;
  readonly assets: readonly AssetName[];
  readonly leases: Leases;
  readonly spending: SiteSpending;
  readonly #packed: PackedReader | undefined;
  readonly #newer: Newer;
  readonly #records = new Map<string, RecordColumns>();

  constructor(
    sequence: number,
    calendars: ReadonlyMap<string, CalendarRecord>,
    about: {
      readonly packed: PackedReader | undefined;
      readonly newer: Newer;
      readonly leases: Leases;
      readonly spending?: SiteSpending;
    },
  ) {
    this.sequence = sequence;
    this.calendars = calendars;
    this.leases = about.leases;
    this.spending = about.spending ?? [];
    this.#packed = about.packed;
    this.#newer = about.newer;
    const names = new Set([...(about.packed?.assets ?? []), ...about.newer.keys()]);
    this.assets = [...names].sort() as AssetName[]; // names that were written as such
  }

  find(asset: AssetName): RecordColumns | undefined {
    const known = this.#records.get(asset);
    if (known !== undefined) return known;
    const packed = this.#packed?.find(asset);
    const newer = this.#newer.get(asset);
    if (packed === undefined && newer === undefined) return undefined;
    const record = new RecordColumns(packed, newer ?? NO_ROWS);
    this.#records.set(asset, record);
    return record;
  }

  /** Row of the key in the asset's columns. */
  rowOf(asset: AssetName, key: string): number | undefined {
    return this.find(asset)?.rowOf(key);
  }

  /** Reads all that is left to be read, so that the snapshot outlives the connection and its transaction. */
  readWhole(): this {
    this.#packed?.readWhole();
    return this;
  }
}

export const EMPTY_SNAPSHOT: LedgerSnapshot = new ColumnSnapshot(0, new Map(), {
  packed: undefined,
  newer: new Map(),
  leases: NO_LEASES,
});

/** `use` may ask the snapshot until it returns: all that it reads is of one moment. */
export function readConsistently<T>(
  database: LedgerDatabase,
  use: (snapshot: ColumnSnapshot) => T,
  leasesOf?: LeaseReader,
): T {
  return database.read(() => use(readSnapshot(database, leasesOf)));
}

/**
 * Within the caller's transaction, so that all parts are of one moment. Columns are read when they are asked for, as
 * long as that transaction lasts; `readWhole` reads them at once.
 */
function readSnapshot(database: LedgerDatabase, leasesOf: LeaseReader = () => NO_LEASES): ColumnSnapshot {
  const table = new PartitionTable(database);
  const packed = readerOf(database, table);
  const newer = newerThan(table, packed === undefined ? 0 : packedAt(database));
  const leases = leasesOf(database, table.assets);
  const spending = readSpending(database);
  return new ColumnSnapshot(lastSequence(database), readCalendars(database), {
    packed,
    newer,
    leases,
    spending,
  });
}

function newerThan(table: PartitionTable, sequence: number): Newer {
  const all = new Map<string, Map<string, PartitionRow>>();
  for (const {asset, key, row} of table.newer(sequence)) {
    let rows = all.get(asset);
    if (rows === undefined) {
      rows = new Map();
      all.set(asset, rows);
    }
    rows.set(key, row);
  }
  return all;
}

/** Renews the packed copy if much is newer than it. Within the caller's transaction. */
export function renewPacked(database: LedgerDatabase): void {
  const table = new PartitionTable(database);
  const packed = readerOf(database, table);
  const since = packed === undefined ? 0 : packedAt(database);
  const count = database
    .prepare('SELECT count(*) AS count FROM (SELECT 1 FROM partitions WHERE sequence > ? LIMIT ?) AS few')
    .get(since, NEWER_ROWS);
  if (Number(count?.['count']) < NEWER_ROWS) return;
  const write = new PackedWriter(database, table);
  if (packed === undefined) database.exec('DELETE FROM packed');
  for (const [asset, rows] of newerThan(table, since))
    write.put(asset, packRecord(new RecordColumns(packed?.find(asset), rows)));
  write.finish(lastSequence(database));
}

/** Writes packed copies of whole assets. */
export class PackedWriter {
  readonly #database: LedgerDatabase;
  readonly #table: PartitionTable;
  readonly #write: Statement;
  readonly #rows: SqlValue[][] = [];
  readonly #keyLists = new Map<string, number>();

  constructor(database: LedgerDatabase, table: PartitionTable) {
    this.#database = database;
    this.#table = table;
    this.#write = database.prepare(
      `INSERT INTO packed (asset, keys, head, hot, rest) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (asset) DO UPDATE SET keys = excluded.keys, head = excluded.head, hot = excluded.hot, rest = excluded.rest`,
    );
  }

  put(asset: string, {head, keys, hot, rest}: PackedColumns): void {
    const fingerprints = head.fingerprints.map(each => this.#table.fingerprints.numberOf(each));
    const text = JSON.stringify({...head, fingerprints});
    this.#rows.push([this.#table.assets.numberOf(asset), this.#numberOf(keys), text, hot, rest]);
  }

  /** Says up to which entry of the log the copies are. */
  finish(sequence: number): void {
    this.#write.runMany(this.#rows.splice(0));
    this.#database.exec('DELETE FROM key_lists WHERE id NOT IN (SELECT keys FROM packed)');
    this.#database
      .prepare(
        `INSERT INTO packed_at ("only", sequence) VALUES (1, ?)
         ON CONFLICT ("only") DO UPDATE SET sequence = excluded.sequence`,
      )
      .run(sequence);
  }

  #numberOf(keys: PackedKeys): number {
    const days = keys.kind === 'days' ? new Uint8Array(keys.days.buffer) : null;
    const texts = keys.kind === 'texts' ? JSON.stringify(keys.texts) : null;
    const hash = createHash('sha256')
      .update(days ?? texts ?? '')
      .digest('hex');
    const known = this.#keyLists.get(hash);
    if (known !== undefined) return known;
    const row =
      this.#database.prepare('SELECT id FROM key_lists WHERE hash = ?').get(hash) ??
      this.#database
        .prepare('INSERT INTO key_lists (hash, days, texts) VALUES (?, ?, ?) RETURNING id')
        .get(hash, days, texts);
    const number = Number(row?.['id']);
    this.#keyLists.set(hash, number);
    return number;
  }
}

/** Undefined where nothing is packed, or what is there was packed in another way or is damaged: then the rows are read. */
function readerOf(database: LedgerDatabase, table: PartitionTable): PackedReader | undefined {
  const heads = new Map<string, StoredHead>();
  for (const row of database
    .prepare(
      `SELECT asset, name, keys, head, length(hot) AS hot, length(rest) AS rest,
         CASE WHEN days IS NOT NULL THEN length(days) / 4.0 ELSE ${database.dialect.jsonLength('texts')} END AS count
       FROM packed JOIN assets ON assets.id = packed.asset LEFT JOIN key_lists ON key_lists.id = packed.keys`,
    )
    .iterate()) {
    const head = parseHead(String(row['head']));
    if (head === undefined || row['hot'] !== head.bytes.hot || row['rest'] !== head.bytes.rest)
      return undefined;
    if (row['count'] !== head.count) return undefined;
    heads.set(String(row['name']), {asset: Number(row['asset']), keys: Number(row['keys']), head});
  }
  table.fingerprints.load([...heads.values()].flatMap(({head}) => head.fingerprints));
  return heads.size === 0 ? undefined : new PackedReader(database, table, heads);
}

function parseHead(text: string): StoredHead['head'] | undefined {
  try {
    // `PackedWriter` wrote it, or its format is another
    const head = JSON.parse(text) as StoredHead['head'] | null;
    return head?.format === FORMAT ? head : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A head as it is stored, with fingerprints by number. */
interface StoredHead {
  readonly asset: number;
  readonly keys: number;
  readonly head: Omit<PackedHead, 'fingerprints'> & {readonly fingerprints: readonly number[]};
}

class PackedReader {
  readonly #table: PartitionTable;
  readonly #heads: ReadonlyMap<string, StoredHead>;
  readonly #keyLists = new Map<number, PackedKeys>();
  readonly #database: LedgerDatabase;
  readonly #parts: Readonly<Record<Part, Statement>>;
  /** Of all assets, where each alone would cost a way there and back. */
  readonly #all = new Map<Part, ReadonlyMap<number, Uint8Array>>();
  readonly #keys: Statement;
  readonly #found = new Map<string, Packed>();

  constructor(database: LedgerDatabase, table: PartitionTable, heads: ReadonlyMap<string, StoredHead>) {
    this.#database = database;
    this.#table = table;
    this.#heads = heads;
    this.#keys = database.prepare('SELECT days, texts FROM key_lists WHERE id = ?');
    this.#parts = {
      hot: database.prepare('SELECT hot AS part FROM packed WHERE asset = ?'),
      rest: database.prepare('SELECT rest AS part FROM packed WHERE asset = ?'),
    };
  }

  get assets(): Iterable<string> {
    return this.#heads.keys();
  }

  find(name: string): Packed | undefined {
    const known = this.#found.get(name);
    const stored = this.#heads.get(name);
    if (known !== undefined || stored === undefined) return known;
    const {asset, keys, head} = stored;
    const parts = new Map<Part, Uint8Array>();
    const packed: Packed = {
      head: {...head, fingerprints: head.fingerprints.map(number => this.#table.fingerprints.get(number))},
      keys: this.#keysOf(keys),
      part: part => {
        let bytes = parts.get(part);
        if (bytes === undefined) {
          bytes = this.#bytesOf(part, asset);
          parts.set(part, bytes);
        }
        return bytes;
      },
    };
    this.#found.set(name, packed);
    return packed;
  }

  #bytesOf(part: Part, asset: number): Uint8Array {
    if (!this.#database.isRemote) return bytesIn(this.#parts[part].get(asset)?.['part']);
    let all = this.#all.get(part);
    if (all === undefined) {
      const rows = this.#database.prepare(`SELECT asset, ${part} AS part FROM packed`).all();
      all = new Map(rows.map(row => [Number(row['asset']), bytesIn(row['part'])]));
      this.#all.set(part, all);
    }
    return all.get(asset) ?? new Uint8Array();
  }

  readWhole(): void {
    for (const name of this.#heads.keys()) {
      const packed = this.find(name);
      packed?.part('hot');
      packed?.part('rest');
    }
  }

  #keysOf(id: number): PackedKeys {
    let keys = this.#keyLists.get(id);
    if (keys === undefined) {
      const row = this.#keys.get(id);
      const days = row?.['days'];
      keys =
        days instanceof Uint8Array
          ? {kind: 'days', days: new Int32Array(Uint8Array.from(days).buffer)}
          : {kind: 'texts', texts: JSON.parse(String(row?.['texts']))};
      this.#keyLists.set(id, keys);
    }
    return keys;
  }
}

function bytesIn(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function packedAt(database: LedgerDatabase): number {
  return Number(database.prepare('SELECT sequence FROM packed_at').get()?.['sequence'] ?? 0);
}

export function lastSequence(database: LedgerDatabase): number {
  return Number(database.prepare('SELECT max(sequence) AS last FROM log').get()?.['last'] ?? 0);
}
