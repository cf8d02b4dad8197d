/**
 * The recorded partitions of one asset as columns: a packed copy, read column by column as they are asked for, under
 * the rows that are newer. It does not deal with where those lie (ledger-snapshot.ts) nor with what an outcome means
 * (ledger-row.ts).
 */
import {lowerBound} from '../planner/bisect.ts';
import {dateOf, dayOf} from '../planner/day.ts';
import {hexOf, wordFrom} from '../planner/hash.ts';
import {type AssetRecord, type Fingerprint, PLAIN_TRUST, type Trust, type Words} from '../planner/ledger.ts';
import type {PartitionRow} from './ledger-row.ts';

/** Columns of numbers, the widest first, so that each begins at a multiple of its width. */
export const COLUMNS = {
  changedAt: Float64Array,
  arrivedAt: Float64Array,
  lostAt: Float64Array,
  readAt: Float64Array,
  rows: Float64Array,
  publishedAt: Float64Array,
  durationMs: Float64Array,
  triedAt: Float64Array,
  versionHi: Uint32Array,
  versionLo: Uint32Array,
  digestHi: Uint32Array,
  digestLo: Uint32Array,
  entryHi: Uint32Array,
  entryLo: Uint32Array,
  triedDigestHi: Uint32Array,
  triedDigestLo: Uint32Array,
  fingerprint: Uint32Array,
  triedFingerprint: Uint32Array,
  failures: Uint32Array,
  trust: Uint32Array,
  expected: Int32Array,
  found: Int32Array,
  published: Uint8Array,
  outcome: Uint8Array,
} as const;
export type ColumnName = keyof typeof COLUMNS;
type Column = InstanceType<(typeof COLUMNS)[ColumnName]>;
type ColumnOf<Name extends ColumnName> = InstanceType<(typeof COLUMNS)[Name]>;
export const NAMES = Object.keys(COLUMNS) as readonly ColumnName[];

/** What every plan reads; the rest names causes and is read for few partitions. */
export const HOT: ReadonlySet<ColumnName> = new Set(['versionHi', 'versionLo', 'digestHi', 'digestLo']);

/** The same in every row, or where the column begins in its part. */
export type Place = {readonly all: number} | {readonly at: number};

/** What lies beside the packed columns, as JSON. */
export interface PackedHead {
  readonly format: typeof FORMAT;
  readonly count: number;
  readonly publishedCount: number;
  /** The size of each part. */
  readonly bytes: Readonly<Record<Part, number>>;
  readonly columns: Readonly<Record<ColumnName, Place>>;
  readonly fingerprints: readonly Fingerprint[];
  readonly trusts: readonly Trust[];
  readonly absent: readonly (readonly [row: number, games: readonly string[]])[];
  readonly errors: readonly (readonly [row: number, error: string])[];
}

/** Raise when the layout changes: columns of another one are not read, but made anew from the rows. */
export const FORMAT = 4;

/** The two parts of a packed copy: columns that every plan reads, and the rest. */
export type Part = 'hot' | 'rest';

/** A packed copy whose parts are read when they are asked for. */
export interface Packed {
  readonly head: PackedHead;
  readonly keys: PackedKeys;
  part(part: Part): Uint8Array;
}

/** The keys of a packed copy in order: as day numbers where all are dates. Assets with the same keys share one list. */
export type PackedKeys =
  | {readonly kind: 'days'; readonly days: Int32Array}
  | {readonly kind: 'texts'; readonly texts: readonly string[]};

/** Parts as they are written. */
export interface PackedColumns {
  readonly head: PackedHead;
  readonly keys: PackedKeys;
  readonly hot: Uint8Array;
  readonly rest: Uint8Array;
}

