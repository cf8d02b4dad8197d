/**
 * How long we wait for BigQuery, and how often we try. It does not deal with what is tried.
 */
import {setTimeout as pause} from 'node:timers/promises';
import {WarehouseError} from './warehouse.ts';

/** Milliseconds and counts; tests against a server of their own are in more of a hurry. */
export interface Pace {
  readonly firstPoll: number;
  readonly longestPoll: number;
  readonly firstBackoff: number;
  readonly longestBackoff: number;
  /** How often a job is run that failed by something passing, and a request is sent that got no answer. */
  readonly attempts: number;
  /** How long a cancelled job may take to end. */
  readonly cancelling: number;
}

export const PACE: Pace = {
  firstPoll: 250,
  longestPoll: 10_000,
  firstBackoff: 1000,
  longestBackoff: 32_000,
  attempts: 5,
  cancelling: 60_000,
};

/** What of it is about trying again. */
export type Patience = Pick<Pace, 'firstBackoff' | 'longestBackoff' | 'attempts'>;

/** Twice as long each time, and by chance between half and the whole of it. */
export async function backOff(pace: Patience, attempt: number, signal?: AbortSignal): Promise<void> {
  const most = Math.min(pace.firstBackoff * 2 ** (attempt - 1), pace.longestBackoff);
  try {
    await pause(most * (0.5 + Math.random() / 2), undefined, signal === undefined ? {} : {signal});
  } catch {
    throw new WarehouseError('cancelled', 'The job was stopped before it was tried again.');
  }
}

/** How long to wait before a job is looked at again. */
export function nextPoll(pace: Pace, wait: number): number {
  return Math.min(wait * 1.5, pace.longestPoll);
}
