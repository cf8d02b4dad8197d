/**
 * One fault, and all that must hold after it: partitions wholly old or wholly new, ledger and receipts alike after the
 * next start, a run that finishes the work, the end of a run without faults, and nothing more to do.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {cpSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {examine, isSame, type Records, type Seen} from './fault-look.ts';
import {type Calls, type Fault, FaultPlan} from './fault-plan.ts';
import {act, STEPS, type Step, setStep} from './fault-project.ts';
import {type Done, Project} from './project.ts';

/** What a step begins with, what it ends with, and how often a run without faults calls each component. */
export interface Clean {
  readonly step: Step;
  /** The folder `.gameplan` as it is before the step. */
  readonly folder: string;
  readonly before: Seen;
  readonly after: Seen;
  readonly calls: Calls;
  /** The runs before the step. */
  readonly runs: ReadonlySet<string>;
}

/** Runs every step without faults, a folder a step. */
export async function cleanSteps(
  league: string,
): Promise<{readonly steps: readonly Clean[]; remove(): void}> {
  const project = new Project({}, 0);
  const kept = mkdtempSync(join(tmpdir(), 'gameplan-fault-'));
  const steps: Clean[] = [];
  for (const step of STEPS) {
    setStep(project, step, league);
    const {seen: before, records} = await examine(project);
    const folder = join(kept, step);
    cpSync(join(project.root, '.gameplan'), folder, {recursive: true});
    const plan = await FaultPlan.of(undefined);
    await act(project, step, plan);
    const {seen: after} = await examine(project);
    steps.push({step, folder, before, after, calls: plan.calls, runs: new Set(records.made.keys())});
  }
  project.remove();
  return {steps, remove: () => rmSync(kept, {recursive: true, force: true})};
}

export interface Trial {
  /** The call that was struck; undefined where the run ended before it was reached. */
  readonly struck: string | undefined;
  readonly problems: readonly string[];
}

/** A place to try faults in, one after another. */
export class Bench {
  readonly #league: string;
  #project: Project;

  constructor(league: string) {
    this.#league = league;
    this.#project = new Project({}, 0);
  }

  async try(clean: Clean, fault: Fault): Promise<Trial> {
    const {step} = clean;
    // A new object, as in a new process; the folder stays, and with it loaded modules.
    this.#project = new Project({}, 0, this.#project.root);
    const project = this.#project;
    rmSync(join(project.root, '.gameplan'), {recursive: true, force: true});
    cpSync(clean.folder, join(project.root, '.gameplan'), {recursive: true});
    setStep(project, step, this.#league);
    const struck =
      fault.error === undefined ? await this.#killed(step, fault) : await failed(project, step, fault);
    return {struck, problems: await problemsAfter(project, clean, fault)};
  }

  /** Runs the step in a process of its own. */
  async #killed(step: Step, fault: Fault): Promise<string | undefined> {
    const script = new URL('./fault-run.ts', import.meta.url).pathname;
    const order = JSON.stringify({root: this.#project.root, step, league: this.#league, fault});
    const child = spawn(process.execPath, [script, order], {stdio: ['ignore', 'ignore', 'pipe']});
    let said = '';
    child.stderr.on('data', chunk => {
      said += String(chunk);
    });
    await once(child, 'close');
    if (child.signalCode === 'SIGKILL') return 'killed';
    if (child.exitCode !== 0) throw new Error(`The run broke: ${said}`);
    return undefined;
  }

  remove(): void {
    this.#project.remove();
  }
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
async function problemsAfter(project: Project, clean: Clean, fault: Fault): Promise<readonly string[]> {
  const isKill = fault.error === undefined;
  const prune = clean.step === 'correct';
  const broken = await examine(project);
  const again = await project.materialize({prune});
  if (!isKill) {
    // What failed while it was refreshed, or had something in its place, is asked for again by the clock.
    project.now += DAY_MS;
    await project.materialize({prune});
  }
  const ended = await examine(project);
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
