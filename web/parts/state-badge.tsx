/**
 * What a partition is, what became of an attempt, and how far data can be trusted, as a colour with its word.
 * It does not deal with why (reasons.tsx).
 */
import './state-badge.css';
import {number, scoreText} from '../../planner/amount.ts';
import type {Outcome} from '../../planner/ledger.ts';
import type {Tier} from '../../planner/tier.ts';
import {LOOKS, type Look} from '../looks.ts';

interface Mark {
  readonly word: string;
  readonly sign: string;
  readonly colour: string;
}

/** With `count`: `missing 12`. */
export function StateBadge({look, count}: {readonly look: Look; readonly count?: number | undefined}) {
  const {word, sign} = LOOKS[look];
  return <Badge mark={{word, sign, colour: `var(--state-${look})`}} count={count} />;
}

/** As a failed attempt looks everywhere, and an attempt that changed nothing is quieter than one that did. */
const OUTCOME_MARKS: Readonly<Record<Outcome, Mark>> = {
  succeeded: {word: 'succeeded', sign: '✓', colour: 'var(--state-fresh)'},
  unchanged: {word: 'unchanged', sign: '=', colour: 'var(--state-exempt)'},
  'not-needed': {word: 'not needed', sign: '–', colour: 'var(--state-exempt)'},
  failed: {word: 'failed', sign: '!', colour: 'var(--state-failed)'},
  quarantined: {word: 'quarantined', sign: '◐', colour: 'var(--state-partial)'},
  skipped: {word: 'skipped', sign: '›', colour: 'var(--state-accepted)'},
  cancelled: {word: 'cancelled', sign: '×', colour: 'var(--state-orphan)'},
};

export function OutcomeBadge({
  outcome,
  count,
}: {
  readonly outcome: Outcome;
  readonly count?: number | undefined;
}) {
  return <Badge mark={OUTCOME_MARKS[outcome]} count={count} />;
}

export function outcomeColour(outcome: Outcome): string {
  return OUTCOME_MARKS[outcome].colour;
}

const TIER_MARKS: Readonly<Record<Tier, string>> = {
  gold: 'var(--tier-gold)',
  silver: 'var(--tier-silver)',
  bronze: 'var(--tier-bronze)',
  poor: 'var(--tier-poor)',
  unusable: 'var(--tier-unusable)',
};

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
  return <Badge mark={{word, sign: '', colour: TIER_MARKS[tier]}} count={count} />;
}

export function tierColour(tier: Tier): string {
  return TIER_MARKS[tier];
}

/** Grounds that are near the page's own take its letters. */
function signColour({colour}: Mark): string {
  if (colour === 'var(--state-stale)') return '#1c1600';
  const isNearGround = ['fresh', 'exempt', 'not-due'].some(look => colour === `var(--state-${look})`);
  return isNearGround ? 'var(--mantine-color-text)' : 'var(--sign)';
}

function Badge({mark, count}: {readonly mark: Mark; readonly count: number | undefined}) {
  return (
    <span className="state-badge">
      <span
        className="state-badge-swatch"
        style={{background: mark.colour, color: signColour(mark)}}
        aria-hidden
      >
        {mark.sign}
      </span>
      {mark.word}
      {count !== undefined && <span className="state-badge-count">{number(count)}</span>}
    </span>
  );
}
