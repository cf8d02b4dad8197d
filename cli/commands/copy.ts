/**
 * `gameplan copy`: carries filled partitions with what is known of them from one target to another, so that nobody makes
 * history again. It is a run of the target that they are carried to.
 */
import type {CarryPlan} from '../../planner/carry.ts';
import {keyOrderOf} from '../../report/frame-view.ts';
import {hasOpenIntents} from '../../report/project-ledger.ts';
import type {RunResult} from '../../runner/execute.ts';
import type {Command, Invocation} from '../command.ts';
import {type Copying, copyAsked} from '../copying.ts';
import {jsonFlag, nowFlag, projectFlags, rangeFlags, waitFlag, whole} from '../flags.ts';
import {type CopyView, copyJson, printCopy, printRefusals} from '../print-copy.ts';
import {waitOf} from '../project.ts';
import {runAsked, watcherFor} from '../run.ts';
import {screenOf} from '../view.ts';
import {watchAsJson} from '../watch.ts';
import {EXIT} from '../world.ts';

export const copyCommand: Command = {
  name: 'copy',
  summary: 'carry filled partitions from one target to another, without making them again',
  arguments: [['[assets...]', 'selectors of assets, or ASSET@RANGE (default: everything that is filled)']],
  flags: [
    ...projectFlags.filter(({flags}) => !flags.startsWith('--target')),
    {flags: '--from <target>', description: 'the target that has them'},
    {flags: '--to <target>', description: 'the target that gets them'},
    ...rangeFlags.filter(({flags}) => !/^--(from|to) /.test(flags)),
    {flags: '--stale', description: 'also what is stale: it is stale in the other target as well'},
    {flags: '--force', description: 'also what is there already'},
    {
      flags: '--concurrency <n>',
      description: 'how many partitions of objects at once',
      parse: whole,
    },
    waitFlag,
    {flags: '--dry-run', description: 'say what would be carried, and touch nothing'},
    nowFlag,
    jsonFlag,
  ],
  examples: [
    'gameplan copy --from local --to prod --dry-run',
    'gameplan copy --from local --to prod',
    'gameplan copy --from local --to prod +analytics.player_game_summary --season 2023-24',
    'gameplan copy --from local --to prod raw.games@2024-01-01..2024-01-31',
  ],
  run: async invocation => {
    const {options, world} = invocation;
    const copying = await copyAsked(invocation);
    const plan = copying.plan();
    const view = viewOf(copying, plan, invocation);
    if (options.json === true) world.write(`${JSON.stringify(copyJson(view))}\n`);
    else world.write(printCopy(view));
    if (options.dryRun === true) return EXIT.done;
    // What a killed copy left open is settled by the next one.
    const isSomething =
      plan.plan.actions.run + plan.later.length > 0 || hasOpenIntents(copying.destination, world.now);
    if (!isSomething) return plan.leftOut.length > 0 ? EXIT.wrong : EXIT.done;
    const {isGood, isInterrupted} = await carry(copying, invocation);
    if (isInterrupted) return EXIT.interrupted;
    const {leftOut} = copying.plan();
    if (options.json !== true) world.write(leftBehind(view, leftOut));
    return isGood && leftOut.length === 0 ? EXIT.done : EXIT.wrong;
  },
};

function viewOf({source, destination, order}: Copying, plan: CarryPlan, {world}: Invocation): CopyView {
  const from = source.pipeline.target.name;
  const to = destination.pipeline.target.name;
  return {plan, from, to, keyOrder: keyOrderOf(order.source), ...screenOf(world)};
}

/** What was not known to be left out before the calendar was carried. */
function leftBehind(view: CopyView, leftOut: CarryPlan['leftOut']): string {
  const told = new Set(view.plan.leftOut.map(({asset, key}) => `${asset}@${key}`));
  const news = leftOut.filter(({asset, key}) => !told.has(`${asset}@${key}`));
  return printRefusals(news, view)
    .map(line => `${line}\n`)
    .join('');
}

async function carry(copying: Copying, invocation: Invocation): Promise<RunResult> {
  const {options, world} = invocation;
  const {source, destination, order, now} = copying;
  const {openSource} = await import('../../runner/copy.ts');
  const opened = openSource({...source, clock: world.now, waitMs: waitOf(options)}, order.source);
  const frame = <T>(use: (frame: CarryPlan['frame']) => T): T => use(copying.plan().frame);
  const retry = {again: 'run the same command again: it goes on with what is left'};
  const watcher =
    options.json === true
      ? watchAsJson(world.write)
      : watcherFor(invocation, {project: destination, frame}, retry);
  try {
    return await runAsked(
      invocation,
      {project: destination, now, work: {kind: 'carry', order}, acceptCalendar: false},
      {who: {}, watcher, carry: opened.carrier},
    );
  } finally {
    await opened.close();
  }
}
