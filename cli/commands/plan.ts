/**
 * `gameplan plan`: what would run, wait and be skipped, and why. Reads the ledger; opens neither warehouse nor store.
 */
import {coneOfForced} from '../../planner/cone.ts';
import type {Planned, PlanRequest} from '../../planner/plan.ts';
import {type Command, EVERY_ASSET, type Invocation} from '../command.ts';
import {jsonFlag, projectFlags, rangeFlags, workFlags} from '../flags.ts';
import {nothingFailed, readLastFailures} from '../last-failures.ts';
import {planJson} from '../plan-json.ts';
import {printForced} from '../print-cone.ts';
import {printPlan} from '../print-plan.ts';
import {openProject, type Project, withPlan} from '../project.ts';
import {requestOf} from '../request.ts';
import {jsonText, keyOrderOf, screenOf} from '../view.ts';
import {EXIT, type World} from '../world.ts';

export const planCommand: Command = {
  name: 'plan',
  summary: 'what would run, wait and be skipped, and why',
  arguments: [EVERY_ASSET],
  flags: [
    ...projectFlags,
    ...rangeFlags,
    ...workFlags,
    {flags: '--all', description: 'list every partition, also those that are fresh'},
    {flags: '--detailed-exitcode', description: 'exit with 2 where there is work'},
    jsonFlag,
  ],
  examples: [
    'gameplan plan',
    'gameplan plan +analytics.player_game_summary --season 2023-24',
    "gameplan plan 'raw.*' --from 2024-01-01 --to 2024-01-31 --json",
    'gameplan plan --detailed-exitcode --missing-only',
    'gameplan plan --failed',
  ],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const request = workAsked(invocation, project);
    if (request === undefined) return EXIT.done;
    const now = options.now ?? world.now();
    const {text, work} = withPlan(project, {now, request}, planned => {
      const {run, drop, 'run-if': runIf} = planned.plan.actions;
      return {text: showPlan(planned, invocation), work: run + runIf + drop};
    });
    world.write(text);
    return options.detailedExitcode === true && work > 0 ? EXIT.work : EXIT.done;
  },
};

/** What is asked for. Undefined where `--failed` means nothing: people are told so, and JSON is an empty plan. */
export function workAsked(invocation: Invocation, project: Project): PlanRequest | undefined {
  const {options, world} = invocation;
  const request = requestOf(invocation, project.pipeline);
  if (options.failed !== true) return request;
  const failures = readLastFailures(project, world.now);
  if (failures.partitions.size > 0 || options.json === true) return {...request, only: failures.partitions};
  world.write(nothingFailed(failures));
  return undefined;
}

/** As JSON where that is asked for. */
export function showPlan(
  {plan, frame}: Planned,
  {options, world}: Pick<Invocation, 'options' | 'world'>,
): string {
  if (options.json === true) return jsonText(planJson(plan));
  return planText({plan, frame}, world, options.all === true);
}

export function planText({plan, frame}: Pick<Planned, 'plan' | 'frame'>, world: World, all: boolean): string {
  const [keyOrder, screen] = [keyOrderOf(frame), screenOf(world)];
  const text = printPlan({plan, assets: frame.assets.size, keyOrder, all, ...screen});
  const forced = printForced(coneOfForced({plan, frame}), keyOrder, screen);
  return forced.length === 0 ? text : `${text}\n${forced.join('\n')}\n`;
}
