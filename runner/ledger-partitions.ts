/**
 * Partitions in SQLite: one row each way between `PartitionRow` and the table, with names and fingerprints as numbers.
 * It does not deal with what an outcome means (ledger-row.ts) nor with transactions (ledger.ts).
 */

import {hexOf, wordFrom} from '../planner/hash.ts';
import {type Fingerprint, PLAIN_TRUST, type Trust} from '../planner/ledger.ts';
import type {LedgerDatabase, SqlValue, Statement} from './ledger-database.ts';
import {DamagedContent} from './ledger-error.ts';
import type {PartitionRow} from './ledger-row.ts';

const COLUMNS = [
  'published',
  'version_hi',
  'version_lo',
  'digest_hi',
  'digest_lo',
  'fingerprint',
  'changed_at',
  'arrived_at',
  'lost_at',
  'read_at',
  'entry_hi',
  'entry_lo',
  'rows',
  'expected',
  'found',
  'absent',
  'trust',
  'published_at',
  'duration_ms',
  'tried_at',
  'outcome',
  'failures',
  'tried_fingerprint',
  'tried_digest_hi',
  'tried_digest_lo',
  'error',
] as const;

type Stored = Readonly<Record<string, unknown>>;

/** Partitions by asset name and key. One a connection: it keeps prepared statements and the numbers of names. */
export class PartitionTable {
  readonly #find: Statement;
  readonly #upsert: Statement;
  readonly #newer: Statement;
  readonly #newerOfOthers: Statement;
  readonly #isRemote: boolean;
  readonly assets: NumberedAssets;
  readonly fingerprints: NumberedFingerprints;
  readonly trusts: NumberedTrusts;

  constructor(database: LedgerDatabase) {
    const list = COLUMNS.join(', ');
    this.#isRemote = database.isRemote;
    this.assets = new NumberedAssets(database);
    this.fingerprints = new NumberedFingerprints(database);
    this.trusts = new NumberedTrusts(database);
    this.#find = database.prepare(
      `SELECT key, ${list} FROM partitions WHERE asset = ? AND key IN (SELECT value FROM json_each(?))`,
    );
    this.#upsert = database.prepare(
      `INSERT INTO partitions (asset, key, sequence, ${list}) VALUES (?, ?, ?${', ?'.repeat(COLUMNS.length)})
       ON CONFLICT (asset, key) DO UPDATE SET sequence = excluded.sequence, ${COLUMNS.map(each => `${each} = excluded.${each}`).join(', ')}`,
    );
    this.#newer = database.prepare(`SELECT asset, key, ${list} FROM partitions WHERE sequence > ?`);
    this.#newerOfOthers = database.prepare(
      `SELECT asset, key, ${list} FROM partitions
       WHERE sequence IN (SELECT sequence FROM log WHERE sequence > ? AND run <> ?)`,
    );
  }

  /** Those of an asset that are known, by key. */
  findMany(asset: string, keys: readonly string[]): ReadonlyMap<string, PartitionRow> {
    if (keys.length === 0) return new Map();
    const rows = this.#find.all(this.assets.numberOf(asset), JSON.stringify(keys));
    this.#load(rows);
    return new Map(rows.map(row => [String(row['key']), this.#decode(row)]));
  }

  /** Rows of one asset by key. */
  putMany(asset: string, sequence: number, rows: ReadonlyMap<string, PartitionRow>): void {
    if (rows.size === 0) return;
    const number = this.assets.numberOf(asset);
    this.#upsert.runMany([...rows].map(([key, row]) => [number, key, sequence, ...this.#encode(row)]));
  }

  /** Partitions that changed after `sequence`; but by `run`, where one is given. */
  *newer(sequence: number, run?: string): Generator<{asset: string; key: string; row: PartitionRow}> {
    const query = run === undefined ? this.#newer : this.#newerOfOthers;
    const values = run === undefined ? [sequence] : [sequence, run];
    for (const stored of this.#load(query.iterate(...values))) {
      yield {
        asset: this.assets.nameOf(Number(stored['asset'])),
        key: String(stored['key']),
        row: this.#decode(stored),
      };
    }
  }

  /** What rows name is read at once, where each alone would cost a way there and back. */
  #load(rows: Iterable<Stored>): Iterable<Stored> {
    if (!this.#isRemote) return rows;
    const all = [...rows];
    this.fingerprints.load(
      all.flatMap(row => [Number(row['fingerprint']), Number(row['tried_fingerprint'])]),
    );
    return all;
  }

  /** Numbers given in a transaction that was rolled back do not exist. */
  forgetNumbers(): void {
    this.assets.clear();
    this.fingerprints.clear();
    this.trusts.clear();
  }

  #encode(row: PartitionRow): SqlValue[] {
    const version = wordFrom(row.version);
    const digest = wordFrom(row.digest);
    const entry = wordFrom(row.entry);
    const triedDigest = wordFrom(row.triedDigest);
    return [
      row.published ? 1 : 0,
      version.hi,
      version.lo,
      digest.hi,
      digest.lo,
      this.fingerprints.numberOf(row.fingerprint),
      row.changedAt,
      row.arrivedAt,
      row.lostAt,
      row.readAt,
      entry.hi,
      entry.lo,
      row.rows,
      row.expected,
      row.found,
      row.absent.length === 0 ? null : JSON.stringify(row.absent),
      this.trusts.numberOf(row.trust),
      row.publishedAt,
      row.durationMs,
      row.triedAt,
      row.outcome,
      row.failures,
      this.fingerprints.numberOf(row.triedFingerprint),
      triedDigest.hi,
      triedDigest.lo,
      row.error ?? null,
    ];
  }

  #decode(stored: Stored): PartitionRow {
    const number = (name: (typeof COLUMNS)[number]): number => Number(stored[name]);
    const absent = stored['absent'];
    const error = stored['error'];
    return {
      published: stored['published'] === 1,
      version: hexOf({hi: number('version_hi'), lo: number('version_lo')}),
      digest: hexOf({hi: number('digest_hi'), lo: number('digest_lo')}),
      fingerprint: this.fingerprints.get(number('fingerprint')),
      changedAt: number('changed_at'),
      arrivedAt: number('arrived_at'),
      lostAt: number('lost_at'),
      readAt: number('read_at'),
      entry: hexOf({hi: number('entry_hi'), lo: number('entry_lo')}),
      rows: number('rows'),
      expected: number('expected'),
      found: number('found'),
      absent: typeof absent === 'string' ? JSON.parse(absent) : [],
      trust: this.trusts.get(number('trust')),
      publishedAt: number('published_at'),
      durationMs: number('duration_ms'),
      triedAt: number('tried_at'),
      outcome: number('outcome'),
      failures: number('failures'),
      triedFingerprint: this.fingerprints.get(number('tried_fingerprint')),
      triedDigest: hexOf({hi: number('tried_digest_hi'), lo: number('tried_digest_lo')}),
      error: typeof error === 'string' ? error : undefined,
    };
  }
}

