/**
 * What a page asks to be planned, as the planner's request, as a plan file's question, and as people type it.
 * It plans nothing.
 */
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

/** `gameplan plan …`, as it would be typed in a terminal. */
export function commandOf(asked: QuestionBody): string {
  const {select, from, to, keys, seasons = [], limit, ...flags} = asked;
  const word = (text: string): string =>
    /^[\w.@+:,/<>=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
  const parts = [
    ...(select.trim() === '' ? [] : select.trim().split(/\s+/).map(word)),
    ...(from === undefined ? [] : ['--from', from]),
    ...(to === undefined ? [] : ['--to', to]),
    ...(keys === undefined ? [] : ['--dates', keys.join(',')]),
    ...seasons.flatMap(season => ['--season', season]),
    ...(limit === undefined ? [] : ['--limit', String(limit)]),
    ...Object.entries(FLAGS).flatMap(([name, flag]) => (flags[name as keyof typeof FLAGS] ? [flag] : [])),
  ];
  return ['gameplan', 'plan', ...parts].join(' ');
}

const FLAGS = {
  failed: '--failed',
  missingOnly: '--missing-only',
  force: '--force',
  prune: '--prune',
  allowProtected: '--allow-protected',
  ignoreGate: '--ignore-gate',
} as const;
