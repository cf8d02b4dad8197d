/**
 * One fault, and all that must hold after it: partitions wholly old or wholly new, ledger and receipts alike after the
 * next start, a run that finishes the work, the end of a run without faults, and nothing more to do.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {examine, isSame, type Records, type Seen} from './fault-look.ts';
import {type Calls, type Fault, FaultPlan} from './fault-plan.ts';
import {act, STEPS, type Step, setStep} from './fault-project.ts';
import {type Ground, openGround, type Plot, type TrialEngine, type TrialLedger} from './ground.ts';
import {type Done, Project} from './project.ts';

/** What a step begins with, what it ends with, and how often a run without faults calls each component. */
export interface Clean {
  readonly step: Step;
  readonly before: Seen;
  readonly after: Seen;
  readonly calls: Calls;
  /** The runs before the step. */
  readonly runs: ReadonlySet<string>;
}

export interface Trial {
  /** The call that was struck; undefined where the run ended before it was reached. */
  readonly struck: string | undefined;
  readonly problems: readonly string[];
}

/** A place to try faults in, one after another, each from what every step without faults began with. */
export class Bench {
  readonly engine: TrialEngine;
  readonly ledger: TrialLedger;
  readonly #league: string;
  readonly #ground: Ground;
  #project = new Project({}, 0);
  steps: readonly Clean[] = [];

  private constructor(league: string, ground: Ground, ledger: TrialLedger) {
    this.engine = ground.engine;
    this.ledger = ledger;
    this.#league = league;
    this.#ground = ground;
  }

  /** Runs the steps without faults: those that are to be broken, and all before them. */
  static async open(
    league: string,
    engine: TrialEngine,
    {
      steps = STEPS,
      ledger = 'sqlite',
    }: {readonly steps?: readonly Step[]; readonly ledger?: TrialLedger} = {},
  ): Promise<Bench> {
    const bench = new Bench(league, await openGround(engine, ledger), ledger);
    bench.steps = await bench.#cleanSteps(steps);
    return bench;
  }

