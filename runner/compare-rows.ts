/**
 * Compares rows by a key, doubles within 1e-9 relative, and says what differs in words.
 * It does not deal with tables: those are compared in the warehouse.
 */
import type {Value} from './warehouse.ts';

export type RowValues = Readonly<Record<string, Value>>;

export const TOLERANCE = 1e-9;

/** Differences of `actual` from `expected`, which may give fewer columns. Empty: none. */
export function differences(
  expected: readonly RowValues[],
  actual: readonly RowValues[],
  about: {readonly key: readonly string[]; readonly tolerance: number},
): readonly string[] {
  const keyOf = (row: RowValues): string => JSON.stringify(about.key.map(name => text(row[name] ?? null)));
  const found = new Map(actual.map(row => [keyOf(row), row]));
  const wanted = new Map(expected.map(row => [keyOf(row), row]));
  const lines: string[] = [];
  if (found.size < actual.length) lines.push(`${actual.length} rows have only ${found.size} keys`);
  for (const [key, row] of wanted) {
    const other = found.get(key);
    if (other === undefined) {
      lines.push(`expected a row ${key}, and there is none`);
      continue;
    }
    for (const [column, value] of Object.entries(row)) {
      const got = other[column];
      if (got === undefined) lines.push(`row ${key} has no column '${column}'`);
      else if (!isEqual(value, got, about.tolerance)) {
        lines.push(`row ${key}: ${column} is ${text(got)}, expected ${text(value)}`);
      }
    }
  }
  for (const key of found.keys()) if (!wanted.has(key)) lines.push(`row ${key} was not expected`);
  return lines;
}

function isEqual(expected: Value, actual: Value, tolerance: number): boolean {
  if (expected === null || actual === null) return expected === actual;
  if (typeof expected === 'number' && typeof actual === 'number') {
    if (Object.is(expected, actual) || expected === actual) return true;
    return Math.abs(expected - actual) <= tolerance * Math.max(1, Math.abs(expected), Math.abs(actual));
  }
  return String(expected) === String(actual);
}

function text(value: Value): string {
  return value === null ? 'null' : String(value);
}
