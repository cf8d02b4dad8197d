/**
 * Outcomes as words: always the sum first, then what it is made of.
 * It does not deal with single partitions.
 */

import {number} from '../planner/amount.ts';
import {OUTCOMES} from '../planner/ledger.ts';
import type {OutcomeCounts} from '../runner/event.ts';

/** `12 requested: 10 succeeded, 2 failed`; outcomes that did not occur are left out. */
export function printCounts(counts: OutcomeCounts): string {
  const parts = OUTCOMES.filter(outcome => counts[outcome] > 0).map(
    outcome => `${number(counts[outcome])} ${outcome.replace('-', ' ')}`,
  );
  return `${number(counts.requested)} requested${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}