  async #cleanSteps(wanted: readonly Step[]): Promise<readonly Clean[]> {
    const project = this.#project;
    const plot = await this.#ground.plot(project.root);
    const steps: Clean[] = [];
    for (const step of STEPS.slice(0, STEPS.findLastIndex(each => wanted.includes(each)) + 1)) {
      setStep(project, step, {league: this.#league, targets: plot.targets});
      const {seen: before, records} = await examine(project, plot);
      await this.#ground.keep(project.root, plot, step);
      const plan = await FaultPlan.of(undefined);
      await act(project, step, plan);
      const {seen: after} = await examine(project, plot);
      steps.push({step, before, after, calls: plan.calls, runs: new Set(records.made.keys())});
    }
    await this.#ground.clear(plot);
    return steps;
  }

  async try(step: Step, fault: Fault): Promise<Trial> {
    const clean = this.steps.find(each => each.step === step);
    if (clean === undefined) throw new Error(`no step ${step}`);
    // A new object, as in a new process; the folder stays, and with it loaded modules.
    const project = new Project({}, 0, this.#project.root);
    const plot = await this.#ground.plot(project.root, step);
    const about = {league: this.#league, targets: plot.targets};
    setStep(project, step, about);
    const struck =
      fault.error === undefined
        ? await killed({root: project.root, step, fault, ...about})
        : await failed(project, step, fault);
    const problems = await problemsAfter(project, plot, {clean, fault});
    await this.#ground.clear(plot);
    return {struck, problems};
  }

  async close(): Promise<void> {
    this.#project.remove();
    await this.#ground.close();
  }
}

/** Runs the step in a process of its own. */
async function killed(order: object): Promise<string | undefined> {
  const script = new URL('./fault-run.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', chunk => {
    said += String(chunk);
  });
  await once(child, 'close');
  if (child.signalCode === 'SIGKILL') return 'killed';
  if (child.exitCode !== 0) throw new Error(`The run broke: ${said}`);
  return undefined;
}

/** The error is thrown into a run of this process; what the run itself throws of it is as it should be. */
async function failed(project: Project, step: Step, fault: Fault): Promise<string | undefined> {
  const plan = await FaultPlan.of(fault);
  try {
    await act(project, step, plan);
  } catch (error) {
    if (plan.struck === undefined) throw error;
  }
  return plan.struck;
}

/** What a new process finds, and what it makes of it. */
async function problemsAfter(
  project: Project,
  plot: Plot,
  {clean, fault}: {readonly clean: Clean; readonly fault: Fault},
): Promise<readonly string[]> {
  const isKill = fault.error === undefined;
  const prune = clean.step === 'correct';
  const broken = await examine(project, plot);
  const again = await project.materialize({prune});
  if (!isKill) {
    // What failed while it was refreshed, or had something in its place, is asked for again by the clock.
    project.now += DAY_MS;
    await project.materialize({prune});
  }
  const ended = await examine(project, plot);
  const third = await project.materialize({prune});
  const more = [...third.outcomes].filter(
    ([, outcome]) => outcome === 'succeeded' || outcome === 'unchanged',
  );
  return [
    ...notWhole(broken.seen, clean, isKill),
    ...broken.differences,
    ...(isKill ? madeTwice(broken.records, again, clean.runs) : []),
    ...notAsClean(ended.seen, clean, fault),
    ...ended.differences,
    ...lostTries(ended.records),
    ...more.map(([ref, outcome]) => `${ref} ${outcome} in a run more`),
  ];
}

const DAY_MS = 86_400_000;

function notWhole(seen: Seen, {before, after}: Clean, isKill: boolean): readonly string[] {
  return refsOf(before, after, seen).flatMap(ref => {
    const held = seen.held.get(ref);
    const isWhole = isSame(held, before.held.get(ref)) || isSame(held, after.held.get(ref));
    // A source that failed is stood in for, and what reads it was made of less: whole, but another.
    if (isWhole || (!isKill && MAY_DIFFER.has(ref.slice(0, ref.indexOf('@'))))) return [];
    return [`${ref} is neither old nor new: ${JSON.stringify(held)}`];
  });
}

function notAsClean(seen: Seen, {after}: Clean, {error}: Fault): readonly string[] {
  const isKill = error === undefined;
  return refsOf(after, seen).flatMap(ref => {
    const [is, should] = [seen, after].map(({held, states}) => ({
      held: held.get(ref),
      state: states.get(ref),
    }));
    // Where the main source failed, the other one was asked too, and stays.
    if (!isKill && ref.startsWith('landing.other@') && should?.held === undefined) return [];
    // A statement fails for its rows: a source that failed so is done without until they change.
    if (error === 'query' && MAY_DIFFER.has(ref.slice(0, ref.indexOf('@')))) return [];
    // Where the calendar could not be settled, what is an orphan by now was made once more.
    const isLeft = !isKill && should?.state === 'orphan';
    const told =
      isLeft || isSame(is?.held, should?.held)
        ? []
        : [`${ref} ends as ${JSON.stringify(is?.held)}, not as ${JSON.stringify(should?.held)}`];
    return is?.state === should?.state ? told : [...told, `${ref} ends ${is?.state}, not ${should?.state}`];
  });
}

/** What is made of fewer inputs where one failed, instead of waiting for it. */
const MAY_DIFFER: ReadonlySet<string> = new Set([
  'landing.other',
  'raw.box',
  'mart.form',
  'mart.total',
  'exports.form',
]);

function refsOf(...seen: readonly Seen[]): readonly string[] {
  return [...new Set(seen.flatMap(({held, states}) => [...held.keys(), ...states.keys()]))].sort();
}

/** What a killed run had published is not made again, and stands once in the record. */
function madeTwice({made}: Records, again: Done, known: ReadonlySet<string>): readonly string[] {
  const own = [...made].filter(([run]) => !known.has(run));
  return own.flatMap(([run, refs]) => [
    ...refs.filter((ref, i) => refs.indexOf(ref) !== i).map(ref => `${ref} stands twice in run ${run}`),
    ...refs
      .filter(ref => again.outcomes.get(ref) === 'succeeded')
      .map(ref => `${ref} was published, and made again`),
  ]);
}

/** Every run that published rows of a cascade knows which sources it tried. */
function lostTries({made, tries}: Records): readonly string[] {
  return [...made].flatMap(([run, refs]) =>
    refs
      .filter(ref => ref.startsWith('raw.box@') && !tries.some(each => each.startsWith(`${run} ${ref} `)))
      .map(ref => `the tries of ${ref} in run ${run} are lost`),
  );
}
