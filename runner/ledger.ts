/**
 * The ledger: what was materialized from what, tried, intended and run, in one database; here, what is written to it.
 * It does not decide what any of it means for a plan, and holds no rows of any table.
 */

import type {CoverageEvent, Try} from '../planner/coverage-event.ts';
import {AlertTable} from './ledger-alerts.ts';
import {AttemptTable} from './ledger-attempt.ts';
import {BilledTable} from './ledger-billed.ts';
import {type CalendarUpdate, writeCalendar} from './ledger-calendar.ts';
import {CoverageTable} from './ledger-coverage.ts';
import {type CrewMember, CrewTable} from './ledger-crew.ts';
import type {Changed, LedgerDatabase, Statement, WriteOptions} from './ledger-database.ts';
import {withLedgerErrors} from './ledger-error.ts';
import {deleteHistory} from './ledger-history.ts';
import {type Intent, IntentTable} from './ledger-intent.ts';
import {readOwner, writeOwner} from './ledger-owner.ts';
import {PartitionTable} from './ledger-partitions.ts';
import {type PassEnd, type PassStart, PassTable} from './ledger-pass.ts';
import {type LedgerPlace, ledgerName} from './ledger-place.ts';
import {LedgerReader} from './ledger-reader.ts';
import type {PartitionOutcome, PartitionRow} from './ledger-row.ts';
import {ASKED_TO_END, type RunEnd, type RunStart} from './ledger-run.ts';
import {type Holder, ScheduleTable, type Taking, type Tick} from './ledger-schedule.ts';
import {
  type BeatAnswer,
  type BeatSaid,
  type Claim,
  type ClaimRequest,
  type NewSession,
  type Session,
  SessionLost,
  SessionTable,
} from './ledger-session.ts';
import {lastSequence, renewPacked} from './ledger-snapshot.ts';
import {type Spending, SpendingTable} from './ledger-spending.ts';
import type {Restored} from './restore.ts';

/** After how many recorded outcomes a run renews the packed copy, so that a killed run leaves few rows to read. */
const OUTCOMES_A_RENEWAL = 10_000;

export interface OutcomeBatch {
  readonly run: string;
  readonly outcomes: readonly PartitionOutcome[];
  /** The intents that these outcomes close. */
  readonly intents?: readonly string[] | undefined;
  /** Calendars that were read from the asset just published. */
  readonly calendars?: readonly CalendarUpdate[] | undefined;
  readonly events?: readonly CoverageEvent[] | undefined;
  readonly tries?: readonly Try[] | undefined;
}

/** What other runs have recorded about one partition. */
export interface News {
  readonly asset: string;
  readonly key: string;
  readonly row: PartitionRow;
}

/**
 * One read-write connection. Every method throws a `LedgerError` where the file cannot be read or written. Once a
 * session has begun on it, its run writes only as long as nobody has taken it for dead: else a `SessionLost` is thrown.
 */
export class Ledger extends LedgerReader {
  readonly #partitions: PartitionTable;
  readonly #coverage: CoverageTable;
  readonly #billed: BilledTable;
  readonly #sessions: SessionTable;
  readonly #intents: IntentTable;
  readonly #crew: CrewTable;
  readonly #spending: SpendingTable;
  readonly #insertLog: Statement;
  readonly #attempts: AttemptTable;
  #outcomesSinceRenewal = 0;
  #session: string | undefined;
  /** Of a worker: the run that this connection's session works for. */
  #worksFor: string | undefined;

