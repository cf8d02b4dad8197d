/**
 * What the ledger asks of a database engine: statements, and transactions that one writer at a time has. SQLite answers in
 * this process (ledger-sqlite.ts), PostgreSQL over a thread that waits for it (postgres-database.ts). It knows no table.
 */

export type SqlValue = null | number | string | Uint8Array;
export type SqlRow = Readonly<Record<string, unknown>>;

/** Parameters stand as `?`; `?1` and so on where one stands more than once. */
export interface Statement {
  get(...values: readonly SqlValue[]): SqlRow | undefined;
  all(...values: readonly SqlValue[]): readonly SqlRow[];
  iterate(...values: readonly SqlValue[]): Iterable<SqlRow>;
  /** Rows as lists, in the order of the columns: for many of them. */
  arrays(...values: readonly SqlValue[]): Iterable<readonly unknown[]>;
  /** Within a transaction it may be sent with the next question, or at the end, unless its `changes` are asked for. */
  run(...values: readonly SqlValue[]): Changed;
  /** An INSERT of one row, for each of these; no two of them may conflict with each other. */
  runMany(rows: readonly (readonly SqlValue[])[]): void;
}

export interface Changed {
  /** How many rows. */
  readonly changes: number;
}

export interface WriteOptions {
  /** Whether it is on the disk, whatever fails there, when `write` returns; else it may be lost with what came after. */
  readonly isDurable?: boolean;
  /** Whether it may take longer than others like to wait. */
  readonly isLong?: boolean;
}

/** How the engine says what the other says otherwise. */
export interface Dialect {
  /** Milliseconds since 1970: the server's own where machines share it, else the parameter `?` that stands in it. */
  readonly clock: string;
  /** How many elements the JSON list of a column has; null where it is none. */
  jsonLength(column: string): string;
}

export interface LedgerDatabase {
  readonly dialect: Dialect;
  /** Whether each question costs a way there and back, so that what will be needed is asked for at once. */
  readonly isRemote: boolean;
  prepare(sql: string): Statement;
  exec(sql: string): void;
  /** Wholly or not at all, and after what any other writer has committed. */
  write<T>(change: () => T, options?: WriteOptions): T;
  /** Within `write`: keeps other writers out from here on, also where nothing was asked yet. */
  hold(): void;
  /** One statement that changes one row of its own, and holds up nobody. */
  touch<T>(change: () => T): T;
  /** All that `use` reads is of one moment. */
  read<T>(use: () => T): T;
  /** Gives back room that nothing fills any more, where the engine does not by itself. */
  compact(): void;
  close(): void;
}
