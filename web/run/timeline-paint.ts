/**
 * Draws the attempts of a run on a canvas. Of thousands on a pixel the last ones drawn are those that went wrong.
 * It does not deal with pointing at them.
 */
import type {Outcome} from '../../planner/ledger.ts';
import type {TimelineBody} from '../../server/schema/run.ts';
import type {Span, Tick} from './time-scale.ts';
import {barOf, firstWithin, type Lane} from './timeline-rows.ts';

export const LANE = {height: 22, bar: 14} as const;

/** In the order in which they are drawn. */
const DRAWN: readonly Outcome[] = [
  'not-needed',
  'unchanged',
  'succeeded',
  'skipped',
  'cancelled',
  'quarantined',
  'failed',
];
const BAD: ReadonlySet<Outcome> = new Set(['failed', 'quarantined']);

export function isBadOutcome(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && BAD.has(outcome);
}

export interface TimelinePicture {
  readonly timeline: TimelineBody;
  readonly lanes: readonly Lane[];
  readonly seen: Span;
  readonly ticks: readonly Tick[];
  readonly width: number;
  /** Device pixels a pixel. */
  readonly ratio: number;
  readonly colours: ReadonlyMap<Outcome, string>;
  readonly line: string;
}

export function paintTimeline(context: CanvasRenderingContext2D, picture: TimelinePicture): void {
  const {lanes, width, ratio, seen, ticks, line} = picture;
  const height = lanes.length * LANE.height;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height + 1);
  context.fillStyle = line;
  const scale = width / (seen.to - seen.from);
  for (const {at} of ticks) context.fillRect(Math.round((at - seen.from) * scale), 0, 1, height);
  for (let lane = 0; lane <= lanes.length; lane++) context.fillRect(0, lane * LANE.height, width, 1);
  lanes.forEach((lane, at) => {
    const y = at * LANE.height + (LANE.height - LANE.bar) / 2;
    const bars = barsOf(lane, picture);
    for (const outcome of DRAWN) {
      context.fillStyle = picture.colours.get(outcome) ?? '#888888';
      const own = bars.get(outcome) ?? [];
      for (let bar = 0; bar + 1 < own.length; bar += 2)
        context.fillRect(own[bar] ?? 0, y, own[bar + 1] ?? 0, LANE.bar);
    }
  });
}

/** By outcome, in turn where a bar begins and how wide it is. */
function barsOf(
  lane: Lane,
  {timeline, seen, width}: TimelinePicture,
): ReadonlyMap<Outcome, readonly number[]> {
  const {outcomes, outcome, startedAt, endedAt} = timeline;
  const bars = new Map<Outcome, number[]>();
  for (let at = firstWithin(lane, startedAt, seen.from); at < lane.attempts.length; at++) {
    const attempt = lane.attempts[at] ?? 0;
    const [from, to] = [startedAt[attempt] ?? 0, endedAt[attempt] ?? 0];
    if (from > seen.to) break;
    const own = outcomes[outcome[attempt] ?? 0];
    if (own === undefined) continue;
    const bar = barOf(from, to, seen, width, BAD.has(own));
    if (bar === undefined) continue;
    const list = bars.get(own) ?? [];
    if (list.length === 0) bars.set(own, list);
    // Where the bar before it reaches, nothing is added.
    if (bar.x + bar.width <= (list.at(-2) ?? Number.NEGATIVE_INFINITY) + (list.at(-1) ?? 0)) continue;
    list.push(bar.x, bar.width);
  }
  return bars;
}
