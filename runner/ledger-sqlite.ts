/**
 * SQLite as the ledger's database: node's own, called as it is.
 * It does not deal with how the file is found and opened (ledger-file.ts).
 */
import type {DatabaseSync, StatementSync} from 'node:sqlite';
import type {
  Changed,
  Dialect,
  LedgerDatabase,
  SqlRow,
  SqlValue,
  Statement,
  WriteOptions,
} from './ledger-database.ts';

const DIALECT: Dialect = {
  clock: '?',
  jsonLength: column => `CASE WHEN json_valid(${column}) THEN json_array_length(${column}) END`,
};

export class SqliteDatabase implements LedgerDatabase {
  readonly dialect = DIALECT;
  readonly isRemote = false;
  readonly #file: DatabaseSync;

  constructor(file: DatabaseSync) {
    this.#file = file;
  }

  prepare(sql: string): Statement {
    return new SqliteStatement(this.#file.prepare(sql));
  }

  exec(sql: string): void {
    this.#file.exec(sql);
  }

  write<T>(change: () => T, {isDurable = false}: WriteOptions = {}): T {
    if (!isDurable) return this.#within('BEGIN IMMEDIATE', change);
    this.#file.exec('PRAGMA synchronous = FULL');
    try {
      return this.#within('BEGIN IMMEDIATE', change);
    } finally {
      this.#file.exec('PRAGMA synchronous = NORMAL');
    }
  }

  hold(): void {
    // It does from the beginning.
  }

  touch<T>(change: () => T): T {
    return this.#within('BEGIN IMMEDIATE', change);
  }

  read<T>(use: () => T): T {
    return this.#within('BEGIN', use);
  }

  compact(): void {
    this.#file.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  }

  close(): void {
    this.#file.close();
  }

  #within<T>(begin: string, work: () => T): T {
    this.#file.exec(begin);
    try {
      const result = work();
      this.#file.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk ends the transaction by itself.
      if (this.#file.isTransaction) this.#file.exec('ROLLBACK');
      throw error;
    }
  }
}

class SqliteStatement implements Statement {
  readonly #statement: StatementSync;

  constructor(statement: StatementSync) {
    this.#statement = statement;
  }

  get(...values: readonly SqlValue[]): SqlRow | undefined {
    return this.#statement.get(...values);
  }

  all(...values: readonly SqlValue[]): readonly SqlRow[] {
    return this.#statement.all(...values);
  }

  iterate(...values: readonly SqlValue[]): Iterable<SqlRow> {
    return this.#statement.iterate(...values);
  }

  *arrays(...values: readonly SqlValue[]): Iterable<readonly unknown[]> {
    this.#statement.setReturnArrays(true);
    try {
      // node's types know rows as objects only
      for (const row of this.#statement.iterate(...values)) yield row as unknown as readonly unknown[];
    } finally {
      this.#statement.setReturnArrays(false);
    }
  }

  run(...values: readonly SqlValue[]): Changed {
    return {changes: Number(this.#statement.run(...values).changes)};
  }

  runMany(rows: readonly (readonly SqlValue[])[]): void {
    for (const values of rows) this.#statement.run(...values);
  }
}
