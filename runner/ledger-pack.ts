/**
 * Packs a record into columns in the order of its keys, as they lie in the ledger.
 * It does not deal with how they are read (ledger-columns.ts).
 */
import {dayOf} from '../planner/day.ts';
import type {AssetRecord, Fingerprint, Trust} from '../planner/ledger.ts';
import {
  COLUMNS,
  type ColumnName,
  FORMAT,
  HOT,
  NAMES,
  type PackedColumns,
  type PackedKeys,
  type Part,
  type Place,
} from './ledger-columns.ts';

/** Packs a record in the order of its keys. */
export function packRecord(record: AssetRecord): PackedColumns {
  const order = record.keys.map((_, row) => row);
  order.sort((a, b) => ((record.keys[a] ?? '') < (record.keys[b] ?? '') ? -1 : 1));
  const rowAfter = new Map(order.map((row, index) => [row, index]));
  const fingerprints = usedFingerprints(record);
  const trusts = usedTrusts(record);
  const parts: Record<Part, Uint8Array[]> = {hot: [], rest: []};
  const sizes: Record<Part, number> = {hot: 0, rest: 0};
  const columns = Object.fromEntries(
    NAMES.map((name): [ColumnName, Place] => {
      const part: Part = HOT.has(name) ? 'hot' : 'rest';
      const column = new COLUMNS[name](record.count);
      const values = valuesOf(record, name, {fingerprints: fingerprints.places, trusts: trusts.places});
      order.forEach((row, index) => {
        column[index] = values(row);
      });
      const [first = 0] = column;
      if (column.every((value: number) => value === first)) return [name, {all: first}];
      const at = sizes[part];
      parts[part].push(new Uint8Array(column.buffer));
      sizes[part] += column.byteLength;
      return [name, {at}];
    }),
  ) as Record<ColumnName, Place>; // one of each name
  const moved = <Value>(values: ReadonlyMap<number, Value>) =>
    [...values].map(([row, value]) => [rowAfter.get(row) ?? 0, value] as const);
  return {
    head: {
      format: FORMAT,
      count: record.count,
      publishedCount: record.publishedCount,
      bytes: sizes,
      columns,
      fingerprints: fingerprints.all,
      trusts: trusts.all,
      absent: moved(record.absent),
      errors: moved(record.errors),
    },
    keys: packKeys(order.map(row => record.keys[row] ?? '')),
    hot: Buffer.concat(parts.hot),
    rest: Buffer.concat(parts.rest),
  };
}

function packKeys(texts: readonly string[]): PackedKeys {
  const days = texts.map(dayOf);
  if (days.some(day => Number.isNaN(day))) return {kind: 'texts', texts};
  return {kind: 'days', days: Int32Array.from(days)};
}

interface Used<Value> {
  readonly all: readonly Value[];
  readonly places: ReadonlyMap<number, number>;
}

/** Those that some row still has, each with its new place. */
function usedFingerprints({fingerprints, fingerprint, triedFingerprint}: AssetRecord): Used<Fingerprint> {
  return keepUsed(fingerprints, new Set([...fingerprint, ...triedFingerprint]));
}

function usedTrusts({trusts, trust}: AssetRecord): Used<Trust> {
  return keepUsed(trusts, new Set(trust));
}

function keepUsed<Value>(values: readonly Value[], used: ReadonlySet<number>): Used<Value> {
  const kept = values.map((_, place) => place).filter(place => used.has(place));
  return {
    all: kept.flatMap(place => values[place] ?? []),
    places: new Map(kept.map((place, index) => [place, index])),
  };
}

function valuesOf(
  record: AssetRecord,
  name: ColumnName,
  places: {readonly fingerprints: ReadonlyMap<number, number>; readonly trusts: ReadonlyMap<number, number>},
): (row: number) => number {
  switch (name) {
    case 'versionHi':
      return row => record.version.hi[row] ?? 0;
    case 'versionLo':
      return row => record.version.lo[row] ?? 0;
    case 'digestHi':
      return row => record.digest.hi[row] ?? 0;
    case 'digestLo':
      return row => record.digest.lo[row] ?? 0;
    case 'entryHi':
      return row => record.entry.hi[row] ?? 0;
    case 'entryLo':
      return row => record.entry.lo[row] ?? 0;
    case 'triedDigestHi':
      return row => record.triedDigest.hi[row] ?? 0;
    case 'triedDigestLo':
      return row => record.triedDigest.lo[row] ?? 0;
    case 'fingerprint':
    case 'triedFingerprint':
      return row => places.fingerprints.get(record[name][row] ?? 0) ?? 0;
    case 'trust':
      return row => places.trusts.get(record.trust[row] ?? 0) ?? 0;
    default:
      return row => record[name][row] ?? 0;
  }
}
