/**
 * What a command is asked to make: by selectors and flags, or by a plan file; and what it says where that plan does
 * not hold, or how a new one differs. It runs nothing (commands/materialize.ts).
 */

import {counted} from '../planner/amount.ts';
import {classify} from '../planner/classify.ts';
import type {Frame} from '../planner/frame.ts';
import type {Planned, PlanRequest} from '../planner/plan.ts';
import {planChanges} from '../planner/plan-changes.ts';
import type {PlanFile, Question} from '../planner/plan-file.ts';
import {keyOrderOf, timezoneOf} from '../report/frame-view.ts';
import {type Project, readDoneOfPlan, withPlan, withSnapshot} from '../report/project-ledger.ts';
import {clockTime, widthOf} from '../report/text.ts';
import {type FixedPlan, PlanRefused, planFixed} from '../runner/fixed-plan.ts';
import type {Invocation, Options} from './command.ts';
import {askingFlags} from './flags.ts';
import {nothingFailed, readLastFailures} from './last-failures.ts';
import {changeLines, differenceLines, differencesOf} from './print-changes.ts';
import {openProject} from './project.ts';
import {requestOf, selectionOf} from './request.ts';
import {Refusal, UsageError} from './world.ts';

export interface Asked {
  readonly project: Project;
  /** Milliseconds since 1970, for all planning. */
  readonly now: number;
  readonly work: PlanRequest | FixedPlan;
  readonly acceptCalendar: boolean;
  /** Plans by the ledger as it is then; as `withPlan`. */
  readonly plan: <T>(use: (planned: Planned) => T) => T;
  /** Where everything stands by the ledger as it is then. */
  readonly frame: <T>(use: (frame: Frame) => T) => T;
  /** Does something, and tells the user where the plan does not hold any more. */
  readonly telling: <T>(work: () => Promise<T>) => Promise<T>;
}

/** What is asked for. Undefined where `--failed` means nothing: people are told so, and JSON or a file is an empty plan. */
export function workAsked(invocation: Invocation, project: Project): PlanRequest | undefined {
  const {options, world} = invocation;
  const request = requestOf(invocation, project.pipeline);
  if (options.failed !== true) return request;
  const failures = readLastFailures(project, world.now);
  const isForPrograms = options.json === true || options.out !== undefined;
  if (failures.partitions.size > 0 || isForPrograms) return {...request, only: failures.partitions};
  world.write(nothingFailed(failures));
  return undefined;
}

/** `file` is the plan file that the arguments name, if they do. Undefined: nothing is asked, and that was said. */
export async function askedOf(
  invocation: Invocation,
  file: PlanFile | undefined,
): Promise<Asked | undefined> {
  const {args, options, world} = invocation;
  const [shown = ''] = args;
  if (file === undefined) {
    if (options.replan === true) throw new UsageError('--replan goes with a plan file.');
    const project = await openProject(invocation, {bind: true});
    const request = workAsked(invocation, project);
    return request === undefined
      ? undefined
      : askedAnew(project, request, {
          now: options.now ?? world.now(),
          acceptCalendar: options.acceptCalendar === true,
        });
  }
  refuseFlags(shown, options);
  const project = await openProject(
    {world, options: {...options, target: options.target ?? file.target}},
    {bind: true},
  );
  refuseOtherTarget(shown, file, project);
  const acceptCalendar = options.acceptCalendar === true || file.question.acceptCalendar;
  if (options.replan !== true) return askedByFile(invocation, file, {project, acceptCalendar});
  const request = requestIn(file.question, project, world);
  const asked = askedAnew(project, request, {now: world.now(), acceptCalendar});
  world.write(asked.plan(planned => differenceText(invocation, file, {project, planned})));
  return asked;
}

function askedAnew(
  project: Project,
  request: PlanRequest,
  {now, acceptCalendar}: {readonly now: number; readonly acceptCalendar: boolean},
): Asked {
  return {
    project,
    now,
    work: request,
    acceptCalendar,
    plan: use => withPlan(project, {now, request}, use),
    frame: use => withFrame(project, now, use),
    telling: work => work(),
  };
}

function withFrame<T>(project: Project, now: number, use: (frame: Frame) => T): T {
  return withSnapshot(project, ledger => use(classify({...project, ledger, now})));
}