  constructor(database: LedgerDatabase, place: LedgerPlace, now: () => number) {
    super(database, place, now);
    this.#partitions = new PartitionTable(database);
    this.#coverage = new CoverageTable(database, this.#partitions.assets);
    this.#billed = new BilledTable(database, this.#partitions.assets);
    this.#sessions = new SessionTable(database, this.#partitions.assets);
    this.#insertLog = database.prepare(
      `INSERT INTO log (sequence, at, kind, run, detail)
       SELECT coalesce(max(sequence), 0) + 1, ?, ?, ?, ? FROM log RETURNING sequence`,
    );
    this.#intents = new IntentTable(database);
    this.#crew = new CrewTable(database);
    this.#attempts = new AttemptTable(database, this.#partitions);
    this.#spending = new SpendingTable(database);
  }

  /** Gives it to a pipeline. */
  rename(pipeline: string): void {
    this.#write(() => {
      const was = readOwner(this.database) ?? null;
      writeOwner(this.database, pipeline);
      this.#log('renamed', null, {was, is: pipeline});
    });
  }

  startRun(run: RunStart): void {
    this.#write(() =>
      this.database
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
      this.database.prepare('UPDATE runs SET requested = ? WHERE id = ?').run(requested, run),
    );
  }

  endRun(id: string, end: RunEnd): void {
    this.#write(() => {
      this.database
        .prepare('UPDATE runs SET ended_at = ?, status = ?, counts = ? WHERE id = ?')
        .run(end.endedAt, end.status, JSON.stringify(end.counts), id);
      this.#renewPacked();
    });
  }

  /**
   * Of rows: on the disk when it returns, since a warehouse that outlives a power cut must not know more than the
   * ledger. Of files: a fetch that the ledger forgot is fetched once more, and thousands of syncs would cost seconds.
   */
  writeIntents(intents: readonly Intent[]): void {
    const session = this.#session;
    const isDurable = intents.some(({kind}) => kind === 'rows');
    const put = (intent: Intent): Changed =>
      intent.run === session
        ? this.#intents.putIfHeld(intent, this.now(), this.#partitions.assets.numberOf(intent.asset))
        : this.#intents.put(intent, this.now());
    const written = this.#write(() => intents.map(put), {isDurable});
    // Leases go with their session.
    if (session !== undefined && written.some(({changes}) => changes === 0)) throw new SessionLost(session);
  }

  /** Closes an intent whose write never happened. */
  closeIntent(id: string): void {
    this.#write(() => void this.#intents.delete([id]));
  }

  /** All in one transaction, which gives back their leases; returns the sequence that the whole batch got. */
  recordOutcomes({
    run,
    outcomes,
    intents = [],
    calendars = [],
    events = [],
    tries = [],
  }: OutcomeBatch): number {
    return this.#write(() => {
      // What was published under an intent is told even by a run that was taken for dead, as long as nobody did.
      if (intents.length === 0) this.#requireSession(run);
      const closed = this.#intents.delete(intents);
      if (run !== this.#session && closed.changes < intents.length) {
        if (intents.length > 1)
          throw new Error('Internal error: of another run one intent is settled at a time');
        // Another run has settled it at the same time.
        return lastSequence(this.database);
      }
      const sequence = this.#log('outcomes', run, {assets: countByAsset(outcomes)});
      // Asked only here, so that the deletion went with the entry of the log.
      if (closed.changes < intents.length) throw new SessionLost(run);
      const named = this.#runOf(run);
      this.#attempts.put({run: named, session: run, sequence}, outcomes);
      for (const calendar of calendars) writeCalendar(this.database, calendar);
      this.#coverage.putEvents(events.map(event => (event.run === run ? {...event, run: named} : event)));
      this.#coverage.putTries(named, tries);
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
    this.#write(() => this.#coverage.putEvents(events));
  }

  /** In one transaction. */
  writeAlerts<T>(use: (alerts: AlertTable) => T): T {
    return this.#write(() => use(new AlertTable(this.database)));
  }

  /** Deletes what of it is history alone, and gives the room back unless another process is at work with the file. */
  deleteHistory(before: number): void {
    this.#write(() => deleteHistory(this.database, before), {isLong: true});
    if (this.otherSessions().length > 0) return;
    withLedgerErrors(ledgerName(this.place), () => this.database.compact());
  }

  /** A pass of healing begins. */
  beginPass(pass: PassStart): void {
    this.#write(() => new PassTable(this.database).begin(pass));
  }

  endPass(id: string, end: PassEnd): void {
    this.#write(() => new PassTable(this.database).end(id, end));
  }

  /** Takes or keeps the schedule of healing; false where another was quicker. */
  takeSchedule(holder: Holder, taking: Taking): boolean {
    return this.#write(() => new ScheduleTable(this.database).take(holder, taking));
  }

  /** Whether that holder is the first to act on this tick of the schedule. */
  takeTick(holder: string, tick: Tick): boolean {
    return this.#write(() => new ScheduleTable(this.database).takeTick(holder, tick));
  }

  releaseSchedule(holder: string): void {
    this.#write(() => new ScheduleTable(this.database).release(holder));
  }

  /** Returns the sequence that it got. */
  recordCalendar(calendar: CalendarUpdate): number {
    return this.#write(() => {
      writeCalendar(this.database, calendar);
      return this.#log('calendar', null, {name: calendar.name, games: calendar.games.length});
    });
  }

  /** Counts a request that is about to be sent; false where the site's day would then be over `limit`. */
  spend(spending: Spending, limit: number): boolean {
    return this.#write(() => this.#spending.take(spending, limit));
  }

  /** Counts what a request cost beyond what was counted when it was sent. */
  spendMore(spending: Spending): void {
    this.#write(() => this.#spending.add(spending));
  }

  /** From now on this connection writes for that run, as long as its session lasts. */
  beginSession(session: NewSession): void {
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

  #ownSession(): string {
    if (this.#session === undefined) throw new Error('Internal error: no session has begun');
    return this.#session;
  }

  /** Tells what part this connection's session has in work that is shared out. */
  enlist(member: Omit<CrewMember, 'session' | 'worksFor'>): void {
    const session = this.#ownSession();
    this.#write(() => this.#crew.enlist({session, ...member}));
  }

  /** From now on what this connection's session makes is recorded as that run's. */
  workFor(run: string): void {
    const session = this.#ownSession();
    this.#write(() => this.#crew.workFor(session, run));
    this.#worksFor = run;
  }

  /** Shows that the session lives; undefined where somebody took it for dead. */
  beat(about: BeatSaid): BeatAnswer | undefined {
    const run = this.#ownSession();
    return withLedgerErrors(ledgerName(this.place), () =>
      this.database.touch(() => this.#sessions.beat(run, {at: this.now(), ...about})),
    );
  }

  /**
   * The last step of a write to elsewhere, which must not happen once somebody took this run for dead: nobody can
   * before `write` has returned. Throws a `SessionLost`.
   */
  whileAlive(write: () => void): void {
    this.#write(() => {
      if (this.#session !== undefined) this.#requireSession(this.#session);
      this.database.hold();
      write();
    });
  }

  /** All that are at work, or were when they died, but the one of this connection. */
  otherSessions(): readonly Session[] {
    return this.sessions().filter(({run}) => run !== this.#session);
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

  /** Claims partitions for the run of this connection's session. */
  claim(request: ClaimRequest): Claim {
    const run = this.#ownSession();
    return this.#write(() => {
      const {isLost, ...claim} = this.#sessions.standing(run, request);
      if (isLost) throw new SessionLost(run);
      if (!claim.isBehind && !claim.isUnsettled) this.#sessions.take(run, request.asset, request.keys);
      return claim;
    });
  }

  /** What other runs have recorded after `since`, and up to where that is known now. */
  newsSince(since: number): {readonly sequence: number; readonly news: readonly News[]} {
    const run = this.#session ?? '';
    return withLedgerErrors(ledgerName(this.place), () => {
      const sequence = lastSequence(this.database);
      return {sequence, news: this.#isBehind(run, since) ? [...this.#partitions.newer(since, run)] : []};
    });
  }

  #isBehind(run: string, since: number): boolean {
    const query = "SELECT 1 FROM log WHERE sequence > ? AND kind = 'outcomes' AND run <> ? LIMIT 1";
    return this.database.prepare(query).get(since, run) !== undefined;
  }

  /** Fills an empty ledger with what receipts tell. */
  restore({rows, calendars, sequence}: Restored): void {
    this.#write(
      () => {
        const last = Math.max(1, sequence);
        const count = [...rows.values()].reduce((sum, {size}) => sum + size, 0);
        this.database
          .prepare("INSERT INTO log (sequence, at, kind, run, detail) VALUES (?, ?, 'restored', NULL, ?)")
          .run(last, this.now(), JSON.stringify({partitions: count}));
        for (const [asset, all] of rows) this.#partitions.putMany(asset, last, all);
        for (const calendar of calendars) writeCalendar(this.database, calendar);
        this.#renewPacked();
      },
      {isLong: true},
    );
  }

  /** The run that a session's work is recorded as. */
  #runOf(session: string): string {
    return session === this.#session ? (this.#worksFor ?? session) : this.#crew.runOf(session);
  }

  #renewPacked(): void {
    renewPacked(this.database);
    this.#outcomesSinceRenewal = 0;
  }

  #requireSession(run: string): void {
    if (run === this.#session && !this.#sessions.has(run)) throw new SessionLost(run);
  }

  #log(kind: string, run: string | null, detail: unknown): number {
    const row = this.#insertLog.get(this.now(), kind, run, JSON.stringify(detail));
    return Number(row?.['sequence']);
  }

  #write<T>(change: () => T, options?: WriteOptions): T {
    return withLedgerErrors(ledgerName(this.place), () => {
      try {
        return this.database.write(change, options);
      } catch (error) {
        this.#partitions.forgetNumbers();
        throw error;
      }
    });
  }
}

function countByAsset(outcomes: readonly PartitionOutcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const {asset} of outcomes) counts[asset] = (counts[asset] ?? 0) + 1;
  return counts;
}
