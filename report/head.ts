/**
 * The head line of a plan and of a status: which pipeline and target, what calendar, what time.
 * It does not deal with what stands below it.
 */

import {number} from '../planner/amount.ts';
import type {Frame} from '../planner/frame.ts';
import {calendarsIn} from '../planner/make-plan.ts';
import type {Plan} from '../planner/plan.ts';
import {clockTime, wrapParts} from './text.ts';

export type Head = Pick<Plan, 'pipeline' | 'target' | 'now' | 'calendars'>;

/** Of what is read without a plan. */
export function headOf(frame: Frame): Head {
  const {pipeline, now} = frame;
  return {
    pipeline: pipeline.name,
    target: pipeline.target.name,
    now: new Date(now).toISOString(),
    calendars: calendarsIn(frame),
  };
}

export function printHead(title: string, plan: Head, width: number): string {
  const calendars = plan.calendars.map(({name, dates, from, to}) => {
    const label = plan.calendars.length === 1 ? 'calendar' : `calendar ${name}`;
    if (from === undefined || to === undefined) return `${label}: no game date known yet`;
    return `${label}: ${number(dates)} game ${dates === 1 ? 'date' : 'dates'}, ${from} to ${to}`;
  });
  const now = `now ${clockTime(Date.parse(plan.now), plan.calendars[0]?.timezone)}`;
  const parts = [`${title} ${plan.pipeline} (${plan.target})`, ...calendars, now];
  return wrapParts(parts, {separator: ' · ', width, indent: '  '});
}
