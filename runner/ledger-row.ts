/**
 * What the ledger knows of one partition, and how an outcome changes it: the one place of that rule.
 * It does not deal with SQLite (ledger.ts) nor with columns (ledger-columns.ts).
 */
import type {Billed} from '../planner/billed.ts';
import {type Fingerprint, OUTCOMES, type Outcome, PLAIN_TRUST, type Trust} from '../planner/ledger.ts';
import type {Reason} from '../planner/reason.ts';

/** 64 bits of nothing, as 16 hex digits. */
export const ZERO_WORD = '0000000000000000';

interface AttemptBase {
  readonly asset: string;
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** This partition's share of its batch. */
  readonly durationMs: number;
  readonly reasons: readonly Reason[];
  /** How often its requests were tried again; none where nothing is said. */
  readonly retries?: number;
  /** This partition's share of what its batch was billed; nothing where the engine bills nothing. */
  readonly billed?: Billed | undefined;
}

/** What the partition was made from. 64-bit numbers are 16 hex digits. */
export interface AttemptInputs {
  readonly fingerprint: Fingerprint;
  /** Of what the rows were made from. */
  readonly digest: string;
  /** Of all that could have been read: a cascade does without the sources below the one that it used. */
  readonly triedDigest: string;
  /** Ledger sequence that the inputs were read at. */
  readonly readAt: number;
  /** Version of the calendar entry; null where it does not enter the digest. */
  readonly entry: string | null;
  /** Of what was carried from another target. */
  readonly carried?: CarriedTimes | undefined;
}

/** When another target made what is carried from it. Milliseconds since 1970. */
export interface CarriedTimes {
  /** When its rows last changed. */
  readonly publishedAt: number;
  /** When it was last made, whatever came of it. */
  readonly madeAt: number;
}

/** The warehouse or store holds it. Of `unchanged` the version and rows are those that stay published. */
export interface PublishedOutcome extends AttemptBase, AttemptInputs {
  readonly outcome: 'succeeded' | 'unchanged';
  readonly error: null;
  readonly version: string;
  readonly rows: number;
  /** Games; null where the asset declares no coverage. */
  readonly expected: number | null;
  readonly found: number | null;
  readonly absent: readonly string[];
  readonly trust: Trust;
}

export interface FailedOutcome extends AttemptBase, AttemptInputs {
  readonly outcome: 'failed' | 'quarantined';
  readonly error: string;
  /** Others made it, and what was observed is there no more. */
  readonly isGone?: true;
}

/** Nothing was tried: recorded as an attempt, and the partition stays as it is. */
export interface UntriedOutcome extends AttemptBase {
  readonly outcome: 'not-needed' | 'skipped' | 'cancelled';
  readonly error: string | null;
}

/** Its rows count no more: someone forgot it, or it was dropped as an orphan. */
export interface WithdrawnOutcome extends AttemptBase {
  readonly outcome: 'succeeded';
  readonly error: null;
  readonly withdrawn: true;
}

/** Someone took the published rows as what today's definition and inputs would give. */
export interface MarkedOutcome extends AttemptBase, AttemptInputs {
  readonly outcome: 'unchanged';
  readonly error: null;
  readonly marked: true;
}

export type PartitionOutcome =
  | PublishedOutcome
  | FailedOutcome
  | UntriedOutcome
  | WithdrawnOutcome
  | MarkedOutcome;

/** One row of an `AssetRecord`; see there for what each column means. */
export interface PartitionRow {
  readonly published: boolean;
  readonly version: string;
  readonly digest: string;
  readonly fingerprint: Fingerprint;
  readonly changedAt: number;
  readonly arrivedAt: number;
  readonly lostAt: number;
  readonly readAt: number;
  readonly entry: string;
  readonly rows: number;
  readonly expected: number;
  readonly found: number;
  readonly absent: readonly string[];
  readonly trust: Trust;
  readonly publishedAt: number;
  readonly durationMs: number;
  readonly triedAt: number;
  /** Place in `OUTCOMES`, counted from 1; 0: never tried. */
  readonly outcome: number;
  readonly failures: number;
  readonly triedFingerprint: Fingerprint;
  readonly triedDigest: string;
  readonly error: string | undefined;
}

