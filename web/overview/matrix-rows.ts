/**
 * The rows and columns of the matrix of assets by season.
 * Pure. It does not deal with how a cell is drawn (matrix.tsx).
 */
import type {AxisBody, DeclaredAssetBody, PipelineBody} from '../../server/schema/pipeline.ts';
import {LOOKS, lookOf} from '../looks.ts';

export type MatrixRow =
  | {
      readonly kind: 'group';
      readonly group: string;
      readonly assets: readonly DeclaredAssetBody[];
      readonly isOpen: boolean;
    }
  | {readonly kind: 'asset'; readonly asset: DeclaredAssetBody};

/** Words of `filter` must all stand in the asset's name, group or tags. While one filters no group is closed. */
export function rowsOf(
  {groups, assets}: Pick<PipelineBody, 'groups' | 'assets'>,
  filter: string,
  closed: ReadonlySet<string>,
): readonly MatrixRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const isMeant = ({asset, group, tags}: DeclaredAssetBody) => {
    const text = [asset, group, ...tags].join(' ').toLowerCase();
    return words.every(word => text.includes(word));
  };
  return groups.flatMap((group): readonly MatrixRow[] => {
    const own = assets.filter(each => each.group === group && isMeant(each));
    if (own.length === 0) return [];
    const isOpen = words.length > 0 || !closed.has(group);
    const head: MatrixRow = {kind: 'group', group, assets: own, isOpen};
    return isOpen ? [head, ...own.map((asset): MatrixRow => ({kind: 'asset', asset}))] : [head];
  });
}

/** Every season of any axis, in order. */
export function seasonsOf(axes: ReadonlyMap<string, AxisBody>): readonly string[] {
  const seasons = new Set([...axes.values()].flatMap(axis => axis.seasons.map(({season}) => season)));
  return [...seasons].filter(season => season !== '').sort();
}

/**
 * At each ordinal the byte that looks worst, so that a group that is closed hides no gap. What need not exist yet, or at
 * all, says nothing where another asset of the group is there.
 */
export function worstOf(all: readonly Uint8Array[]): Uint8Array {
  const worst = Uint8Array.from(all[0] ?? []);
  for (const bytes of all.slice(1))
    for (let at = 0; at < worst.length; at++) {
      const byte = bytes[at] ?? 0;
      if ((CONCERN[byte] ?? 0) > (CONCERN[worst[at] ?? 0] ?? 0)) worst[at] = byte;
    }
  return worst;
}

/** By byte. */
const CONCERN = Uint8Array.from({length: 256}, (_, byte) => {
  const look = lookOf(byte);
  return look === 'exempt' ? 0 : look === 'not-due' ? 1 : 2 + LOOKS[look].rank;
});
