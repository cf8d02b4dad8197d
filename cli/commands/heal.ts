/**
 * `gameplan heal`: one pass that fills what policy allows, and tells the rest. A second one right after does nothing.
 */
import {chooseHealing, type HealingChoice} from '../../planner/healing.ts';
import {makePlan} from '../../planner/make-plan.ts';
import {type PlanRequest, WHOLE_REQUEST} from '../../planner/plan.ts';
import {jsonText} from '../../report/frame-view.ts';
import {headOf} from '../../report/head.ts';
import {type Project, withPlan, withSnapshot} from '../../report/project-ledger.ts';
import {widthOf} from '../../report/text.ts';
import {addCounts} from '../../runner/event.ts';
import type {RunResult} from '../../runner/execute.ts';
import type {Command, Invocation} from '../command.ts';
import {byFlag, jsonFlag, nowFlag, projectFlags, reasonFlag, waitFlag} from '../flags.ts';
import {type HealView, healJson, printHeal} from '../print-heal.ts';
import {openProject} from '../project.ts';
import {runAsked, watcherFor} from '../run.ts';
import {type Watcher, watchAsJson} from '../watch.ts';
import {purposeOfRun} from '../who.ts';
import {EXIT} from '../world.ts';

export const healCommand: Command = {
  name: 'heal',
  summary: "one pass: fill recent gaps as the manifest's `healing` allows, and tell the rest",
  arguments: [],
  flags: [
    ...projectFlags,
    {flags: '--dry-run', description: 'say what would be made, and touch nothing'},
    waitFlag,
    reasonFlag,
    byFlag,
    nowFlag,
    jsonFlag,
    {flags: '--events', description: 'print what happens as JSON lines, then the summary'},
  ],
  examples: ['gameplan heal', 'gameplan heal --dry-run --json'],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation, {bind: true});
    const now = options.now ?? world.now();
    const view = await heal(invocation, {project, now});
    world.write(options.json === true ? jsonText(healJson(view)) : printHeal(view, widthOf(world.columns())));
    if (view.isInterrupted) return EXIT.interrupted;
    const {failed, quarantined, skipped, cancelled} = view.outcomes;
    return failed + quarantined + skipped + cancelled > 0 ? EXIT.wrong : EXIT.done;
  },
};

interface Healing {
  readonly project: Project;
  readonly now: number;
}

/** First the calendars, where they have work: which dates there are is known after that. */
async function heal(
  invocation: Invocation,
  healing: Healing,
): Promise<HealView & {readonly isInterrupted: boolean}> {
  const {options} = invocation;
  const isDry = options.dryRun === true;
  const results: RunResult[] = [];
  let seen = look(healing);
  const first = seen;
  const isDone = () => isDry || seen.isQuiet || results.at(-1)?.isInterrupted === true;
  if (!isDone() && !seen.isSettled && seen.settling.size > 0) {
    results.push(await run(invocation, healing, seen.settling));
    seen = look(healing);
  }
  if (!isDone() && seen.only.size > 0) results.push(await run(invocation, healing, seen.only));
  const {head, isQuiet, only, making, following, left} = results.length === 0 ? first : seen;
  return {
    head,
    now: healing.now,
    isDry,
    isQuiet,
    only,
    making,
    following,
    runs: results.map(each => each.run),
    outcomes: addCounts(results.map(({counts}) => counts)),
    left,
    isInterrupted: results.some(each => each.isInterrupted),
  };
}

type Only = HealingChoice['only'];

interface Seen extends HealingChoice {
  readonly head: HealView['head'];
  readonly isSettled: boolean;
  /** Of the calendars' own assets. */
  readonly settling: Only;
}

function look({project, now}: Healing): Seen {
  return withSnapshot(project, ledger => {
    const plan = (request: PlanRequest) => makePlan({...project, ledger, now, request});
    const {plan: whole, frame} = plan(WHOLE_REQUEST);
    const choice = chooseHealing(plan);
    const names: ReadonlySet<string> = frame.settling;
    const settling = new Map([...choice.only].filter(([name]) => names.has(name)));
    return {...choice, head: headOf(frame), isSettled: whole.settled, settling};
  });
}

const SILENT: Watcher = {emit: () => undefined, end: () => undefined};

function run(invocation: Invocation, {project, now}: Healing, only: Only): Promise<RunResult> {
  const work = {...WHOLE_REQUEST, only};
  const watcher = watcherOf(invocation, {
    project,
    frame: use => withPlan(project, {now, request: work}, ({frame}) => use(frame)),
  });
  const who = purposeOfRun(invocation, false);
  return runAsked(invocation, {project, now, work, acceptCalendar: false}, {who, watcher});
}

function watcherOf(invocation: Invocation, about: Parameters<typeof watcherFor>[1]): Watcher {
  const {options, world} = invocation;
  if (options.events === true) return watchAsJson(world.write);
  if (options.json === true) return SILENT;
  return watcherFor(invocation, about, {
    again: "the next 'gameplan heal' tries again",
    ifFailed: ", 'gameplan materialize --failed' at once",
  });
}
