/**
 * Finds and opens a ledger in PostgreSQL: to read it without writing, or brought to today's version to write on it. It is
 * a schema of a database, which may hold others beside it.
 * It does not deal with what the ledger holds, nor with connections (postgres-database.ts).
 */
import type {LedgerSnapshot} from '../planner/ledger.ts';
import type {PostgresLedger} from '../planner/pipeline.ts';
import {Ledger} from './ledger.ts';
import {LedgerError, withLedgerErrors} from './ledger-error.ts';
import type {Opening, Owned} from './ledger-open.ts';
import {refuseOtherOwner, writeOwner} from './ledger-owner.ts';
import {LEDGER_VERSION, MIGRATIONS, refuseNewer} from './ledger-schema.ts';
import {readSessions, type Session} from './ledger-session.ts';
import {EMPTY_SNAPSHOT, readConsistently} from './ledger-snapshot.ts';
import {heldBy} from './liveness.ts';
import {PostgresDatabase} from './postgres-database.ts';
import {translateTables} from './postgres-dialect.ts';
import {postgresError} from './postgres-error.ts';

/** As `readLedger`. */
export function readLedgerPostgres<T>(
  place: PostgresLedger,
  use: (snapshot: LedgerSnapshot) => T,
  owned: Owned,
): T {
  return within(place, database => {
    const version = readVersion(database);
    if (version === 0) return use(EMPTY_SNAPSHOT);
    if (version < LEDGER_VERSION) migrate(database, owned);
    if (owned.pipeline !== undefined) refuseOtherOwner(database, database.name, owned.pipeline);
    return readConsistently(database, use, (...held) => heldBy(...held, Date.now));
  });
}