/** Asset names as small numbers. */
export class NumberedAssets {
  readonly #database: LedgerDatabase;
  readonly #numbers = new Map<string, number>();
  readonly #names = new Map<number, string>();

  constructor(database: LedgerDatabase) {
    this.#database = database;
  }

  /** Gives the name a number where it has none; only within a transaction that writes. */
  numberOf(name: string): number {
    const known = this.#numbers.get(name) ?? this.findNumber(name);
    if (known !== undefined) return known;
    this.#database.prepare('INSERT INTO assets (name) VALUES (?)').run(name);
    return this.numberOf(name);
  }

  findNumber(name: string): number | undefined {
    const number = this.#look('name', name)?.id;
    if (number !== undefined) this.#numbers.set(name, number);
    return number;
  }

  nameOf(number: number): string {
    const known = this.#names.get(number);
    if (known !== undefined) return known;
    const name = this.#look('id', number)?.name;
    if (name === undefined) throw new DamagedContent(`no asset ${number}`);
    this.#names.set(number, name);
    return name;
  }

  #look(by: 'id' | 'name', value: number | string): {readonly id: number; readonly name: string} | undefined {
    if (this.#database.isRemote && this.#names.size === 0) {
      for (const row of this.#database.prepare('SELECT id, name FROM assets').all()) {
        this.#numbers.set(String(row['name']), Number(row['id']));
        this.#names.set(Number(row['id']), String(row['name']));
      }
      const [id, name] =
        by === 'id'
          ? [Number(value), this.#names.get(Number(value))]
          : [this.#numbers.get(String(value)), String(value)];
      if (id !== undefined && name !== undefined) return {id, name};
    }
    const row = this.#database.prepare(`SELECT id, name FROM assets WHERE ${by} = ?`).get(value);
    return row === undefined ? undefined : {id: Number(row['id']), name: String(row['name'])};
  }

  clear(): void {
    this.#numbers.clear();
    this.#names.clear();
  }
}

/** Fingerprints by their hash, each kept once. */
class NumberedFingerprints {
  readonly #database: LedgerDatabase;
  readonly #get: Statement;
  readonly #numbers = new Map<string, number>();
  readonly #fingerprints = new Map<number, Fingerprint>();

