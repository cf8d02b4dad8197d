/**
 * The partitions of one asset as growing columns, which read as an `AssetRecord`.
 * It does not deal with where they come from (ledger-snapshot.ts) nor with what an outcome means (ledger-row.ts).
 */
import {hexOf, wordFrom} from '../planner/hash.ts';
import type {AssetRecord, Fingerprint} from '../planner/ledger.ts';
import type {PartitionRow} from './ledger-row.ts';

/** One buffer, cut into columns: the widest first, so that each begins at a multiple of its width. */
interface Columns {
  readonly buffer: ArrayBuffer;
  readonly changedAt: Float64Array;
  readonly arrivedAt: Float64Array;
  readonly lostAt: Float64Array;
  readonly readAt: Float64Array;
  readonly rows: Float64Array;
  readonly publishedAt: Float64Array;
  readonly durationMs: Float64Array;
  readonly triedAt: Float64Array;
  readonly versionHi: Uint32Array;
  readonly versionLo: Uint32Array;
  readonly digestHi: Uint32Array;
  readonly digestLo: Uint32Array;
  readonly entryHi: Uint32Array;
  readonly entryLo: Uint32Array;
  readonly triedDigestHi: Uint32Array;
  readonly triedDigestLo: Uint32Array;
  readonly fingerprint: Uint32Array;
  readonly triedFingerprint: Uint32Array;
  readonly failures: Uint32Array;
  readonly expected: Int32Array;
  readonly found: Int32Array;
  readonly published: Uint8Array;
  readonly outcome: Uint8Array;
}

const BYTES_A_ROW = 8 * 8 + 13 * 4 + 2;

function cut(capacity: number, buffer = new ArrayBuffer(capacity * BYTES_A_ROW)): Columns {
  let offset = 0;
  const next = (width: number): number => {
    const here = offset;
    offset += width * capacity;
    return here;
  };
  const doubles = () => new Float64Array(buffer, next(8), capacity);
  const unsigned = () => new Uint32Array(buffer, next(4), capacity);
  const signed = () => new Int32Array(buffer, next(4), capacity);
  const bytes = () => new Uint8Array(buffer, next(1), capacity);
  return {
    buffer,
    changedAt: doubles(),
    arrivedAt: doubles(),
    lostAt: doubles(),
    readAt: doubles(),
    rows: doubles(),
    publishedAt: doubles(),
    durationMs: doubles(),
    triedAt: doubles(),
    versionHi: unsigned(),
    versionLo: unsigned(),
    digestHi: unsigned(),
    digestLo: unsigned(),
    entryHi: unsigned(),
    entryLo: unsigned(),
    triedDigestHi: unsigned(),
    triedDigestLo: unsigned(),
    fingerprint: unsigned(),
    triedFingerprint: unsigned(),
    failures: unsigned(),
    expected: signed(),
    found: signed(),
    published: bytes(),
    outcome: bytes(),
  };
}

type ColumnName = Exclude<keyof Columns, 'buffer'>;

function resize(columns: Omit<Columns, 'buffer'>, length: number, capacity: number): Columns {
  const larger = cut(capacity);
  for (const name in larger) {
    if (name === 'buffer') continue;
    const column = name as ColumnName; // `cut` makes no other names
    larger[column].set(columns[column].subarray(0, length));
  }
  return larger;
}

function put(hi: Uint32Array, lo: Uint32Array, row: number, hex: string): void {
  const word = wordFrom(hex);
  hi[row] = word.hi;
  lo[row] = word.lo;
}

/** Columns as they lie in the ledger's own cache: `head` is JSON text, `body` the columns without spare room. */
export interface PackedColumns {
  readonly head: string;
  readonly body: Uint8Array;
}

interface Head {
  readonly bytesARow: number;
  readonly keys: string[];
  readonly fingerprints: Fingerprint[];
  readonly absent: [number, readonly string[]][];
  readonly errors: [number, string][];
}

