/**
 * Rows from TypeScript as columns for DuckDB, held against the declared types.
 * It does not deal with which partition a row belongs to: the audit does.
 */
import type {DuckDBAppender, DuckDBValue} from '@duckdb/node-api';
import type {Row} from './asset.ts';
import {appendChunk, CHUNK, type Writer, writer} from './duckdb-append.ts';
import {type TableSpec, WarehouseError} from './warehouse.ts';

/** Gathers rows into chunks and appends them. Call `finish` at the end. */
export class RowWriter {
  private readonly table: TableSpec;
  private readonly appender: DuckDBAppender;
  private readonly writers: readonly Writer[];
  private waiting: Row[] = [];

  constructor(table: TableSpec, appender: DuckDBAppender) {
    this.table = table;
    this.appender = appender;
    this.writers = table.columns.map(column => writer(column.type));
  }

  /** Throws a `WarehouseError` that names column, value and the row's key where a value does not fit. */
  write(rows: readonly Row[]): void {
    for (const row of rows) {
      this.waiting.push(row);
      if (this.waiting.length === CHUNK) this.finish();
    }
  }

  /** Appends what waits for a full chunk. */
  finish(): void {
    const rows = this.waiting;
    this.waiting = [];
    const types = this.writers.map(({type}) => type);
    appendChunk(
      this.appender,
      types,
      // By column: one loop over one property with one conversion is several times as fast as row by row.
      this.writers.map((each, i) => this.column(rows, each, i)),
    );
    for (const row of rows) this.refuseUnknown(row);
  }

  private column(rows: readonly Row[], {convert}: Writer, index: number): DuckDBValue[] {
    const name = this.table.columns[index]?.name ?? '';
    return rows.map(row => {
      const value = row[name];
      if (value === null) return null;
      const converted = value === undefined ? undefined : convert(value);
      if (converted === undefined) throw this.mistake(row, index);
      return converted;
    });
  }

  private refuseUnknown(row: Row): void {
    if (Object.keys(row).length === this.table.columns.length) return;
    const declared = new Set(this.table.columns.map(column => column.name));
    const unknown = Object.keys(row).find(name => !declared.has(name));
    throw new WarehouseError(
      'query',
      `${this.name(row)} has the property '${unknown}', which ${this.table.name} does not declare as a column; declare it or leave it out.`,
    );
  }

  private mistake(row: Row, index: number): WarehouseError {
    const column = this.table.columns[index];
    const name = column?.name ?? '';
    if (row[name] === undefined) {
      return new WarehouseError(
        'query',
        `${this.name(row)} lacks the column '${name}'; give null where there is no value.`,
      );
    }
    return new WarehouseError(
      'query',
      `${this.name(row)} has ${shown(row[name])} in the column '${name}', which is declared ${column?.type}.`,
    );
  }

  private name(row: Row): string {
    const key = this.table.key.map(name => `${name} ${shown(row[name])}`).join(', ');
    return key === '' ? `A row of ${this.table.name}` : `The row of ${this.table.name} with ${key}`;
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 80 ? `${value.slice(0, 80)}…` : value}'`;
  if (value === undefined) return 'nothing';
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  return JSON.stringify(value) ?? String(value);
}
