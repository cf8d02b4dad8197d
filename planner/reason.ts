/**
 * Every reason a verdict can carry, as data.
 * It does not decide any of them, which is done where they are found, nor put them into words (sentence.ts).
 */

import type {Start} from './pipeline.ts';

/** `asset@key`. */
export type PartitionRef = `${string}@${string}`;

export function splitRef(ref: string): {readonly asset: string; readonly key: string} {
  const at = ref.lastIndexOf('@');
  return {asset: ref.slice(0, at), key: ref.slice(at + 1)};
}

/** Why a published partition is not up to date. */
export type StaleReason =
  | {readonly kind: 'definition-changed'; readonly part: FingerprintPart}
  | {
      readonly kind: 'schema-changed';
      readonly added: readonly string[];
      readonly dropped: readonly string[];
      readonly retyped: readonly string[];
      /** Of each retyped column. */
      readonly types: Readonly<Record<string, {readonly was: string; readonly is: string}>>;
      /** How many partitions are told of in one breath; only where reasons were merged. */
      readonly partitions?: number;
    }
  /** One edge's changed partitions, sorted; `upstream` names the first few, `count` is how many. */
  | {readonly kind: 'upstream-changed'; readonly upstream: readonly PartitionRef[]; readonly count: number}
  | {readonly kind: 'upstream-arrived'; readonly upstream: readonly PartitionRef[]; readonly count: number}
  | {readonly kind: 'upstream-lost'; readonly upstream: readonly PartitionRef[]; readonly count: number}
  /** Of an upstream that others make: what lies there is not what was read. */
  | {readonly kind: 'source-changed'; readonly upstream: readonly PartitionRef[]; readonly count: number}
  | {readonly kind: 'window-changed'}
  /** The score of its inputs that its query is shown, 0 to 100. */
  | {readonly kind: 'quality-changed'; readonly was: number; readonly is: number}
  | {readonly kind: 'calendar-changed'};

/** What a fingerprint is made of; the order is the order of naming. */
export type FingerprintPart =
  | 'query'
  | 'functions'
  | 'code'
  | 'columns'
  | 'key'
  | 'upstream'
  | 'output'
  | 'scheme';

export type MissingReason =
  | {readonly kind: 'never-materialized'}
  /** Others make it, and nobody has looked at it yet. */
  | {readonly kind: 'not-observed'}
  /** Likewise, and what was observed is there no more. */
  | {readonly kind: 'source-gone'}
  | {readonly kind: 'forgotten'}
  /** Its source shows only the present, for so long after the due time. Milliseconds. */
  | {readonly kind: 'too-late'; readonly liveFor: number};
export type ExemptReason =
  | {readonly kind: 'bootstrap'; readonly days: number}
  | {readonly kind: 'before-start'; readonly start: string}
  | {readonly kind: 'after-end'; readonly end: string}
  | {readonly kind: 'upstream-exempt'; readonly upstream: PartitionRef}
  /** Read only as a lower source, and nothing asked for it yet. */
  | {readonly kind: 'on-demand'};
export type AcceptedReason =
  | {readonly kind: 'accepted-gap'; readonly reason: string; readonly by: string; readonly on: string}
  | {readonly kind: 'upstream-accepted'; readonly upstream: PartitionRef};
export type NotDueReason =
  | {readonly kind: 'games-not-final'; readonly games: number}
  | {readonly kind: 'not-yet'; readonly dueAt: number}
  | {readonly kind: 'no-known-games'}
  | {readonly kind: 'upstream-not-due'; readonly upstream: PartitionRef};
export type PartialReason = {
  readonly kind: 'below-coverage';
  readonly found: number;
  readonly expected: number;
  readonly absent: readonly string[];
};

