/**
 * Whether what was published is kept as it was made, so that only --allow-protected touches it: from its publication on,
 * or from a start of its date's games. It does not deal with what would be made of it otherwise (want.ts).
 */
import {startOf} from './calendar.ts';
import type {AssetFrame} from './frame.ts';

/** From when on a partition is protected once it is published, milliseconds since 1970; undefined: never. */
export function keptFrom(
  {asset: {protect}, calendar}: Pick<AssetFrame, 'asset' | 'calendar'>,
  ordinal: number,
): number | undefined {
  if (protect === 'never') return undefined;
  return protect === 'always' || calendar === undefined ? 0 : startOf(calendar, ordinal, protect);
}

export function isProtected(
  asset: Pick<AssetFrame, 'asset' | 'calendar' | 'published'>,
  ordinal: number,
  now: number,
): boolean {
  if (asset.published[ordinal] !== 1) return false;
  const from = keptFrom(asset, ordinal);
  return from !== undefined && now >= from;
}
