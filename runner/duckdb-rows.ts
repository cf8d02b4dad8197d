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
  private columns: DuckDBValue[][];

  constructor(table: TableSpec, appender: DuckDBAppender) {
    this.table = table;
    this.appender = appender;
    this.writers = table.columns.map(column => writer(column.type));
    this.columns = table.columns.map(() => []);
  }

  /** Throws a `WarehouseError` that names column, value and the row's key where a value does not fit. */
  write(rows: readonly Row[]): void {
    for (const row of rows) {
      this.table.columns.forEach((column, i) => {
        const value = row[column.name];
        const converted = value === null || value === undefined ? value : this.writers[i]?.convert(value);
        if (converted === undefined) throw this.mistake(row, i);
        this.columns[i]?.push(converted);
      });
      this.refuseUnknown(row);
      if (this.columns[0]?.length === CHUNK) this.flush();
    }
  }

  finish(): void {
    this.flush();
  }

  private flush(): void {
    appendChunk(
      this.appender,
      this.writers.map(each => each.type),
      this.columns,
    );
    this.columns = this.table.columns.map(() => []);
  }

  private refuseUnknown(row: Row): void {
    let count = 0;
    for (const _ in row) count += 1;
    if (count === this.table.columns.length) return;
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
