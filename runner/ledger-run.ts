/**
 * Runs and attempts as the ledger keeps them, and how they are read back.
 * It does not deal with the state of partitions.
 */

import type {Billed} from '../planner/billed.ts';
import type {Outcome} from '../planner/ledger.ts';
import type {Done} from '../planner/plan-changes.ts';
import type {Reason} from '../planner/reason.ts';
import type {OutcomeCounts} from './event.ts';
import type {CrewMember} from './ledger-crew.ts';
import type {LedgerDatabase} from './ledger-database.ts';

export interface RunStart {
  readonly id: string;
  readonly pipeline: string;
  readonly target: string;
  /** As the user typed it, without secrets. */
  readonly command: string;
  /** Id of the plan file that it applies. */
  readonly plan?: string | undefined;
  readonly startedAt: number;
  /** `run` where nothing is said. */
  readonly kind?: RunKind | undefined;
  /** Who asked for what the plan alone would not have done, and why. */
  readonly by?: string | undefined;
  readonly why?: string | undefined;
  /** Bytes that its plan was expected to be billed, by asset; none where nothing is billed. */
  readonly expectedBytes?: Readonly<Record<string, number>> | undefined;
}

/** A run of a plan, a copy from another target, or a correction of the ledger. */
export type RunKind = 'run' | 'copy' | 'forget' | 'mark' | 'adopt';

export interface RunEnd {
  readonly endedAt: number;
  readonly status: 'succeeded' | 'failed' | 'interrupted';
  readonly counts: OutcomeCounts;
}

/** `end` is undefined while the run goes on, and for ever where it was killed. */
export interface RunRecord extends RunStart {
  /** How many partitions it means to make; undefined until it has planned. */
  readonly requested?: number | undefined;
  readonly end: RunEnd | undefined;
}

export interface AttemptRecord {
  readonly run: string;
  readonly asset: string;
  readonly key: string;
  readonly outcome: Outcome;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly durationMs: number;
  readonly error: string | undefined;
  readonly reasons: readonly Reason[];
  /** Hash of the fingerprint; undefined where nothing was tried. */
  readonly fingerprint: string | undefined;
  readonly version: string | undefined;
  readonly rows: number | undefined;
  readonly retries: number;
  /** Undefined where nothing is billed. */
  readonly billed?: Billed | undefined;
  /** The session of the worker that made it; undefined: the run itself did. */
  readonly worker?: string | undefined;
}

/** The newest first; the first `offset` are left out. */
export function readRuns(database: LedgerDatabase, limit: number, offset: number): RunRecord[] {
  const query = 'SELECT * FROM runs ORDER BY started_at DESC, id DESC LIMIT ? OFFSET ?';
  return database.prepare(query).all(limit, offset).map(runFrom);
}

/** Those that began since then, the oldest first. */
export function readRunsSince(database: LedgerDatabase, since: number): RunRecord[] {
  const query = 'SELECT * FROM runs WHERE started_at >= ? ORDER BY started_at';
  return database.prepare(query).all(since).map(runFrom);
}

/** The newest run of a plan, whatever was corrected since. */
export function findLastRun(database: LedgerDatabase): RunRecord | undefined {
  const query = "SELECT * FROM runs WHERE kind = 'run' ORDER BY started_at DESC, id DESC LIMIT 1";
  const row = database.prepare(query).get();
  return row === undefined ? undefined : runFrom(row);
}

/** Of runs of a plan; by status, milliseconds since 1970. */
export function readLastEnds(database: LedgerDatabase): ReadonlyMap<string, number> {
  const query = `SELECT status, max(ended_at) AS ended_at FROM runs
    WHERE kind = 'run' AND ended_at IS NOT NULL GROUP BY status`;
  const rows = database.prepare(query).all();
  return new Map(rows.map(row => [String(row['status']), Number(row['ended_at'])]));
}

/** Both lists in the order in which they were recorded. */
export interface FoundRun extends RunRecord {
  readonly attempts: readonly AttemptRecord[];
  readonly asked: readonly Asking[];
  /** Of one that handed out its work, in the order in which they came. */
  readonly workers?: readonly CrewMember[];
}

