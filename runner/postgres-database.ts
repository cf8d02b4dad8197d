/**
 * PostgreSQL as the ledger's database: a connection, its statements, and transactions that one writer at a time has.
 * What costs here is the way there and back, so much is asked at once. It does not know the ledger's tables.
 */
import {createHash} from 'node:crypto';
import type {PostgresLedger} from '../planner/pipeline.ts';
import type {LedgerDatabase, SqlRow, SqlValue, Statement, WriteOptions} from './ledger-database.ts';
import {ledgerName} from './ledger-place.ts';
import {POSTGRES_DIALECT, repeatValues, translate} from './postgres-dialect.ts';
import {postgresError} from './postgres-error.ts';
import type {Ask, Found} from './postgres-message.ts';
import {postgresThread} from './postgres-thread.ts';

/** How long to wait for an answer: longer than the server lets anybody wait for a lock (postgres-worker.ts). */
const ANSWER_MS = 12_000;
/** For what comes again soon. */
const TOUCH_MS = 3_000;
/** For what may take long: still shorter than what makes others take a run for dead (liveness.ts). */
const LONG_MS = 30_000;
/** A server that was there a moment ago may be so again, after a restart. */
const AGAIN_MS = 8_000;

/** PostgreSQL counts parameters with 16 bits; rows of about a mebibyte are sent at once. */
const MOST_PARAMETERS = 60_000;
const MOST_BYTES = 1 << 20;

/** A number of the server's that nobody else writes under: each write of a schema holds it till its end. */
function lockOf(schema: string): string {
  return createHash('sha256').update(`gameplan ${schema}`).digest().readBigInt64BE().toString();
}

export class PostgresDatabase implements LedgerDatabase {
  readonly dialect = POSTGRES_DIALECT;
  readonly isRemote = true;
  readonly name: string;
  readonly schema: string;
  readonly #place: PostgresLedger;
  readonly #connection = postgresThread().connection();
  #isWithin = false;
  #isTouch = false;
  #wasThere = false;
  #timeoutMs = ANSWER_MS;

  constructor(place: PostgresLedger) {
    this.#place = place;
    this.schema = place.schema;
    this.name = ledgerName(place);
  }

  prepare(sql: string): Statement {
    return new PostgresStatement(this, translate(sql));
  }

  exec(sql: string): void {
    this.script(sql);
  }

  write<T>(change: () => T, {isDurable = false, isLong = false}: WriteOptions = {}): T {
    const begin = [
      'BEGIN',
      ...(isDurable ? [] : ['SET LOCAL synchronous_commit = off']),
      ...(isLong ? [`SET LOCAL statement_timeout = ${LONG_MS}`] : []),
      `SELECT pg_advisory_xact_lock(${lockOf(this.schema)})`,
    ];
    this.#timeoutMs = isLong ? LONG_MS + ANSWER_MS : ANSWER_MS;
    try {
      return this.#within(begin, change, ['UPDATE gameplan_ledger SET writes = writes + 1', 'COMMIT']);
    } finally {
      this.#timeoutMs = ANSWER_MS;
    }
  }

  /** Beats of a heart wait for no writer, nor for long for a server that does not answer: the next one comes soon. */
  touch<T>(change: () => T): T {
    this.#timeoutMs = TOUCH_MS;
    this.#isTouch = true;
    try {
      return change();
    } finally {
      this.#isTouch = false;
      this.#timeoutMs = ANSWER_MS;
    }
  }

  read<T>(use: () => T): T {
    // It holds up nobody, and what `use` computes may take its time.
    const begin = [
      'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
      "SET LOCAL idle_in_transaction_session_timeout = '5min'",
    ];
    return this.#within(begin, use, ['COMMIT']);
  }

  compact(): void {
    // The server does that by itself.
  }

  close(): void {
    postgresThread().release(this.#connection);
  }

  /** Several statements at once. */
  script(text: string): Found {
    return this.ask({kind: 'script', text});
  }

  ask(what: Ask['what']): Found {
    const answer = postgresThread().ask(
      {
        connection: this.#connection,
        server: {url: this.#place.url, schema: this.schema},
        connect: this.#isWithin ? 'never' : this.#wasThere && !this.#isTouch ? AGAIN_MS : 'once',
        what,
      },
      this.#timeoutMs,
    );
    if (answer === undefined) {
      const message = `no answer within ${this.#timeoutMs / 1000} s`;
      throw postgresError(this.name, {code: '', message, isLost: true});
    }
    if ('failure' in answer) throw postgresError(this.name, answer.failure);
    this.#wasThere = true;
    return answer;
  }

  #within<T>(begin: readonly string[], work: () => T, end: readonly string[]): T {
    try {
      this.script(begin.join('; '));
      this.#isWithin = true;
      const result = work();
      this.script(end.join('; '));
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    } finally {
      this.#isWithin = false;
    }
  }

  /** Also of one that had begun and never got the lock. Where the connection is gone, the server does so by itself. */
  #rollBack(): void {
    this.#isWithin = true;
    try {
      this.script('ROLLBACK');
    } catch {
      postgresThread().release(this.#connection);
    }
  }
}

class PostgresStatement implements Statement {
  readonly #database: PostgresDatabase;
  readonly #text: string;
  readonly #name: string;

  constructor(database: PostgresDatabase, text: string) {
    this.#database = database;
    this.#text = text;
    this.#name = createHash('sha1').update(text).digest('hex');
  }

  get(...values: readonly SqlValue[]): SqlRow | undefined {
    return this.all(...values)[0];
  }

  all(...values: readonly SqlValue[]): readonly SqlRow[] {
    const {columns, rows} = this.#ask(values);
    return rows.map(row => Object.fromEntries(columns.map((column, place) => [column, row[place]])));
  }

  iterate(...values: readonly SqlValue[]): Iterable<SqlRow> {
    return this.all(...values);
  }

  arrays(...values: readonly SqlValue[]): Iterable<readonly unknown[]> {
    return this.#ask(values).rows;
  }

  run(...values: readonly SqlValue[]): {readonly changes: number} {
    return {changes: this.#ask(values).changes};
  }

  runMany(rows: readonly (readonly SqlValue[])[]): void {
    for (let from = 0; from < rows.length; ) {
      const until = chunkEnd(rows, from);
      const chunk = rows.slice(from, until);
      const text = repeatValues(this.#text, chunk.length);
      this.#database.ask({kind: 'query', text, name: undefined, values: chunk.flat()});
      from = until;
    }
  }

  #ask(values: readonly SqlValue[]): Found {
    return this.#database.ask({kind: 'query', text: this.#text, name: this.#name, values});
  }
}

/** How far rows from `from` go into one statement: at least one does. */
function chunkEnd(rows: readonly (readonly SqlValue[])[], from: number): number {
  let [until, parameters, bytes] = [from, 0, 0];
  for (const row of rows.slice(from, from + MOST_PARAMETERS)) {
    parameters += row.length;
    bytes += row.reduce((sum: number, value) => sum + sizeOf(value), 0);
    if (until > from && (parameters > MOST_PARAMETERS || bytes > MOST_BYTES)) break;
    until++;
  }
  return until;
}

function sizeOf(value: SqlValue): number {
  return typeof value === 'string' ? value.length : value instanceof Uint8Array ? value.byteLength : 8;
}
