/**
 * The ledger: what was materialized from what, tried, intended and run, in one SQLite file.
 * It does not decide what any of it means for a plan, and holds no rows of any table.
 */
import {type BigIntStats, mkdirSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import {DatabaseSync, type StatementSync} from 'node:sqlite';
import {pathToFileURL} from 'node:url';
import type {BilledSoFar} from '../planner/billed.ts';
import type {CoverageEvent, Try} from '../planner/coverage-event.ts';
import type {LedgerSnapshot} from '../planner/ledger.ts';
import type {Done} from '../planner/plan-changes.ts';
import type {PublishedBy} from '../planner/resolution.ts';
import {backUp} from './ledger-backup.ts';
import {BilledTable, readBilled} from './ledger-billed.ts';
import {type CalendarUpdate, writeCalendar} from './ledger-calendar.ts';
import {
  CoverageTable,
  type EventFilter,
  type RecordedTry,
  readEvents,
  readPublications,
  readTries,
  readTriesOfRun,
} from './ledger-coverage.ts';
import {LedgerError, withLedgerErrors} from './ledger-error.ts';
import {countHistory, deleteHistory, type History} from './ledger-history.ts';
import {readOwner, refuseOtherOwner, writeOwner} from './ledger-owner.ts';
import {PartitionTable} from './ledger-partitions.ts';
import {advance, type PartitionOutcome, type PartitionRow} from './ledger-row.ts';
import {
  ASKED_TO_END,
  type Asking,
  type AttemptRecord,
  type FoundRun,
  findLastPublishing,
  findLastRun,
  findRun,
  type RunEnd,
  type RunRecord,
  type RunStart,
  readAskings,
  readAttemptsOf,
  readAttemptsOfAsset,
  readAttemptsOfRun,
  readDoneOfPlan,
  readOutcomesAfter,
  readRuns,
  readRunsSince,
} from './ledger-run.ts';
import {LEDGER_VERSION, migrate, readVersion} from './ledger-schema.ts';
import {type BeatAnswer, type Session, SessionLost, SessionTable} from './ledger-session.ts';
import {
  type ColumnSnapshot,
  EMPTY_SNAPSHOT,
  type LeaseReader,
  lastSequence,
  readSnapshot,
  renewPacked,
} from './ledger-snapshot.ts';
import {heldBy, PULSE, Watch} from './liveness.ts';
import type {Restored} from './restore.ts';

/** After how many recorded outcomes a run renews the packed copy, so that a killed run leaves few rows to read. */
const OUTCOMES_A_RENEWAL = 10_000;

/** How long a write waits for another process's, in milliseconds. */
const BUSY_TIMEOUT = 10_000;

/** What a write to the warehouse or store means to do. Open until its outcomes are recorded. */
export interface Intent {
  readonly id: string;
  readonly run: string;
  readonly asset: string;
  readonly keys: readonly string[];
  readonly kind: 'rows' | 'files';
  /** JSON: all that is needed to complete the record from the receipts alone. */
  readonly payload: unknown;
}

export interface OutcomeBatch {
  readonly run: string;
  readonly outcomes: readonly PartitionOutcome[];
  /** The intent that these outcomes close. */
  readonly intent?: string | undefined;
  /** Calendars that were read from the asset just published. */
  readonly calendars?: readonly CalendarUpdate[] | undefined;
  readonly events?: readonly CoverageEvent[] | undefined;
  readonly tries?: readonly Try[] | undefined;
}

/** What a run that means to make partitions is told. */
export interface Claim {
  /** Of the keys asked for, those that another run holds, with that run. */
  readonly held: ReadonlyMap<string, string>;
  /** Whether others have recorded something since: nothing was claimed, and it is to be looked at first. */
  readonly isBehind: boolean;
  /** Whether a dead run left an intent of that asset open: nothing was claimed, and it is to be settled first. */
  readonly isUnsettled: boolean;
  /** Up to where the log is known now. */
  readonly sequence: number;
}

/** What other runs have recorded about one partition. */
export interface News {
  readonly asset: string;
  readonly key: string;
  readonly row: PartitionRow;
}

interface Owned {
  /** Whose it has to be, or becomes where it is nobody's; undefined: whoever's. */
  readonly pipeline?: string | undefined;
  /** Absolute path of the warehouse: where that holds something, an empty ledger is one that was lost. */
  readonly beside?: string | undefined;
  /** Is told, once, where the copy of an older ledger lies that was brought to today's version. */
  readonly warn?: ((text: string) => void) | undefined;
}

/**
 * Gives `use` what the ledger at `path` holds, without writing; what is asked of the snapshot after `use` has returned
 * may not be there. `use` is called a second time where the file was written to meanwhile, so it must only compute.
 * A file that does not exist, or is empty, holds nothing. Throws a `LedgerError` for a file that is newer, damaged,
 * unreadable, no ledger, or another pipeline's than `pipeline`.
 */
export function readLedger<T>(path: string, use: (snapshot: LedgerSnapshot) => T, owned: Owned = {}): T {
  return withLedgerErrors(path, () => {
    refuseOddFile(path, owned);
    const before = stateOf(path);
    if (before === undefined) return use(EMPTY_SNAPSHOT);
    if ((stateOf(`${path}-wal`)?.size ?? 0n) > 0n) return readFrom({place: path, path}, owned, use);
    // No writer is at work: the file alone counts, and is read without the lock files that SQLite puts beside it.
    const url = immutable(path);
    let result: T;
    try {
      result = readFrom({place: url, path}, owned, use);
    } catch (error) {
      if (isSame(before, stateOf(path))) throw error;
      return readFrom({place: path, path}, owned, use);
    }
    return isSame(before, stateOf(path)) ? result : readFrom({place: path, path}, owned, use);
  });
}

function readFrom<T>(
  {place, path}: {readonly place: string | URL; readonly path: string},
  owned: Owned,
  use: (snapshot: LedgerSnapshot) => T,
): T {
  const database = new DatabaseSync(place, {readOnly: true, timeout: BUSY_TIMEOUT});
  try {
    const version = readVersion(database, path);
    if (version === 0) return use(EMPTY_SNAPSHOT);
    if (version === LEDGER_VERSION) {
      if (owned.pipeline !== undefined) refuseOtherOwner(database, path, owned.pipeline);
      return readConsistently(database, use, sessions => heldBy(sessions, Date.now));
    }
  } finally {
    database.close();
  }
  const ledger = openLedger({...owned, path, now: Date.now});
  try {
    return use(ledger.snapshot());
  } finally {
    ledger.close();
  }
}

/** Opens without the lock files that SQLite puts beside it. */
function immutable(path: string): URL {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return url;
}

/** Throws a `LedgerError` for what SQLite would explain badly, or take for a new ledger. */
function refuseOddFile(path: string, {beside}: Pick<Owned, 'beside'>): void {
  const file = statSync(path, {throwIfNoEntry: false});
  if (file === undefined) return;
  if (file.isDirectory()) {
    throw new LedgerError('unreadable', {
      path,
      problem: 'is a folder, not a file',
      mend: "Point the target's 'ledger' elsewhere, or move that folder away.",
    });
  }
  if (file.size > 0 || beside === undefined || (statSync(beside, {throwIfNoEntry: false})?.size ?? 0) === 0)
    return;
  throw new LedgerError('damaged', {
    path,
    problem: `is empty, but the warehouse '${beside}' is not`,
    mend: "'gameplan ledger rebuild' writes it anew from the receipts there; or bring it back from a backup.",
  });
}

function stateOf(path: string): BigIntStats | undefined {
  return statSync(path, {throwIfNoEntry: false, bigint: true});
}

function isSame(before: BigIntStats, after: BigIntStats | undefined): boolean {
  return before.mtimeNs === after?.mtimeNs && before.size === after.size;
}

interface LedgerOptions extends Owned {
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Opens or creates the ledger, brought to today's version. Throws a `LedgerError`. */
export function openLedger({path, pipeline, warn, beside, now}: LedgerOptions): Ledger {
  createFolder(path);
  return withLedgerErrors(path, () => {
    refuseOddFile(path, {beside});
    const database = new DatabaseSync(path, {timeout: BUSY_TIMEOUT});
    try {
      const version = readVersion(database, path);
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      if (version > 0 && version < LEDGER_VERSION) {
        const copy = backUp(database, path, {version, at: now()});
        if (copy !== undefined)
          warn?.(
            `The ledger is brought from version ${version} to ${LEDGER_VERSION}; as it was, it is kept as ${copy}`,
          );
      }
      migrate(database, path);
      if (pipeline !== undefined && refuseOtherOwner(database, path, pipeline))
        writeOwner(database, pipeline);
      return new Ledger(database, path, now);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/**
 * As `openLedger`, for reading: where the folder may not be written, or its disk is full, the file is read as it is.
 * What writes on it then throws a `LedgerError`.
 */
export function openLedgerToRead(options: LedgerOptions): Ledger {
  try {
    return openLedger(options);
  } catch (error) {
    const {path, pipeline, now} = options;
    const isPlace =
      error instanceof LedgerError && (error.kind === 'unreadable' || error.kind === 'disk-full');
    // What stands in its log cannot be read without writing.
    if (!isPlace || stateOf(path)?.isFile() !== true || (stateOf(`${path}-wal`)?.size ?? 0n) > 0n)
      throw error;
    return withLedgerErrors(path, () => {
      const database = new DatabaseSync(immutable(path), {readOnly: true});
      try {
        if (readVersion(database, path) !== LEDGER_VERSION) throw error;
        if (pipeline !== undefined) refuseOtherOwner(database, path, pipeline);
        return new Ledger(database, path, now);
      } catch (mistake) {
        database.close();
        throw mistake;
      }
    });
  }
}

function createFolder(path: string): void {
  try {
    mkdirSync(dirname(path), {recursive: true});
  } catch (cause) {
    throw new LedgerError('unreadable', {
      path,
      problem: `cannot be created: ${cause instanceof Error ? cause.message : String(cause)}`,
      mend: "Allow this user to write that folder, or point the target's 'ledger' elsewhere.",
      cause,
    });
  }
}

/**
 * One read-write connection. Every method throws a `LedgerError` where the file cannot be read or written. Once a
 * session has begun on it, its run writes only as long as nobody has taken it for dead: else a `SessionLost` is thrown.
 */
export class Ledger {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #now: () => number;
  readonly #partitions: PartitionTable;
  readonly #coverage: CoverageTable;
  readonly #billed: BilledTable;
  readonly #sessions: SessionTable;
  readonly #insertLog: StatementSync;
  readonly #insertAttempt: StatementSync;
  readonly #insertIntent: StatementSync;
  #outcomesSinceRenewal = 0;
  #session: string | undefined;

  constructor(database: DatabaseSync, path: string, now: () => number) {
    this.path = path;
    this.#database = database;
    this.#now = now;
    this.#partitions = new PartitionTable(database);
    this.#coverage = new CoverageTable(database, this.#partitions.assets);
    this.#billed = new BilledTable(database, this.#partitions.assets);
    this.#sessions = new SessionTable(database, this.#partitions.assets);
    this.#insertLog = database.prepare('INSERT INTO log (at, kind, run, detail) VALUES (?, ?, ?, ?)');
    this.#insertIntent = database.prepare('INSERT INTO intents VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.#insertAttempt = database.prepare(
      `INSERT INTO attempts
       (sequence, run, asset, key, outcome, started_at, ended_at, duration_ms, error, reasons, fingerprint, digest, version, rows, retries,
        bytes_billed, slot_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  snapshot(): LedgerSnapshot {
    return withLedgerErrors(this.path, () =>
      readConsistently(this.#database, snapshot => snapshot.readWhole()),
    );
  }

  /** The pipeline that it is of; undefined: nobody's yet. */
  owner(): string | undefined {
    return withLedgerErrors(this.path, () => readOwner(this.#database));
  }

  /** Gives it to a pipeline. */
  rename(pipeline: string): void {
    this.#write(() => {
      const was = readOwner(this.#database) ?? null;
      writeOwner(this.#database, pipeline);
      this.#log('renamed', null, {was, is: pipeline});
    });
  }

  /** That of the newest entry. */
  sequence(): number {
    return withLedgerErrors(this.path, () => lastSequence(this.#database));
  }

  startRun(run: RunStart): void {
    this.#write(() =>
      this.#database
        .prepare(
          `INSERT INTO runs (id, pipeline, target, command, started_at, kind, asked_by, why, plan, expected_bytes)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          run.id,
          run.pipeline,
          run.target,
          run.command,
          run.startedAt,
          run.kind ?? 'run',
          run.by ?? null,
          run.why ?? null,
          run.plan ?? null,
          run.expectedBytes === undefined ? null : JSON.stringify(run.expectedBytes),
        ),
    );
  }

  /** How many partitions the run means to make: told when it begins, and where it plans anew. */
  expectOf(run: string, requested: number): void {
    this.#write(() =>
      this.#database.prepare('UPDATE runs SET requested = ? WHERE id = ?').run(requested, run),
    );
  }

  endRun(id: string, end: RunEnd): void {
    this.#write(() => {
      this.#database
        .prepare('UPDATE runs SET ended_at = ?, status = ?, counts = ? WHERE id = ?')
        .run(end.endedAt, end.status, JSON.stringify(end.counts), id);
      this.#renewPacked();
    });
  }

  /** The newest first. */
  runs(limit: number, offset = 0): readonly RunRecord[] {
    return withLedgerErrors(this.path, () => readRuns(this.#database, limit, offset));
  }

  /** Those that began since then, the oldest first. */
  runsSince(since: number): readonly RunRecord[] {
    return withLedgerErrors(this.path, () => readRunsSince(this.#database, since));
  }

  /** What ended after the attempt with the id `after`, of any run, and up to which id that is known now. */
  outcomesAfter(after: number): ReturnType<typeof readOutcomesAfter> {
    return withLedgerErrors(this.path, () => readOutcomesAfter(this.#database, after));
  }

  /** Of one asset, whatever the run, the newest first. */
  attemptsOfAsset(asset: string, limit: number): readonly AttemptRecord[] {
    return withLedgerErrors(this.path, () => readAttemptsOfAsset(this.#database, asset, limit));
  }

  /** The newest run of a plan: corrections are none. */
  lastRun(): RunRecord | undefined {
    return withLedgerErrors(this.path, () => findLastRun(this.#database));
  }

  /** What earlier runs of a plan file made. */
  doneOfPlan(plan: string): Done {
    return withLedgerErrors(this.path, () => readDoneOfPlan(this.#database, plan));
  }

  /** The newest run that published a partition of any of these assets. */
  lastRunThatPublished(assets: readonly string[]): string | undefined {
    return withLedgerErrors(this.path, () => findLastPublishing(this.#database, assets));
  }

  findRun(id: string): FoundRun | undefined {
    return withLedgerErrors(this.path, () => {
      const run = findRun(this.#database, id);
      if (run === undefined) return undefined;
      return {
        ...run,
        attempts: readAttemptsOfRun(this.#database, id),
        asked: readAskings(this.#database, id),
      };
    });
  }

  /** What was billed so far, by asset. */
  billed(): ReadonlyMap<string, BilledSoFar> {
    return withLedgerErrors(this.path, () => readBilled(this.#database));
  }

  /** By whom a run was asked to end, in order. */
  askingsOf(run: string): readonly Asking[] {
    return withLedgerErrors(this.path, () => readAskings(this.#database, run));
  }

  /** What a run asked of sources, in order. */
  triesOf(run: string): readonly RecordedTry[] {
    return withLedgerErrors(this.path, () => readTriesOfRun(this.#database, run));
  }

  /** The newest first. */
  attempts(partition: {asset: string; key: string}, limit: number): readonly AttemptRecord[] {
    return withLedgerErrors(this.path, () => readAttemptsOf(this.#database, partition, limit));
  }

  /**
   * Of rows: on the disk when it returns, since a warehouse that outlives a power cut must not know more than the
   * ledger. Of files: a fetch that the ledger forgot is fetched once more, and thousands of syncs would cost seconds.
   */
  writeIntent(intent: Intent): void {
    const isDurable = intent.kind === 'rows';
    if (isDurable) withLedgerErrors(this.path, () => this.#database.exec('PRAGMA synchronous = FULL'));
    try {
      this.#write(() => {
        this.#requireSession(intent.run);
        if (intent.run === this.#session && !this.#sessions.holds(intent.run, intent.asset, intent.keys))
          throw new SessionLost(intent.run);
        this.#insertIntent.run(
          intent.id,
          intent.run,
          intent.asset,
          JSON.stringify(intent.keys),
          intent.kind,
          JSON.stringify(intent.payload),
          this.#now(),
        );
      });
    } finally {
      if (isDurable) this.#database.exec('PRAGMA synchronous = NORMAL');
    }
  }

  /** Of runs that are not at work any more, the oldest first. */
  openIntents(): readonly Intent[] {
    const watch = new Watch(PULSE, {clock: this.#now});
    return withLedgerErrors(this.path, () => {
      const atWork = this.#sessions.list().filter(session => !watch.isDead(session));
      return this.#database
        .prepare(
          `SELECT id, run, asset, keys, kind, payload FROM intents
           WHERE run NOT IN (SELECT value FROM json_each(?)) ORDER BY at, rowid`,
        )
        .all(JSON.stringify(atWork.map(({run}) => run)))
        .map(row => ({
          id: String(row['id']),
          run: String(row['run']),
          asset: String(row['asset']),
          keys: JSON.parse(String(row['keys'])),
          kind: row['kind'] as Intent['kind'], // only `writeIntent` writes it
          payload: JSON.parse(String(row['payload'])),
        }));
    });
  }

  /** Closes an intent whose write never happened. */
  closeIntent(id: string): void {
    this.#write(() => void this.#deleteIntent(id));
  }

  /** All in one transaction, which gives back their leases; returns the sequence that the whole batch got. */
  recordOutcomes({run, outcomes, intent, calendars = [], events = [], tries = []}: OutcomeBatch): number {
    return this.#write(() => {
      // What was published under an intent is told even by a run that was taken for dead, as long as nobody did.
      if (intent === undefined) this.#requireSession(run);
      else if (!this.#deleteIntent(intent)) {
        if (run === this.#session) throw new SessionLost(run);
        // Another run has settled it at the same time.
        return lastSequence(this.#database);
      }
      const sequence = this.#log('outcomes', run, {assets: countByAsset(outcomes)});
      for (const outcome of outcomes) this.#recordOutcome(run, outcome, sequence);
      for (const calendar of calendars) writeCalendar(this.#database, calendar);
      for (const event of events) this.#coverage.putEvent(event);
      for (const each of tries) this.#coverage.putTry(run, each);
      for (const [asset, own] of Map.groupBy(outcomes, each => each.asset)) {
        this.#billed.add(asset, own);
        this.#sessions.release(
          run,
          asset,
          own.map(({key}) => key),
        );
      }
      this.#outcomesSinceRenewal += outcomes.length;
      if (this.#outcomesSinceRenewal >= OUTCOMES_A_RENEWAL) this.#renewPacked();
      return sequence;
    });
  }

  /** Of what happened outside of any attempt. */
  recordEvents(events: readonly CoverageEvent[]): void {
    this.#write(() => {
      for (const event of events) this.#coverage.putEvent(event);
    });
  }

  /** What of it is history alone, before a time: milliseconds since 1970. */
  countHistory(before: number): History {
    return withLedgerErrors(this.path, () => countHistory(this.#database, before));
  }

  /** Deletes that, and gives the room back unless another process is at work with the file. */
  deleteHistory(before: number): void {
    this.#write(() => deleteHistory(this.#database, before));
    if (this.otherSessions().length > 0) return;
    withLedgerErrors(this.path, () => this.#database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)'));
  }

  /** The newest first. */
  events(filter: EventFilter): readonly CoverageEvent[] {
    return withLedgerErrors(this.path, () => readEvents(this.#database, filter));
  }

  /** When partitions that have events were made, by `asset@key`; the oldest first. */
  publications(): ReadonlyMap<string, readonly PublishedBy[]> {
    return withLedgerErrors(this.path, () => readPublications(this.#database));
  }

  /** The newest first: of one partition, over all runs. */
  tries(partition: {readonly asset: string; readonly key: string}, limit: number): readonly RecordedTry[] {
    return withLedgerErrors(this.path, () => readTries(this.#database, partition, limit));
  }

  /** Returns the sequence that it got. */
  recordCalendar(calendar: CalendarUpdate): number {
    return this.#write(() => {
      writeCalendar(this.#database, calendar);
      return this.#log('calendar', null, {name: calendar.name, games: calendar.games.length});
    });
  }

  /** From now on this connection writes for that run, as long as its session lasts. */
  beginSession(session: Omit<Session, 'beat' | 'beatAt'>): void {
    this.#write(() => this.#sessions.begin(session));
    this.#session = session.run;
  }

  /** Gives back all that it holds. */
  endSession(): void {
    const run = this.#session;
    if (run === undefined) return;
    this.#session = undefined;
    this.#write(() => this.#sessions.end(run));
  }

  /** Shows that the session lives; undefined where somebody took it for dead. */
  beat(about: {readonly isWaiting: boolean}): BeatAnswer | undefined {
    const run = this.#session;
    if (run === undefined) throw new Error('Internal error: no session has begun');
    return this.#write(() => this.#sessions.beat(run, {at: this.#now(), ...about}));
  }

  /**
   * The last step of a write to elsewhere, which must not happen once somebody took this run for dead: nobody can
   * before `write` has returned. Throws a `SessionLost`.
   */
  whileAlive(write: () => void): void {
    this.#write(() => {
      if (this.#session !== undefined) this.#requireSession(this.#session);
      write();
    });
  }

  /** All that are at work, or were when they died, but the one of this connection. */
  otherSessions(): readonly Session[] {
    return withLedgerErrors(this.path, () => this.#sessions.list().filter(({run}) => run !== this.#session));
  }

  /** Takes a session for dead: what it held is free. False where it turned out to live. */
  burySession(session: Session): boolean {
    return this.#write(() => this.#sessions.bury(session));
  }

  /**
   * Asks a run that is at work to end, as an interrupt does: a second time, what is at work is cancelled. Returns how
   * often it has been asked now; undefined where no such run is at work. `by`: who asks, for the record.
   */
  askToEnd(run: string, by?: string): 1 | 2 | undefined {
    return this.#write(() => {
      const times = this.#sessions.ask(run);
      if (times !== undefined) this.#log(ASKED_TO_END, run, {times, by: by ?? null});
      return times;
    });
  }

  /** Claims partitions for the run of this connection's session. `since`: up to where it knows the log. */
  claim({asset, keys, since}: {asset: string; keys: readonly string[]; since: number}): Claim {
    const run = this.#session;
    if (run === undefined) throw new Error('Internal error: no session has begun');
    return this.#write(() => {
      this.#requireSession(run);
      const isBehind = this.#isBehind(run, since);
      const isUnsettled = this.#isUnsettled(asset);
      if (isBehind || isUnsettled) return {held: new Map(), isBehind, isUnsettled, sequence: since};
      const sequence = lastSequence(this.#database);
      return {held: this.#sessions.claim(run, asset, keys), isBehind, isUnsettled, sequence};
    });
  }

  /** What other runs have recorded after `since`, and up to where that is known now. */
  newsSince(since: number): {readonly sequence: number; readonly news: readonly News[]} {
    const run = this.#session ?? '';
    return withLedgerErrors(this.path, () => {
      const sequence = lastSequence(this.#database);
      return {sequence, news: this.#isBehind(run, since) ? [...this.#partitions.newer(since, run)] : []};
    });
  }

  #isUnsettled(asset: string): boolean {
    const query = 'SELECT 1 FROM intents WHERE asset = ? AND run NOT IN (SELECT run FROM sessions) LIMIT 1';
    return this.#database.prepare(query).get(asset) !== undefined;
  }

  #isBehind(run: string, since: number): boolean {
    const query = "SELECT 1 FROM log WHERE sequence > ? AND kind = 'outcomes' AND run <> ? LIMIT 1";
    return this.#database.prepare(query).get(since, run) !== undefined;
  }

  /** Fills an empty ledger with what receipts tell. */
  restore({rows, calendars, sequence}: Restored): void {
    this.#write(() => {
      const last = Math.max(1, sequence);
      const count = [...rows.values()].reduce((sum, {size}) => sum + size, 0);
      this.#database
        .prepare("INSERT INTO log (sequence, at, kind, run, detail) VALUES (?, ?, 'restored', NULL, ?)")
        .run(last, this.#now(), JSON.stringify({partitions: count}));
      for (const [asset, all] of rows) {
        for (const [key, row] of all) this.#partitions.put(asset, key, last, row);
      }
      for (const calendar of calendars) writeCalendar(this.#database, calendar);
      this.#renewPacked();
    });
  }

  close(): void {
    withLedgerErrors(this.path, () => this.#database.close());
  }

  #recordOutcome(run: string, outcome: PartitionOutcome, sequence: number): void {
    const {asset, key} = outcome;
    const tried = 'fingerprint' in outcome ? outcome : undefined;
    const isRead = tried !== undefined || 'withdrawn' in outcome;
    const before = isRead ? this.#partitions.find(asset, key) : undefined;
    const after = advance(before, outcome, sequence);
    if (after !== undefined) this.#partitions.put(asset, key, sequence, after);
    const published = 'version' in outcome ? outcome : undefined;
    this.#insertAttempt.run(
      sequence,
      run,
      this.#partitions.assets.numberOf(asset),
      key,
      outcome.outcome,
      outcome.startedAt,
      outcome.endedAt,
      outcome.durationMs,
      outcome.error,
      JSON.stringify(outcome.reasons),
      tried === undefined ? null : this.#partitions.fingerprints.numberOf(tried.fingerprint),
      tried?.digest ?? null,
      published?.version ?? null,
      published?.rows ?? null,
      outcome.retries ?? 0,
      outcome.billed?.bytesBilled ?? null,
      outcome.billed?.slotMs ?? null,
    );
  }

  #renewPacked(): void {
    renewPacked(this.#database);
    this.#outcomesSinceRenewal = 0;
  }

  /** Whether it was still open. */
  #deleteIntent(id: string): boolean {
    return this.#database.prepare('DELETE FROM intents WHERE id = ?').run(id).changes > 0;
  }

  #requireSession(run: string): void {
    if (run === this.#session && !this.#sessions.has(run)) throw new SessionLost(run);
  }

  #log(kind: string, run: string | null, detail: unknown): number {
    return Number(this.#insertLog.run(this.#now(), kind, run, JSON.stringify(detail)).lastInsertRowid);
  }

  #write<T>(change: () => T): T {
    return withLedgerErrors(this.path, () => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = change();
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        // A full disk ends the transaction by itself.
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        this.#partitions.forgetNumbers();
        throw error;
      }
    });
  }
}

function readConsistently<T>(
  database: DatabaseSync,
  use: (snapshot: ColumnSnapshot) => T,
  leasesOf?: LeaseReader,
): T {
  database.exec('BEGIN');
  try {
    return use(readSnapshot(database, leasesOf));
  } finally {
    if (database.isTransaction) database.exec('COMMIT');
  }
}

function countByAsset(outcomes: readonly PartitionOutcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const {asset} of outcomes) counts[asset] = (counts[asset] ?? 0) + 1;
  return counts;
}