export function findRun(database: LedgerDatabase, id: string): RunRecord | undefined {
  const row = database.prepare('SELECT * FROM runs WHERE id = ?').get(id);
  return row === undefined ? undefined : runFrom(row);
}

/** That somebody asked a run to end: once, or again, which cancels what is at work. */
export interface Asking {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly times: 1 | 2;
  readonly by: string | undefined;
}

export const ASKED_TO_END = 'asked-to-end';

/** In the order in which they were recorded. */
export function readAskings(database: LedgerDatabase, run: string): Asking[] {
  return database
    .prepare('SELECT at, detail FROM log WHERE kind = ? AND run = ? ORDER BY sequence')
    .all(ASKED_TO_END, run)
    .map(row => {
      const {times, by} = JSON.parse(String(row['detail'])) as {times: 1 | 2; by: string | null}; // only `askToEnd` writes it
      return {at: Number(row['at']), times, by: by ?? undefined};
    });
}

const ATTEMPTS = `
  SELECT attempts.*, assets.name AS asset_name, fingerprints.hash AS fingerprint_hash
  FROM attempts JOIN assets ON assets.id = attempts.asset
  LEFT JOIN fingerprints ON fingerprints.id = attempts.fingerprint`;

/** In the order in which they were recorded. */
export function readAttemptsOfRun(database: LedgerDatabase, run: string): AttemptRecord[] {
  return database.prepare(`${ATTEMPTS} WHERE run = ? ORDER BY attempts.id`).all(run).map(attemptFrom);
}

/** Those after the attempt with that id, in the order in which they were recorded. */
export function readAttemptsOfRunAfter(
  database: LedgerDatabase,
  run: string,
  after: number,
): {readonly last: number; readonly attempts: readonly AttemptRecord[]} {
  const query = `${ATTEMPTS} WHERE run = ? AND attempts.id > ? ORDER BY attempts.id`;
  const rows = database.prepare(query).all(run, after);
  return {last: Number(rows.at(-1)?.['id'] ?? after), attempts: rows.map(attemptFrom)};
}

/** Of some partitions, those that have ended in a run; what was cancelled has not. */
export function readEndedIn(
  database: LedgerDatabase,
  run: string,
  {asset, keys}: {readonly asset: string; readonly keys: readonly string[]},
): ReadonlySet<string> {
  const rows = database
    .prepare(
      `SELECT key FROM attempts WHERE run = ? AND asset = (SELECT id FROM assets WHERE name = ?)
       AND outcome <> 'cancelled' AND key IN (${keys.map(() => '?').join(', ')})`,
    )
    .all(run, asset, ...keys);
  return new Set(rows.map(({key}) => String(key)));
}

/** Of one asset, whatever the run, the newest first. */
export function readAttemptsOfAsset(database: LedgerDatabase, asset: string, limit: number): AttemptRecord[] {
  return database
    .prepare(`${ATTEMPTS} WHERE assets.name = ? ORDER BY attempts.id DESC LIMIT ?`)
    .all(asset, limit)
    .map(attemptFrom);
}

/** What ended after the attempt with the id `after`, of any run, and up to which id that is known now. */
export function readOutcomesAfter(
  database: LedgerDatabase,
  after: number,
): {readonly last: number; readonly outcomes: readonly {readonly run: string; readonly outcome: Outcome}[]} {
  const rows = database.prepare('SELECT id, run, outcome FROM attempts WHERE id > ? ORDER BY id').all(after);
  const last = rows.at(-1)?.['id'];
  return {
    last: typeof last === 'number' ? last : after,
    // only `recordOutcomes` writes it
    outcomes: rows.map(({run, outcome}) => ({run: String(run), outcome: outcome as Outcome})),
  };
}

/** The newest first. */
export function readAttemptsOf(
  database: LedgerDatabase,
  partition: {asset: string; key: string},
  limit: number,
): AttemptRecord[] {
  return database
    .prepare(`${ATTEMPTS} WHERE assets.name = ? AND key = ? ORDER BY attempts.id DESC LIMIT ?`)
    .all(partition.asset, partition.key, limit)
    .map(attemptFrom);
}

