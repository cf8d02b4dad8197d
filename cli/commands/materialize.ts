/**
 * `gameplan materialize`: makes what the plan says, and shows it while it goes on.
 */

import {counted} from '../../planner/amount.ts';
import {coneOfForced} from '../../planner/cone.ts';
import type {Planned} from '../../planner/plan.ts';
import {keyOrderOf} from '../../report/frame-view.ts';
import {hasOpenIntents} from '../../report/project-ledger.ts';
import type {RunResult} from '../../runner/execute.ts';
import {passAlerts} from '../alerting.ts';
import {type Asked, askedOf} from '../asked.ts';
import type {Command, Invocation} from '../command.ts';
import {nothingJson} from '../events-json.ts';
import {
  jsonFlag,
  oneOf,
  projectFlags,
  purposeFlags,
  rangeFlags,
  spreadFlag,
  waitFlag,
  whole,
  workFlags,
} from '../flags.ts';
import {findPlanFile} from '../plan-path.ts';
import {printDrops, printForced} from '../print-cone.ts';
import {runAsked, watcherFor} from '../run.ts';
import {screenOf} from '../view.ts';
import {watchAsJson} from '../watch.ts';
import {purposeOfRun, type Who} from '../who.ts';
import {EXIT, Refusal} from '../world.ts';
import {planText, showPlan} from './plan.ts';

export const materializeCommand: Command = {
  name: 'materialize',
  summary: 'make what is missing or stale, in dependency order',
  arguments: [['[assets...]', 'selectors of assets (default: every asset), or one file of `plan --out`']],
  flags: [
    ...projectFlags,
    ...rangeFlags,
    ...workFlags,
    {
      flags: '--concurrency <n>',
      description: "how many fetches at once (default: the manifest's `limits.fetches`, or 32)",
      parse: whole,
    },
    {
      flags: '--order <order>',
      description: 'which keys come first: oldest (default) or newest',
      ...oneOf('oldest', 'newest'),
    },
    {
      flags: '--by-season',
      description:
        'a season after the other; stop after one in which something fails or waits (what is parked stops nothing)',
    },
    spreadFlag,
    waitFlag,
    {flags: '--fail-fast', description: 'start nothing more after the first failure'},
    {flags: '--replan', description: 'with a plan file: plan the same request anew, and say what differs'},
    {flags: '--dry-run', description: 'print the plan and touch nothing'},
    ...purposeFlags,
    jsonFlag,
  ],
  examples: [
    'gameplan materialize',
    'gameplan materialize +analytics.player_game_summary --season 2023-24',
    'gameplan materialize raw.games --dates 2024-01-15,2024-01-16 --force',
    'gameplan materialize --failed',
    'gameplan materialize --dry-run',
    'gameplan materialize plan.json',
    'gameplan materialize --target prod --spread',
  ],
  run: async invocation => {
    const {args, options, world} = invocation;
    const asked = await askedOf(invocation, findPlanFile(args, world));
    if (asked === undefined) return EXIT.done;
    const {plan} = asked;
    if (options.dryRun === true) {
      world.write(plan(planned => showPlan(planned, invocation, {project: asked.project})));
      return EXIT.done;
    }
    const nothing = plan(planned =>
      hasNothing(planned) ? nothingText(planned, invocation, asked) : undefined,
    );
    // What a killed run left open may change the plan, and only a run settles it.
    if (nothing !== undefined && !hasOpenIntents(asked.project, world.now)) {
      world.write(nothing);
      return EXIT.done;
    }
    const isOnPurpose = await warn(plan, invocation);
    const who = purposeOfRun(invocation, isOnPurpose || asked.acceptCalendar);
    const {counts, isGood, isInterrupted} = await asked.telling(() => run(invocation, asked, who));
    if (isInterrupted) return EXIT.interrupted;
    if (counts.requested === 0) {
      if (options.json !== true) world.write(plan(planned => nothingText(planned, invocation, asked)));
      // Without its calendar nobody knows what was asked for.
      return plan(planned => planned.plan.settled) ? EXIT.done : EXIT.wrong;
    }
    return isGood ? EXIT.done : EXIT.wrong;
  },
};

function hasNothing({plan: {actions, settled}}: Planned): boolean {
  return settled && Object.values(actions).every(count => count === 0);
}

/**
 * What is done on purpose is shown before it is: what a forced partition makes stale, and what is dropped. Whether
 * anything is that no plan does by itself.
 */
async function warn(plan: Asked['plan'], {options, world}: Invocation): Promise<boolean> {
  const {lines, drops, isForced} = plan(planned => {
    const [order, screen] = [keyOrderOf(planned.frame), screenOf(world)];
    return {
      lines: [
        ...printForced(coneOfForced(planned), order, screen),
        ...printDrops(planned.plan, order, screen),
      ],
      drops: planned.plan.actions.drop,
      isForced: planned.plan.partitions.some(({reasons}) => reasons.some(({kind}) => kind === 'forced')),
    };
  });
  if (options.json !== true) world.write(lines.map(line => `${line}\n`).join(''));
  if (drops > 0 && options.yes !== true && !(await world.confirm('Drop them?')))
    throw new Refusal('Nothing was changed.\n');
  return drops > 0 || isForced || options.allowProtected === true || options.ignoreGate === true;
}

function nothingText(planned: Planned, {args, options, world}: Invocation, {work, project}: Asked): string {
  if (options.json === true) return `${nothingJson()}\n`;
  if (!('file' in work)) return planText(planned, world, {project});
  const listed = counted(work.file.partitions.length, 'partition');
  return `Nothing to do: ${args[0]} lists ${listed}, and nothing of it is left.\n`;
}

/** What went wrong is told, also where the run ended by a fault. */
async function run(invocation: Invocation, asked: Asked, who: Partial<Who>): Promise<RunResult> {
  const {options, world} = invocation;
  const retry = {
    again: 'run the same command again',
    ifFailed: options.failed === true ? '' : ', or with --failed for what failed alone',
  };
  const watcher = options.json === true ? watchAsJson(world.write) : watcherFor(invocation, asked, retry);
  try {
    return await runAsked(invocation, asked, {who, watcher});
  } finally {
    await passAlerts(invocation, asked.project);
  }
}
