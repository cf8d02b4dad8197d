/**
 * What a partition came to: told to the ledger, to the frame and to the listeners, in that order and in one place.
 * It does not deal with how it was made.
 */
import {acceptedGames} from '../planner/accepted.ts';
import {type Billed, shareBilled} from '../planner/billed.ts';
import {isCovered} from '../planner/coverage.ts';
import type {Try} from '../planner/coverage-event.ts';
import {digestToDepth} from '../planner/digest.ts';
import {type AssetFrame, heldAt, keyAt, setGames} from '../planner/frame.ts';
import {hexAt, wordFrom} from '../planner/hash.ts';
import type {Trust} from '../planner/ledger.ts';
import type {AssetName} from '../planner/pipeline.ts';
import {ownScore} from '../planner/quality.ts';
import {STATES} from '../planner/state.ts';
import type {Carrier} from './carry.ts';
import {eventsOf, skippedEvents} from './coverage-log.ts';
import type {PublishedFacts} from './event.ts';
import type {Failure} from './failure.ts';
import type {CalendarUpdate} from './ledger-calendar.ts';
import type {AttemptInputs, PartitionOutcome, PublishedOutcome, UntriedOutcome} from './ledger-row.ts';
import type {Batch, Job, Untried} from './schedule.ts';
import type {Receipt, Violation} from './warehouse.ts';
import type {Stage} from './workshop.ts';

/** What was made of one job, and is published or was. */
export interface MadeResult {
  readonly outcome: 'succeeded' | 'unchanged';
  readonly version: string;
  readonly rows: number;
  readonly coverage: Coverage | undefined;
  readonly trust: Trust;
  readonly warnings: readonly string[];
}

/** What came of one job. */
export type Result =
  | MadeResult
  | {
      readonly outcome: 'failed' | 'quarantined' | 'cancelled';
      readonly error: string;
      /** What kind of failure it was; an error where nothing is said. */
      readonly failure?: Failure;
      /** Of what others made: it was published, and is there no more. */
      readonly isGone?: true;
      /** Checks that did not hold. */
      readonly violations?: readonly Violation[];
    };

/** All games of the calendar entry, also accepted ones; `absent` are those that are not held. */
export interface Coverage {
  readonly expected: number;
  readonly found: number;
  readonly absent: readonly string[];
}

/** When a batch was begun and what it read, for its records. */
export interface Begun {
  readonly at: number;
  readonly readAt: number;
  /** What it is carried from. */
  readonly carry?: Carrier | undefined;
}

/** Of a batch that begins now. */
export function begin({clock, sequence, carry}: Pick<Stage, 'clock' | 'sequence' | 'carry'>): Begun {
  return {at: clock(), readAt: sequence, carry};
}

/** `depth`: how many of a cascade's sources were inputs of what was made. */
export function inputsOf(asset: AssetFrame, job: Job, begun: Begun, depth?: number): AttemptInputs {
  const isCut = depth !== undefined && asset.asset.cascade !== undefined;
  const inputs: AttemptInputs = {
    fingerprint: asset.fingerprint,
    digest: isCut ? digestToDepth(asset, job.ordinal, depth) : job.digest,
    triedDigest: job.digest,
    readAt: begun.readAt,
    entry: asset.entry === undefined ? null : hexAt(asset.entry.version, job.ordinal),
  };
  if (begun.carry === undefined) return inputs;
  const {times, stale} = begun.carry.factsOf(asset.asset.name, job.key);
  return {
    ...inputs,
    carried: times,
    fingerprint: stale.fingerprint ?? inputs.fingerprint,
    digest: stale.digest ?? inputs.digest,
  };
}

/** The same, as a receipt keeps it. */
export function madeFrom({
  fingerprint,
  digest,
  triedDigest,
  entry,
  carried,
}: AttemptInputs): Pick<Receipt, 'fingerprint' | 'digest' | 'tried' | 'entry' | 'carried'> {
  return {
    fingerprint: fingerprint.hash,
    digest,
    ...(triedDigest === digest ? {} : {tried: triedDigest}),
    ...(entry === null ? {} : {entry}),
    ...(carried === undefined ? {} : {carried}),
  };
}

/** The games that a date's partition should hold, whoever accepted their absence. */
export function gamesOf(
  {asset, calendar}: Pick<AssetFrame, 'asset' | 'calendar'>,
  ordinal: number,
): readonly string[] {
  if (asset.partitioning.kind !== 'date') return [];
  return (calendar?.games[ordinal] ?? []).map(({id}) => id);
}

/**
 * How many of today's games the published rows hold; -1 where nothing is published. A game that has moved to another
 * date is not held any more, so that its leaving is no loss.
 */
