/**
 * Everything known about the partitions of the pipeline, aligned by ordinal: what is declared joined with what is
 * recorded. The plan reads it once; a run keeps it true as outcomes come in.
 * It does not decide states (classify.ts) nor actions (plan.ts).
 */
import {type Calendar, type Entry, keyWord} from './calendar.ts';
import {factorOf, type Word, words} from './hash.ts';
import type {AssetRecord, Fingerprint, Words} from './ledger.ts';
import type {Asset, AssetName, Edge, PartitionKey, Pipeline} from './pipeline.ts';
import {STATES, type State} from './state.ts';
import type {Reads} from './window.ts';

/** One edge with what it reads and the factors of its digest terms. */
export interface EdgeFrame {
  readonly edge: Edge;
  readonly upstream: AssetFrame;
  readonly reads: Reads;
  /** By sequence of `reads`. */
  readonly factors: readonly Word[];
}

/** Games that the rows should and do hold, by ordinal, accepted ones left out. */
export interface GameCounts {
  readonly expected: Float64Array;
  readonly held: Float64Array;
}

export interface AssetFrame {
  readonly asset: Asset;
  readonly calendar: Calendar | undefined;
  readonly fingerprint: Fingerprint;
  readonly keys: readonly PartitionKey[];
  readonly keyWords: Words;
  readonly ordinalOf: ReadonlyMap<string, number>;
  readonly record: AssetRecord | undefined;
  /** Row of the ledger's record by ordinal; -1 where there is none. */
  readonly row: Int32Array;
  /** Keys that are recorded as published and no longer declared, with their rows. */
  readonly orphans: readonly {readonly key: PartitionKey; readonly row: number}[];
  readonly edges: readonly EdgeFrame[];
  /** What of each key's calendar entry enters the digest; undefined where keys are no dates. */
  readonly entry: Entry | undefined;

  /** 1: published. What follows is brought forward by a run. */
  readonly published: Uint8Array;
  /** 1: exempt. Fixed by the declarations. */
  readonly exempt: Uint8Array;
  /** 1: not published and signed off, itself or through a required same-key upstream. */
  readonly accepted: Uint8Array;
  /** Where the record lies as the keys do this is its own column: what a run brings forward here shows there too. */
  readonly version: Words;
  /** Undefined where no partition counts its games: each expects 1, and holds it where it is published. */
  games: GameCounts | undefined;
  /** Index into STATES. */
  readonly state: Uint8Array;
  /** How many partitions were in each state when it was decided, by index into STATES; orphans are not counted. */
  readonly stateCounts: Uint32Array;
}

export interface Frame {
  readonly pipeline: Pipeline;
  readonly now: number;
  readonly calendars: ReadonlyMap<string, Calendar>;
  /** In topological order. */
  readonly assets: ReadonlyMap<AssetName, AssetFrame>;
  /** The calendars' own assets and all that is upstream of them. */
  readonly settling: ReadonlySet<AssetName>;
}

export function frameOf(frame: Frame, asset: AssetName): AssetFrame {
  const found = frame.assets.get(asset);
  if (found === undefined) throw new Error(`Internal error: no asset '${asset}' in the frame`);
  return found;
}

/** Whether an upstream partition is there for those that read it: published and neither orphan nor exempt. */
export function isValid(asset: AssetFrame, ordinal: number): boolean {
  return asset.published[ordinal] === 1 && asset.exempt[ordinal] === 0;
}

/** Whether an edge maps a key to one upstream partition, so that exempt and accepted are passed down. */
export function isSameKey({window}: Edge): boolean {
  return window.kind === 'same' || window.kind === 'season-of-date' || window.kind === 'whole';
}

/** The keys that an asset's partitioning declares. */
export function keysOf(asset: Asset, calendar: Calendar | undefined): readonly PartitionKey[] {
  if (asset.partitioning.kind === 'all') return ALL;
  if (calendar === undefined) throw new Error(`Internal error: '${asset.name}' has no calendar`);
  return asset.partitioning.kind === 'date' ? calendar.dates : calendar.seasons;
}

const ALL: readonly PartitionKey[] = ['all' as PartitionKey]; // the one key of that grain

