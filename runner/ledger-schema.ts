/**
 * The ledger's tables and how older ones become newer ones. Nobody else knows a column's name outside ledger*.ts.
 * It does not deal with what is written into them.
 */
import type {DatabaseSync} from 'node:sqlite';
import {LedgerError} from './ledger-error.ts';

/** Marks the file as ours: "gpln" in ASCII. */
const APPLICATION_ID = 0x67706c6e;

/** Migration i brings a ledger of version i to version i + 1. Never changed once released; new ones are appended. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE log (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    run TEXT,
    detail TEXT NOT NULL
  ) STRICT;

  CREATE TABLE assets (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE fingerprints (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    parts TEXT NOT NULL
  ) STRICT;

  CREATE TABLE partitions (
    asset INTEGER NOT NULL REFERENCES assets (id),
    key TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    published INTEGER NOT NULL,
    version_hi INTEGER NOT NULL,
    version_lo INTEGER NOT NULL,
    digest_hi INTEGER NOT NULL,
    digest_lo INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL REFERENCES fingerprints (id),
    changed_at INTEGER NOT NULL,
    arrived_at INTEGER NOT NULL,
    lost_at INTEGER NOT NULL,
    read_at INTEGER NOT NULL,
    entry_hi INTEGER NOT NULL,
    entry_lo INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    expected INTEGER NOT NULL,
    found INTEGER NOT NULL,
    absent TEXT,
    published_at REAL NOT NULL,
    duration_ms REAL NOT NULL,
    tried_at REAL NOT NULL,
    outcome INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    tried_fingerprint INTEGER NOT NULL REFERENCES fingerprints (id),
    tried_digest_hi INTEGER NOT NULL,
    tried_digest_lo INTEGER NOT NULL,
    error TEXT,
    PRIMARY KEY (asset, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX partitions_by_sequence ON partitions (sequence);

  -- A copy of the partitions as columns, as of a sequence: rows that are newer stand in partitions alone. The columns
  -- that every plan reads lie apart from the rest; assets with the same keys share one list of them.
  CREATE TABLE key_lists (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, days BLOB, texts TEXT) STRICT;
  CREATE TABLE packed (
    asset INTEGER PRIMARY KEY REFERENCES assets (id),
    keys INTEGER NOT NULL REFERENCES key_lists (id),
    head TEXT NOT NULL,
    hot BLOB NOT NULL,
    rest BLOB NOT NULL
  ) STRICT;
  CREATE TABLE packed_at (only INTEGER PRIMARY KEY CHECK (only = 1), sequence INTEGER NOT NULL) STRICT;

  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    pipeline TEXT NOT NULL,
    target TEXT NOT NULL,
    command TEXT NOT NULL,
    started_at REAL NOT NULL,
    ended_at REAL,
    status TEXT,
    counts TEXT
  ) STRICT;
  CREATE INDEX runs_by_start ON runs (started_at);

  CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    sequence INTEGER NOT NULL,
    run TEXT NOT NULL,
    asset INTEGER NOT NULL REFERENCES assets (id),
    key TEXT NOT NULL,
    outcome TEXT NOT NULL,
    started_at REAL NOT NULL,
    ended_at REAL NOT NULL,
    duration_ms REAL NOT NULL,
    error TEXT,
    reasons TEXT NOT NULL,
    fingerprint INTEGER REFERENCES fingerprints (id),
    digest TEXT,
    version TEXT,
    rows INTEGER
  ) STRICT;
  CREATE INDEX attempts_by_run ON attempts (run);
  CREATE INDEX attempts_by_partition ON attempts (asset, key);

  CREATE TABLE intents (
    id TEXT PRIMARY KEY,
    run TEXT NOT NULL,
    asset TEXT NOT NULL,
    keys TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    at REAL NOT NULL
  ) STRICT;

  CREATE TABLE calendars (name TEXT PRIMARY KEY, definition TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE calendar_games (
    calendar TEXT NOT NULL REFERENCES calendars (name),
    date TEXT NOT NULL,
    id TEXT NOT NULL,
    season TEXT NOT NULL,
    teams TEXT NOT NULL,
    status TEXT NOT NULL,
    starts_at REAL,
    PRIMARY KEY (calendar, date, id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE runs ADD COLUMN kind TEXT NOT NULL DEFAULT 'run';
  ALTER TABLE runs ADD COLUMN asked_by TEXT;
  ALTER TABLE runs ADD COLUMN why TEXT;
  `,
  // The plan file that a run applied: what its runs have done counts as done when it is applied again.
  `
  ALTER TABLE runs ADD COLUMN plan TEXT;
  CREATE INDEX runs_by_plan ON runs (plan) WHERE plan IS NOT NULL;
  `,
  // Where rows came from and what warned of them; the source coverage log with every try at a source. Appended only.
  `
  CREATE TABLE trusts (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE) STRICT;
  ALTER TABLE partitions ADD COLUMN trust INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    run TEXT,
    asset INTEGER NOT NULL REFERENCES assets (id),
    key TEXT NOT NULL,
    game TEXT,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    source TEXT,
    detail TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_by_partition ON events (asset, key);
  CREATE INDEX events_by_time ON events (at);
  CREATE TABLE tries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL,
    asset INTEGER NOT NULL REFERENCES assets (id),
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    outcome TEXT NOT NULL,
    expected INTEGER,
    found INTEGER,
    detail TEXT,
    at REAL NOT NULL,
    duration_ms REAL NOT NULL
  ) STRICT;
  CREATE INDEX tries_by_partition ON tries (asset, key);
  `,
  // Who is at work, and on which partitions. Both are empty while nobody is.
  `
  CREATE TABLE sessions (
    run TEXT PRIMARY KEY,
    pid INTEGER NOT NULL,
    host TEXT NOT NULL,
    born TEXT NOT NULL,
    command TEXT NOT NULL,
    started_at REAL NOT NULL,
    beat INTEGER NOT NULL,
    beat_at REAL NOT NULL,
    asked INTEGER NOT NULL DEFAULT 0,
    is_waiting INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE leases (
    asset INTEGER NOT NULL REFERENCES assets (id),
    key TEXT NOT NULL,
    run TEXT NOT NULL,
    PRIMARY KEY (asset, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX leases_by_run ON leases (run);
  `,
  // Whose it is: before, the last run said so.
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO meta SELECT 'pipeline', pipeline FROM runs ORDER BY started_at DESC LIMIT 1;
  `,
  // How often its requests were tried again.
  'ALTER TABLE attempts ADD COLUMN retries INTEGER NOT NULL DEFAULT 0',
  // What the engine billed, null where it bills nothing; the sum of each asset; what a run was expected to be billed.
  `
  ALTER TABLE attempts ADD COLUMN bytes_billed INTEGER;
  ALTER TABLE attempts ADD COLUMN slot_ms INTEGER;
  ALTER TABLE runs ADD COLUMN expected_bytes TEXT;
  CREATE TABLE billed (
    asset INTEGER PRIMARY KEY REFERENCES assets (id),
    bytes_billed INTEGER NOT NULL,
    slot_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL
  ) STRICT;
  `,
  // How many partitions a run means to make, known while it is at work.
  'ALTER TABLE runs ADD COLUMN requested INTEGER',
  // Passes of healing, and who heals on the schedule.
  `
  CREATE TABLE passes (
    id TEXT PRIMARY KEY,
    asked_for TEXT NOT NULL,
    asked_by TEXT,
    started_at REAL NOT NULL,
    pid INTEGER NOT NULL,
    host TEXT NOT NULL,
    born TEXT NOT NULL,
    ended_at REAL,
    outcome TEXT,
    counts TEXT,
    error TEXT
  );
  CREATE INDEX passes_by_start ON passes (started_at);
  CREATE TABLE healing_schedule (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    pid INTEGER NOT NULL,
    host TEXT NOT NULL,
    born TEXT NOT NULL,
    beat INTEGER NOT NULL,
    beat_at REAL NOT NULL,
    tick REAL NOT NULL,
    next_at REAL NOT NULL
  );
  `,
  // Sums over history that was deleted; what a run at work has in use of what it may.
  `
  CREATE TABLE counted (name TEXT PRIMARY KEY, value REAL NOT NULL);
  ALTER TABLE sessions ADD COLUMN in_use TEXT;
  `,
  // Runs that hand out their work, and workers with the run that they work for; which worker made an attempt.
  `
  CREATE TABLE crew (
    session TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    identity TEXT NOT NULL,
    fetches INTEGER NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    works_for TEXT,
    started_at REAL NOT NULL
  );
  ALTER TABLE attempts ADD COLUMN worker TEXT;
  `,
  // What there is to tell and was told, what was told of when, the messages, and to whom they are still to be delivered.
  `
  CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    cause TEXT NOT NULL,
    about TEXT NOT NULL,
    was TEXT,
    waiting TEXT NOT NULL,
    told TEXT NOT NULL,
    since REAL NOT NULL,
    waiting_since REAL,
    runs TEXT NOT NULL
  );
  CREATE TABLE alert_topics (id TEXT PRIMARY KEY, told_at REAL NOT NULL);
  CREATE TABLE alert_marks (name TEXT PRIMARY KEY, value REAL NOT NULL);
  CREATE TABLE alert_messages (id TEXT PRIMARY KEY, at REAL NOT NULL, why TEXT NOT NULL, body TEXT NOT NULL);
  CREATE INDEX alert_messages_by_time ON alert_messages (at);
  CREATE TABLE alert_deliveries (
    message TEXT NOT NULL,
    receiver TEXT NOT NULL,
    written_at REAL NOT NULL,
    tries INTEGER NOT NULL,
    next_at REAL NOT NULL,
    claimed_until REAL NOT NULL,
    error TEXT,
    done_at REAL,
    PRIMARY KEY (message, receiver)
  );
  `,
  // What sites with a budget were asked on each of their days: requests or credits, and over how many fetches.
  `
  CREATE TABLE site_days (
    site TEXT NOT NULL,
    day TEXT NOT NULL,
    asset TEXT NOT NULL,
    spent REAL NOT NULL,
    fetches INTEGER NOT NULL,
    PRIMARY KEY (site, day, asset)
  );
  `,
];

export const LEDGER_VERSION = MIGRATIONS.length;

/** The version of an opened file: 0 where it is empty. Throws where it is another program's, or newer than this one. */
export function readVersion(database: DatabaseSync, path: string): number {
  const version = pragma(database, 'user_version');
  const tables = Number(database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.['count']);
  if (tables === 0) return 0;
  if (pragma(database, 'application_id') !== APPLICATION_ID) {
    throw new LedgerError('other-program', {
      path,
      problem: 'is a SQLite file of another program',
      mend: "Point the target's 'ledger' elsewhere, or move that file away.",
    });
  }
  refuseNewer(version, path);
  return version;
}

