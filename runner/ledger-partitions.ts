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
  readonly assets: NumberedAssets;
  readonly fingerprints: NumberedFingerprints;
  readonly trusts: NumberedTrusts;

  constructor(database: LedgerDatabase) {
    const list = COLUMNS.join(', ');
    this.assets = new NumberedAssets(database);
    this.fingerprints = new NumberedFingerprints(database);
    this.trusts = new NumberedTrusts(database);
    this.#find = database.prepare(`SELECT ${list} FROM partitions WHERE asset = ? AND key = ?`);
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

  find(asset: string, key: string): PartitionRow | undefined {
    const row = this.#find.get(this.assets.numberOf(asset), key);
    return row === undefined ? undefined : this.#decode(row);
  }

  put(asset: string, key: string, sequence: number, row: PartitionRow): void {
    this.#upsert.run(this.assets.numberOf(asset), key, sequence, ...this.#encode(row));
  }

  /** Partitions that changed after `sequence`; but by `run`, where one is given. */
  *newer(sequence: number, run?: string): Generator<{asset: string; key: string; row: PartitionRow}> {
    const found =
      run === undefined ? this.#newer.iterate(sequence) : this.#newerOfOthers.iterate(sequence, run);
    for (const stored of found) {
      yield {
        asset: this.assets.nameOf(Number(stored['asset'])),
        key: String(stored['key']),
        row: this.#decode(stored),
      };
    }
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
    const row = this.#database.prepare('SELECT id FROM assets WHERE name = ?').get(name);
    if (row === undefined) return undefined;
    const number = Number(row['id']);
    this.#numbers.set(name, number);
    return number;
  }

  nameOf(number: number): string {
    const known = this.#names.get(number);
    if (known !== undefined) return known;
    const row = this.#database.prepare('SELECT name FROM assets WHERE id = ?').get(number);
    if (row === undefined) throw new DamagedContent(`no asset ${number}`);
    const name = String(row['name']);
    this.#names.set(number, name);
    return name;
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
    this.#database
      .prepare('INSERT INTO fingerprints (hash, parts) VALUES (?, ?) ON CONFLICT DO NOTHING')
      .run(hash, JSON.stringify(parts));
    const row = this.#database.prepare('SELECT id FROM fingerprints WHERE hash = ?').get(hash);
    const number = Number(row?.['id']);
    this.#numbers.set(hash, number);
    return number;
  }

  get(number: number): Fingerprint {
    const known = this.#fingerprints.get(number);
    if (known !== undefined) return known;
    const row = this.#get.get(number);
    if (row === undefined) throw new DamagedContent(`no fingerprint ${number}`);
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
      this.#database.prepare('INSERT INTO trusts (value) VALUES (?) ON CONFLICT DO NOTHING').run(text);
      const row = this.#database.prepare('SELECT id FROM trusts WHERE value = ?').get(text);
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
