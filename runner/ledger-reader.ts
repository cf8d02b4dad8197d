/**
 * What a ledger holds, read over one connection: partitions, runs, attempts, events, and who is at work.
 * It does not deal with how it is found and opened (ledger-open.ts), and writes nothing (ledger.ts).
 */

import type {Recorded} from '../planner/alert-look.ts';
import type {BilledSoFar} from '../planner/billed.ts';
import type {CoverageEvent} from '../planner/coverage-event.ts';
import type {LedgerSnapshot} from '../planner/ledger.ts';
import type {Done} from '../planner/plan-changes.ts';
import type {PublishedBy} from '../planner/resolution.ts';
import {type Recording, readRecorded} from './alert-record.ts';
import {AlertReader} from './ledger-alerts.ts';
import {readBilled} from './ledger-billed.ts';
import {type Counted, readCounted} from './ledger-counted.ts';
import {
  type EventFilter,
  type RecordedTry,
  readEvents,
  readPublications,
  readTries,
  readTriesOfRun,
} from './ledger-coverage.ts';
import {type CrewMember, readCrew, readCrewOf} from './ledger-crew.ts';
import type {LedgerDatabase} from './ledger-database.ts';
import {withLedgerErrors} from './ledger-error.ts';
import {countHistory, type History} from './ledger-history.ts';
import {type Intent, readIntents} from './ledger-intent.ts';
import {readOwner} from './ledger-owner.ts';
import {type PassRecord, readGoodPasses, readLastPasses, readOpenPasses, readPasses} from './ledger-pass.ts';
import {type LedgerPlace, ledgerName} from './ledger-place.ts';
import {
  type Asking,
  type AttemptRecord,
  type FoundRun,
  findLastPublishing,
  findLastRun,
  findRun,
  findVersionRead,
  type RunRecord,
  readAskings,
  readAttemptsOf,
  readAttemptsOfAsset,
  readAttemptsOfRun,
  readAttemptsOfRunAfter,
  readDoneOfPlan,
  readEndedIn,
  readLastEnds,
  readOutcomesAfter,
  readRuns,
  readRunsSince,
} from './ledger-run.ts';
import {type HealingSchedule, readSchedule} from './ledger-schedule.ts';
import {readSessions, type Session} from './ledger-session.ts';
import {lastSequence, readConsistently} from './ledger-snapshot.ts';
import {PULSE, Watch} from './liveness.ts';

export interface Measured {
  readonly sequence: number;
  readonly counted: Counted;
  readonly billed: ReadonlyMap<string, BilledSoFar>;
  readonly atWork: readonly Session[];
  /** When the last run ended that ended so, by status; milliseconds since 1970. */
  readonly lastEnds: ReadonlyMap<string, number>;
  /** The same of passes of healing, by outcome. */
  readonly lastPasses: ReadonlyMap<string, number>;
}

/** Every method throws a `LedgerError` where the file cannot be read. */
export class LedgerReader {
  readonly place: LedgerPlace;
  protected readonly database: LedgerDatabase;
  /** Milliseconds since 1970. */
  protected readonly now: () => number;

  constructor(database: LedgerDatabase, place: LedgerPlace, now: () => number) {
    this.place = place;
    this.database = database;
    this.now = now;
  }

  snapshot(): LedgerSnapshot {
    return this.#read(() => readConsistently(this.database, snapshot => snapshot.readWhole()));
  }

  /** The pipeline that it is of; undefined: nobody's yet. */
  owner(): string | undefined {
    return this.#read(() => readOwner(this.database));
  }

  /** That of the newest entry. */
  sequence(): number {
    return this.#read(() => lastSequence(this.database));
  }

  /** The newest first. */
  runs(limit: number, offset = 0): readonly RunRecord[] {
    return this.#read(() => readRuns(this.database, limit, offset));
  }

  /** Those that began since then, the oldest first. */
  runsSince(since: number): readonly RunRecord[] {
    return this.#read(() => readRunsSince(this.database, since));
  }

  /** What ended after the attempt with the id `after`, of any run, and up to which id that is known now. */
  outcomesAfter(after: number): ReturnType<typeof readOutcomesAfter> {
    return this.#read(() => readOutcomesAfter(this.database, after));
  }

  /** Those of one run after the attempt with that id, in order, and up to which id that is known now. */
  attemptsOfRunAfter(run: string, after: number): ReturnType<typeof readAttemptsOfRunAfter> {
    return this.#read(() => readAttemptsOfRunAfter(this.database, run, after));
  }

  /** Of some partitions of an asset, those that have ended in a run. */
  endedIn(run: string, asset: string, keys: readonly string[]): ReadonlySet<string> {
    return this.#read(() => readEndedIn(this.database, run, {asset, keys}));
  }

  /** Who shares out work now, and who takes it. */
  crew(): readonly CrewMember[] {
    return this.#read(() => readCrew(this.database));
  }

  /** Of one asset, whatever the run, the newest first. */
  attemptsOfAsset(asset: string, limit: number): readonly AttemptRecord[] {
    return this.#read(() => readAttemptsOfAsset(this.database, asset, limit));
  }

