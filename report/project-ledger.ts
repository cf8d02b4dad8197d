/**
 * What the ledger of a project holds, for whoever only reads it, and the few things that are written beside a run.
 * It does not deal with how the project was read.
 */
import type {BilledSoFar} from '../planner/billed.ts';
import type {CoverageEvent} from '../planner/coverage-event.ts';
import type {LedgerSnapshot} from '../planner/ledger.ts';
import {makePlan} from '../planner/make-plan.ts';
import type {Pipeline} from '../planner/pipeline.ts';
import type {Planned, PlannedPartition, PlanRequest} from '../planner/plan.ts';
import type {Done} from '../planner/plan-changes.ts';
import {splitRef} from '../planner/reason.ts';
import {type Aftermath, nameOf} from '../planner/resolution.ts';
import type {Sources} from '../planner/sources.ts';
import {isHolderDead} from '../runner/healing-holder.ts';
import type {Ledger} from '../runner/ledger.ts';
import type {EventFilter, RecordedTry} from '../runner/ledger-coverage.ts';
import type {Intent} from '../runner/ledger-intent.ts';
import {hasLedger as hasLedgerAt, openLedger, openLedgerToRead, readLedger} from '../runner/ledger-open.ts';
import type {PassRecord} from '../runner/ledger-pass.ts';
import {ledgerPlace} from '../runner/ledger-place.ts';
import type {LedgerReader, Measured} from '../runner/ledger-reader.ts';
import type {Asking, AttemptRecord, FoundRun, RunRecord} from '../runner/ledger-run.ts';
import {EMPTY_SNAPSHOT} from '../runner/ledger-snapshot.ts';
import {buryDead, PULSE, Watch} from '../runner/liveness.ts';
import {warehouseFile} from '../runner/open-warehouse.ts';
import type {VersionRead} from './explain.ts';
import type {Recorded, Undeclared} from './status.ts';

/** What is read of the manifest alone. */
export interface Declared {
  /** Absolute folder; the manifest's paths are relative to it. */
  readonly root: string;
  readonly pipeline: Pipeline;
  /** Tells something that does not end the command. */
  readonly warn: (text: string) => void;
}

export interface Project extends Declared {
  readonly sources: Sources;
}

/**
 * Plans by what the ledger holds, without writing to it; one that does not exist yet holds nothing. `use` may be called
 * twice, and what it has not asked of the plan when it returns can no longer be read.
 */
export function withPlan<T>(
  project: Project,
  about: {readonly now: number; readonly request: PlanRequest},
  use: (planned: Planned) => T,
): T {
  return withSnapshot(project, ledger => use(makePlan({...project, ...about, ledger})));
}

/** As `withPlan`, with what the ledger holds itself. */
export function withSnapshot<T>(project: Declared, use: (ledger: LedgerSnapshot) => T): T {
  return readLedger(ledgerPlace(project), use, ownedBy(project));
}

/** All that the ledger holds, for work that goes on after reading it. */
export function readWholeSnapshot(project: Project, now: () => number): LedgerSnapshot {
  return withLedger(project, now, ledger => ledger.snapshot()) ?? EMPTY_SNAPSHOT;
}

/** The newest first; the first `offset` are left out. */
export function readRuns(
  project: Declared,
  limit: number,
  now: () => number,
  offset = 0,
): readonly RunRecord[] {
  return withLedger(project, now, ledger => ledger.runs(limit, offset)) ?? [];
}

/** Those that began since then, the oldest first. */
export function readRunsSince(project: Declared, since: number, now: () => number): readonly RunRecord[] {
  return withLedger(project, now, ledger => ledger.runsSince(since)) ?? [];
}

/** What ended after the attempt with that id, of any run; undefined where there is no ledger. */
export function readOutcomesAfter(
  project: Declared,
  after: number,
  now: () => number,
): ReturnType<Ledger['outcomesAfter']> | undefined {
  return withLedger(project, now, ledger => ledger.outcomesAfter(after));
}