/** The number that `AssetRecord.outcome` holds for an outcome. */
function outcomeCode(outcome: Outcome): number {
  return OUTCOMES.indexOf(outcome) + 1;
}

/** The partition after an outcome that the ledger numbered `sequence`; undefined where it stays as it is. */
export function advance(
  before: PartitionRow | undefined,
  outcome: PartitionOutcome,
  sequence: number,
): PartitionRow | undefined {
  if ('withdrawn' in outcome) return before?.published === true ? withdraw(before, sequence) : undefined;
  if ('marked' in outcome) return before?.published === true ? mark(before, outcome) : undefined;
  switch (outcome.outcome) {
    case 'succeeded':
    case 'unchanged':
      return publish(before, outcome, sequence);
    case 'failed':
    case 'quarantined': {
      const failed = fail(before, outcome);
      return outcome.isGone === true && failed.published ? withdraw(failed, sequence) : failed;
    }
    default:
      return undefined;
  }
}

/** The partition after it was forgotten: its last version stays known, so that its return can be told. */
export function withdraw(before: PartitionRow, sequence: number): PartitionRow {
  return {...before, published: false, lostAt: sequence};
}

/** No attempt was made: when it was last tried, and what came of that, stays. */
function mark(before: PartitionRow, {fingerprint, digest, readAt, entry}: MarkedOutcome): PartitionRow {
  return {...before, fingerprint, digest, readAt, entry: entry ?? ZERO_WORD};
}

function publish(
  before: PartitionRow | undefined,
  outcome: PublishedOutcome,
  sequence: number,
): PartitionRow {
  const wasPublished = before?.published === true;
  // A row that only ever failed has no version to compare with, even where the new one happens to be zero.
  const knownVersion = before === undefined || before.changedAt === 0 ? undefined : before.version;
  const {carried} = outcome;
  const stays = wasPublished && outcome.outcome === 'unchanged';
  return {
    published: true,
    version: outcome.version,
    digest: outcome.digest,
    fingerprint: outcome.fingerprint,
    changedAt: before !== undefined && knownVersion === outcome.version ? before.changedAt : sequence,
    arrivedAt: wasPublished ? before.arrivedAt : sequence,
    lostAt: 0,
    readAt: outcome.readAt,
    entry: outcome.entry ?? ZERO_WORD,
    rows: outcome.rows,
    expected: outcome.expected ?? -1,
    found: outcome.found ?? -1,
    absent: outcome.absent,
    trust: outcome.trust,
    publishedAt: carried?.publishedAt ?? (stays ? before.publishedAt : outcome.endedAt),
    durationMs: outcome.durationMs,
    triedAt: carried?.madeAt ?? outcome.endedAt,
    outcome: outcomeCode(outcome.outcome),
    failures: 0,
    triedFingerprint: outcome.fingerprint,
    triedDigest: outcome.triedDigest,
    error: undefined,
  };
}

function fail(before: PartitionRow | undefined, outcome: FailedOutcome): PartitionRow {
  const kept = before ?? neverPublished(outcome.fingerprint);
  const sameInputs =
    kept.triedFingerprint.hash === outcome.fingerprint.hash && kept.triedDigest === outcome.triedDigest;
  return {
    ...kept,
    triedAt: outcome.endedAt,
    outcome: outcomeCode(outcome.outcome),
    failures: sameInputs ? kept.failures + 1 : 1,
    triedFingerprint: outcome.fingerprint,
    triedDigest: outcome.triedDigest,
    error: outcome.error,
  };
}

export function neverPublished(fingerprint: Fingerprint): PartitionRow {
  return {
    published: false,
    version: ZERO_WORD,
    digest: ZERO_WORD,
    fingerprint,
    changedAt: 0,
    arrivedAt: 0,
    lostAt: 0,
    readAt: 0,
    entry: ZERO_WORD,
    rows: 0,
    expected: -1,
    found: -1,
    absent: [],
    trust: PLAIN_TRUST,
    publishedAt: 0,
    durationMs: 0,
    triedAt: 0,
    outcome: 0,
    failures: 0,
    triedFingerprint: fingerprint,
    triedDigest: ZERO_WORD,
    error: undefined,
  };
}