  /** The newest run of a plan: corrections are none. */
  lastRun(): RunRecord | undefined {
    return this.#read(() => findLastRun(this.database));
  }

  /** What earlier runs of a plan file made. */
  doneOfPlan(plan: string): Done {
    return this.#read(() => readDoneOfPlan(this.database, plan));
  }

  /** The newest run that published a partition of any of these assets. */
  lastRunThatPublished(assets: readonly string[]): string | undefined {
    return this.#read(() => findLastPublishing(this.database, assets));
  }

  findRun(id: string): FoundRun | undefined {
    return this.#read(() => {
      const run = findRun(this.database, id);
      if (run === undefined) return undefined;
      const workers = readCrewOf(this.database, id).filter(({role}) => role === 'worker');
      return {
        ...run,
        attempts: readAttemptsOfRun(this.database, id),
        asked: readAskings(this.database, id),
        ...(workers.length === 0 ? {} : {workers}),
      };
    });
  }

  /** What was billed so far, by asset. */
  billed(): ReadonlyMap<string, BilledSoFar> {
    return this.#read(() => readBilled(this.database));
  }

  /** What was done so far and what is being done, of one moment; goes on from what was counted before. */
  measure(before?: Counted): Measured {
    const watch = new Watch(PULSE, {clock: this.now});
    return this.#read(() =>
      this.database.read(() => {
        const atWork = readSessions(this.database).filter(session => !watch.isDead(session));
        return {
          sequence: lastSequence(this.database),
          counted: readCounted(this.database, new Set(atWork.map(({run}) => run)), before),
          billed: readBilled(this.database),
          atWork,
          lastEnds: readLastEnds(this.database),
          lastPasses: readLastPasses(this.database),
        };
      }),
    );
  }

  /** By whom a run was asked to end, in order. */
  askingsOf(run: string): readonly Asking[] {
    return this.#read(() => readAskings(this.database, run));
  }

  /** What a run asked of sources, in order. */
  triesOf(run: string): readonly RecordedTry[] {
    return this.#read(() => readTriesOfRun(this.database, run));
  }

  /** The newest first. */
  attempts(partition: {asset: string; key: string}, limit: number): readonly AttemptRecord[] {
    return this.#read(() => readAttemptsOf(this.database, partition, limit));
  }

  /** What `input` was when `reader` was last made; undefined where that is not on record any more. */
  versionRead(reader: {asset: string; key: string}, input: {asset: string; key: string}): string | undefined {
    return this.#read(() => findVersionRead(this.database, reader, input));
  }

  /** The newest first. */
  events(filter: EventFilter): readonly CoverageEvent[] {
    return this.#read(() => readEvents(this.database, filter));
  }

  /** When partitions that have events were made, by `asset@key`; the oldest first. */
  publications(): ReadonlyMap<string, readonly PublishedBy[]> {
    return this.#read(() => readPublications(this.database));
  }

  /** The newest first: of one partition, over all runs. */
  tries(partition: {readonly asset: string; readonly key: string}, limit: number): readonly RecordedTry[] {
    return this.#read(() => readTries(this.database, partition, limit));
  }

  /** What is remembered of alerts, and what of them is still to be delivered. */
  readAlerts<T>(use: (alerts: AlertReader) => T): T {
    return this.#read(() => use(new AlertReader(this.database)));
  }

  /** What alerts are found in. */
  alertRecord(about: Recording): Omit<Recorded, 'activity'> {
    return this.#read(() => readRecorded(this.database, about));
  }

  /** What of it is history alone, before a time: milliseconds since 1970. */
  countHistory(before: number): History {
    return this.#read(() => countHistory(this.database, before));
  }

  /** Of runs that are not at work any more, the oldest first. */
  openIntents(): readonly Intent[] {
    const watch = new Watch(PULSE, {clock: this.now});
    return this.#read(() => {
      const atWork = readSessions(this.database).filter(session => !watch.isDead(session));
      return readIntents(this.database, {atWork: atWork.map(({run}) => run)});
    });
  }

  /** Passes of healing, the newest first. */
  passes(limit: number): readonly PassRecord[] {
    return this.#read(() => readPasses(this.database, limit));
  }

  /** Those that are at work or could do their work, the newest first. */
  goodPasses(limit: number): readonly PassRecord[] {
    return this.#read(() => readGoodPasses(this.database, limit));
  }

  /** Passes that have not said how they ended. */
  openPasses(): readonly PassRecord[] {
    return this.#read(() => readOpenPasses(this.database));
  }

  /** Who heals on the schedule; undefined: nobody ever did. */
  schedule(): HealingSchedule | undefined {
    return this.#read(() => readSchedule(this.database));
  }

  /** All that are at work, or were when they died. */
  sessions(): readonly Session[] {
    return this.#read(() => readSessions(this.database));
  }

  close(): void {
    this.#read(() => this.database.close());
  }

  #read<T>(query: () => T): T {
    return withLedgerErrors(ledgerName(this.place), query);
  }
}