export class RecordColumns implements AssetRecord {
  readonly count: number;
  readonly publishedCount: number;
  readonly hasCoverage: boolean;
  readonly fingerprints: readonly Fingerprint[];
  readonly trusts: readonly Trust[];
  readonly days: Int32Array | undefined;
  readonly absent: ReadonlyMap<number, readonly string[]>;
  readonly errors: ReadonlyMap<number, string>;
  readonly #packed: Packed | undefined;
  /** Newer rows by their row number; those past the packed count are new keys. */
  readonly #newer: ReadonlyMap<number, PartitionRow>;
  /** Place in `fingerprints` by hash, and in `trusts` by text. */
  readonly #places: ReadonlyMap<string, number>;
  readonly #trustPlaces: ReadonlyMap<string, number>;
  readonly #addedKeys: readonly string[];
  readonly #columns = new Map<ColumnName, Column>();
  readonly #words = new Map<string, Words>();
  #keys: readonly string[] | undefined;
  #rowByKey: ReadonlyMap<string, number> | undefined;

  constructor(packed: Packed | undefined, newer: ReadonlyMap<string, PartitionRow>) {
    this.#packed = packed;
    const base = packed?.head.count ?? 0;
    const added: string[] = [];
    const rows = new Map<number, PartitionRow>();
    const find = finderOf(packed?.keys);
    for (const [key, row] of newer) {
      const known = find(key);
      rows.set(known ?? base + added.length, row);
      if (known === undefined) added.push(key);
    }
    this.#newer = rows;
    this.#addedKeys = added;
    this.count = base + added.length;
    this.days = daysWith(packed?.keys, added);
    const fingerprints = new Map((packed?.head.fingerprints ?? []).map(each => [each.hash, each]));
    for (const {fingerprint, triedFingerprint} of newer.values()) {
      for (const each of [fingerprint, triedFingerprint])
        if (!fingerprints.has(each.hash)) fingerprints.set(each.hash, each);
    }
    this.fingerprints = [...fingerprints.values()];
    this.#places = new Map(this.fingerprints.map(({hash}, place) => [hash, place]));
    const trusts = new Map((packed?.head.trusts ?? []).map(each => [JSON.stringify(each), each]));
    for (const {trust} of newer.values()) trusts.set(JSON.stringify(trust), trust);
    this.trusts = [...trusts.values()];
    this.#trustPlaces = new Map([...trusts.keys()].map((text, place) => [text, place]));
    this.publishedCount = this.#countPublished();
    this.hasCoverage =
      !isAll(packed?.head.columns.expected, -1) || [...newer.values()].some(({expected}) => expected >= 0);
    this.absent = patched(packed?.head.absent, rows, ({absent}) => (absent.length > 0 ? absent : undefined));
    this.errors = patched(packed?.head.errors, rows, ({error}) => error);
  }

  get keys(): readonly string[] {
    this.#keys ??= [...textsOf(this.#packed?.keys), ...this.#addedKeys];
    return this.#keys;
  }

  get published(): Uint8Array {
    return this.#column('published');
  }

  get version(): Words {
    return this.#wordsOf('versionHi', 'versionLo');
  }

  get digest(): Words {
    return this.#wordsOf('digestHi', 'digestLo');
  }

  get entry(): Words {
    return this.#wordsOf('entryHi', 'entryLo');
  }

  get triedDigest(): Words {
    return this.#wordsOf('triedDigestHi', 'triedDigestLo');
  }

  get fingerprint(): Uint32Array {
    return this.#column('fingerprint');
  }

  get triedFingerprint(): Uint32Array {
    return this.#column('triedFingerprint');
  }

  get changedAt(): Float64Array {
    return this.#column('changedAt');
  }

  get arrivedAt(): Float64Array {
    return this.#column('arrivedAt');
  }

  get lostAt(): Float64Array {
    return this.#column('lostAt');
  }

  get readAt(): Float64Array {
    return this.#column('readAt');
  }

  get rows(): Float64Array {
    return this.#column('rows');
  }

  get publishedAt(): Float64Array {
    return this.#column('publishedAt');
  }

  get durationMs(): Float64Array {
    return this.#column('durationMs');
  }

  get triedAt(): Float64Array {
    return this.#column('triedAt');
  }

