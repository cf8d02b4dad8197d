/**
 * Reads from the ledger what alerts are found in: runs that failed, tries at sources, quality that fell, when anything ran.
 * It does not deal with what of it is worth telling (planner/alert-look.ts).
 */

import {type AlertMemory, EVENTS_MARK} from '../planner/alert.ts';
import {type FailedRun, type FallenQuality, type Recorded, runMark} from '../planner/alert-look.ts';
import type {SourceTry} from '../planner/alert-sources.ts';
import type {OutcomeCounts} from './event.ts';
import type {LedgerDatabase} from './ledger-database.ts';

export interface Recording {
  readonly memory: AlertMemory;
  /** The site of each asset that has one. */
  readonly sites: ReadonlyMap<string, string>;
  /** Runs that are at work. */
  readonly atWork: ReadonlySet<string>;
  readonly now: number;
}

const DAY_MS = 86_400_000;
/** What failed so long ago is not told any more. */
const OLD_MS = 14 * DAY_MS;
const MOST_RUNS = 200;
/** So many of the newest attempts, and of the newest tries, are looked at. */
const NEWEST = 20_000;
const MOST_TRIES = 5000;

export function readRecorded(database: LedgerDatabase, recording: Recording): Omit<Recorded, 'activity'> {
  const {memory, now} = recording;
  // At the first look only what just happened is news.
  const since = now - (memory.marks.has(EVENTS_MARK) ? OLD_MS : DAY_MS);
  const lastEvent = Number(
    database.prepare('SELECT coalesce(max(id), 0) AS last FROM events').get()?.['last'],
  );
  return {
    runs: failedRuns(database, recording, since),
    tries: [...siteTries(database, recording), ...sourceTries(database)].toSorted((a, b) => b.at - a.at),
    fallen: fallenQuality(database, memory.marks.get(EVENTS_MARK) ?? 0, since),
    lastEvent,
  };
}

function failedRuns(
  database: LedgerDatabase,
  {memory, atWork}: Recording,
  since: number,
): readonly FailedRun[] {
  return database
    .prepare(
      `SELECT id, started_at, ended_at, requested, counts FROM runs
       WHERE started_at > ? AND kind IN ('run', 'copy') AND (status IS NULL OR status = 'failed')
       ORDER BY started_at DESC LIMIT ?`,
    )
    .all(since, MOST_RUNS)
    .filter(
      row =>
        !memory.marks.has(runMark(String(row['id']))) &&
        !(row['ended_at'] === null && atWork.has(String(row['id']))),
    )
    .map(row => {
      const id = String(row['id']);
      const counts =
        row['counts'] === null ? undefined : (JSON.parse(String(row['counts'])) as OutcomeCounts); // only `endRun` writes it
      return {
        id,
        startedAt: Number(row['started_at']),
        endedAt: row['ended_at'] === null ? undefined : Number(row['ended_at']),
        requested: counts?.requested ?? Number(row['requested'] ?? 0),
        skipped: counts?.skipped ?? 0,
        cancelled: counts?.cancelled ?? 0,
        failures: failuresOf(database, id),
      };
    });
}

function failuresOf(database: LedgerDatabase, run: string): FailedRun['failures'] {
  return database
    .prepare(
      `SELECT name, key, error FROM attempts JOIN assets ON assets.id = attempts.asset
       WHERE run = ? AND outcome IN ('failed', 'quarantined') ORDER BY attempts.id`,
    )
    .all(run)
    .map(row => ({
      asset: String(row['name']),
      key: String(row['key']),
      error: String(row['error'] ?? 'unknown'),
    }));
}

/** Of what fetches: an attempt is a try at its site. */
function siteTries(database: LedgerDatabase, {sites}: Recording): readonly SourceTry[] {
  if (sites.size === 0) return [];
  const last = Number(database.prepare('SELECT coalesce(max(id), 0) AS last FROM attempts').get()?.['last']);
  const names = [...sites.keys()];
  // The plus keeps the order of ids: the newest are asked for, not all of those assets.
  return database
    .prepare(
      `SELECT name, outcome, error, ended_at FROM attempts JOIN assets ON assets.id = attempts.asset
       WHERE attempts.id > ? AND outcome IN ('succeeded', 'unchanged', 'failed', 'quarantined')
       AND +asset IN (SELECT id FROM assets WHERE name IN (${names.map(() => '?').join(', ')}))
       ORDER BY attempts.id DESC LIMIT ?`,
    )
    .all(last - NEWEST, ...names, MOST_TRIES)
    .map(row => ({
      source: `site ${sites.get(String(row['name'])) ?? ''}`,
      isAnswer: row['outcome'] === 'succeeded' || row['outcome'] === 'unchanged',
      detail: typeof row['error'] === 'string' ? row['error'] : undefined,
      at: Number(row['ended_at']),
    }));
}

/** Of cascades. */
function sourceTries(database: LedgerDatabase): readonly SourceTry[] {
  return database
    .prepare('SELECT source, outcome, detail, at FROM tries ORDER BY id DESC LIMIT ?')
    .all(MOST_TRIES)
    .map(row => ({
      source: String(row['source']),
      isAnswer: row['outcome'] === 'covered' || row['outcome'] === 'partial',
      detail: typeof row['detail'] === 'string' ? row['detail'] : String(row['outcome']),
      at: Number(row['at']),
    }));
}

function fallenQuality(database: LedgerDatabase, after: number, since: number): readonly FallenQuality[] {
  return database
    .prepare(
      `SELECT events.id AS event, name, key, detail, at FROM events JOIN assets ON assets.id = events.asset
       WHERE events.id > ? AND kind = 'quality-fell' AND at > ? ORDER BY events.id`,
    )
    .all(after, since)
    .map(row => ({
      event: Number(row['event']),
      asset: String(row['name']),
      key: String(row['key']),
      detail: `its score fell ${String(row['detail'])}`,
      at: Number(row['at']),
    }));
}