/** Joins an asset's declared keys with its record. States are still to be decided. */
export function joinAsset(args: {
  readonly asset: Asset;
  readonly calendar: Calendar | undefined;
  readonly fingerprint: Fingerprint;
  readonly record: AssetRecord | undefined;
  readonly entry: Entry | undefined;
}): Omit<AssetFrame, 'edges'> {
  const {asset, calendar, record} = args;
  const keys = keysOf(asset, calendar);
  const count = keys.length;
  const ordinalOf = ordinalsOf(asset, calendar, keys);
  const row = rowsOf(record, asset.partitioning.kind === 'date' ? calendar : undefined, keys);
  return {
    ...args,
    keys,
    keyWords: keyWordsOf(asset, calendar, keys),
    ordinalOf,
    row,
    orphans: orphansOf(record, row, ordinalOf),
    published: publishedOf(record, row),
    version: versionsOf(record, row),
    exempt: new Uint8Array(count),
    accepted: new Uint8Array(count),
    games: undefined,
    state: new Uint8Array(count),
    stateCounts: new Uint32Array(STATES.length),
  };
}

/** The row of each key; -1 where there is none. Assets whose keys lie alike share one column, which nobody writes to. */
function rowsOf(
  record: AssetRecord | undefined,
  calendar: Calendar | undefined,
  keys: readonly PartitionKey[],
): Int32Array {
  if (record === undefined) return new Int32Array(keys.length).fill(-1);
  const {days} = record;
  if (days === undefined || calendar === undefined) return rowsByKey(record, keys);
  let known = rowsByDays.get(days);
  if (known === undefined) {
    known = new WeakMap();
    rowsByDays.set(days, known);
  }
  let rows = known.get(calendar);
  if (rows === undefined) {
    rows = rowsByDay(days, calendar.days);
    known.set(calendar, rows);
  }
  return rows;
}

const rowsByDays = new WeakMap<Int32Array, WeakMap<Calendar, Int32Array>>();

function rowsByKey(record: AssetRecord, keys: readonly PartitionKey[]): Int32Array {
  const byKey = new Map(record.keys.map((key, index) => [key, index]));
  return Int32Array.from(keys, key => byKey.get(key) ?? -1);
}

/** `days` of the record are mostly in order: the next row is looked for from where the last one was found. */
function rowsByDay(days: Int32Array, calendarDays: Int32Array): Int32Array {
  const rows = new Int32Array(calendarDays.length).fill(-1);
  let ordinal = 0;
  for (let index = 0; index < days.length; index++) {
    const day = days[index] ?? 0;
    if (ordinal > 0 && (calendarDays[ordinal - 1] ?? 0) >= day) ordinal = lowerBound(calendarDays, day);
    while (ordinal < calendarDays.length && (calendarDays[ordinal] ?? 0) < day) ordinal++;
    if (calendarDays[ordinal] === day) rows[ordinal++] = index;
  }
  return rows;
}

