/**
 * What a partition is, what became of an attempt, what a source answered, and how far data can be trusted: a colour with
 * its word.
 * It does not deal with why (reasons.tsx).
 */
import './state-badge.css';
import {number, scoreText} from '../../planner/amount.ts';
import type {TryOutcome} from '../../planner/coverage-event.ts';
import type {Outcome} from '../../planner/ledger.ts';
import type {Tier} from '../../planner/tier.ts';
import {LOOKS, type Look} from '../looks.ts';

/** With `count`: `missing 12`. */
export function StateBadge({look, count}: {readonly look: Look; readonly count?: number | undefined}) {
  const {word, sign} = LOOKS[look];
  return <Badge word={word} colour={`var(--state-${look})`} sign={sign} ink={inkOn(look)} count={count} />;
}

interface Mark {
  readonly word: string;
  readonly sign: string;
  /** The state whose colour it has. */
  readonly look: Look;
}

/** As a failed attempt looks everywhere, and an attempt that changed nothing is quieter than one that did. */
const OUTCOME_MARKS: Readonly<Record<Outcome, Mark>> = {
  succeeded: {word: 'succeeded', sign: '✓', look: 'fresh'},
  unchanged: {word: 'unchanged', sign: '=', look: 'exempt'},
  'not-needed': {word: 'not needed', sign: '–', look: 'exempt'},
  failed: {word: 'failed', sign: '!', look: 'failed'},
  quarantined: {word: 'quarantined', sign: '◐', look: 'partial'},
  skipped: {word: 'skipped', sign: '›', look: 'accepted'},
  cancelled: {word: 'cancelled', sign: '×', look: 'orphan'},
};

export function OutcomeBadge({
  outcome,
  count,
}: {
  readonly outcome: Outcome;
  readonly count?: number | undefined;
}) {
  const {word, sign, look} = OUTCOME_MARKS[outcome];
  return <Badge word={word} colour={outcomeColour(outcome)} sign={sign} ink={inkOn(look)} count={count} />;
}

export function outcomeColour(outcome: Outcome): string {
  return `var(--state-${OUTCOME_MARKS[outcome].look})`;
}

/** As what a partition is when a source answers so. */
const TRY_LOOKS: Readonly<Record<TryOutcome, Look>> = {
  covered: 'fresh',
  partial: 'partial',
  empty: 'accepted',
  error: 'missing',
  timeout: 'stale',
  rejected: 'failed',
};

/** What a source answered. */
export function TryBadge({outcome}: {readonly outcome: TryOutcome}) {
  return <Badge word={outcome} colour={`var(--state-${TRY_LOOKS[outcome]})`} />;
}

/** With its score, or with how many have it. */
export function TierBadge({
  tier,
  score,
  count,
}: {
  readonly tier: Tier;
  readonly score?: number | null | undefined;
  readonly count?: number | undefined;
}) {
  const word = typeof score === 'number' ? `${tier} ${scoreText(score)}` : tier;
  return <Badge word={word} colour={tierColour(tier)} count={count} />;
}

export function tierColour(tier: Tier): string {
  return `var(--tier-${tier})`;
}

/** Of a sign on the ground of a state: on those that are near the page's own, as its letters. */
function inkOn(look: Look): string {
  if (look === 'stale') return '#1c1600';
  const isNearPage = look === 'fresh' || look === 'exempt' || look === 'not-due';
  return isNearPage ? 'var(--mantine-color-text)' : 'var(--sign)';
}

function Badge({
  word,
  colour,
  sign = '',
  ink,
  count,
}: {
  readonly word: string;
  readonly colour: string;
  readonly sign?: string;
  /** The colour of the sign. */
  readonly ink?: string;
  readonly count?: number | undefined;
}) {
  return (
    <span className="state-badge">
      <span className="state-badge-swatch" style={{background: colour, color: ink}} aria-hidden>
        {sign}
      </span>
      {word}
      {count !== undefined && <span className="state-badge-count">{number(count)}</span>}
    </span>
  );
}
