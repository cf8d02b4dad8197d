/**
 * Values of rows from TypeScript, held against the declared type of their column.
 * It does not deal with how an engine takes them.
 */
import type {Row} from './asset.ts';
import {type TableSpec, type Value, WarehouseError} from './warehouse.ts';

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;

/** A whole number of 64 bits; undefined where the value is none. */
export function int64Of(value: Value): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'bigint' && value >= LEAST && value <= MOST ? value : undefined;
}

/** Days since 1970 of a date such as `2024-01-15`; undefined where it is none. */
export function daysOf(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  // 2024-02-30 parses as March 1 in some engines.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) return undefined;
  return time / 86_400_000;
}

const TIMESTAMP_TEXT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?$/;

/** Microseconds since 1970. Without a zone it is UTC. Digits below the microsecond are cut. */
export function microsOf(text: string): bigint | undefined {
  const parts = TIMESTAMP_TEXT.exec(text);
  if (parts === null || daysOf(parts[1] ?? '') === undefined) return undefined;
  const zone = parts[5] ?? 'Z';
  const spelled = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const time = Date.parse(`${parts[1]}T${parts[2]}${parts[3] ?? ':00'}${spelled}`);
  if (Number.isNaN(time)) return undefined;
  const micros = Number((parts[4] ?? '').padEnd(6, '0').slice(0, 6));
  return BigInt(time) * 1000n + BigInt(micros);
}

/** For keys that are bound as text and cast by the engine. */
export function refuseOtherThanDate(key: string): void {
  if (daysOf(key) === undefined)
    throw new WarehouseError('query', `'${key}' is not a date, as a key must be.`);
}

/** What is wrong with the value of a column, by its index: it is absent, or of another type. */
export function valueMistake(table: TableSpec, row: Row, index: number): WarehouseError {
  const column = table.columns[index];
  const name = column?.name ?? '';
  if (row[name] === undefined) {
    return new WarehouseError(
      'query',
      `${rowName(table, row)} lacks the column '${name}'; give null where there is no value.`,
    );
  }
  return new WarehouseError(
    'query',
    `${rowName(table, row)} has ${shown(row[name])} in the column '${name}', which is declared ${column?.type}.`,
  );
}

/** Throws where a row has more than the declared columns. */
export function refuseUnknown(table: TableSpec, row: Row): void {
  if (Object.keys(row).length === table.columns.length) return;
  const declared = new Set(table.columns.map(column => column.name));
  const unknown = Object.keys(row).find(name => !declared.has(name));
  throw new WarehouseError(
    'query',
    `${rowName(table, row)} has the property '${unknown}', which ${table.name} does not declare as a column; declare it or leave it out.`,
  );
}

function rowName(table: TableSpec, row: Row): string {
  const key = table.key.map(name => `${name} ${shown(row[name])}`).join(', ');
  return key === '' ? `A row of ${table.name}` : `The row of ${table.name} with ${key}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 80 ? `${value.slice(0, 80)}…` : value}'`;
  if (value === undefined) return 'nothing';
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  return JSON.stringify(value) ?? String(value);
}