interface Named {
  readonly asset: string;
  readonly key: string;
}

/**
 * The version that `input` had when `reader` was last made: what its newest attempt before that left. Undefined where
 * either is not on record any more.
 */
export function findVersionRead(database: LedgerDatabase, reader: Named, input: Named): string | undefined {
  const made = "outcome IN ('succeeded', 'unchanged') AND version IS NOT NULL";
  const of = 'asset = (SELECT id FROM assets WHERE name = ?) AND key = ?';
  const row = database
    .prepare(
      `SELECT version FROM attempts WHERE ${of} AND ${made}
       AND id < (SELECT max(id) FROM attempts WHERE ${of} AND ${made}) ORDER BY id DESC LIMIT 1`,
    )
    .get(input.asset, input.key, reader.asset, reader.key);
  return row === undefined ? undefined : String(row['version']);
}

/** From the newest attempt back, which ends soon: attempts that publish are many. */
export function findLastPublishing(database: LedgerDatabase, assets: readonly string[]): string | undefined {
  const row = database
    .prepare(
      `SELECT run FROM attempts WHERE version IS NOT NULL
       AND +asset IN (SELECT id FROM assets WHERE name IN (SELECT value FROM json_each(?))) ORDER BY id DESC LIMIT 1`,
    )
    .get(JSON.stringify(assets));
  return row === undefined ? undefined : String(row['run']);
}

/** What the runs of a plan file made, by `asset@key`: the version it left; undefined where nothing was needed. */
export function readDoneOfPlan(database: LedgerDatabase, plan: string): Done {
  const rows = database
    .prepare(
      `SELECT assets.name AS asset, key, version FROM runs
       JOIN attempts ON attempts.run = runs.id JOIN assets ON assets.id = attempts.asset
       WHERE runs.plan = ? AND outcome IN ('succeeded', 'unchanged', 'not-needed') ORDER BY attempts.id`,
    )
    .all(plan);
  return new Map(
    rows.map(({asset, key, version}) => [`${String(asset)}@${String(key)}` as const, textOf(version)]),
  );
}

type Stored = Readonly<Record<string, unknown>>;

function runFrom(row: Stored): RunRecord {
  const counts = textOf(row['counts']);
  const expected = textOf(row['expected_bytes']);
  return {
    id: String(row['id']),
    pipeline: String(row['pipeline']),
    target: String(row['target']),
    command: String(row['command']),
    plan: textOf(row['plan']),
    startedAt: Number(row['started_at']),
    requested: typeof row['requested'] === 'number' ? row['requested'] : undefined,
    kind: row['kind'] as RunKind, // only `startRun` writes it
    by: textOf(row['asked_by']),
    why: textOf(row['why']),
    expectedBytes: expected === undefined ? undefined : JSON.parse(expected),
    end:
      counts === undefined
        ? undefined
        : {
            endedAt: Number(row['ended_at']),
            status: row['status'] as RunEnd['status'], // only `endRun` writes it
            counts: JSON.parse(counts),
          },
  };
}

function attemptFrom(row: Stored): AttemptRecord {
  return {
    run: String(row['run']),
    asset: String(row['asset_name']),
    key: String(row['key']),
    outcome: row['outcome'] as Outcome, // only `recordOutcomes` writes it
    startedAt: Number(row['started_at']),
    endedAt: Number(row['ended_at']),
    durationMs: Number(row['duration_ms']),
    error: textOf(row['error']),
    reasons: JSON.parse(String(row['reasons'])),
    fingerprint: textOf(row['fingerprint_hash']),
    version: textOf(row['version']),
    rows: typeof row['rows'] === 'number' ? row['rows'] : undefined,
    retries: Number(row['retries']),
    billed:
      typeof row['bytes_billed'] === 'number'
        ? {bytesBilled: row['bytes_billed'], slotMs: Number(row['slot_ms'])}
        : undefined,
    worker: textOf(row['worker']),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