/** Opens or creates it, brought to today's version. Throws a `LedgerError`. */
export function openLedgerPostgres(place: PostgresLedger, opening: Opening): Ledger {
  const database = new PostgresDatabase(place);
  return withLedgerErrors(database.name, () => {
    try {
      migrate(database, opening);
      const {pipeline} = opening;
      if (pipeline !== undefined && refuseOtherOwner(database, database.name, pipeline))
        database.write(() => writeOwner(database, pipeline));
      return new Ledger(database, place, opening.now);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Whether anything was ever recorded there. Throws a `LedgerError` where it cannot be asked. */
export function hasLedgerInPostgres(place: PostgresLedger): boolean {
  return within(place, database => readVersion(database) > 0);
}

/** What keeps this user from writing there, in a few words; undefined where nothing does. Throws a `LedgerError`. */
export function refusalOfPostgres(place: PostgresLedger): string | undefined {
  return within(place, database => {
    const isThere = readVersion(database) > 0;
    const row = database.prepare(isThere ? MAY_WRITE : MAY_CREATE).get(...(isThere ? [place.schema] : []));
    if (row?.['is_read_only'] === true) return 'only reading is allowed there';
    if (row?.['may'] === true) return undefined;
    return isThere
      ? 'this user may not write its tables'
      : 'it is not there yet, and this user may not create it';
  });
}

const READ_ONLY = "pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS is_read_only";
const MAY_CREATE = `SELECT ${READ_ONLY}, has_database_privilege(current_database(), 'CREATE') AS may`;
const MAY_WRITE = `SELECT ${READ_ONLY}, coalesce(bool_and(has_table_privilege(pg_class.oid, 'INSERT')
    AND has_table_privilege(pg_class.oid, 'UPDATE') AND has_table_privilege(pg_class.oid, 'DELETE')), true) AS may
  FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
  WHERE relkind = 'r' AND nspname = ?`;

/** Another one where the ledger was written to meanwhile. */
export function stampOfPostgres(place: PostgresLedger): string {
  return within(place, database => {
    if (readVersion(database) === 0) return '-';
    return String(database.prepare('SELECT writes FROM gameplan_ledger').get()?.['writes']);
  });
}

/**
 * Puts a schema that was made aside in a ledger's place, whose old one is kept under another name: that is returned, or
 * undefined where there was none. `refuse` is told who is at work, and throws where it may not be.
 */
export function swapSchemas(
  place: PostgresLedger,
  {aside, at}: {readonly aside: PostgresLedger; readonly at: number},
  refuse: (sessions: readonly Session[]) => void,
): PostgresLedger | undefined {
  return within(place, database =>
    database.write(
      () => {
        const isThere = readVersion(database) > 0;
        const stamp = new Date(at)
          .toISOString()
          .replaceAll(/[-:]|\.\d+/g, '')
          .toLowerCase();
        const kept: PostgresLedger = {...place, schema: `${place.schema}_${stamp}`};
        if (isThere) {
          refuse(readSessions(database));
          database.exec(`ALTER SCHEMA "${place.schema}" RENAME TO "${kept.schema}"`);
        } else database.exec(`DROP SCHEMA IF EXISTS "${place.schema}"`);
        database.exec(`ALTER SCHEMA "${aside.schema}" RENAME TO "${place.schema}"`);
        return isThere ? kept : undefined;
      },
      {isDurable: true, isLong: true},
    ),
  );
}

export function dropSchema({schema, ...place}: PostgresLedger): void {
  within({...place, schema}, database => database.exec(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`));
}

function within<T>(place: PostgresLedger, use: (database: PostgresDatabase) => T): T {
  const database = new PostgresDatabase(place);
  return withLedgerErrors(database.name, () => {
    try {
      return use(database);
    } finally {
      database.close();
    }
  });
}

/** 0 where there is none yet. Throws where the schema is another program's, or newer than this one. */
function readVersion(database: PostgresDatabase): number {
  const found = database
    .prepare(
      `SELECT to_regclass('gameplan_ledger') IS NOT NULL AS is_ours,
         (SELECT count(*) FROM pg_catalog.pg_class WHERE relkind = 'r' AND relnamespace = space.oid) AS tables,
         has_schema_privilege(space.oid, 'USAGE') AS may_look
       FROM (SELECT to_regnamespace(?)::oid AS oid) AS space`,
    )
    .get(`"${database.schema}"`);
  // What a user may not look into is not there for that user.
  if (found?.['may_look'] === false)
    throw postgresError(database.name, {
      code: '42501',
      message: 'permission denied for its schema',
      isLost: false,
    });
  if (found?.['is_ours'] === true) {
    const row = database.prepare('SELECT version FROM gameplan_ledger').get();
    const version = Number(row?.['version']);
    refuseNewer(version, database.name);
    return version;
  }
  if (Number(found?.['tables']) === 0) return 0;
  throw new LedgerError('other-program', {
    path: database.name,
    problem: 'is a schema with tables of another program',
    mend: "Name another one: add '?schema=NAME' to the URL.",
  });
}

/** Brings it to today's version, wholly or not at all. */
function migrate(database: PostgresDatabase, {warn}: Owned): void {
  if (readVersion(database) === LEDGER_VERSION) return;
  const was = database.write(
    () => {
      // Read again: another process may have migrated while this one waited for the lock.
      const version = readVersion(database);
      if (version === 0) create(database);
      const steps = MIGRATIONS.slice(version).map(step => translateTables(step).trim().replace(/;$/, ''));
      database.exec([...steps, `UPDATE gameplan_ledger SET version = ${LEDGER_VERSION}`].join(';\n'));
      return version;
    },
    {isLong: true, isDurable: true},
  );
  // Nothing was brought anywhere where another process had made it meanwhile.
  if (was > 0 && was < LEDGER_VERSION)
    warn?.(
      `The ledger is brought from version ${was} to ${LEDGER_VERSION}; as it was, it is only in the server's own backups.`,
    );
}

/** One row, which every write changes: room beside it keeps that cheap. */
function create(database: PostgresDatabase): void {
  database.exec(
    `CREATE SCHEMA IF NOT EXISTS "${database.schema}";
     CREATE TABLE gameplan_ledger (version BIGINT NOT NULL, writes BIGINT NOT NULL) WITH (fillfactor = 10);
     INSERT INTO gameplan_ledger VALUES (0, 0)`,
  );
}
