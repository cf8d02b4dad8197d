/**
 * A bound of the quality's score, as selectors write it: `silver`, `<silver`, `>=75`.
 * It does not deal with how scores come about (quality.ts).
 */
import {TIER_FROM, TIERS, type Tier} from './tier.ts';

/** Scores from `from` (meant) to `to` (not meant). */
export interface ScoreBound {
  readonly from: number;
  readonly to: number;
}

const NO_END = Number.POSITIVE_INFINITY;

/** Undefined for what is none. */
export function parseScoreBound(text: string): ScoreBound | undefined {
  const [, sign = '', what = ''] = /^([<>]=?|)(.*)$/s.exec(text) ?? [];
  const tier = TIERS.find(known => known === what);
  if (tier !== undefined) return between(sign, rangeOf(tier));
  const score = Number(what);
  if (sign === '' || !/^\d+(\.\d+)?$/.test(what) || score > 100) return undefined;
  switch (sign) {
    case '<':
      return {from: 0, to: score};
    case '<=':
      return {from: 0, to: nextAfter(score)};
    case '>':
      return {from: nextAfter(score), to: NO_END};
    default:
      return {from: score, to: NO_END};
  }
}

function rangeOf(tier: Tier): ScoreBound {
  const above = TIERS[TIERS.indexOf(tier) - 1];
  return {from: TIER_FROM[tier], to: above === undefined ? NO_END : TIER_FROM[above]};
}

function between(sign: string, {from, to}: ScoreBound): ScoreBound {
  switch (sign) {
    case '<':
      return {from: 0, to: from};
    case '<=':
      return {from: 0, to};
    case '>':
      return {from: to, to: NO_END};
    case '>=':
      return {from, to: NO_END};
    default:
      return {from, to};
  }
}

/** Scores are not told finer than this. */
function nextAfter(score: number): number {
  return score + 1e-9;
}

/** False where there is no score. */
export function isWithin(score: number, {from, to}: ScoreBound): boolean {
  return score >= from && score < to;
}
