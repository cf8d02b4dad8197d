/**
 * What a plan does to a partition, as a colour with its word, as its strips have it.
 * It does not deal with why.
 */
import './action-badge.css';
import {number} from '../../planner/amount.ts';
import type {Action} from '../../planner/state.ts';
import {ACTION_LOOKS} from '../looks.ts';

/** `null`: nothing is to be done. */
export function ActionBadge({
  action,
  count,
}: {
  readonly action: Action | null;
  readonly count?: number | undefined;
}) {
  const name = action ?? 'none';
  const {word, sign} = ACTION_LOOKS[name];
  return (
    <span className="action-badge">
      <span className={`action-badge-swatch action-badge-${name}`} aria-hidden>
        {sign}
      </span>
      {word}
      {count !== undefined && <b className="action-badge-count">{number(count)}</b>}
    </span>
  );
}
