/**
 * Who shares work out and who takes it, as the ledger keeps it: the sessions of runs that hand out what they planned,
 * and of workers, with the run that each works for. What a worker makes is recorded as that run's.
 * It does not deal with the queue (queue.ts), nor with who counts as dead (liveness.ts).
 */
import type {LedgerDatabase} from './ledger-database.ts';

/** One session of the crew. */
export interface CrewMember {
  readonly session: string;
  readonly role: 'coordinator' | 'worker';
  /** Of project, program and places: only alike ones work together. */
  readonly identity: string;
  /** Of a worker: how many fetches it makes at once. */
  readonly fetches: number;
  /** Names the machine for people. */
  readonly host: string;
  readonly pid: number;
  /** The run that it works for, or did last. */
  readonly worksFor: string | undefined;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** Only within a transaction that writes. */
export class CrewTable {
  readonly #database: LedgerDatabase;

  constructor(database: LedgerDatabase) {
    this.#database = database;
  }

  enlist({session, role, identity, fetches, host, pid, startedAt}: Omit<CrewMember, 'worksFor'>): void {
    this.#database
      .prepare(
        `INSERT INTO crew (session, role, identity, fetches, host, pid, works_for, started_at)
         VALUES (?, ?, ?, ?, ?, ?, NULL, ?)`,
      )
      .run(session, role, identity, fetches, host, pid, startedAt);
  }

  workFor(session: string, run: string): void {
    this.#database.prepare('UPDATE crew SET works_for = ? WHERE session = ?').run(run, session);
  }

  /** The run that a session's work is recorded as: its own where it is no worker. */
  runOf(session: string): string {
    const row = this.#database.prepare('SELECT works_for FROM crew WHERE session = ?').get(session);
    const run = row?.['works_for'];
    return typeof run === 'string' ? run : session;
  }
}

/** Those whose sessions are there, in the order in which they came. */
export function readCrew(database: LedgerDatabase): readonly CrewMember[] {
  return database
    .prepare(
      `SELECT crew.* FROM crew JOIN sessions ON sessions.run = crew.session
       ORDER BY crew.started_at, crew.session`,
    )
    .all()
    .map(memberFrom);
}

/** All that ever worked for a run, in the order in which they came. */
export function readCrewOf(database: LedgerDatabase, run: string): readonly CrewMember[] {
  return database
    .prepare(
      `SELECT * FROM crew WHERE works_for = ? OR session IN (SELECT worker FROM attempts WHERE run = ?)
       ORDER BY started_at, session`,
    )
    .all(run, run)
    .map(memberFrom);
}

function memberFrom(row: Readonly<Record<string, unknown>>): CrewMember {
  const run = row['works_for'];
  return {
    session: String(row['session']),
    role: row['role'] === 'worker' ? 'worker' : 'coordinator',
    identity: String(row['identity']),
    fetches: Number(row['fetches']),
    host: String(row['host']),
    pid: Number(row['pid']),
    worksFor: typeof run === 'string' ? run : undefined,
    startedAt: Number(row['started_at']),
  };
}
