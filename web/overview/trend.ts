/**
 * Thirty days of attempts as bars: what was made stands up, what went wrong hangs down, each on a scale of its own, so
 * that three failures are seen beside three thousand successes.
 * Pure. It does not deal with colours (trend-chart.tsx).
 */
import type {Outcome} from '../../planner/ledger.ts';
import type {OverviewBody} from '../../server/schema/overview.ts';

export const MADE = ['succeeded', 'unchanged', 'not-needed'] as const satisfies readonly Outcome[];
export const WRONG = ['failed', 'quarantined', 'skipped', 'cancelled'] as const satisfies readonly Outcome[];

type Day = OverviewBody['trend'][number];

export interface Bar {
  readonly date: string;
  readonly outcome: Outcome;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface TrendLayout {
  readonly bars: readonly Bar[];
  /** Of the day that `x` lies in. */
  readonly pitch: number;
  readonly middle: number;
  /** The most of a day, up and down. */
  readonly most: {readonly made: number; readonly wrong: number};
}

/** Nothing that happened is less high. */
const LEAST = 2;

export function trendLayout(
  trend: readonly Day[],
  {width, up, down}: {readonly width: number; readonly up: number; readonly down: number},
): TrendLayout {
  const pitch = width / Math.max(1, trend.length);
  const most = {made: mostOf(trend, MADE), wrong: mostOf(trend, WRONG)};
  const bars = trend.flatMap((day, index) => {
    const place = {date: day.date, x: index * pitch, width: Math.max(1, pitch - (pitch > 4 ? 2 : 0))};
    return [...stack(day, MADE, most.made, up), ...stack(day, WRONG, most.wrong, down)].map(
      ({outcome, from, height, isDown}): Bar => ({
        ...place,
        outcome,
        height,
        y: isDown ? up + 1 + from : up - from - height,
      }),
    );
  });
  return {bars, pitch, middle: up, most};
}

function mostOf(trend: readonly Day[], outcomes: readonly Outcome[]): number {
  return trend.reduce((most, day) => Math.max(most, sumOf(day, outcomes)), 0);
}

export function sumOf({outcomes}: Day, wanted: readonly Outcome[]): number {
  return wanted.reduce((sum, outcome) => sum + outcomes[outcome], 0);
}

/** Parts of a day from the middle outwards; what is raised to be seen shortens the others, so that the whole fits. */
function stack({outcomes}: Day, wanted: readonly Outcome[], most: number, room: number) {
  const used = wanted.filter(outcome => outcomes[outcome] > 0);
  const free = Math.max(0, room - used.length * LEAST);
  let from = 0;
  return used.map(outcome => {
    const height = LEAST + (free * outcomes[outcome]) / most;
    const part = {outcome, from, height, isDown: wanted !== MADE};
    from += height;
    return part;
  });
}