  constructor(database: LedgerDatabase) {
    this.#database = database;
    this.#get = database.prepare('SELECT hash, parts FROM fingerprints WHERE id = ?');
  }

  /** Keeps the fingerprint where it is new; only within a transaction that writes. */
  numberOf({hash, parts}: Fingerprint): number {
    const known = this.#numbers.get(hash);
    if (known !== undefined) return known;
    const row =
      this.#database.prepare('SELECT id FROM fingerprints WHERE hash = ?').get(hash) ??
      this.#database
        .prepare('INSERT INTO fingerprints (hash, parts) VALUES (?, ?) RETURNING id')
        .get(hash, JSON.stringify(parts));
    const number = Number(row?.['id']);
    this.#numbers.set(hash, number);
    return number;
  }

  /** Reads those that are not known yet at once, where each alone would cost a way there and back. */
  load(numbers: readonly number[]): void {
    const wanted = [...new Set(numbers)].filter(number => !this.#fingerprints.has(number));
    if (!this.#database.isRemote || wanted.length === 0) return;
    const rows = this.#database
      .prepare(
        'SELECT id, hash, parts FROM fingerprints WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))',
      )
      .all(JSON.stringify(wanted));
    for (const row of rows) this.#keep(Number(row['id']), row);
  }

  get(number: number): Fingerprint {
    const known = this.#fingerprints.get(number);
    if (known !== undefined) return known;
    const row = this.#get.get(number);
    if (row === undefined) throw new DamagedContent(`no fingerprint ${number}`);
    return this.#keep(number, row);
  }

  #keep(number: number, row: Stored): Fingerprint {
    const text = String(row['parts']);
    let parts: Fingerprint['parts'] | undefined;
    const fingerprint: Fingerprint = {
      hash: String(row['hash']),
      // Read only where a difference is to be named: most fingerprints are compared by their hash alone.
      get parts() {
        parts ??= JSON.parse(text) as Fingerprint['parts']; // `numberOf` wrote it
        return parts;
      },
    };
    this.#fingerprints.set(number, fingerprint);
    return fingerprint;
  }

  clear(): void {
    this.#numbers.clear();
    this.#fingerprints.clear();
  }
}

/** What bears on quality, each kept once by its text; 0 stands for what most rows have. */
class NumberedTrusts {
  readonly #database: LedgerDatabase;
  readonly #numbers = new Map<string, number>([[JSON.stringify(PLAIN_TRUST), 0]]);
  readonly #trusts = new Map<number, Trust>([[0, PLAIN_TRUST]]);

  constructor(database: LedgerDatabase) {
    this.#database = database;
  }

  /** Keeps it where it is new; only within a transaction that writes. */
  numberOf(trust: Trust): number {
    const text = JSON.stringify(trust);
    let number = this.#numbers.get(text);
    if (number === undefined) {
      const row =
        this.#database.prepare('SELECT id FROM trusts WHERE value = ?').get(text) ??
        this.#database.prepare('INSERT INTO trusts (value) VALUES (?) RETURNING id').get(text);
      number = Number(row?.['id']);
      this.#numbers.set(text, number);
    }
    return number;
  }

  get(number: number): Trust {
    const known = this.#trusts.get(number);
    if (known !== undefined) return known;
    const row = this.#database.prepare('SELECT value FROM trusts WHERE id = ?').get(number);
    if (row === undefined) throw new DamagedContent(`no trust ${number}`);
    const trust = JSON.parse(String(row['value'])) as Trust; // `numberOf` wrote it
    this.#trusts.set(number, trust);
    return trust;
  }

  clear(): void {
    this.#numbers.clear();
    this.#trusts.clear();
    this.#numbers.set(JSON.stringify(PLAIN_TRUST), 0);
    this.#trusts.set(0, PLAIN_TRUST);
  }
}
