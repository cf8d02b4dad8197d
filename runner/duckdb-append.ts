/**
 * Puts columns of JavaScript values into a DuckDB table, a chunk at a time, without a word of SQL per value.
 * It does not deal with where the values come from; dates and timestamps are written as text.
 */
import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  type DuckDBAppender,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import type {ColumnType} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';
import {daysOf, int64Of, microsOf} from './column-value.ts';
import {statementError} from './duckdb-error.ts';
import {duckdbType, quoted} from './duckdb-name.ts';
import type {Session} from './duckdb-session.ts';
import {type Value, WarehouseError} from './warehouse.ts';

/** Rows that one chunk can hold. */
export const CHUNK = 2048;

/** A column in a chunk: its type, and the value for DuckDB or undefined where the type does not allow it. */
export interface Writer {
  readonly type: DuckDBType;
  readonly convert: (value: Value) => DuckDBValue | undefined;
}

export function writer(type: ColumnType): Writer {
  switch (type) {
    case 'bool':
      return {type: BOOLEAN, convert: value => (typeof value === 'boolean' ? value : undefined)};
    case 'int64':
      return {type: BIGINT, convert: int64Of};
    case 'float64':
      return {type: DOUBLE, convert: value => (typeof value === 'number' ? value : undefined)};
    case 'string':
      return {type: VARCHAR, convert: value => (typeof value === 'string' ? value : undefined)};
    case 'date':
      return {type: DATE, convert: memoized(date)};
    case 'timestamp':
      return {type: TIMESTAMP, convert: memoized(timestamp)};
    default:
      return unreachable(type);
  }
}

/** Tables hold few different dates and many rows of each. */
function memoized<T>(convert: (text: string) => T | undefined): (value: Value) => T | undefined {
  const known = new Map<string, T | undefined>();
  return value => {
    if (typeof value !== 'string') return undefined;
    if (!known.has(value)) known.set(value, convert(value));
    return known.get(value);
  };
}

function date(text: string): DuckDBDateValue | undefined {
  const days = daysOf(text);
  return days === undefined ? undefined : new DuckDBDateValue(days);
}

function timestamp(text: string): DuckDBTimestampValue | undefined {
  const micros = microsOf(text);
  return micros === undefined ? undefined : new DuckDBTimestampValue(micros);
}

/** Appends one chunk of at most `CHUNK` rows. All columns are of one length. */
export function appendChunk(
  appender: DuckDBAppender,
  types: readonly DuckDBType[],
  columns: readonly (readonly DuckDBValue[])[],
): void {
  const rows = columns[0]?.length ?? 0;
  if (rows === 0) return;
  const chunk = DuckDBDataChunk.create(types, rows);
  columns.forEach((values, i) => {
    chunk.setColumnValues(i, values);
  });
  appender.appendDataChunk(chunk);
}

interface PlainColumn {
  readonly name: string;
  readonly type: 'date' | 'string' | 'int64';
  readonly values: readonly (string | number | null)[];
}

/** Creates a temporary table from columns; a value that is no date where one is due is an error that names it. */
export async function createTemporary(
  session: Session,
  name: string,
  columns: readonly PlainColumn[],
): Promise<void> {
  const declared = columns.map(column => `${quoted(column.name)} ${duckdbType(column.type)}`);
  await session.run(`CREATE OR REPLACE TEMP TABLE ${quoted(name)} (${declared.join(', ')})`);
  const length = columns[0]?.values.length ?? 0;
  if (length === 0) return;
  const writers = columns.map(column => writer(column.type));
  const types = writers.map(each => each.type);
  try {
    const appender = await session.connection.createAppender(name, 'main', 'temp');
    for (let from = 0; from < length; from += CHUNK) {
      appendChunk(
        appender,
        types,
        columns.map((column, i) => converted(column, writers[i], from)),
      );
    }
    appender.closeSync();
  } catch (error) {
    throw statementError(error);
  }
}

function converted(column: PlainColumn, to: Writer | undefined, from: number): DuckDBValue[] {
  return column.values.slice(from, from + CHUNK).map(value => {
    if (value === null) return null;
    const result = to?.convert(value);
    if (result === undefined) {
      throw new WarehouseError('query', `'${value}' is not a ${column.type}, as ${column.name} must be.`);
    }
    return result;
  });
}
