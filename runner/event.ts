/**
 * What a run tells, as one union. The terminal, JSON lines and the ledger are readers of it.
 * Times are milliseconds since 1970.
 */
import {OUTCOMES, type Outcome} from '../planner/ledger.ts';
import type {Reason} from '../planner/reason.ts';

/** requested = the sum of the others. */
export type OutcomeCounts = Readonly<Record<Outcome, number>> & {readonly requested: number};

export function countOutcomes(outcomes: Iterable<Outcome>): OutcomeCounts {
  const counts = Object.fromEntries(OUTCOMES.map(outcome => [outcome, 0])) as Record<Outcome, number>; // of all
  let requested = 0;
  for (const outcome of outcomes) {
    counts[outcome]++;
    requested++;
  }
  return {requested, ...counts};
}

/** Of several runs together. */
export function addCounts(all: readonly OutcomeCounts[]): OutcomeCounts {
  return all.reduce((sum, each) => {
    const counts = OUTCOMES.map(outcome => [outcome, sum[outcome] + each[outcome]]);
    return {
      ...(Object.fromEntries(counts) as Record<Outcome, number>),
      requested: sum.requested + each.requested,
    };
  }, countOutcomes([]));
}

/** Where rows came from and how far they can be trusted by themselves. */
export interface PublishedFacts {
  /** Sources that rows were taken from, by rank; empty where the asset has none. */
  readonly sources: readonly string[];
  /** Undefined where no games are counted. */
  readonly games?: {readonly expected: number; readonly found: number};
  /** From 0 to 100, without what its inputs take. */
  readonly score: number;
}

export type Event =
  | {
      readonly kind: 'run-started';
      readonly at: number;
      readonly run: string;
      readonly pipeline: string;
      readonly target: string;
      readonly requested: number;
    }
  /** The calendar was settled and the plan made anew; `requested` is the new total. */
  | {readonly kind: 'replanned'; readonly at: number; readonly requested: number}
  | {
      readonly kind: 'batch-started';
      readonly at: number;
      readonly asset: string;
      readonly keys: readonly string[];
    }
  | {
      readonly kind: 'retrying';
      readonly at: number;
      readonly asset: string;
      readonly key: string;
      readonly attempt: number;
      readonly error: string;
      readonly waitMs: number;
    }
  | {
      readonly kind: 'partition-ended';
      readonly at: number;
      readonly asset: string;
      readonly key: string;
      readonly outcome: Outcome;
      readonly rows: number | null;
      readonly durationMs: number;
      /** Of failed and quarantined: the cause, with its mend where one is known. */
      readonly error: string | null;
      /** Of skipped: why. Of the rest: why it was made. */
      readonly reasons: readonly Reason[];
      /** Messages of `warn` checks that did not hold. */
      readonly warnings: readonly string[];
      /** Of what is published now. */
      readonly published?: PublishedFacts;
    }
  | {readonly kind: 'interrupted'; readonly at: number; readonly times: 1 | 2}
  /** Another process holds the warehouse. */
  | {readonly kind: 'waiting'; readonly at: number; readonly holder: string}
  /** How many workers take what is handed out now; `others` have another project or another gameplan. */
  | {readonly kind: 'spreading'; readonly at: number; readonly workers: number; readonly others: number}
  | {
      readonly kind: 'run-ended';
      readonly at: number;
      readonly run: string;
      readonly counts: OutcomeCounts;
      readonly durationMs: number;
    };
