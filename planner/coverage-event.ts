/**
 * What is kept about sources and their holes: events of the source coverage log, and every try at a source.
 * It does not deal with how they are stored (runner/ledger-coverage.ts) nor printed.
 */

/** How much an event of each kind matters. A closed set: the log's own words. */
export const EVENT_SEVERITY = {
  'source-missing': 'warning',
  'source-degraded': 'warning',
  'source-timeout': 'warning',
  'source-error': 'warning',
  'fallback-used': 'info',
  'fallback-failed': 'error',
  reconstructed: 'info',
  'insufficient-sample': 'info',
  'quality-fell': 'warning',
  'check-failed': 'error',
  'silent-failure': 'error',
  'gap-accepted': 'info',
  'gap-reopened': 'info',
  'manual-override': 'warning',
} as const satisfies Readonly<Record<string, Severity>>;

export const SEVERITIES = ['info', 'warning', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];
export type EventKind = keyof typeof EVENT_SEVERITY;

/** One line of the log. Nothing is ever changed or removed; how it ended is derived from what came later. */
export interface CoverageEvent {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Undefined where no run was at work. */
  readonly run: string | undefined;
  readonly asset: string;
  readonly key: string;
  /** Undefined: the whole partition. */
  readonly game: string | undefined;
  readonly kind: EventKind;
  /** Mostly that of its kind; a failed check that only warns is a warning. */
  readonly severity: Severity;
  readonly source: string | undefined;
  /** One sentence without a full stop. */
  readonly detail: string;
}

/** What came of asking one source for one partition. */
export const TRY_OUTCOMES = ['covered', 'partial', 'empty', 'error', 'timeout', 'rejected'] as const;
export type TryOutcome = (typeof TRY_OUTCOMES)[number];

export interface Try {
  readonly asset: string;
  readonly key: string;
  readonly source: string;
  readonly outcome: TryOutcome;
  /** Games; null where the asset declares no coverage. */
  readonly expected: number | null;
  readonly found: number | null;
  /** The error, or the checks that rejected it; null where there is nothing to say. */
  readonly detail: string | null;
  /** Milliseconds since 1970, and how long it took. */
  readonly at: number;
  readonly durationMs: number;
}