/** `name` is the ledger's, for people. */
export function refuseNewer(version: number, name: string): void {
  if (version <= LEDGER_VERSION) return;
  throw new LedgerError('newer', {
    path: name,
    problem: `was written by a newer gameplan (version ${version}; this one knows ${LEDGER_VERSION})`,
    mend: 'Update gameplan, or use the one that wrote it.',
  });
}

/** Brings the file to today's version, wholly or not at all. */
export function migrate(database: DatabaseSync, path: string): void {
  if (readVersion(database, path) === LEDGER_VERSION) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Read again: another process may have migrated while this one waited for the lock.
    const version = readVersion(database, path);
    for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${LEDGER_VERSION}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw migrationError(error, path);
  }
}

/** What SQLite says about the file itself passes as it is. */
function migrationError(error: unknown, path: string): unknown {
  const isOfSchema = error instanceof Error && 'errcode' in error && error.errcode === SQLITE_ERROR;
  if (!isOfSchema) return error;
  return new LedgerError('damaged', {
    path,
    problem: `cannot be brought to version ${LEDGER_VERSION}: ${error.message}`,
    mend: "It was left as it was. 'gameplan ledger rebuild' writes it anew from the receipts beside the data; or bring it back from a backup.",
    cause: error,
  });
}

/** A statement that does not fit the tables. */
const SQLITE_ERROR = 1;

function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
