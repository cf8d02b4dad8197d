/**
 * What nights have in common: one league of recorded games and one project filled from it for a file of tests, of which
 * every night gets a copy; and what the command has said and done, as data. It does not deal with what should have been.
 */
import {afterAll, beforeAll} from 'vitest';
import {type LeagueProcess, startLeagueProcess} from '../../../demo/league/league-process.ts';
import type {Outcome} from '../../../planner/ledger.ts';
import type {Reason} from '../../../planner/reason.ts';
import type {Action, State} from '../../../planner/state.ts';
import {hasRecordedGames, recordedGames, ShippedProject} from '../shipped-project.ts';

interface Evening {
  /** First and last date of the pipeline; without them all that is recorded. */
  readonly start?: string;
  readonly end?: string;
  /** The instant at which it is filled, and at which its nights begin. */
  readonly now?: string;
  /** Further arguments of the league: `--from 2021-22 --to 2021-22` is served sooner than five seasons. */
  readonly league?: readonly string[];
  /** Fills it, once for the file; by the command or otherwise. */
  readonly fill: (project: ShippedProject, league: LeagueProcess) => Promise<unknown>;
}

export interface Nights {
  /** Of the whole file: a night that gives it faults takes them back. */
  readonly league: LeagueProcess;
  /** A copy of the filled project, removed at the end of the file. `league`: through another address, a proxy say. */
  night(change?: {readonly league?: string}): ShippedProject;
}

/** To be called once in a file, inside `describe.skipIf(!hasRecordedGames)`. */
export function openNights({league: args = [], now, fill, ...spans}: Evening): Nights {
  const opened: {league?: LeagueProcess; filled?: ShippedProject} = {};
  const copies: ShippedProject[] = [];
  beforeAll(async () => {
    opened.league = await startLeagueProcess(['--recorded', recordedGames, ...args]);
    const {url} = opened.league;
    opened.filled = new ShippedProject({target: 'recorded', end: '2026-06-30', ...spans, league: url});
    if (now !== undefined) opened.filled.now = Date.parse(now);
    await fill(opened.filled, opened.league);
  }, 300_000);
  afterAll(async () => {
    for (const project of [opened.filled, ...copies]) project?.remove();
    await opened.league?.stop();
  });
  return {
    get league() {
      return required(opened.league);
    },
    night: change => {
      const copy = required(opened.filled).copy(change);
      copies.push(copy);
      return copy;
    },
  };
}

function required<T>(opened: T | undefined): T {
  if (opened === undefined) throw new Error('Nights are open from the first test on, not before.');
  return opened;
}

/** The reporter counts skipped tests without their titles. */
export function sayIfSkipped(nights: string): void {
  if (!hasRecordedGames) process.stderr.write(`${nights}: not tested, ../shared/data is absent.\n`);
}

export interface Listed {
  readonly ref: string;
  readonly asset: string;
  readonly key: string;
  readonly state: State;
  readonly action?: Action;
  readonly reasons: readonly Reason[];
}

export interface PlanSaid {
  readonly actions: Readonly<Record<Action, number>>;
  readonly states: Readonly<Record<State, number>>;
  readonly partitions: readonly Listed[];
}

/** What `gameplan plan ARGS --json` says. */
export async function planned(project: ShippedProject, ...args: readonly string[]): Promise<PlanSaid> {
  const plan = JSON.parse(await said(project, 'plan', ...args, '--json')) as PlanSaid;
  return {...plan, partitions: plan.partitions.map(each => ({...each, ref: refOf(each)}))};
}

/** What the ledger keeps of the last run, by outcome, sorted; outcomes that nothing had are left out. */
export async function lastRun(
  project: ShippedProject,
): Promise<Readonly<Partial<Record<Outcome, readonly string[]>>>> {
  const {attempts} = JSON.parse(await said(project, 'runs', 'show', 'last', '--json')) as {
    readonly attempts: readonly {readonly asset: string; readonly key: string; readonly outcome: Outcome}[];
  };
  const groups = Object.groupBy(attempts, ({outcome}) => outcome);
  return Object.fromEntries(
    Object.entries(groups).map(([outcome, own = []]) => [outcome, own.map(refOf).sort()]),
  );
}

/** What a command writes that must end well; the words of a person who reads it are in the tests. */
export async function said(project: ShippedProject, ...args: readonly string[]): Promise<string> {
  const {code, out, err} = await project.gameplan(...args);
  if (code !== 0) throw new Error(`gameplan ${args.join(' ')} ended with ${code}: ${err}${out}`);
  return out;
}

export function refOf({asset, key}: {readonly asset: string; readonly key: string}): string {
  return `${asset}@${key}`;
}

/** `asset@key` of what fulfils a condition, sorted. */
export function refsWhere({partitions}: PlanSaid, holds: (each: Listed) => boolean): readonly string[] {
  return partitions.filter(holds).map(refOf).sort();
}
