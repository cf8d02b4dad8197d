/**
 * Rows from TypeScript as newline-delimited JSON for a load job, held against the declared types.
 * It does not deal with where the bytes go, nor with which partition a row belongs to: the audit does.
 */
import type {ColumnType} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';
import type {Row} from './asset.ts';
import {daysOf, int64Of, microsOf, refuseUnknown, valueMistake} from './column-value.ts';
import type {TableSpec, Value} from './warehouse.ts';

/** Bytes that are gathered before they are passed on. */
const PIECE = 1 << 17;

/** Throws a `WarehouseError` that names column, value and the row's key where a value does not fit. */
export async function* ndjsonOf(
  table: TableSpec,
  rows: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
): AsyncGenerator<Uint8Array> {
  let lines: string[] = [];
  let length = 0;
  for await (const some of rows) {
    for (const row of some) {
      const line = lineOf(table, row);
      lines.push(line);
      length += line.length;
      if (length < PIECE) continue;
      yield Buffer.from(lines.join(''));
      lines = [];
      length = 0;
    }
  }
  if (lines.length > 0) yield Buffer.from(lines.join(''));
}

function lineOf(table: TableSpec, row: Row): string {
  const values: Record<string, string | number | boolean> = {};
  for (const [i, {name, type}] of table.columns.entries()) {
    const value = row[name];
    // What is left out is null.
    if (value === null) continue;
    const written = value === undefined ? undefined : jsonOf(type, value);
    if (written === undefined) throw valueMistake(table, row, i);
    values[name] = written;
  }
  refuseUnknown(table, row);
  return `${JSON.stringify(values)}\n`;
}

/** As a load job reads it: whole numbers as text, so that none loses digits, and floats that are no numbers by name. */
function jsonOf(type: ColumnType, value: Value): string | number | boolean | undefined {
  switch (type) {
    case 'bool':
      return typeof value === 'boolean' ? value : undefined;
    case 'int64':
      return int64Of(value)?.toString();
    case 'float64':
      if (typeof value !== 'number') return undefined;
      return Number.isFinite(value) ? value : String(value);
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'date':
      return typeof value === 'string' && daysOf(value) !== undefined ? value : undefined;
    case 'timestamp':
      return typeof value === 'string' ? timestampOf(microsOf(value)) : undefined;
    default:
      return unreachable(type);
  }
}

function timestampOf(micros: bigint | undefined): string | undefined {
  if (micros === undefined) return undefined;
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - rest) / 1000n)).toISOString().slice(0, -5);
  return `${seconds}.${rest.toString().padStart(6, '0')}Z`;
}