/** The first index whose value is not below `value`. */
function lowerBound(sorted: Int32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether the rows are those of the first keys, in order. */
function isAligned(record: AssetRecord, row: Int32Array): boolean {
  let leading = leadingRows.get(row);
  if (leading === undefined) {
    leading = row.findIndex((at, ordinal) => at !== ordinal);
    if (leading === -1) leading = row.length;
    leadingRows.set(row, leading);
  }
  return leading === record.count;
}

/** How many rows are those of the same keys before the first that is not. */
const leadingRows = new WeakMap<Int32Array, number>();

function orphansOf(
  record: AssetRecord | undefined,
  row: Int32Array,
  ordinalOf: ReadonlyMap<string, number>,
): AssetFrame['orphans'] {
  if (record === undefined || record.publishedCount === 0) return [];
  if (isAligned(record, row)) return [];
  let declared = 0;
  for (const at of row) if (at >= 0) declared++;
  if (declared === record.count) return [];
  const orphans: {key: PartitionKey; row: number}[] = [];
  record.keys.forEach((key, index) => {
    const isPublished = record.published[index] === 1;
    if (isPublished && !ordinalOf.has(key)) orphans.push({key: key as PartitionKey, row: index}); // declared once
  });
  return orphans.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function publishedOf(record: AssetRecord | undefined, row: Int32Array): Uint8Array {
  const published = new Uint8Array(row.length);
  if (record === undefined || record.publishedCount === 0) return published;
  const isAll = record.publishedCount === record.count;
  if (isAll && isAligned(record, row)) return published.fill(1, 0, record.count);
  for (let i = 0; i < published.length; i++) {
    const at = row[i] ?? -1;
    published[i] = at >= 0 && (isAll || record.published[at] === 1) ? 1 : 0;
  }
  return published;
}

function versionsOf(record: AssetRecord | undefined, row: Int32Array): Words {
  if (record === undefined) return words(row.length);
  const {hi, lo} = record.version;
  const isWhole = record.count === row.length;
  if (isAligned(record, row)) {
    if (isWhole) return record.version;
    const version = words(row.length);
    version.hi.set(hi);
    version.lo.set(lo);
    return version;
  }
  const version = words(row.length);
  for (let ordinal = 0; ordinal < row.length; ordinal++) {
    const at = row[ordinal] ?? -1;
    version.hi[ordinal] = hi[at] ?? 0;
    version.lo[ordinal] = lo[at] ?? 0;
  }
  return version;
}

function ordinalsOf(
  asset: Asset,
  calendar: Calendar | undefined,
  keys: readonly PartitionKey[],
): ReadonlyMap<string, number> {
  if (calendar !== undefined && asset.partitioning.kind === 'date') return calendar.ordinalOf;
  if (calendar !== undefined && asset.partitioning.kind === 'season') return calendar.seasonIndexOf;
  return new Map(keys.map((key, index) => [key as string, index]));
}

function keyWordsOf(asset: Asset, calendar: Calendar | undefined, keys: readonly PartitionKey[]): Words {
  if (calendar !== undefined && asset.partitioning.kind === 'date') return calendar.keyWords;
  const column = words(keys.length);
  keys.forEach((key, index) => {
    const word = keyWord(key);
    column.hi[index] = word.hi;
    column.lo[index] = word.lo;
  });
  return column;
}

/** How many games a partition should hold; 1 where it does not count them. */
export function expectedAt({games}: AssetFrame, ordinal: number): number {
  return games === undefined ? 1 : (games.expected[ordinal] ?? 0);
}

/** How many of those it holds. */
export function heldAt({games, published}: AssetFrame, ordinal: number): number {
  return (games === undefined ? published[ordinal] : games.held[ordinal]) ?? 0;
}

/** Brings the counted games of one partition forward. */
export function setGames(asset: AssetFrame, ordinal: number, expected: number, held: number): void {
  if (asset.games === undefined) {
    if (expected === 1 && held === asset.published[ordinal]) return;
    const {published} = asset;
    asset.games = {
      expected: new Float64Array(published.length).fill(1),
      held: Float64Array.from(published),
    };
  }
  asset.games.expected[ordinal] = expected;
  asset.games.held[ordinal] = held;
}

/** The factors of an edge's terms: by its name, and by its name and team. */
export function factorsOf({name}: Edge, reads: Reads): readonly Word[] {
  let byName = factors.get(reads);
  if (byName === undefined) {
    byName = new Map();
    factors.set(reads, byName);
  }
  let found = byName.get(name);
  if (found === undefined) {
    found = reads.map(({team}) =>
      factorOf(team === undefined ? `edge ${name}` : `edge ${name} team ${team.team}`),
    );
    byName.set(name, found);
  }
  return found;
}

/** Few names and few windows are used by many edges. */
const factors = new WeakMap<Reads, Map<string, readonly Word[]>>();

/** The state as a word. */
export function stateAt(asset: AssetFrame, ordinal: number): State {
  const state = STATES[asset.state[ordinal] ?? 0];
  if (state === undefined) throw new Error('Internal error: a state out of range');
  return state;
}

export function keyAt({keys}: AssetFrame, ordinal: number): PartitionKey {
  const key = keys[ordinal];
  if (key === undefined) throw new Error('Internal error: an ordinal without a key');
  return key;
}
