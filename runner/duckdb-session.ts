/**
 * One connection with what every statement of ours needs: the function library, the clock zone, errors with positions.
 * It does not deal with which statements are run, nor with how many connections there are.
 */
import type {DuckDBConnection, DuckDBInstance, DuckDBType, DuckDBValue} from '@duckdb/node-api';
import {engineError, statementError} from './duckdb-error.ts';
import {literal, temporary} from './duckdb-name.ts';
import {functionsOf} from './functions.ts';
import type {Embedded} from './sql-dialect.ts';
import {WarehouseError} from './warehouse.ts';

export interface Bound {
  readonly values: Record<string, DuckDBValue>;
  readonly types?: Record<string, DuckDBType | undefined>;
}

export interface Result {
  readonly columns: readonly string[];
  readonly rows: readonly DuckDBValue[][];
}

export interface StatementOptions {
  /** Which part of the text is a user's. */
  readonly embedded?: Embedded;
  readonly bound?: Bound;
}

/** Temporary, so that opening a file writes nothing into it and an old definition never lingers. */
const PREPARATION = [
  `SET TimeZone = ${literal('UTC')}`,
  'CREATE TEMP TYPE float64 AS DOUBLE',
  ...[...functionsOf('duckdb')].map(([name, definition]) => `CREATE TEMP MACRO ${name}${definition}`),
].join(';\n');

/** Milliseconds between interrupts of work that is to stop. */
const INTERRUPT_EVERY = 50;

const COMMENT = /--[^\n]*|\/\*[\s\S]*?\*\//g;

/** A connection that belongs to one piece of work at a time. */
export class Session {
  readonly connection: DuckDBConnection;
  private signal: AbortSignal | undefined;

  private constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  static async open(instance: DuckDBInstance): Promise<Session> {
    const connection = await instance.connect();
    await connection.run(PREPARATION);
    return new Session(connection);
  }

  /** Runs statements for their effect. */
  async run(sql: string, about: StatementOptions = {}): Promise<void> {
    this.refuseIfCancelled();
    try {
      await this.connection.run(sql, about.bound?.values, about.bound?.types);
    } catch (error) {
      throw statementError(error, about.embedded);
    }
  }

  /** All rows of one statement, as DuckDB's own values. */
  async rows(sql: string, about: StatementOptions = {}): Promise<readonly DuckDBValue[][]> {
    return (await this.result(sql, about)).rows;
  }

  /** Rows with the names of their columns. */
  async result(sql: string, about: StatementOptions = {}): Promise<Result> {
    this.refuseIfCancelled();
    try {
      const result = await this.connection.run(sql, about.bound?.values, about.bound?.types);
      return {columns: result.columnNames(), rows: await result.getRows()};
    } catch (error) {
      throw statementError(error, about.embedded);
    }
  }

  /** Names of the columns that a statement would return, without running it. */
  async outputColumns(sql: string, embedded: Embedded): Promise<readonly string[]> {
    try {
      const statement = await this.connection.prepare(sql);
      const names = Array.from({length: statement.columnCount}, (_, i) => statement.columnName(i));
      statement.destroySync();
      return names;
    } catch (error) {
      throw statementError(error, embedded);
    }
  }

  /** Refuses a text that is not one whole statement: only such a one stays inside the brackets put around it. */
  async refuseFragments(text: Embedded): Promise<void> {
    if (text.text.replaceAll(COMMENT, '').trim() === '')
      throw new WarehouseError('statement', `${text.path} is empty; write a SELECT.`);
    let count: number;
    try {
      count = (await this.connection.extractStatements(text.text)).count;
    } catch (error) {
      throw statementError(error, text);
    }
    if (count !== 1) {
      throw new WarehouseError('statement', `${text.path} holds ${count} statements; leave one SELECT.`);
    }
  }

  /** Frees the rows that a piece of work left; the small tables of keys are replaced by the next. */
  async clear(relation: string): Promise<void> {
    await this.connection.run(`DROP TABLE IF EXISTS ${temporary(relation)}`);
  }

  /** Runs `work` in one transaction; any failure leaves everything as it was. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.run('BEGIN TRANSACTION');
    try {
      const result = await work();
      await this.run('COMMIT');
      return result;
    } catch (error) {
      await this.rollback();
      throw error;
    }
  }

  /** Until `work` ends, an abort interrupts the running statement and refuses the next one. */
  async cancellable<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    let again: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      this.connection.interrupt();
      // DuckDB forgets an interrupt that comes before a statement has begun.
      again = setInterval(() => this.connection.interrupt(), INTERRUPT_EVERY);
    };
    this.signal = signal;
    signal.addEventListener('abort', interrupt);
    try {
      this.refuseIfCancelled();
      return await work();
    } finally {
      clearInterval(again);
      signal.removeEventListener('abort', interrupt);
      this.signal = undefined;
    }
  }

  refuseIfCancelled(): void {
    if (this.signal?.aborted === true) throw new WarehouseError('cancelled', 'The statement was cancelled.');
  }

  close(): void {
    this.connection.closeSync();
  }

  private async rollback(): Promise<void> {
    try {
      await this.connection.run('ROLLBACK');
    } catch (error) {
      // A failed COMMIT has rolled back by itself; the first error is the one to tell.
      if (!/no transaction is active/i.test(engineError(error).message)) throw statementError(error);
    }
  }
}