/** Of one asset, whatever the run, the newest first. */
export function readAttemptsOfAsset(
  project: Declared,
  asset: string,
  limit: number,
  now: () => number,
): readonly AttemptRecord[] {
  return withLedger(project, now, ledger => ledger.attemptsOfAsset(asset, limit)) ?? [];
}

/** The newest run of a plan: corrections are none. */
export function readLastRun(project: Project, now: () => number): RunRecord | undefined {
  return withLedger(project, now, ledger => ledger.lastRun());
}

/** What was billed so far, by asset. */
export function readBilled(project: Declared, now: () => number): ReadonlyMap<string, BilledSoFar> {
  return withLedger(project, now, ledger => ledger.billed()) ?? new Map();
}

/** What `status` tells beside the states. */
export function readRecorded(project: Project, now: () => number): Recorded {
  return {
    lastRun: readLastRun(project, now),
    billed: readBilled(project, now),
    undeclared: readUndeclared(project),
  };
}

/** What is published under names that the manifest does not have; by name. */
function readUndeclared(project: Project): readonly Undeclared[] {
  const {assets} = project.pipeline;
  return withSnapshot(project, ledger =>
    ledger.assets
      .filter(name => !assets.has(name))
      .map(name => ({asset: name, partitions: ledger.find(name)?.publishedCount ?? 0}))
      .filter(({partitions}) => partitions > 0)
      .toSorted((a, b) => (a.asset < b.asset ? -1 : 1)),
  );
}

/**
 * Asks a run to end, as an interrupt does; returns how often it has been asked, undefined where it is not at work. One
 * whose process has died is taken for dead.
 */
export function askToEnd(
  project: Project,
  {run, by}: {readonly run: string; readonly by: string | undefined},
  now: () => number,
): 1 | 2 | undefined {
  return writeLedger(project, now, ledger => {
    buryDead(ledger, new Watch(PULSE, {clock: now}));
    return ledger.askToEnd(run, by);
  });
}

/** What was done so far and is being done, on from an earlier reading; undefined where there is no ledger. */
export function readMeasured(project: Declared, now: () => number, before?: Measured): Measured | undefined {
  return withLedger(project, now, ledger => ledger.measure(before?.counted));
}

/** By whom a run was asked to end, in order. */
export function readAskings(project: Declared, run: string, now: () => number): readonly Asking[] {
  return withLedger(project, now, ledger => ledger.askingsOf(run)) ?? [];
}

/** What a run asked of sources, in order. */
export function readTriesOfRun(project: Declared, run: string, now: () => number): readonly RecordedTry[] {
  return withLedger(project, now, ledger => ledger.triesOf(run)) ?? [];
}

/** Runs whose processes live. */
export function readAtWork(project: Declared, now: () => number): ReadonlySet<string> {
  const watch = new Watch(PULSE, {clock: now});
  const all = withLedger(project, now, ledger => ledger.sessions()) ?? [];
  return new Set(all.filter(session => !watch.isDead(session)).map(({run}) => run));
}

export function findRun(project: Project, id: string, now: () => number): FoundRun | undefined {
  return withLedger(project, now, ledger => ledger.findRun(id));
}

export interface HealingPast {
  readonly lastPass: PassRecord | undefined;
  /** When a server that heals on the schedule means to; undefined where none does. */
  readonly nextAt: number | undefined;
}

/** When it was last healed, and when it is next. */
export function readHealingPast(project: Declared, now: () => number): HealingPast {
  const found = withLedger(project, now, ledger => {
    const schedule = ledger.schedule();
    const isHeld = schedule !== undefined && !isHolderDead(new Watch(PULSE, {clock: now}), schedule);
    return {lastPass: ledger.passes(1)[0], nextAt: isHeld ? schedule.nextAt : undefined};
  });
  return found ?? {lastPass: undefined, nextAt: undefined};
}

