/**
 * The tiers that scores of quality from 0 to 100 fall into.
 * It does not deal with how a score is found (quality.ts).
 */

export const TIERS = ['gold', 'silver', 'bronze', 'poor', 'unusable'] as const;
export type Tier = (typeof TIERS)[number];

/** The least score of each tier. */
export const TIER_FROM: Readonly<Record<Tier, number>> = {
  gold: 95,
  silver: 75,
  bronze: 50,
  poor: 25,
  unusable: 0,
};

export function tierOf(score: number): Tier {
  return TIERS.find(tier => score >= TIER_FROM[tier]) ?? 'unusable';
}