  get expected(): Int32Array {
    return this.#column('expected');
  }

  get found(): Int32Array {
    return this.#column('found');
  }

  get trust(): Uint32Array {
    return this.#column('trust');
  }

  get outcome(): Uint8Array {
    return this.#column('outcome');
  }

  get failures(): Uint32Array {
    return this.#column('failures');
  }

  rowOf(key: string): number | undefined {
    this.#rowByKey ??= new Map(this.keys.map((each, row) => [each, row]));
    return this.#rowByKey.get(key);
  }

  #countPublished(): number {
    const head = this.#packed?.head;
    let count = head?.publishedCount ?? 0;
    if (this.#newer.size === 0) return count;
    const base = head?.count ?? 0;
    const isAllPublished = count === base;
    for (const [row, {published}] of this.#newer) {
      const was = row < base && (isAllPublished || this.#readColumn('published')[row] === 1);
      if (was !== published) count += published ? 1 : -1;
    }
    return count;
  }

  #column<Name extends ColumnName>(name: Name): ColumnOf<Name> {
    let column = this.#columns.get(name);
    if (column === undefined) {
      column = this.#patchColumn(name);
      this.#columns.set(name, column);
    }
    return column as ColumnOf<Name>; // made by that name
  }

  #wordsOf(hi: ColumnName, lo: ColumnName): Words {
    let words = this.#words.get(hi);
    if (words === undefined) {
      // the names of halves are those of unsigned columns
      words = {hi: this.#column(hi) as Uint32Array, lo: this.#column(lo) as Uint32Array};
      this.#words.set(hi, words);
    }
    return words;
  }

  #patchColumn(name: ColumnName): Column {
    const packed = this.#readColumn(name);
    if (this.#newer.size === 0) return packed;
    const column = new COLUMNS[name](this.count);
    column.set(packed);
    for (const [row, state] of this.#newer) column[row] = this.#valueOf(name, state);
    return column;
  }

  /** The packed rows alone. */
  #readColumn(name: ColumnName): Column {
    const {head} = this.#packed ?? {};
    const count = head?.count ?? 0;
    const place = head?.columns[name] ?? {all: 0};
    if ('all' in place) {
      // A run writes over the versions of its frame, which may be these.
      return HOT.has(name)
        ? new COLUMNS[name](count).fill(place.all)
        : constantColumn(name, count, place.all);
    }
    const part = this.#packed?.part(HOT.has(name) ? 'hot' : 'rest') ?? new Uint8Array();
    const Type = COLUMNS[name];
    const start = part.byteOffset + place.at;
    if (start % Type.BYTES_PER_ELEMENT === 0) return new Type(part.buffer as ArrayBuffer, start, count);
    const bytes = part.slice(place.at, place.at + count * Type.BYTES_PER_ELEMENT);
    return new Type(bytes.buffer, 0, count);
  }

  #valueOf(name: ColumnName, row: PartitionRow): number {
    switch (name) {
      case 'versionHi':
        return wordFrom(row.version).hi;
      case 'versionLo':
        return wordFrom(row.version).lo;
      case 'digestHi':
        return wordFrom(row.digest).hi;
      case 'digestLo':
        return wordFrom(row.digest).lo;
      case 'entryHi':
        return wordFrom(row.entry).hi;
      case 'entryLo':
        return wordFrom(row.entry).lo;
      case 'triedDigestHi':
        return wordFrom(row.triedDigest).hi;
      case 'triedDigestLo':
        return wordFrom(row.triedDigest).lo;
      case 'fingerprint':
      case 'triedFingerprint':
        return this.#places.get(row[name].hash) ?? 0;
      case 'trust':
        return this.#trustPlaces.get(JSON.stringify(row.trust)) ?? 0;
      case 'published':
        return row.published ? 1 : 0;
      default:
        return row[name];
    }
  }
}

