/**
 * Joins an asset's declared keys with what is recorded of them.
 * It does not decide states (classify.ts).
 */
import {lowerBound} from './bisect.ts';
import {type Calendar, type Entry, keyWord} from './calendar.ts';
import {type AssetFrame, keysOf} from './frame.ts';
import {words} from './hash.ts';
import type {AssetRecord, Fingerprint, Words} from './ledger.ts';
import type {Asset, PartitionKey} from './pipeline.ts';
import type {Quality} from './quality.ts';
import {STATES} from './state.ts';

/** Joins an asset's declared keys with its record. States are still to be decided. */
export function joinAsset(args: {
  readonly asset: Asset;
  readonly calendar: Calendar | undefined;
  readonly fingerprint: Fingerprint;
  readonly record: AssetRecord | undefined;
  readonly entry: Entry | undefined;
  readonly quality: Quality;
  readonly showsQuality: boolean;
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
    made: new Map(),
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