function askedByFile(
  invocation: Invocation,
  file: PlanFile,
  {project, acceptCalendar}: {readonly project: Project; readonly acceptCalendar: boolean},
): Asked {
  const work: FixedPlan = {kind: 'fixed', file};
  const now = Date.parse(file.now);
  const told = (error: unknown): unknown =>
    error instanceof PlanRefused ? refusalOf(error, invocation, {project, now}) : error;
  return {
    project,
    now,
    work,
    acceptCalendar,
    plan: use => {
      const done = readDoneOfPlan(project, file.id, invocation.world.now);
      try {
        return withSnapshot(project, ledger => use(planFixed(work, {...project, ledger, now}, done)));
      } catch (error) {
        throw told(error);
      }
    },
    frame: use => withFrame(project, now, use),
    telling: async task => {
      try {
        return await task();
      } catch (error) {
        throw told(error);
      }
    },
  };
}

/** What was asked is in the file; only how it is made may be said anew. */
function refuseFlags(shown: string, options: Options): void {
  const given = [...askingFlags(options), ...(options.now === undefined ? [] : ['--now'])];
  if (given.length > 0)
    throw new UsageError(`${shown} says what to make: leave ${given.join(', ')} out, or write another plan.`);
}

function refuseOtherTarget(shown: string, {pipeline, target}: PlanFile, project: Project): void {
  const here = project.pipeline;
  if (here.name === pipeline && here.target.name === target) return;
  throw new Refusal(
    `error: ${shown} is a plan for the target '${target}' of the pipeline '${pipeline}', and this is '${here.target.name}' of '${here.name}'.\n`,
  );
}

function refusalOf(
  {changes}: PlanRefused,
  {args, options, world}: Invocation,
  {project, now}: Pick<Asked, 'project' | 'now'>,
): Refusal {
  const [shown = ''] = args;
  if (options.json === true) world.write(`${JSON.stringify({kind: 'refused', changes})}\n`);
  return withFrame(project, now, frame => {
    const lines = changeLines(changes, {keyOrder: keyOrderOf(frame), width: widthOf(world.columns())});
    const when = clockTime(now, timezoneOf(frame));
    return new Refusal(
      `error: ${shown} does not hold any more. Of what it lists and what that reads, this changed since ${when}:\n${lines}Nothing was made. 'gameplan materialize ${shown} --replan' plans the same request anew.\n`,
    );
  });
}

/** What is not as in the file, where its request is planned anew. */
function differenceText(
  {args, options, world}: Invocation,
  file: PlanFile,
  {project, planned: {plan, frame}}: {readonly project: Project; readonly planned: Planned},
): string {
  const [shown = ''] = args;
  const done = readDoneOfPlan(project, file.id, world.now);
  const changes = withSnapshot(project, ledger =>
    planChanges(file, {...project, ledger, now: Date.parse(file.now)}, done),
  );
  const differences = differencesOf(file, plan, ref => done.has(ref));
  if (options.json === true) return `${JSON.stringify({kind: 'planned-anew', changes, differences})}\n`;
  const layout = {keyOrder: keyOrderOf(frame), width: widthOf(world.columns())};
  const changed =
    changes.length === 0
      ? `Nothing that ${shown} lists or reads has changed since.\n`
      : `Changed since ${shown} was written:\n${changeLines(changes, layout)}`;
  const differing =
    differences.length === 0
      ? 'The new plan is the same.\n'
      : `The new plan differs in ${counted(differences.length, 'partition')}:\n${differenceLines(differences, layout)}`;
  return `${changed}${differing}\n`;
}

function requestIn(question: Question, {pipeline}: Project, world: Invocation['world']): PlanRequest {
  const {selectors, only, acceptCalendar: _, ...rest} = question;
  return {
    ...rest,
    selection: selectionOf(selectors, pipeline, world),
    only:
      only === undefined
        ? undefined
        : new Map(Object.entries(only).map(([asset, keys]) => [asset, new Set(keys)])),
    all: false,
  };
}

/** The request of a plan, to be written down. */
export function questionOf(args: readonly string[], request: PlanRequest, options: Options): Question {
  const {selection: _, all: __, only, ...rest} = request;
  return {
    selectors: args,
    ...(only === undefined
      ? {}
      : {only: Object.fromEntries([...only].map(([asset, keys]) => [asset, [...keys]]))}),
    ...rest,
    acceptCalendar: options.acceptCalendar === true,
  };
}
