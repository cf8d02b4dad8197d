/**
 * The DuckDB under the server: connections that know GoogleSQL's functions and settings.
 * It does not deal with translating.
 */
import {type DuckDBConnection, DuckDBInstance, type DuckDBType} from '@duckdb/node-api';
import {BigqueryError} from './bigquery-error.ts';
import {MACROS} from './bigquery-functions.ts';
import {placeOf} from './bigquery-lexer.ts';
import type {Translated} from './bigquery-pieces.ts';

/** A value as DuckDB writes it into JSON: numbers of 64 bits, dates and decimals are text. */
export type Value = string | number | boolean | null | readonly Value[] | {readonly [name: string]: Value};

export interface Rows {
  readonly names: readonly string[];
  readonly types: readonly DuckDBType[];
  readonly rows: readonly (readonly Value[])[];
}

export class Engine {
  readonly #instance: DuckDBInstance;

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  static async open(path: string): Promise<Engine> {
    const instance = await DuckDBInstance.create(path, {threads: '2'});
    const engine = new Engine(instance);
    const connection = await engine.connect();
    await connection.run("SET GLOBAL TimeZone = 'UTC'");
    // https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#order_by_clause: nulls are the smallest.
    await connection.run("SET GLOBAL default_null_order = 'nulls_first_on_asc_last_on_desc'");
    await connection.run('SET GLOBAL errors_as_json = true');
    await connection.run('CREATE SCHEMA IF NOT EXISTS bq_anonymous');
    for (const macro of MACROS) await connection.run(`CREATE OR REPLACE MACRO ${macro}`);
    connection.disconnectSync();
    return engine;
  }

  async connect(): Promise<DuckDBConnection> {
    return await this.#instance.connect();
  }

  close(): void {
    this.#instance.closeSync();
  }
}

export async function rowsOf(connection: DuckDBConnection, sql: string): Promise<Rows> {
  const reader = await connection.runAndReadAll(sql);
  // getRowsJson promises its own Json type, which is this one with writable arrays.
  return {names: reader.columnNames(), types: reader.columnTypes(), rows: reader.getRowsJson() as Value[][]};
}

/** The first column of the first row, as a number; 0 where there is none. */
export async function numberOf(connection: DuckDBConnection, sql: string): Promise<number> {
  return Number((await rowsOf(connection, sql)).rows[0]?.[0] ?? 0);
}

interface Complaint {
  readonly exception_type?: string;
  readonly exception_message?: string;
  readonly position?: string;
  readonly name?: string;
  readonly error_subtype?: string;
}

/** What BigQuery would say where DuckDB complains about a translated statement. */
export function engineError(error: unknown, query: string, translated: Translated): BigqueryError {
  if (error instanceof BigqueryError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const complaint = complaintIn(text);
  const message = complaint.exception_message ?? text;
  const place =
    complaint.position === undefined
      ? ''
      : ` at ${placeOf(query, translated.placeOf(Number(complaint.position)))}`;
  const [first = ''] = message.split('\n');
  if (complaint.exception_type === 'Parser' || complaint.error_subtype === 'SYNTAX_ERROR') {
    const near = /at or near "(.*)"$/.exec(first)?.[1];
    return new BigqueryError(
      'invalidQuery',
      `Syntax error: ${near === undefined ? first : `Unexpected ${JSON.stringify(near)}`}${place}`,
    );
  }
  if (complaint.error_subtype === 'COLUMN_NOT_FOUND')
    return new BigqueryError('invalidQuery', `Unrecognized name: ${complaint.name ?? ''}${place}`);
  const absent = /^Table "(.+)" does not have a column named "(.+)"/.exec(first);
  if (absent !== null)
    return new BigqueryError('invalidQuery', `Name ${absent[2]} not found inside ${absent[1]}${place}`);
  if (/division by zero/.test(first)) return new BigqueryError('invalidQuery', 'division by zero');
  if (/NOT NULL constraint failed/.test(first))
    return new BigqueryError('invalidQuery', `Required field ${first.split('.').at(-1)} cannot be null`);
  return new BigqueryError('invalidQuery', `${first}${place}`);
}

function complaintIn(text: string): Complaint {
  const start = text.indexOf('{');
  if (start < 0) return {};
  try {
    return JSON.parse(text.slice(start));
  } catch {
    return {};
  }
}
