/**
 * Attempts as bars of a timeline: a lane an asset, in the order in which they began, and what lies under a point.
 * Pure. It does not deal with time scales (time-scale.ts) nor with drawing.
 */
import type {TimelineBody} from '../../server/schema/run.ts';
import type {Span} from './time-scale.ts';

export interface Lane {
  readonly asset: string;
  /** Indexes into the timeline's columns, by their beginning. */
  readonly attempts: Uint32Array;
  /** Of its attempts, in milliseconds. */
  readonly longest: number;
}

/** Assets without an attempt have no lane. */
export function lanesOf({assets, asset, startedAt, endedAt}: TimelineBody): readonly Lane[] {
  const byAsset = new Map<number, number[]>();
  for (let at = 0; at < asset.length; at++) {
    const own = asset[at] ?? 0;
    const list = byAsset.get(own);
    if (list === undefined) byAsset.set(own, [at]);
    else list.push(at);
  }
  const start = (at: number) => startedAt[at] ?? 0;
  return [...byAsset]
    .map(([own, list]) => ({
      asset: assets[own] ?? '',
      attempts: Uint32Array.from(list).sort((a, b) => start(a) - start(b)),
      longest: list.reduce((most, at) => Math.max(most, (endedAt[at] ?? 0) - start(at)), 0),
    }))
    .toSorted((a, b) => start(a.attempts[0] ?? 0) - start(b.attempts[0] ?? 0));
}

/** The place of the first attempt of a lane that may reach into a time: those before it have ended. */
export function firstWithin({attempts, longest}: Lane, startedAt: readonly number[], from: number): number {
  let [low, high] = [0, attempts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((startedAt[attempts[middle] ?? 0] ?? 0) + longest < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Failures are drawn over what went well, and are no narrower than this. Pixels. */
const LEAST_WIDTH = {bad: 2, good: 1};

/** Where a bar lies: pixels from the left of what is seen; undefined where it is out of sight. */
export function barOf(
  from: number,
  to: number,
  seen: Span,
  width: number,
  isBad: boolean,
): {readonly x: number; readonly width: number} | undefined {
  const scale = width / (seen.to - seen.from);
  const x = (from - seen.from) * scale;
  const end = Math.max((to - seen.from) * scale, x + (isBad ? LEAST_WIDTH.bad : LEAST_WIDTH.good));
  if (end < 0 || x > width) return undefined;
  return {x: Math.max(x, -1), width: Math.min(end, width + 1) - Math.max(x, -1)};
}

/** The attempt of a lane at a time, one that went wrong before others; within `reach` milliseconds. */
export function attemptAt(
  lane: Lane,
  {startedAt, endedAt}: Pick<TimelineBody, 'startedAt' | 'endedAt'>,
  time: number,
  reach: number,
  isBad: (attempt: number) => boolean,
): number | undefined {
  let [best, rank] = [undefined as number | undefined, 0];
  for (let at = firstWithin(lane, startedAt, time - reach); at < lane.attempts.length; at++) {
    const attempt = lane.attempts[at] ?? 0;
    const [start, end] = [startedAt[attempt] ?? 0, endedAt[attempt] ?? 0];
    if (start - reach > time) break;
    if (end + reach < time) continue;
    const own = isBad(attempt) ? 2 : 1;
    if (own >= rank) [best, rank] = [attempt, own];
  }
  return best;
}
