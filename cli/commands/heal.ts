/**
 * `gameplan heal`: one pass that fills what policy allows, and tells the rest. A second one right after does nothing.
 */
import {setImmediate} from 'node:timers/promises';
import {chooseHealing, type HealingChoice} from '../../planner/healing.ts';
import {makePlan, planFrame} from '../../planner/make-plan.ts';
import {WHOLE_REQUEST} from '../../planner/plan.ts';
import {jsonText} from '../../report/frame-view.ts';
import {headOf} from '../../report/head.ts';
import {type Project, withPlan, withSnapshot} from '../../report/project-ledger.ts';
import {widthOf} from '../../report/text.ts';
import {addCounts} from '../../runner/event.ts';
import type {RunResult} from '../../runner/execute.ts';
import {PASS_TRIGGERS, type PassOutcome} from '../../runner/ledger-pass.ts';
import {passAlerts} from '../alerting.ts';
import type {Command, Invocation} from '../command.ts';
import {byFlag, jsonFlag, nowFlag, oneOf, projectFlags, reasonFlag, spreadFlag, waitFlag} from '../flags.ts';
import {onRecord, type Pass} from '../healing-record.ts';
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
    spreadFlag,
    waitFlag,
    reasonFlag,
    byFlag,
    {
      flags: '--trigger <what>',
      description: `what asks for it, for the record: ${PASS_TRIGGERS.join(', ')} (default: command)`,
      ...oneOf(...PASS_TRIGGERS),
    },
    nowFlag,
    jsonFlag,
    {flags: '--events', description: 'print what happens as JSON lines, then the summary'},
  ],
  examples: [
    'gameplan heal',
    'gameplan heal --dry-run --json',
    "gameplan heal --by timer --trigger schedule --reason 'the hourly pass'",
  ],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const now = options.now ?? world.now();
    const {view, pass} = await passAndTell(invocation, {project, now});
    world.write(
      options.json === true ? jsonText(healJson(view, pass)) : printHeal(view, widthOf(world.columns())),
    );
    if (view.isInterrupted) return EXIT.interrupted;
    return isFailed(view) ? EXIT.wrong : EXIT.done;
  },
};

/** What went wrong is told, also where the pass ended by a fault; a dry run tells nobody. */
async function passAndTell(invocation: Invocation, healing: Healing): ReturnType<typeof passOf> {
  let isIdle = false;
  try {
    const passed = await passOf(invocation, healing);
    isIdle = passed.view.runs.length === 0;
    return passed;
  } finally {
    if (invocation.options.dryRun !== true) await passAlerts(invocation, healing.project, {isIdle});
  }
}

interface Healing {
  readonly project: Project;
  readonly now: number;
}

interface Healed extends HealView {
  readonly isInterrupted: boolean;
}

/** A dry run leaves no record. */
async function passOf(
  invocation: Invocation,
  healing: Healing,
): Promise<{readonly view: Healed; readonly pass: Pass | undefined}> {
  const {options, world} = invocation;
  if (options.dryRun === true) return {view: await heal(invocation, healing), pass: undefined};
  const trigger = PASS_TRIGGERS.find(each => each === options.trigger) ?? 'command';
  const {by} = purposeOfRun(invocation, false);
  const {done, pass} = await onRecord({project: healing.project, world, trigger, by}, async () => {
    const view = await heal(invocation, healing);
    return {view, outcome: outcomeOf(view), counts: view.outcomes, text: printHeal(view, 100)};
  });
  return {view: done.view, pass};
}

function isFailed({outcomes: {failed, quarantined, skipped, cancelled}}: HealView): boolean {
  return failed + quarantined + skipped + cancelled > 0;
}

function outcomeOf(view: Healed): PassOutcome {
  if (view.isInterrupted) return 'interrupted';
  if (isFailed(view)) return 'failed';
  if (view.runs.length > 0) return 'healed';
  return view.isQuiet ? 'quiet' : 'nothing';
}

/** First the calendars, where they have work: which dates there are is known after that. */
async function heal(invocation: Invocation, healing: Healing): Promise<Healed> {
  const {options, world} = invocation;
  const isDry = options.dryRun === true;
  const results: RunResult[] = [];
  let isInterrupted = false;
  const forget = world.onInterrupt(() => {
    isInterrupted = true;
  });
  try {
    let seen = look(healing);
    // A signal that came while it looked is heard now.
    await setImmediate();
    const isDone = () => isDry || seen.isQuiet || isInterrupted || results.at(-1)?.isInterrupted === true;
    if (!isDone() && !seen.isSettled && seen.settling.size > 0) {
      results.push(await run(invocation, healing, seen.settling));
      seen = look(healing);
      await setImmediate();
    }
    if (!isDone() && seen.only.size > 0) results.push(await run(invocation, healing, seen.only));
    const {head, isQuiet, only, making, following, left} = seen;
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
      isInterrupted: isInterrupted || results.some(each => each.isInterrupted),
    };
  } finally {
    forget();
  }
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
    const whole = makePlan({...project, ledger, now, request: WHOLE_REQUEST});
    const {frame} = whole;
    const choice = chooseHealing(whole, request => planFrame(frame, {...project, ledger, now, request}));
    const names: ReadonlySet<string> = frame.settling;
    const settling = new Map([...choice.only].filter(([name]) => names.has(name)));
    return {...choice, head: headOf(frame), isSettled: whole.plan.settled, settling};
  });
}

const SILENT: Watcher = {emit: () => undefined, end: () => undefined};

/** Only here are queries bound: most passes have nothing to make. */
async function run(invocation: Invocation, {now}: Healing, only: Only): Promise<RunResult> {
  const project = await openProject(invocation, {bind: true});
  const work = {...WHOLE_REQUEST, only};
  const watcher = watcherOf(invocation, {
    project,
    frame: use => withPlan(project, {now, request: work}, ({frame}) => use(frame)),
  });
  const who = purposeOfRun(invocation, false);
  return await runAsked(invocation, {project, now, work, acceptCalendar: false}, {who, watcher});
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
