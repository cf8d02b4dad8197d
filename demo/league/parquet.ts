// Reads rows of Parquet files with DuckDB, a batch at a time, each into a form of the caller's.
// Does not deal with what the rows mean.
import {existsSync} from 'node:fs';
import path from 'node:path';
import {type DuckDBConnection, DuckDBInstance} from '@duckdb/node-api';

export type Row = Readonly<Record<string, unknown>>;

export interface Folder {
  has(table: string): boolean;
  /** SQL of a table's file, to select from. */
  table(name: string): string;
  /** Throws what DuckDB throws, with the place of a wrong or missing file. */
  read<T>(sql: string, convert: (row: Row) => T): Promise<T[]>;
  close(): Promise<void>;
}

/** DuckDB is started by the first read, so that a server is up before it. */
export function openFolder(folder: string): Folder {
  let opened: Promise<{instance: DuckDBInstance; connection: DuckDBConnection}> | undefined;
  // One query after another: a connection streams one result at a time.
  let last: Promise<unknown> = Promise.resolve();
  const queued = async <T>(sql: string, convert: (row: Row) => T): Promise<T[]> => {
    opened ??= open();
    const {connection} = await opened;
    const result = await connection.stream(sql);
    const rows: T[] = [];
    for await (const batch of result.yieldRowObjectJs()) {
      for (const row of batch) rows.push(convert(row));
    }
    return rows;
  };
  return {
    has: table => existsSync(path.join(folder, `${table}.parquet`)),
    table: name => `read_parquet('${path.join(folder, `${name}.parquet`).replaceAll("'", "''")}')`,
    read: (sql, convert) => {
      const reading = last.then(() => queued(sql, convert));
      last = reading.catch(() => undefined);
      return reading;
    },
    close: async () => {
      await last;
      if (opened === undefined) return;
      const {instance, connection} = await opened;
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function open(): Promise<{instance: DuckDBInstance; connection: DuckDBConnection}> {
  const instance = await DuckDBInstance.create(':memory:', {threads: '1', memory_limit: '64MB'});
  return {instance, connection: await instance.connect()};
}

export function value(row: Row, name: string): number | null {
  const found = row[name];
  return typeof found === 'number' ? found : null;
}

export function number(row: Row, name: string): number {
  const found = value(row, name);
  if (found === null)
    throw new Error(`The recorded games have no number '${name}' in ${JSON.stringify(row)}.`);
  return found;
}

/** Empty for NULL. */
export function text(row: Row, name: string): string {
  const found = row[name];
  return typeof found === 'string' ? found : '';
}