export class AssetColumns {
  readonly #keys: string[];
  readonly #absent: Map<number, readonly string[]>;
  readonly #errors: Map<number, string>;
  readonly #fingerprints: Fingerprint[];
  readonly #places = new Map<string, number>();
  #columns: Columns;
  #capacity: number;
  #rows: Map<string, number> | undefined;
  #view: AssetRecord | undefined;

  private constructor(head: Omit<Head, 'bytesARow'>, columns: Columns, capacity: number) {
    this.#keys = head.keys;
    this.#absent = new Map(head.absent);
    this.#errors = new Map(head.errors);
    this.#fingerprints = head.fingerprints;
    for (const [place, {hash}] of head.fingerprints.entries()) this.#places.set(hash, place);
    this.#columns = columns;
    this.#capacity = capacity;
  }

  static empty(): AssetColumns {
    return new AssetColumns({keys: [], fingerprints: [], absent: [], errors: []}, cut(16), 16);
  }

  /** A copy that can grow. */
  static from(record: AssetRecord): AssetColumns {
    const length = record.keys.length;
    const capacity = Math.max(16, length);
    const flat = {
      ...record,
      versionHi: record.version.hi,
      versionLo: record.version.lo,
      digestHi: record.digest.hi,
      digestLo: record.digest.lo,
      entryHi: record.entry.hi,
      entryLo: record.entry.lo,
      triedDigestHi: record.triedDigest.hi,
      triedDigestLo: record.triedDigest.lo,
    };
    const head = {
      keys: [...record.keys],
      fingerprints: [...record.fingerprints],
      absent: [...record.absent],
      errors: [...record.errors],
    };
    return new AssetColumns(head, resize(flat, length, capacity), capacity);
  }