/** The newest first, a few. */
export function readAttempts(
  project: Project,
  partition: {readonly asset: string; readonly key: string},
  now: () => number,
): readonly AttemptRecord[] {
  return withLedger(project, now, ledger => ledger.attempts(partition, 10)) ?? [];
}

/** What those inputs of a partition that changed since were when it was made; what is not on record is left out. */
export function readVersionsRead(
  project: Project,
  partition: PlannedPartition,
  now: () => number,
): readonly VersionRead[] {
  const changed = partition.reasons.flatMap(each => (each.kind === 'upstream-changed' ? each.upstream : []));
  const found = withLedger(project, now, ledger =>
    changed.flatMap(input => {
      const version = ledger.versionRead(partition, splitRef(input));
      return version === undefined ? [] : [{partition: input, version}];
    }),
  );
  return found ?? [];
}

/** What was tried of one partition's sources, the newest first. */
export function readTries(
  project: Project,
  partition: {readonly asset: string; readonly key: string},
  now: () => number,
): readonly RecordedTry[] {
  return withLedger(project, now, ledger => ledger.tries(partition, 10)) ?? [];
}

/** Events of the log, and what came after any of it. */
export function readCoverageLog(
  project: Project,
  filter: EventFilter,
  now: () => number,
): {readonly events: readonly CoverageEvent[]; readonly aftermath: Aftermath} {
  const found = withLedger(project, now, ledger => ({
    events: ledger.events(filter),
    aftermath: {
      publications: ledger.publications(),
      happened: new Set(ledger.events({assets: filter.assets}).map(event => nameOf(event, event.run))),
    },
  }));
  return found ?? {events: [], aftermath: {publications: new Map(), happened: new Set()}};
}

/** The sources of an asset that were asked for any of some keys. */
export function readTriedSources(
  project: Project,
  {asset, keys}: {readonly asset: string; readonly keys: readonly string[]},
  now: () => number,
): ReadonlySet<string> {
  const found = withLedger(project, now, ledger => keys.flatMap(key => ledger.tries({asset, key}, TRIES)));
  return new Set(found?.map(({source}) => source));
}

/** More than an asset has sources, so that each that was ever asked is among them. */
const TRIES = 100;

/** What earlier runs of a plan file made. */
export function readDoneOfPlan(project: Project, plan: string, now: () => number): Done {
  return withLedger(project, now, ledger => ledger.doneOfPlan(plan)) ?? new Map();
}

/** Whether a run was killed between writing and recording. */
export function hasOpenIntents(project: Project, now: () => number): boolean {
  return withLedger(project, now, ledger => ledger.openIntents().length > 0) ?? false;
}

/** What the ledger holds, and what runs have begun to write; undefined where there is no ledger. */
export function readLedgerState(
  project: Declared,
  now: () => number,
): {readonly snapshot: LedgerSnapshot; readonly intents: readonly Intent[]} | undefined {
  return withLedger(project, now, ledger => ({snapshot: ledger.snapshot(), intents: ledger.openIntents()}));
}

export function ownedBy({root, pipeline, warn}: Declared) {
  return {pipeline: pipeline.name, beside: warehouseFile({root, pipeline}), warn};
}

/** Undefined where there is no ledger yet: a command that reads must not make one. */
export function withLedger<T>(
  project: Declared,
  now: () => number,
  read: (ledger: LedgerReader) => T,
): T | undefined {
  const place = ledgerPlace(project);
  const ledger = openLedgerToRead({...ownedBy(project), place, now});
  if (ledger === undefined) return undefined;
  try {
    return read(ledger);
  } finally {
    ledger.close();
  }
}

/** Writes to the ledger, which is made where there is none. */
export function writeLedger<T>(project: Declared, now: () => number, write: (ledger: Ledger) => T): T {
  const ledger = openLedger({...ownedBy(project), place: ledgerPlace(project), now});
  try {
    return write(ledger);
  } finally {
    ledger.close();
  }
}

/** Whether anything was ever recorded. */
export function hasLedger(project: Declared): boolean {
  return hasLedgerAt(ledgerPlace(project));
}
