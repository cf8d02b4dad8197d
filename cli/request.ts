/**
 * What the flags and selectors of a command ask for, as the planner's request.
 * It does not deal with how flags are parsed (flags.ts) nor with what is planned.
 */
import {readFileSync, statSync} from 'node:fs';
import path from 'node:path';
import {dayOf} from '../planner/day.ts';
import {formatDiagnostics} from '../planner/diagnostic.ts';
import type {Pipeline} from '../planner/pipeline.ts';
import type {PlanRequest} from '../planner/plan.ts';
import type {KeyFilter} from '../planner/range.ts';
import {parseSelector, type Selection} from '../planner/select.ts';
import type {Options} from './command.ts';
import {UsageError, type World} from './world.ts';

export function requestOf(
  {
    args,
    options,
    world,
  }: {readonly args: readonly string[]; readonly options: Options; readonly world: World},
  pipeline: Pipeline,
): PlanRequest {
  return {
    selection: selectionOf(args, pipeline, world),
    range: rangeOf(options, world),
    only: undefined,
    force: options.force === true,
    missingOnly: options.missingOnly === true,
    limit: options.limit,
    all: options.all === true,
    prune: options.prune === true,
    allowProtected: options.allowProtected === true,
    ignoreGate: options.ignoreGate === true,
  };
}

/** Undefined: everything. A selector that is wrong is the command's fault. */
export function selectionOf(
  args: readonly string[],
  pipeline: Pipeline,
  world: World,
): Selection | undefined {
  if (args.length === 0) return undefined;
  const {selection, diagnostics} = parseSelector(args.join(' '), pipeline);
  if (selection === undefined) {
    const text = formatDiagnostics(diagnostics, {color: world.isColored});
    throw new UsageError(`these assets cannot be selected:\n${text.trimEnd()}`);
  }
  return selection;
}

export function rangeOf(options: Options, world: World): KeyFilter {
  const {from, to, season} = options;
  if (from !== undefined && to !== undefined && from > to) {
    throw new UsageError(`--from ${from} is after --to ${to}: both are meant, the earlier one comes first.`);
  }
  return {
    from,
    to,
    seasons: season,
    keys: options.dates === undefined ? undefined : keysOf(options.dates, world),
  };
}

/** A list of keys, or the file that holds one a line; what follows a # is a comment. */
function keysOf(text: string, world: World): readonly string[] {
  const listed = text.split(',').map(key => key.trim());
  if (listed.every(isKey)) return listed;
  const file = path.resolve(world.cwd, text);
  if (statSync(file, {throwIfNoEntry: false})?.isFile() !== true) {
    throw new UsageError(
      `--dates ${text}: neither a list of dates such as 2024-01-15,2024-01-16 nor a file.`,
    );
  }
  const lines = readFileSync(file, 'utf8').split(/\r?\n/);
  return lines.flatMap((line, index) => {
    const key = line.replace(/#.*/, '').trim();
    if (key === '') return [];
    if (!isKey(key)) throw new UsageError(`${text}:${index + 1}: '${key}' is no date, season or 'all'.`);
    return [key];
  });
}

function isKey(text: string): boolean {
  return text === 'all' || /^\d{4}-\d{2}$/.test(text) || !Number.isNaN(dayOf(text));
}
