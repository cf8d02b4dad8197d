/**
 * `gameplan plan`: what would run, wait and be skipped, and why. Reads the ledger; opens neither warehouse nor store.
 */
import {engineOf} from '../../planner/engine.ts';
import {makePlan} from '../../planner/make-plan.ts';
import type {Planned, PlanRequest} from '../../planner/plan.ts';
import {planFileOf} from '../../planner/plan-file.ts';
import {jsonText, keyOrderOf} from '../../report/frame-view.ts';
import {planAbout} from '../../report/plan-about.ts';
import {planJson} from '../../report/plan-json.ts';
import {type Project, readWholeSnapshot, withPlan} from '../../report/project-ledger.ts';
import type {AssetBytes} from '../../runner/query-bytes.ts';
import {showAgainst} from '../against.ts';
import {questionOf, workAsked} from '../asked.ts';
import {type Command, EVERY_ASSET, type Invocation} from '../command.ts';
import {jsonFlag, projectFlags, rangeFlags, waitFlag, workFlags} from '../flags.ts';
import {writePlanFile} from '../plan-path.ts';
import {printForced} from '../print-cone.ts';
import {printPlan} from '../print-plan.ts';
import {openProject} from '../project.ts';
import {screenOf} from '../view.ts';
import {withWarehouse} from '../warehouse.ts';
import {EXIT, UsageError, type World} from '../world.ts';

export const planCommand: Command = {
  name: 'plan',
  summary: 'what would run, wait and be skipped, and why',
  arguments: [EVERY_ASSET],
  flags: [
    ...projectFlags,
    ...rangeFlags,
    ...workFlags,
    {flags: '--all', description: 'list every partition, also those that are fresh'},
    {flags: '--out <file>', description: 'write the plan to a file, for `materialize FILE`'},
    {flags: '--against <gitref>', description: 'what the change since that commit makes stale'},
    {flags: '--markdown', description: 'with --against: print a table for a pull request'},
    {
      flags: '--estimate-bytes',
      description: 'ask the warehouse what the queries would read, running none; for BigQuery',
    },
    waitFlag,
    {flags: '--detailed-exitcode', description: 'exit with 2 where there is work'},
    jsonFlag,
  ],
  examples: [
    'gameplan plan',
    'gameplan plan +analytics.player_game_summary --season 2023-24',
    "gameplan plan 'raw.*' --from 2024-01-01 --to 2024-01-31 --json",
    'gameplan plan --detailed-exitcode --missing-only',
    'gameplan plan --failed',
    'gameplan plan --season 2023-24 --out plan.json',
    'gameplan plan --against main --markdown',
    'gameplan plan --target prod --estimate-bytes',
  ],
  run: async invocation => {
    const {args, options, world} = invocation;
    if (options.against !== undefined) return await showAgainst(invocation, options.against);
    if (options.markdown === true) throw new UsageError('--markdown goes with --against.');
    const project = await openProject(invocation);
    const request = workAsked(invocation, project);
    if (request === undefined) return EXIT.done;
    const now = options.now ?? world.now();
    const queries =
      options.estimateBytes === true ? await askBytes(invocation, project, {now, request}) : undefined;
    const {text, hasWork, file} = withPlan(project, {now, request}, planned => {
      const {plan, frame} = planned;
      const {run, drop, 'run-if': runIf} = plan.actions;
      return {
        text: showPlan(planned, invocation, {project, queries}),
        hasWork: !plan.settled || run + runIf + drop > 0,
        file:
          options.out === undefined ? undefined : planFileOf(plan, frame, questionOf(args, request, options)),
      };
    });
    world.write(text);
    if (options.out !== undefined && file !== undefined) {
      writePlanFile(world, options.out, file);
      world.complain(`Written to ${options.out}; 'gameplan materialize ${options.out}' applies it.\n`);
    }
    return options.detailedExitcode === true && hasWork ? EXIT.work : EXIT.done;
  },
};

export interface PlanShown {
  readonly project: Project;
  /** What the warehouse says that queries would read, where it was asked. */
  readonly queries?: readonly AssetBytes[] | undefined;
}

async function askBytes(
  invocation: Invocation,
  project: Project,
  about: {readonly now: number; readonly request: PlanRequest},
): Promise<readonly AssetBytes[]> {
  const {target} = project.pipeline;
  const engine = engineOf(target.warehouse);
  if (engine.jobs === undefined)
    throw new UsageError(
      `--estimate-bytes is for a warehouse that bills, and that of target '${target.name}' is ${engine.name}: leave it out.`,
    );
  const ledger = readWholeSnapshot(project, invocation.world.now);
  const {queryBytes} = await import('../../runner/query-bytes.ts');
  const planned = makePlan({...project, ...about, ledger});
  return await withWarehouse(project, invocation, warehouse =>
    queryBytes(planned, {sources: project.sources, warehouse}),
  );
}

/** As JSON where that is asked for. */
export function showPlan(
  planned: Planned,
  {options, world}: Pick<Invocation, 'options' | 'world'>,
  {project, queries}: PlanShown,
): string {
  if (options.json === true)
    return jsonText(planJson(planned.plan, planAbout(planned, project, {now: world.now, queries})));
  return planText(planned, world, {project, queries, all: options.all === true});
}

export function planText(
  planned: Planned,
  world: World,
  {project, queries, all = false}: PlanShown & {readonly all?: boolean},
): string {
  const {plan, frame} = planned;
  const [keyOrder, screen] = [keyOrderOf(frame), screenOf(world)];
  const {follows, ...about} = planAbout(planned, project, {now: world.now, queries});
  const unknownKeys = findUnknownKeys(planned);
  const text = printPlan({plan, ...about, unknownKeys, assets: frame.assets.size, keyOrder, all, ...screen});
  const forced = printForced(follows, keyOrder, screen);
  return forced.length === 0 ? text : `${text}\n${forced.join('\n')}\n`;
}

function findUnknownKeys({request, frame}: Planned): readonly string[] {
  const assets = [...frame.assets.values()];
  return (request?.range.keys ?? []).filter(
    key =>
      !assets.some(({ordinalOf, orphans}) => ordinalOf.has(key) || orphans.some(each => each.key === key)),
  );
}
