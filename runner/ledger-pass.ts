/**
 * Passes of healing, as the ledger keeps them: when each began and ended, what asked for it, and what came of it.
 * It does not deal with who heals on a schedule (ledger-schedule.ts), nor with what a pass does.
 */

import type {OutcomeCounts} from './event.ts';
import type {LedgerDatabase} from './ledger-database.ts';

/** What asked for a pass: somebody who typed it, the schedule, the page, a request, or a notification. */
export const PASS_TRIGGERS = ['command', 'schedule', 'page', 'request', 'notification'] as const;
export type PassTrigger = (typeof PASS_TRIGGERS)[number];

/**
 * `healed`: it made something and nothing went wrong; `nothing`: there was nothing to make; `quiet`: within the quiet
 * hours; `failed`: something that it tried failed; `broken`: it could not do its work; `died`: it never said.
 */
const PASS_OUTCOMES = ['healed', 'nothing', 'quiet', 'failed', 'interrupted', 'broken', 'died'] as const;
export type PassOutcome = (typeof PASS_OUTCOMES)[number];

export interface PassStart {
  readonly id: string;
  readonly trigger: PassTrigger;
  /** Who asked, where somebody did. */
  readonly by: string | undefined;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Its process, as sessions name theirs (liveness.ts). */
  readonly pid: number;
  readonly host: string;
  readonly born: string;
}

export interface PassEnd {
  readonly endedAt: number;
  readonly outcome: PassOutcome;
  /** Of all its runs; undefined where it did not come so far. */
  readonly counts: OutcomeCounts | undefined;
  /** Why it is `broken`. */
  readonly error: string | undefined;
}

export interface PassRecord extends PassStart {
  /** Undefined: at work, or dead and nobody has noticed. */
  readonly end: PassEnd | undefined;
}

/** Only within a transaction that writes. */
export class PassTable {
  readonly #database: LedgerDatabase;

  constructor(database: LedgerDatabase) {
    this.#database = database;
  }

  begin({id, trigger, by, startedAt, pid, host, born}: PassStart): void {
    this.#database
      .prepare(
        `INSERT INTO passes (id, asked_for, asked_by, started_at, pid, host, born) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(id, trigger, by ?? null, startedAt, pid, host, born);
  }

  /** Leaves one that has ended already as it is. */
  end(id: string, {endedAt, outcome, counts, error}: PassEnd): void {
    this.#database
      .prepare(
        'UPDATE passes SET ended_at = ?, outcome = ?, counts = ?, error = ? WHERE id = ? AND ended_at IS NULL',
      )
      .run(endedAt, outcome, counts === undefined ? null : JSON.stringify(counts), error ?? null, id);
  }
}

/** When the last pass ended that ended so, by outcome; milliseconds since 1970. */
export function readLastPasses(database: LedgerDatabase): ReadonlyMap<string, number> {
  const query = `SELECT outcome, max(ended_at) AS ended_at FROM passes
    WHERE ended_at IS NOT NULL GROUP BY outcome`;
  const rows = database.prepare(query).all();
  return new Map(rows.map(row => [String(row['outcome']), Number(row['ended_at'])]));
}

/** Those that are at work or could do their work, the newest first. */
export function readGoodPasses(database: LedgerDatabase, limit: number): readonly PassRecord[] {
  const query = `SELECT * FROM passes
    WHERE outcome IS NULL OR outcome NOT IN ('broken', 'died') ORDER BY started_at DESC LIMIT ?`;
  return database.prepare(query).all(limit).map(passFrom);
}

/** The newest first. */
export function readPasses(database: LedgerDatabase, limit: number): readonly PassRecord[] {
  return database
    .prepare('SELECT * FROM passes ORDER BY started_at DESC, id DESC LIMIT ?')
    .all(limit)
    .map(passFrom);
}

/** Those that have not said how they ended. */
export function readOpenPasses(database: LedgerDatabase): readonly PassRecord[] {
  return database.prepare('SELECT * FROM passes WHERE ended_at IS NULL').all().map(passFrom);
}

function passFrom(row: Readonly<Record<string, unknown>>): PassRecord {
  const outcome = PASS_OUTCOMES.find(each => each === row['outcome']);
  return {
    id: String(row['id']),
    trigger: PASS_TRIGGERS.find(each => each === row['asked_for']) ?? 'command',
    by: textIn(row['asked_by']),
    startedAt: Number(row['started_at']),
    pid: Number(row['pid']),
    host: String(row['host']),
    born: String(row['born']),
    end:
      row['ended_at'] === null || outcome === undefined
        ? undefined
        : {
            endedAt: Number(row['ended_at']),
            outcome,
            // `end` wrote it.
            counts: row['counts'] === null ? undefined : (JSON.parse(String(row['counts'])) as OutcomeCounts),
            error: textIn(row['error']),
          },
  };
}

function textIn(value: unknown): string | undefined {
  return value === null ? undefined : String(value);
}