  pack(): PackedColumns {
    const length = this.#keys.length;
    const head: Head = {
      bytesARow: BYTES_A_ROW,
      keys: this.#keys,
      fingerprints: this.#fingerprints,
      absent: [...this.#absent],
      errors: [...this.#errors],
    };
    return {
      head: JSON.stringify(head),
      body: new Uint8Array(resize(this.#columns, length, length).buffer),
    };
  }

  /** Undefined where another layout wrote it. */
  static unpack({head, body}: PackedColumns): AssetColumns | undefined {
    const parsed = JSON.parse(head) as Head; // written by `pack`; another layout is told by its size
    const length = parsed.keys.length;
    if (parsed.bytesARow !== BYTES_A_ROW || body.byteLength !== length * BYTES_A_ROW) return undefined;
    return new AssetColumns(parsed, cut(length, Uint8Array.from(body).buffer), length);
  }

  rowOf(key: string): number | undefined {
    this.#rows ??= new Map(this.#keys.map((each, row) => [each, row]));
    return this.#rows.get(key);
  }

  find(key: string): PartitionRow | undefined {
    const row = this.rowOf(key);
    return row === undefined ? undefined : this.#get(row);
  }

  /** Appends the key, or writes over its row. Times, counts and versions as in `AssetRecord`. */
  set(key: string, state: PartitionRow): void {
    const row = this.rowOf(key) ?? this.#append(key);
    const columns = this.#columns;
    columns.changedAt[row] = state.changedAt;
    columns.arrivedAt[row] = state.arrivedAt;
    columns.lostAt[row] = state.lostAt;
    columns.readAt[row] = state.readAt;
    columns.rows[row] = state.rows;
    columns.publishedAt[row] = state.publishedAt;
    columns.durationMs[row] = state.durationMs;
    columns.triedAt[row] = state.triedAt;
    put(columns.versionHi, columns.versionLo, row, state.version);
    put(columns.digestHi, columns.digestLo, row, state.digest);
    put(columns.entryHi, columns.entryLo, row, state.entry);
    put(columns.triedDigestHi, columns.triedDigestLo, row, state.triedDigest);
    columns.fingerprint[row] = this.#placeOf(state.fingerprint);
    columns.triedFingerprint[row] = this.#placeOf(state.triedFingerprint);
    columns.failures[row] = state.failures;
    columns.expected[row] = state.expected;
    columns.found[row] = state.found;
    columns.published[row] = state.published ? 1 : 0;
    columns.outcome[row] = state.outcome;
    if (state.absent.length > 0) this.#absent.set(row, state.absent);
    else this.#absent.delete(row);
    if (state.error !== undefined) this.#errors.set(row, state.error);
    else this.#errors.delete(row);
  }

  /** The columns as they stand. Later values show in it; after a later key ask again. */
  record(): AssetRecord {
    this.#view ??= this.#cutView();
    return this.#view;
  }

  #cutView(): AssetRecord {
    const length = this.#keys.length;
    const all = this.#columns;
    const words = (hi: Uint32Array, lo: Uint32Array) => ({
      hi: hi.subarray(0, length),
      lo: lo.subarray(0, length),
    });
    return {
      keys: this.#keys,
      published: all.published.subarray(0, length),
      version: words(all.versionHi, all.versionLo),
      digest: words(all.digestHi, all.digestLo),
      fingerprint: all.fingerprint.subarray(0, length),
      fingerprints: this.#fingerprints,
      changedAt: all.changedAt.subarray(0, length),
      arrivedAt: all.arrivedAt.subarray(0, length),
      lostAt: all.lostAt.subarray(0, length),
      readAt: all.readAt.subarray(0, length),
      entry: words(all.entryHi, all.entryLo),
      rows: all.rows.subarray(0, length),
      expected: all.expected.subarray(0, length),
      found: all.found.subarray(0, length),
      absent: this.#absent,
      publishedAt: all.publishedAt.subarray(0, length),
      durationMs: all.durationMs.subarray(0, length),
      triedAt: all.triedAt.subarray(0, length),
      outcome: all.outcome.subarray(0, length),
      failures: all.failures.subarray(0, length),
      triedFingerprint: all.triedFingerprint.subarray(0, length),
      triedDigest: words(all.triedDigestHi, all.triedDigestLo),
      errors: this.#errors,
    };
  }

  #get(row: number): PartitionRow {
    const all = this.#columns;
    const number = (column: {readonly [row: number]: number | undefined}): number => column[row] ?? 0;
    const word = (hi: Uint32Array, lo: Uint32Array) => hexOf({hi: number(hi), lo: number(lo)});
    return {
      published: all.published[row] === 1,
      version: word(all.versionHi, all.versionLo),
      digest: word(all.digestHi, all.digestLo),
      fingerprint: this.#fingerprintAt(number(all.fingerprint)),
      changedAt: number(all.changedAt),
      arrivedAt: number(all.arrivedAt),
      lostAt: number(all.lostAt),
      readAt: number(all.readAt),
      entry: word(all.entryHi, all.entryLo),
      rows: number(all.rows),
      expected: number(all.expected),
      found: number(all.found),
      absent: this.#absent.get(row) ?? [],
      publishedAt: number(all.publishedAt),
      durationMs: number(all.durationMs),
      triedAt: number(all.triedAt),
      outcome: number(all.outcome),
      failures: number(all.failures),
      triedFingerprint: this.#fingerprintAt(number(all.triedFingerprint)),
      triedDigest: word(all.triedDigestHi, all.triedDigestLo),
      error: this.#errors.get(row),
    };
  }

  #fingerprintAt(place: number): Fingerprint {
    const fingerprint = this.#fingerprints[place];
    if (fingerprint === undefined) throw new Error(`Internal error: no fingerprint at ${place}.`);
    return fingerprint;
  }

  #placeOf(fingerprint: Fingerprint): number {
    const known = this.#places.get(fingerprint.hash);
    if (known !== undefined) return known;
    this.#fingerprints.push(fingerprint);
    this.#places.set(fingerprint.hash, this.#fingerprints.length - 1);
    return this.#fingerprints.length - 1;
  }

  #append(key: string): number {
    const row = this.#keys.length;
    if (row === this.#capacity) {
      this.#capacity = Math.max(16, this.#capacity * 2);
      this.#columns = resize(this.#columns, row, this.#capacity);
    }
    this.#keys.push(key);
    this.#rows?.set(key, row);
    this.#view = undefined;
    return row;
  }
}
