/**
 * The coverage tracker: what every table should hold by season, what it does, and what of the rest is signed off.
 * It counts games where an asset declares coverage, else partitions. It finds no gaps (gaps.ts).
 */
import {chooseOrdinals} from './asked.ts';
import {type AssetFrame, type Frame, keyAt, stateAt} from './frame.ts';
import type {Gap} from './gap.ts';
import {findGaps} from './gaps.ts';
import type {PlanRequest} from './plan.ts';
import {seasonOf} from './range.ts';

export interface CoverageLine {
  readonly table: string;
  /** `all` where it has none. */
  readonly season: string;
  readonly counts: 'games' | 'partitions';
  /** Of what is due and not exempt. */
  readonly expected: number;
  readonly present: number;
  readonly accepted: number;
  readonly open: number;
  /** The open gap that has been one the longest. */
  readonly oldest: {readonly key: string; readonly since: number | undefined} | undefined;
}

/** Of what is asked for: assets in topological order, then by season. */
export function coverageLines(frame: Frame, request: PlanRequest): readonly CoverageLine[] {
  const gaps = Map.groupBy(findGaps(frame, request), ({asset}) => asset);
  return [...frame.assets.values()].flatMap(asset => linesOf(asset, request, gaps.get(asset) ?? []));
}

function linesOf(asset: AssetFrame, request: PlanRequest, gaps: readonly Gap[]): readonly CoverageLine[] {
  const chosen = chooseOrdinals(asset, request);
  const {covers, partitioning} = asset.asset;
  const counts = covers !== undefined && partitioning.kind === 'date' ? 'games' : 'partitions';
  const gapsBySeason = Map.groupBy(gaps, ({ordinal}) => seasonOf(asset, ordinal));
  const expected = new Map<string, number>();
  for (let ordinal = 0; ordinal < asset.keys.length; ordinal++) {
    if (chosen?.[ordinal] === 0 || !isExpected(asset, ordinal)) continue;
    const season = seasonOf(asset, ordinal);
    const own = counts === 'games' ? (asset.calendar?.games[ordinal]?.length ?? 0) : 1;
    expected.set(season, (expected.get(season) ?? 0) + own);
  }
  return [...expected].map(([season, count]) => {
    const own = gapsBySeason.get(season) ?? [];
    const [accepted, open] = (['accepted', 'open'] as const).map(standing => lacking(own, counts, standing));
    return {
      table: asset.asset.name,
      season: season || 'all',
      counts,
      expected: count,
      present: count - (accepted ?? 0) - (open ?? 0),
      accepted: accepted ?? 0,
      open: open ?? 0,
      oldest: oldestOf(own),
    };
  });
}

function isExpected(asset: AssetFrame, ordinal: number): boolean {
  const state = stateAt(asset, ordinal);
  return state !== 'exempt' && state !== 'not-due';
}

function lacking(gaps: readonly Gap[], counts: CoverageLine['counts'], standing: Gap['standing']): number {
  if (counts === 'partitions') return gaps.filter(gap => gap.standing === standing).length;
  return gaps.reduce((sum, {games}) => sum + (games?.[standing] ?? 0), 0);
}

function oldestOf(gaps: readonly Gap[]): CoverageLine['oldest'] {
  const [oldest] = gaps
    .filter(({standing}) => standing === 'open')
    .toSorted((a, b) => (a.since ?? Number.POSITIVE_INFINITY) - (b.since ?? Number.POSITIVE_INFINITY));
  return oldest && {key: keyAt(oldest.asset, oldest.ordinal), since: oldest.since};
}
