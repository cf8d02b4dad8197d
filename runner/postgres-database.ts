/**
 * PostgreSQL as the ledger's database: a connection, its statements, and transactions that one writer at a time has.
 * What costs here is the way there and back, so much is asked at once. It does not know the ledger's tables.
 */
import {createHash} from 'node:crypto';
import type {PostgresLedger} from '../planner/pipeline.ts';
import type {Changed, LedgerDatabase, SqlRow, SqlValue, Statement, WriteOptions} from './ledger-database.ts';
import {ledgerName} from './ledger-place.ts';
import {POSTGRES_DIALECT, repeatValues, translate} from './postgres-dialect.ts';
import {postgresError} from './postgres-error.ts';
import type {Found, Question} from './postgres-message.ts';
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

/** Not sent yet: it goes with the next question. */
interface Unsent {
  readonly question: Question;
  changes: number | undefined;
}

export class PostgresDatabase implements LedgerDatabase {
  readonly dialect = POSTGRES_DIALECT;
  readonly isRemote = true;
  readonly name: string;
  readonly schema: string;
  readonly #place: PostgresLedger;
  readonly #connection = postgresThread().connection();
  /** Of a transaction: whether anything of it was sent. */
  #within: 'none' | 'unsent' | 'begun' = 'none';
  #unsent: Unsent[] = [];
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
      return this.#transact(begin, change, ['UPDATE gameplan_ledger SET writes = writes + 1', 'COMMIT']);
    } finally {
      this.#timeoutMs = ANSWER_MS;
    }
  }

  hold(): void {
    this.#flush();
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
    return this.#transact(begin, use, ['COMMIT']);
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

  /** Within a transaction it waits for the next question, since what costs is each way there and back. */
  send(question: Question): Changed {
    if (this.#within === 'none') return {changes: this.ask(question).changes.at(-1) ?? 0};
    const unsent: Unsent = {question, changes: undefined};
    this.#unsent.push(unsent);
    const flush = (): void => void this.#flush();
    return {
      get changes() {
        if (unsent.changes === undefined) flush();
        return unsent.changes ?? 0;
      },
    };
  }

  ask(question: Question): Found {
    this.#unsent.push({question, changes: undefined});
    const found = this.#flush();
    if (found === undefined) throw new Error('Internal error: nothing was asked');
    return found;
  }

  /** Sends all that waits; undefined where nothing does. */
  #flush(): Found | undefined {
    const sent = this.#unsent;
    if (sent.length === 0) return undefined;
    this.#unsent = [];
    // A transaction whose beginning is lost was none.
    const isNew = this.#within !== 'begun';
    if (this.#within === 'unsent') this.#within = 'begun';
    const answer = postgresThread().ask(
      {
        connection: this.#connection,
        server: {url: this.#place.url, schema: this.schema},
        connect: isNew ? (this.#wasThere && !this.#isTouch ? AGAIN_MS : 'once') : 'never',
        what: sent.map(({question}) => question),
      },
      this.#timeoutMs,
    );
    if (answer === undefined) {
      const message = `no answer within ${this.#timeoutMs / 1000} s`;
      throw postgresError(this.name, {code: '', message, isLost: true});
    }
    if ('failure' in answer) throw postgresError(this.name, answer.failure);
    this.#wasThere = true;
    for (const [i, each] of sent.entries()) each.changes = answer.changes[i] ?? 0;
    return answer;
  }

  #transact<T>(begin: readonly string[], work: () => T, end: readonly string[]): T {
    this.#within = 'unsent';
    this.#unsent = [{question: {kind: 'script', text: begin.join('; ')}, changes: undefined}];
    try {
      const result = work();
      // Alone where it is all that there is: what was committed is not to be sent a second time.
      if (this.#within === 'unsent') this.#flush();
      this.script(end.join('; '));
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    } finally {
      this.#within = 'none';
      this.#unsent = [];
    }
  }

  /** Also of one that had begun and never got the lock. Where the connection is gone, the server does so by itself. */
  #rollBack(): void {
    const isBegun = this.#within === 'begun';
    this.#unsent = [];
    if (!isBegun) return;
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

  run(...values: readonly SqlValue[]): Changed {
    return this.#database.send(this.#question(values));
  }

  runMany(rows: readonly (readonly SqlValue[])[]): void {
    for (let from = 0; from < rows.length; ) {
      const until = chunkEnd(rows, from);
      const chunk = rows.slice(from, until);
      const text = repeatValues(this.#text, chunk.length);
      this.#database.send({kind: 'query', text, name: undefined, values: chunk.flat()});
      from = until;
    }
  }

  #ask(values: readonly SqlValue[]): Found {
    return this.#database.ask(this.#question(values));
  }

  #question(values: readonly SqlValue[]): Question {
    return {kind: 'query', text: this.#text, name: this.#name, values};
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
