/**
 * `gameplan runs` and `gameplan runs show ID`: history, outcomes, failures, durations. Reads the ledger alone.
 */
import {classify} from '../../planner/classify.ts';
import {withoutTold} from '../../planner/sources-told.ts';
import {priceOf, runBilledJson} from '../../report/billed-text.ts';
import {jsonText, keyOrderOf, rankIn} from '../../report/frame-view.ts';
import {
  askToEnd,
  findRun,
  type Project,
  readAtWork,
  readRuns,
  readTriesOfRun,
  withSnapshot,
} from '../../report/project-ledger.ts';
import type {FoundRun, RunRecord} from '../../runner/ledger-run.ts';
import type {Command} from '../command.ts';
import {byFlag, jsonFlag, projectFlags, whole} from '../flags.ts';
import {printRun, printRuns} from '../print-runs.ts';
import {openProject} from '../project.ts';
import {runMarkdown} from '../run-markdown.ts';
import {screenOf} from '../view.ts';
import {purposeOfRun} from '../who.ts';
import {EXIT, Refusal, UsageError, type World} from '../world.ts';

function requireRun(project: Project, wanted: string, {now}: World): FoundRun {
  const id = wanted === 'last' ? readRuns(project, 1, now)[0]?.id : wanted;
  const run = id === undefined ? undefined : findRun(project, id, now);
  const {ledger} = project.pipeline.target;
  if (id === undefined)
    throw new Refusal(`error: There is no run in ${ledger} yet; 'gameplan materialize' starts one.\n`);
  if (run !== undefined) return run;
  throw new Refusal(`error: There is no run '${wanted}' in ${ledger}; 'gameplan runs' lists them.\n`);
}

/** In the order of the pipeline, and no failure told twice. */
function tellable(attempts: FoundRun['attempts'], rank: (asset: string) => number): FoundRun['attempts'] {
  const failed = new Set(
    attempts.flatMap(({asset, key, outcome}) => (outcome === 'failed' ? [`${asset}@${key}`] : [])),
  );
  return attempts
    .map(each => (each.error === undefined ? each : {...each, error: withoutTold(each.error, failed)}))
    .toSorted((one, other) => rank(one.asset) - rank(other.asset));
}

const showCommand: Command = {
  name: 'show',
  summary: 'one run: its outcomes by asset, and every failure with its cause',
  arguments: [['<id>', 'the id of a run, as `gameplan runs` lists it; `last` for the newest']],
  flags: [
    ...projectFlags,
    {flags: '--markdown', description: 'a report with every partition, as Markdown'},
    jsonFlag,
  ],
  examples: ['gameplan runs show last', 'gameplan runs show last --markdown > run.md'],
  run: async invocation => {
    const {args, options, world} = invocation;
    const [wanted = 'last'] = args;
    const project = await openProject(invocation);
    const run = requireRun(project, wanted, world);
    const rank = rankIn(project.pipeline);
    const shown = {...run, attempts: tellable(run.attempts, rank)};
    if (options.json === true && options.markdown === true)
      throw new UsageError('--json and --markdown: choose one.');
    const price = priceOf(project.pipeline);
    const isAtWork = readAtWork(project, world.now).has(run.id);
    const keyOrder = withSnapshot(project, ledger =>
      keyOrderOf(classify({...project, ledger, now: world.now()})),
    );
    if (options.markdown === true) {
      const tries = readTriesOfRun(project, run.id, world.now);
      world.write(runMarkdown({run: shown, isAtWork, tries, keyOrder, price}));
    } else if (options.json === true) {
      world.write(
        jsonText({
          ...run,
          ...runBilledJson(run, price),
          isAtWork,
          tries: readTriesOfRun(project, run.id, world.now),
        }),
      );
    } else world.write(printRun({run: shown, isAtWork, keyOrder, price, ...screenOf(world)}));
    return EXIT.done;
  },
};

const cancelCommand: Command = {
  name: 'cancel',
  summary: 'ask a run that is at work to end; asked again, what is at work is cancelled',
  arguments: [['<id>', 'the id of a run, as `gameplan runs` lists it; `last` for the newest']],
  flags: [...projectFlags, byFlag, jsonFlag],
  examples: ['gameplan runs cancel last'],
  run: async invocation => {
    const {args, options, world} = invocation;
    const [wanted = 'last'] = args;
    const project = await openProject(invocation);
    const run = requireRun(project, wanted, world);
    const {by} = purposeOfRun(invocation, true);
    const asked = askToEnd(project, {run: run.id, by}, world.now);
    if (asked === undefined) throw new Refusal(notAtWork(run));
    if (options.json === true) world.write(jsonText({run: run.id, asked}));
    else
      world.write(
        asked === 1
          ? `Run ${run.id} was asked to end: no new partition starts, and those at work are finished. Asked again, it cancels them.\n`
          : `Run ${run.id} was asked to cancel what is at work.\n`,
      );
    return EXIT.done;
  },
};

function notAtWork({id, end}: RunRecord): string {
  if (end !== undefined) return `error: Run ${id} has ended already: it ${ENDED[end.status]}.\n`;
  return `error: Run ${id} is not at work: its process has died. The next run takes over what it held.\n`;
}

const ENDED = {succeeded: 'succeeded', failed: 'failed', interrupted: 'was interrupted'} as const;

export const runsCommand: Command = {
  name: 'runs',
  summary: 'the last runs: outcomes, failures, durations',
  arguments: [],
  flags: [
    ...projectFlags,
    {flags: '--limit <n>', description: 'how many (default: 20)', parse: whole},
    jsonFlag,
  ],
  examples: ['gameplan runs', 'gameplan runs --limit 100 --json', 'gameplan runs show last'],
  subcommands: [showCommand, cancelCommand],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const runs = readRuns(project, options.limit ?? 20, world.now);
    world.write(
      options.json === true
        ? jsonText(runs)
        : printRuns({runs, atWork: readAtWork(project, world.now), now: world.now(), ...screenOf(world)}),
    );
    return EXIT.done;
  },
};