/** A column of one value. Records of the same length share it: many say the same of all their rows. */
function constantColumn(name: ColumnName, count: number, value: number): Column {
  const title = `${COLUMNS[name].name} ${count} ${value}`;
  let column = constants.get(title);
  if (column === undefined) {
    if (constants.size >= CONSTANTS_KEPT) constants.clear();
    column = new COLUMNS[name](count).fill(value);
    constants.set(title, column);
  }
  return column;
}

const constants = new Map<string, Column>();
const CONSTANTS_KEPT = 64;

/** Finds the rows of packed keys: dates by bisection, other keys by a table made when it is first needed. */
function finderOf(keys: PackedKeys | undefined): (key: string) => number | undefined {
  if (keys === undefined) return () => undefined;
  if (keys.kind === 'days') return key => rowOfDay(keys.days, dayOf(key));
  let table: ReadonlyMap<string, number> | undefined;
  return key => {
    table ??= new Map(keys.texts.map((text, row) => [text, row]));
    return table.get(key);
  };
}

function rowOfDay(days: Int32Array, day: number): number | undefined {
  const row = lowerBound(days, day);
  return days[row] === day ? row : undefined;
}

function textsOf(keys: PackedKeys | undefined): readonly string[] {
  if (keys === undefined) return [];
  return keys.kind === 'texts' ? keys.texts : Array.from(keys.days, dateOf);
}

/** The same column where nothing was added, so that assets with the same keys keep sharing it. */
function daysWith(keys: PackedKeys | undefined, added: readonly string[]): Int32Array | undefined {
  if (keys?.kind === 'texts') return undefined;
  const known = keys?.days ?? new Int32Array();
  if (added.length === 0) return keys === undefined ? undefined : known;
  const days = added.map(dayOf);
  if (days.some(day => Number.isNaN(day))) return undefined;
  const all = new Int32Array(known.length + days.length);
  all.set(known);
  all.set(days, known.length);
  return all;
}

function isAll(place: Place | undefined, value: number): boolean {
  return place === undefined || ('all' in place && place.all === value);
}

/** What few rows have, with newer rows over it. */
function patched<Value>(
  packed: readonly (readonly [row: number, value: Value])[] | undefined,
  newer: ReadonlyMap<number, PartitionRow>,
  read: (row: PartitionRow) => Value | undefined,
): ReadonlyMap<number, Value> {
  const all = new Map<number, Value>(packed);
  for (const [row, state] of newer) {
    const value = read(state);
    if (value === undefined) all.delete(row);
    else all.set(row, value);
  }
  return all;
}

/** One row of a record. */
export function rowAt(record: AssetRecord, row: number): PartitionRow {
  const word = ({hi, lo}: Words) => hexOf({hi: hi[row] ?? 0, lo: lo[row] ?? 0});
  const fingerprint = (column: Uint32Array): Fingerprint => {
    const found = record.fingerprints[column[row] ?? 0];
    if (found === undefined) throw new Error(`Internal error: row ${row} has no fingerprint.`);
    return found;
  };
  return {
    published: record.published[row] === 1,
    version: word(record.version),
    digest: word(record.digest),
    fingerprint: fingerprint(record.fingerprint),
    changedAt: record.changedAt[row] ?? 0,
    arrivedAt: record.arrivedAt[row] ?? 0,
    lostAt: record.lostAt[row] ?? 0,
    readAt: record.readAt[row] ?? 0,
    entry: word(record.entry),
    rows: record.rows[row] ?? 0,
    expected: record.expected[row] ?? -1,
    found: record.found[row] ?? -1,
    absent: record.absent.get(row) ?? [],
    trust: record.trusts[record.trust[row] ?? 0] ?? PLAIN_TRUST,
    publishedAt: record.publishedAt[row] ?? 0,
    durationMs: record.durationMs[row] ?? 0,
    triedAt: record.triedAt[row] ?? 0,
    outcome: record.outcome[row] ?? 0,
    failures: record.failures[row] ?? 0,
    triedFingerprint: fingerprint(record.triedFingerprint),
    triedDigest: word(record.triedDigest),
    error: record.errors.get(row),
  };
}