export function gamesHeld(frame: AssetFrame, ordinal: number): number {
  const {asset, published, record, row} = frame;
  const found = record?.found[row[ordinal] ?? -1] ?? -1;
  if (asset.partitioning.kind !== 'date' || published[ordinal] === 0) return -1;
  return Math.min(found, heldAt(frame, ordinal));
}

/** Undefined for a partition that is no date: it counts as one, whatever its games. */
export function coverageOf(
  {asset, calendar}: AssetFrame,
  ordinal: number,
  held: ReadonlySet<string>,
): Coverage | undefined {
  if (asset.partitioning.kind !== 'date') return undefined;
  const games = gamesOf({asset, calendar}, ordinal);
  const absent = games.filter(game => !held.has(game));
  return {expected: games.length, found: games.length - absent.length, absent};
}

/** A batch that has been made, or was not to be. */
export interface Ending {
  readonly batch: Batch;
  /** By ordinal: one for each job. */
  readonly results: ReadonlyMap<number, Result>;
  readonly begun: Begun;
  readonly intent?: string | undefined;
  readonly calendars?: readonly CalendarUpdate[];
  /** Of a cascade, by ordinal: what was tried. */
  readonly tries?: ReadonlyMap<number, readonly Try[]>;
  /** Of the whole batch; undefined where the engine bills nothing. */
  readonly billed?: Billed | undefined;
}

/** Records a batch in one transaction of the ledger, which closes its intent, and brings the frame forward. */
export function finish(stage: Stage, ending: Ending): void {
  finishTogether(stage, [ending]);
}

/** The same of several, in one transaction: all of them with an intent, or none. */
export function finishTogether(stage: Stage, endings: readonly Ending[]): void {
  const endedAt = stage.clock();
  const all = endings.map(ending => ({ending, outcomes: outcomesOf(stage, ending, endedAt)}));
  stage.sequence = stage.ledger.recordOutcomes({
    run: stage.run,
    outcomes: all.flatMap(({outcomes}) => outcomes),
    intents: endings.flatMap(({intent}) => intent ?? []),
    calendars: endings.flatMap(({calendars = []}) => calendars),
    tries: endings.flatMap(({batch, tries}) => batch.jobs.flatMap(({ordinal}) => tries?.get(ordinal) ?? [])),
    events: endings.flatMap(({batch: {asset, jobs}, results, tries: tried}) =>
      jobs.flatMap(job => eventsOf(stage, {asset, job, result: results.get(job.ordinal), tried})),
    ),
  });
  for (const {ending, outcomes} of all) tell(stage, ending, outcomes);
}

function outcomesOf(
  stage: Stage,
  {batch: {asset, jobs}, results, begun, billed}: Ending,
  endedAt: number,
): readonly PartitionOutcome[] {
  const durationMs = (endedAt - begun.at) / Math.max(1, jobs.length);
  const shares = sharesOf(
    billed,
    jobs.map(({ordinal}) => results.get(ordinal)),
  );
  return jobs.map((job, i) => {
    const result = results.get(job.ordinal);
    if (result === undefined) throw new Error(`Internal error: no result of ${asset.asset.name}@${job.key}`);
    const retries = stage.retried.get(`${asset.asset.name}@${job.key}`);
    const share = shares?.[i];
    return {
      ...outcomeOf(asset, job, result, {begun, endedAt, durationMs}),
      ...(retries === undefined ? {} : {retries}),
      ...(share === undefined ? {} : {billed: share}),
    };
  });
}

/** The frame, and whoever listens. */
function tell(
  stage: Stage,
  {batch: {asset, jobs}, results}: Ending,
  outcomes: readonly PartitionOutcome[],
): void {
  outcomes.forEach(({endedAt, durationMs, error}, index) => {
    const job = jobs[index];
    const result = job === undefined ? undefined : results.get(job.ordinal);
    if (job === undefined || result === undefined) return;
    if ('version' in result) bringForward(stage, asset, job.ordinal, result);
    else if (result.isGone === true) takeBack(stage, asset, job.ordinal);
    stage.emit({
      kind: 'partition-ended',
      at: endedAt,
      asset: asset.asset.name,
      key: job.key,
      outcome: result.outcome,
      rows: 'rows' in result ? result.rows : null,
      durationMs,
      error,
      reasons: job.reasons,
      warnings: 'warnings' in result ? result.warnings : [],
      ...('version' in result ? {published: factsOf(asset, job.ordinal, result)} : {}),
    });
  });
}

/** Once the frame knows of it. */
function factsOf(asset: AssetFrame, ordinal: number, {trust, coverage}: MadeResult): PublishedFacts {
  const games = asset.asset.covers === undefined ? undefined : coverage;
  return {
    sources: trust.sources.map(({name}) => name),
    ...(games === undefined ? {} : {games: {expected: games.expected, found: games.found}}),
    score: ownScore(asset, ordinal),
  };
}

