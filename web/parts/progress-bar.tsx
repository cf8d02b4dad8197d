/**
 * How far a run is: a bar in the colours of its outcomes, and what is left.
 * What went wrong is never hidden by scale: it is at least two pixels wide.
 * It does not deal with the numbers as text (outcome-counts.tsx).
 */
import './progress-bar.css';
import {number} from '../../planner/amount.ts';
import {OUTCOMES} from '../../planner/ledger.ts';
import type {Counts} from '../../server/schema/common.ts';
import {outcomeColour} from './state-badge.tsx';

/** How many partitions have come to their end. */
export function endedOf(counts: Counts): number {
  return OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0);
}

export function ProgressBar({
  counts,
  of,
  size = 'md',
  isLive = false,
}: {
  readonly counts: Counts;
  /** What it is the progress of, for those who do not see it. */
  readonly of: string;
  readonly size?: 'sm' | 'md';
  readonly isLive?: boolean;
}) {
  const ended = endedOf(counts);
  const all = Math.max(counts.requested, ended, 1);
  return (
    <div
      className={`progress-bar progress-bar-${size}${isLive && ended < all ? ' progress-bar-live' : ''}`}
      role="progressbar"
      aria-label={of}
      aria-valuemin={0}
      aria-valuemax={all}
      aria-valuenow={ended}
      aria-valuetext={`${number(ended)} of ${number(counts.requested)} partitions`}
    >
      {OUTCOMES.filter(outcome => counts[outcome] > 0).map(outcome => (
        <span
          key={outcome}
          className="progress-bar-part"
          style={{flexGrow: counts[outcome], background: outcomeColour(outcome)}}
        />
      ))}
      {ended < all && <span className="progress-bar-rest" style={{flexGrow: all - ended}} />}
    </div>
  );
}
