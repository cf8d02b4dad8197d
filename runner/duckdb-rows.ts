/**
 * Rows from TypeScript as columns for DuckDB, held against the declared types.
 * It does not deal with which partition a row belongs to: the audit does.
 */
import type {DuckDBAppender, DuckDBValue} from '@duckdb/node-api';
import type {Row} from './asset.ts';
import {refuseUnknown, valueMistake} from './column-value.ts';
import {appendChunk, CHUNK, type Writer, writer} from './duckdb-append.ts';
import type {TableSpec} from './warehouse.ts';

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
    for (const row of rows) refuseUnknown(this.table, row);
  }

  private column(rows: readonly Row[], {convert}: Writer, index: number): DuckDBValue[] {
    const name = this.table.columns[index]?.name ?? '';
    return rows.map(row => {
      const value = row[name];
      if (value === null) return null;
      const converted = value === undefined ? undefined : convert(value);
      if (converted === undefined) throw valueMistake(this.table, row, index);
      return converted;
    });
  }
}