/** Of what a batch was billed: by rows, or evenly where not all of them are known. */
export function sharesOf(
  billed: Billed | undefined,
  results: readonly (Result | undefined)[],
): readonly Billed[] | undefined {
  if (billed === undefined) return undefined;
  const rows = results.map(result => (result !== undefined && 'rows' in result ? result.rows : undefined));
  const isKnown = rows.every(count => count !== undefined);
  return shareBilled(
    billed,
    rows.map(count => (isKnown ? (count ?? 0) : 1)),
  );
}

function outcomeOf(
  asset: AssetFrame,
  job: Job,
  result: Result,
  {begun, endedAt, durationMs}: {begun: Begun; endedAt: number; durationMs: number},
): PartitionOutcome {
  const base = {
    asset: asset.asset.name,
    key: job.key,
    startedAt: begun.at,
    endedAt,
    durationMs,
    reasons: job.reasons,
  };
  switch (result.outcome) {
    case 'cancelled':
      return {...base, outcome: 'cancelled', error: result.error};
    case 'failed':
    case 'quarantined':
      return {
        ...base,
        ...inputsOf(asset, job, begun),
        outcome: result.outcome,
        error: result.error,
        ...(result.isGone === true ? {isGone: true} : {}),
      };
    default: {
      const published: PublishedOutcome = {
        ...base,
        ...inputsOf(asset, job, begun, result.trust.depth),
        outcome: result.outcome,
        error: null,
        version: result.version,
        rows: result.rows,
        expected: result.coverage?.expected ?? null,
        found: result.coverage?.found ?? null,
        absent: result.coverage?.absent ?? [],
        trust: result.trust,
      };
      return published;
    }
  }
}

/** The frame as the next plan would see it, so that what reads this partition is judged by what it now is. */
export function bringForward(
  {frame}: Pick<Stage, 'frame'>,
  asset: AssetFrame,
  ordinal: number,
  result: Pick<MadeResult, 'version' | 'coverage' | 'trust'>,
): void {
  const version = wordFrom(result.version);
  asset.published[ordinal] = 1;
  asset.accepted[ordinal] = 0;
  asset.made.set(ordinal, result.trust);
  asset.version.hi[ordinal] = version.hi;
  asset.version.lo[ordinal] = version.lo;
  if (result.coverage === undefined) setGames(asset, ordinal, 1, 1);
  else {
    const accepted = acceptedGames(frame, asset, ordinal);
    const lacking = result.coverage.absent.filter(game => !accepted.has(game)).length;
    const {found} = result.coverage;
    setGames(asset, ordinal, found + lacking, found);
  }
  frame.quality.forget();
  asset.state[ordinal] = STATES.indexOf(isCovered(asset, ordinal) ? 'fresh' : 'partial');
}

function takeBack({frame}: Pick<Stage, 'frame'>, asset: AssetFrame, ordinal: number): void {
  asset.published[ordinal] = 0;
  setGames(asset, ordinal, 1, 0);
  frame.quality.forget();
  asset.state[ordinal] = STATES.indexOf('missing');
}

/** Records partitions that were not tried, however many, in one transaction. */
export function finishUntried(stage: Stage, untried: readonly Untried[]): void {
  finishUnmade(
    stage,
    untried.map(({asset, ordinal, outcome, reasons}) => ({
      asset: asset.asset.name,
      key: keyAt(asset, ordinal),
      outcome,
      reasons,
    })),
  );
}

/** The same of partitions that nothing declares any more. */
export function finishUnmade(
  stage: Pick<Stage, 'clock' | 'ledger' | 'run' | 'emit' | 'sequence'>,
  unmade: readonly (Pick<UntriedOutcome, 'outcome' | 'reasons' | 'key'> & {readonly asset: AssetName})[],
): void {
  if (unmade.length === 0) return;
  const at = stage.clock();
  const times = {startedAt: at, endedAt: at, durationMs: 0, error: null};
  const outcomes = unmade.map((each): PartitionOutcome => ({...each, ...times}));
  const events = outcomes.flatMap(outcome => skippedEvents(stage.run, outcome));
  stage.sequence = stage.ledger.recordOutcomes({run: stage.run, outcomes, events});
  for (const outcome of outcomes) tellUnmade(stage, outcome);
}

/** Tells of an outcome that brought no rows. */
export function tellUnmade(
  stage: Pick<Stage, 'emit'>,
  {asset, key, outcome, endedAt, durationMs, reasons}: PartitionOutcome,
): void {
  const about = {asset, key, outcome, durationMs, reasons};
  stage.emit({kind: 'partition-ended', at: endedAt, ...about, rows: null, error: null, warnings: []});
}
