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
import {isoTimestamp} from './iso-timestamp.ts';
import type {QueryResult, Value} from './warehouse.ts';

/** Runs one statement and gives its rows as plain values. */
export async function runQuery(session: Session, sql: string, about: StatementOptions): Promise<QueryResult> {
  const {columns, rows} = await session.result(sql, about);
  return {columns, rows: rows.map(row => row.map(plainValue))};
}

/** Text for dates (`2024-01-15`) and timestamps (ISO, UTC); numbers for safe integers, else bigint; DECIMAL as number. */
export function plainValue(value: DuckDBValue): Value {
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
    return isoTimestamp(value.micros) ?? String(new DuckDBTimestampValue(value.micros));
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
