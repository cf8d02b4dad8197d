/**
 * Results of DuckDB as plain values: text for dates and times, numbers where they are exact, JSON text for nested ones.
 * It does not deal with which statement is run.
 */
import {
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type {Session, StatementOptions} from './duckdb-session.ts';
import type {QueryResult, Value} from './warehouse.ts';

/** Runs one statement and gives its rows as plain values. */
export async function runQuery(session: Session, sql: string, about: StatementOptions): Promise<QueryResult> {
  const {columns, rows} = await session.result(sql, about);
  return {columns, rows: rows.map(row => row.map(plainValue))};
}

/** Text for dates (`2024-01-15`) and timestamps (ISO, UTC); numbers for safe integers, else bigint; DECIMAL as number. */
function plainValue(value: DuckDBValue): Value {
  if (
    value === null ||
    typeof value === 'boolean' ||
    typeof value === 'number' ||
    typeof value === 'string'
  ) {
    return value;
  }
  if (typeof value === 'bigint') return plainInteger(value);
  if (value instanceof DuckDBDateValue) return value.toString();
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) {
    return isoTimestamp(value.micros);
  }
  if (value instanceof DuckDBDecimalValue) return plainDecimal(value);
  return String(value);
}

function plainInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A number holds 15 digits of a decimal exactly enough to be written back; more stay text. */
function plainDecimal(value: DuckDBDecimalValue): number | string {
  const text = value.toString();
  return text.replaceAll(/\D/g, '').length <= 15 ? Number(text) : text;
}

/** `2024-01-15T19:30:00Z`, with a fraction only where there is one. */
function isoTimestamp(micros: bigint): string {
  const seconds = micros / 1_000_000n - (micros % 1_000_000n < 0n ? 1n : 0n);
  const fraction = micros - seconds * 1_000_000n;
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return String(new DuckDBTimestampValue(micros));
  const digits = fraction === 0n ? '' : `.${fraction.toString().padStart(6, '0').replace(/0+$/, '')}`;
  return `${date.toISOString().slice(0, -5)}${digits}Z`;
}
