/**
 * Where keys lead from a cell of a strip: to its neighbours as they lie at its level, to the ends, from gap to gap.
 * Pure. It does not deal with what is selected on the way (selection.ts).
 */
import type {Scale} from './looks.ts';
import {clamp, firstFrom, type Layout, type Span} from './strip-layout.ts';

export interface Standing {
  readonly layout: Layout;
  /** All that the strip holds. */
  readonly whole: Span;
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly scale: Scale;
}

const PAGE = 28;
const WEEK = 7;
const MONTH = 30;

/** Undefined where the key leads nowhere. */
export function targetOf(key: string, standing: Standing): number | undefined {
  const {whole, at} = standing;
  switch (key) {
    case 'Home':
      return whole.from;
    case 'End':
      return whole.to - 1;
    case 'n':
      return nextGap(standing, 1);
    case 'p':
      return nextGap(standing, -1);
    case 'PageUp':
      return clamp(at - PAGE, whole.from, whole.to - 1);
    case 'PageDown':
      return clamp(at + PAGE, whole.from, whole.to - 1);
    default: {
      const target = arrowTarget(key, standing);
      return target === undefined ? undefined : clamp(target, whole.from, whole.to - 1);
    }
  }
}

/** As cells lie: weeks are columns, months and seasons are rows. */
function arrowTarget(key: string, {layout, at}: Standing): number | undefined {
  const isWeekly = layout.level === 'weeks';
  const isBars = layout.level === 'seasons';
  switch (key) {
    case 'ArrowLeft':
      return isWeekly ? byDays(layout, at, -WEEK) : at - 1;
    case 'ArrowRight':
      return isWeekly ? byDays(layout, at, WEEK) : at + 1;
    case 'ArrowUp':
      if (isBars) return byBlock(layout, at, -1);
      return isWeekly ? at - 1 : byDays(layout, at, -MONTH);
    case 'ArrowDown':
      if (isBars) return byBlock(layout, at, 1);
      return isWeekly ? at + 1 : byDays(layout, at, MONTH);
    default:
      return undefined;
  }
}

/** To the first cell so many days on; at least to another one. */
function byDays({days}: Layout, at: number, by: number): number {
  const found = firstFrom(days, (days[at] ?? 0) + by, 0, days.length);
  return by < 0 && found >= at ? at - 1 : found;
}

/** To the same place of the bar above or below. */
function byBlock({blocks}: Layout, at: number, by: number): number {
  const index = blocks.findIndex(({from, to}) => at >= from && at < to);
  const [own, next] = [blocks[index], blocks[index + by]];
  if (own === undefined || next === undefined) return at;
  return Math.min(next.from + at - own.from, next.to - 1);
}

function nextGap({whole, at, bytes, scale}: Standing, by: 1 | -1): number | undefined {
  for (let each = at + by; each >= whole.from && each < whole.to; each += by)
    if ((scale.ranks[bytes[each] ?? 0] ?? 0) >= scale.gapFrom) return each;
  return undefined;
}