/** Why a partition that needs nothing by its inputs is made all the same, or what the last attempt left. */
export type RunReason =
  | {
      readonly kind: 'refresh';
      readonly lastTriedAt: number;
      /** The start of its games that ends it, where one does; milliseconds since 1970. */
      readonly until?: {readonly start: Start; readonly at: number};
    }
  /** `upstream` is what was made of a lower source, or of too little. */
  | {readonly kind: 'better-source'; readonly upstream: PartitionRef; readonly lastTriedAt: number}
  /** On demand: `upstream` is what would ask for it. */
  | {readonly kind: 'if-source-fails'; readonly upstream: PartitionRef}
  | {readonly kind: 'forced'}
  /** Its rows or objects are those of another target, where they were last made then. Milliseconds since 1970. */
  | {readonly kind: 'carried'; readonly from: string; readonly madeAt: number}
  | {readonly kind: 'last-attempt-failed'; readonly error: string}
  | {readonly kind: 'last-attempt-quarantined'; readonly error: string}
  | {readonly kind: 'upstream-planned'; readonly upstream: PartitionRef; readonly count: number};

/** Of an attempt that made nothing: someone corrected the ledger on purpose. */
export type CorrectionReason =
  | {readonly kind: 'forgotten-by'; readonly by: string; readonly why: string}
  | {readonly kind: 'marked-fresh'; readonly by: string; readonly why: string}
  /** What lay there was taken over. */
  | {readonly kind: 'adopted-by'; readonly by: string; readonly why: string};

export type WaitReason =
  | {readonly kind: 'upstream-missing'; readonly upstream: PartitionRef; readonly count: number}
  | {readonly kind: 'upstream-failed'; readonly upstream: PartitionRef; readonly count: number}
  /** Of what is carried from another target: the inputs here are not those that it was made from. */
  | {readonly kind: 'upstream-other'; readonly upstream: PartitionRef; readonly count: number}
  /** What is read of an asset, `parts` partitions together, holds too little; `upstream` is the first that lacks some. */
  | {
      readonly kind: 'upstream-partial';
      readonly upstream: PartitionRef;
      readonly parts: number;
      readonly held: number;
      readonly expected: number;
      readonly atLeast: number;
      /** Of reasons told as one: how many differ. This is the least. */
      readonly count: number;
    }
  | {readonly kind: 'calendar-unsettled'; readonly calendar: string}
  /** Its inputs score less than its gate; `upstream` is what pulls them down most. */
  | {
      readonly kind: 'gate';
      readonly score: number;
      readonly gate: number;
      readonly upstream: PartitionRef;
      /** Of reasons told as one: how many differ. This is the least. */
      readonly count: number;
    };
export type SkipReason =
  | {
      readonly kind: 'parked';
      readonly failures: number;
      readonly error: string;
      readonly nextTryAt: number | undefined;
    }
  | {readonly kind: 'protected'}
  /** Its site is in trouble, or says that a quota is used up: it was not asked, or nothing follows from its answer. */
  | {readonly kind: 'site-closed'; readonly site: string; readonly because: string}
  /** The day's budget of its site does not reach for it; milliseconds since 1970. */
  | {readonly kind: 'over-budget'; readonly site: string; readonly resetsAt: number}
  /** With `--by-season`: this one ended with so many that failed or wait, so that those after it did not begin. */
  | {readonly kind: 'season-stopped'; readonly season: string; readonly count: number}
  /** Another run is making it, or holds what it needs. `holder` tells people who. */
  | {readonly kind: 'leased'; readonly holder: string};
export type OrphanReason = {readonly kind: 'undeclared'};

export type Reason =
  | StaleReason
  | MissingReason
  | ExemptReason
  | AcceptedReason
  | NotDueReason
  | PartialReason
  | RunReason
  | CorrectionReason
  | WaitReason
  | SkipReason
  | OrphanReason;

export type Note =
  | {readonly kind: 'built-on-stale'; readonly upstream: PartitionRef; readonly count: number}
  | {readonly kind: 'schedule-not-final'}
  | {readonly kind: 'previous-passed-over'; readonly upstream: PartitionRef};
