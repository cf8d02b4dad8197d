/**
 * Draws the attempts of a run on a canvas. Of thousands on a pixel the last ones drawn are those that went wrong.
 * It does not deal with pointing at them.
 */
import type {Outcome} from '../../planner/ledger.ts';
import type {TimelineBody} from '../../server/schema/run.ts';
import type {Span, Tick} from './time-scale.ts';
import {barOf, type Lane} from './timeline-rows.ts';

export const LANE = {height: 22, bar: 14} as const;
export const AXIS_HEIGHT = 22;

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
  readonly letters: string;
  readonly font: string;
}

export function paintTimeline(context: CanvasRenderingContext2D, picture: TimelinePicture): void {
  const {lanes, width, ratio, seen, ticks, line, letters, font} = picture;
  const height = AXIS_HEIGHT + lanes.length * LANE.height;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = font;
  context.textBaseline = 'middle';
  const scale = width / (seen.to - seen.from);
  for (const {at, text} of ticks) {
    const x = Math.round((at - seen.from) * scale) + 0.5;
    context.fillStyle = line;
    context.fillRect(x - 0.5, AXIS_HEIGHT, 1, height - AXIS_HEIGHT);
    context.fillStyle = letters;
    context.textAlign = x < 16 ? 'left' : x > width - 30 ? 'right' : 'center';
    context.fillText(text, x, AXIS_HEIGHT / 2);
  }
  context.fillStyle = line;
  for (let lane = 0; lane <= lanes.length; lane++)
    context.fillRect(0, AXIS_HEIGHT + lane * LANE.height - 0.5, width, 1);
  for (const outcome of DRAWN) paintOutcome(context, picture, outcome);
}

function paintOutcome(
  context: CanvasRenderingContext2D,
  {timeline, lanes, seen, width, colours}: TimelinePicture,
  outcome: Outcome,
): void {
  const code = timeline.outcomes.indexOf(outcome);
  if (code === -1) return;
  context.fillStyle = colours.get(outcome) ?? '#888888';
  const isBad = BAD.has(outcome);
  lanes.forEach(({attempts}, lane) => {
    const y = AXIS_HEIGHT + lane * LANE.height + (LANE.height - LANE.bar) / 2;
    let drawnTo = Number.NEGATIVE_INFINITY;
    for (const attempt of attempts) {
      if (timeline.outcome[attempt] !== code) continue;
      const [from, to] = [timeline.startedAt[attempt] ?? 0, timeline.endedAt[attempt] ?? 0];
      if (from > seen.to) break;
      const bar = barOf(from, to, seen, width, isBad);
      // Where a pixel is filled already, nothing is added.
      if (bar === undefined || bar.x + bar.width <= drawnTo) continue;
      drawnTo = bar.x + bar.width;
      context.fillRect(bar.x, y, bar.width, LANE.bar);
    }
  });
}
