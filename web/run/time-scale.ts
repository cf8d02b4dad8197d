/**
 * The scale of a timeline: which stretch of time is seen, how it is moved and zoomed, and where its ticks stand.
 * Pure. It does not deal with drawing.
 */
import {moved, zoomed} from '../zoom.ts';

/** Milliseconds since 1970; `to` is above `from`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Nothing shorter is seen. Milliseconds. */
const LEAST = 20;

/** The whole of what there is, with a little room at the end. */
export function wholeOf(starts: readonly number[], ends: readonly number[]): Span {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const start of starts) from = Math.min(from, start);
  for (const end of ends) to = Math.max(to, end);
  if (from > to) return {from: 0, to: 1000};
  return {from, to: Math.max(to, from + LEAST)};
}

/** `factor` above 1 shows less. What lies at `at` stays where it is. */
export function zoom(span: Span, factor: number, at: number, whole: Span): Span {
  return zoomed(span, {factor, around: at}, whole, LEAST);
}

/** By a share of what is seen; below 0 to the left. */
export function pan(span: Span, share: number, whole: Span): Span {
  return moved(span, share * (span.to - span.from), whole);
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  ...[10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map(each => each * SECOND),
  ...[1, 2, 5, 10, 15, 30].map(each => each * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map(each => each * HOUR),
];

export interface Tick {
  readonly at: number;
  /** Since the beginning of the run, such as `1:30` or `2:05:00`. */
  readonly text: string;
}

/** Round times since `origin`, no closer than `gap` pixels. */
export function ticksOf({from, to}: Span, origin: number, width: number, gap = 90): readonly Tick[] {
  const least = ((to - from) * gap) / Math.max(width, 1);
  const step = STEPS.find(each => each >= least) ?? Math.ceil(least / (24 * HOUR)) * 24 * HOUR;
  const ticks: Tick[] = [];
  for (let offset = Math.ceil((from - origin) / step) * step; origin + offset <= to; offset += step)
    ticks.push({at: origin + offset, text: clockText(offset, step)});
  return ticks;
}

function clockText(ms: number, step: number): string {
  const seconds = Math.floor(ms / SECOND);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const decimals =
    step >= SECOND
      ? ''
      : `.${String(Math.floor(ms) % 1000)
          .padStart(3, '0')
          .slice(0, step < 100 ? 2 : 1)}`;
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}${decimals}`;
}
