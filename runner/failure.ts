/**
 * What kind of failure an error is, as far as the log of sources tells them apart.
 * It does not deal with whether trying again may help (site.ts).
 */
import type {EventKind, TryOutcome} from '../planner/coverage-event.ts';
import {EmptyAnswer, SiteError} from './asset-error.ts';
import {TimedOut} from './timeout.ts';

export type Failure = Extract<TryOutcome, 'empty' | 'error' | 'timeout'>;

export function failureOf(error: unknown): Failure {
  if (error instanceof EmptyAnswer) return 'empty';
  if (error instanceof TimedOut || (error instanceof SiteError && error.timedOut)) return 'timeout';
  return 'error';
}

/** The event that tells of a failed source. */
export const FAILURE_EVENTS = {
  empty: 'source-missing',
  timeout: 'source-timeout',
  error: 'source-error',
} as const satisfies Readonly<Record<Failure, EventKind>>;

/** What such an event was told of. */
export function failureIn(kind: EventKind): Failure {
  if (kind === 'source-missing') return 'empty';
  return kind === 'source-timeout' ? 'timeout' : 'error';
}
