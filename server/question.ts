/**
 * What a page asks to be planned, as the planner's request, as a plan file's question, and as people type it.
 * It plans nothing.
 */
import {number} from '../planner/amount.ts';
import {isDate} from '../planner/duration.ts';
import type {Pipeline} from '../planner/pipeline.ts';
import type {PlanRequest} from '../planner/plan.ts';
import type {Question} from '../planner/plan-file.ts';
import {parseSelector, type Selection} from '../planner/select.ts';
import type {QuestionBody} from './schema/plan.ts';
import {ApiRefusal} from './serving.ts';

/** Undefined: every asset. Throws an `ApiRefusal` that names the place of a mistake. */
export function selectionOf(select: string, pipeline: Pipeline): Selection | undefined {
  if (select.trim() === '') return undefined;
  const {selection, diagnostics} = parseSelector(select, pipeline);
  if (selection !== undefined) return selection;
  throw new ApiRefusal(400, diagnostics.map(({message}) => message).join(' '));
}

/** `only` are the partitions that failed, where those are asked for. */
export function requestOf(asked: QuestionBody, pipeline: Pipeline, only: PlanRequest['only']): PlanRequest {
  const {select, from, to, keys, seasons, failed: _, ...flags} = asked;
  if (from !== undefined && to !== undefined && from > to)
    throw new ApiRefusal(400, `from: ${from} is after ${to}: both are meant, the earlier one comes first.`);
  return {
    selection: selectionOf(select, pipeline),
    range: {from, to, keys, seasons},
    only,
    all: false,
    ...flags,
    limit: flags.limit,
  };
}

/** To be written down with the plan. */
export function questionFor({select}: QuestionBody, request: PlanRequest): Question {
  const {selection: _, all: __, only, ...rest} = request;
  return {
    selectors: select.trim() === '' ? [] : select.trim().split(/\s+/),
    ...(only === undefined
      ? {}
      : {only: Object.fromEntries([...only].map(([asset, keys]) => [asset, [...keys]]))}),
    ...rest,
    acceptCalendar: false,
  };
}

/** A calendar. */
interface Dated {
  readonly dates: readonly string[];
}

/** `gameplan plan …`, as it would be typed in a terminal. */
export function commandOf(asked: QuestionBody, calendars: Iterable<Dated>): string {
  const {select, seasons = [], limit, ...flags} = asked;
  const {from, to, keys} = datesTyped(asked, calendars);
  const word = (text: string): string =>
    /^[\w.@+:,/<>=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
  const parts = [
    ...(select.trim() === '' ? [] : select.trim().split(/\s+/).map(word)),
    ...(from === undefined ? [] : ['--from', from]),
    ...(to === undefined ? [] : ['--to', to]),
    ...(keys === undefined ? [] : ['--dates', keys]),
    ...seasons.flatMap(season => ['--season', season]),
    ...(limit === undefined ? [] : ['--limit', String(limit)]),
    ...Object.entries(FLAGS).flatMap(([name, flag]) => (flags[name as keyof typeof FLAGS] ? [flag] : [])),
  ];
  return ['gameplan', 'plan', ...parts].join(' ');
}

/** A command is to be read: more keys are not written out. */
const MOST_TYPED = 20;

function datesTyped(
  {from, to, keys, prune}: QuestionBody,
  calendars: Iterable<Dated>,
): {readonly from?: string | undefined; readonly to?: string | undefined; readonly keys?: string} {
  if (keys === undefined) return {from, to};
  const sorted = keys.toSorted();
  const [first = '', last = ''] = [sorted[0], sorted.at(-1)];
  const given = new Set(keys);
  // Orphans are in no calendar: a range might drop more of them.
  const isRange =
    keys.length > 2 &&
    !prune &&
    from === undefined &&
    to === undefined &&
    keys.every(isDate) &&
    [...calendars].every(({dates}) => dates.every(date => date < first || date > last || given.has(date)));
  if (isRange) return {from: first, to: last};
  if (keys.length <= MOST_TYPED) return {from, to, keys: keys.join(',')};
  return {from, to, keys: `'<a file with these ${number(keys.length)} keys, one a line>'`};
}

const FLAGS = {
  failed: '--failed',
  missingOnly: '--missing-only',
  force: '--force',
  prune: '--prune',
  allowProtected: '--allow-protected',
  ignoreGate: '--ignore-gate',
} as const;
