/**
 * Makes a plan of a pipeline, its ledger and a request: classifies, decides asset by asset, counts.
 * It does not decide anything about one partition (classify.ts, decide.ts).
 */
import {createHash} from 'node:crypto';
import {calendarDefinition} from './calendar.ts';
import {type ClassifyInput, classify} from './classify.ts';
import {planAsset} from './decide.ts';
import type {AssetPlan, Deciding} from './deciding.ts';
import type {Frame} from './frame.ts';
import type {LedgerSnapshot} from './ledger.ts';
import {beyondBudgets} from './over-budget.ts';
import type {AssetName} from './pipeline.ts';
import type {Plan, Planned, PlannedPartition, PlanRequest} from './plan.ts';
import type {CountPlanned, PlanGroup} from './plan-group.ts';
import {PROGRESS} from './satisfy.ts';
import {ACTIONS, type Action, CODE, STATES, type State} from './state.ts';
import {groupAsset, listPartitions} from './tell.ts';

export type PlanInput = ClassifyInput & {readonly request: PlanRequest};

/** The plan of a pipeline as it stands in the ledger at `now`. */
export function planPipeline(input: PlanInput): Plan {
  return makePlan(input).plan;
}

/**
 * Plans in columns. The listed partitions with their reasons are made when `plan.partitions` or `plan.groups` is first
 * asked for: before a run brings the frame forward, and while the ledger can be read.
 */
export function makePlan(input: PlanInput): Planned {
  return planFrame(classify(input), input);
}

/** As `makePlan`, of what was classified already and no run has brought forward. */
export function planFrame(frame: Frame, input: PlanInput): Planned {
  const {pipeline, ledger, now, request} = input;
  const progress = new Map<AssetName, Uint8Array>();
  const budget = {left: request.limit ?? Number.POSITIVE_INFINITY};
  const beyond = beyondBudgets(frame, request);
  const decided: {readonly deciding: Deciding; readonly plan: AssetPlan}[] = [];
  for (const asset of frame.assets.values()) {
    const deciding = {frame, asset, progress, request, budget, beyond};
    decided.push({deciding, plan: planAsset(deciding)});
  }
  let partitions: readonly PlannedPartition[] | undefined;
  let groups: readonly PlanGroup[] | undefined;
  const planned = countPlanned(decided);
  const plans = decided.map(({plan}) => plan);
  const plan: Plan = {
    version: 1,
    pipeline: pipeline.name,
    target: pipeline.target.name,
    now: new Date(now).toISOString(),
    manifest: `sha256:${pipeline.hash}`,
    calendar: `sha256:${calendarHash(frame)}`,
    ledger: ledger.sequence,
    settled: isSettled(frame, ledger, progress),
    actions: countActions(plans),
    states: countStates(plans),
    get partitions() {
      partitions ??= decided.flatMap(({deciding, plan}) => listPartitions(deciding, plan));
      return partitions;
    },
    get groups() {
      groups ??= decided.flatMap(({deciding, plan}) => groupAsset(deciding, plan, planned));
      return groups;
    },
    calendars: calendarsIn(frame),
  };
  return {plan, frame, progress, request: input.request};
}

export function calendarsIn(frame: Frame): Plan['calendars'] {
  return [...frame.calendars.values()].map(({name, dates, timezone}) => ({
    name,
    dates: dates.length,
    from: dates[0],
    to: dates.at(-1),
    timezone,
  }));
}

/** Counted by one more than the index into ACTIONS. */
function plannedIn({actions}: AssetPlan): number {
  let count = 0;
  for (let i = 0; i < actions.length; i++) if (ACTIONS[(actions[i] ?? 0) - 1]?.startsWith('run')) count++;
  return count;
}

function countPlanned(decided: readonly {readonly plan: AssetPlan}[]): CountPlanned {
  const counts = new Map<string, number>();
  return name => {
    let count = counts.get(name);
    if (count === undefined) {
      const own = decided.find(({plan}) => plan.asset.asset.name === name)?.plan;
      count = own === undefined ? 0 : plannedIn(own);
      counts.set(name, count);
    }
    return count;
  };
}

function countActions(plans: readonly AssetPlan[]): Record<Action, number> {
  const counts = new Float64Array(ACTIONS.length + 1);
  const add = (code: number): void => {
    counts[code] = (counts[code] ?? 0) + 1;
  };
  for (const {actions, isIdle, orphans} of plans) {
    if (!isIdle) for (let i = 0; i < actions.length; i++) add(actions[i] ?? 0);
    for (const {action} of orphans) if (action !== undefined) add(ACTIONS.indexOf(action) + 1);
  }
  return Object.fromEntries(ACTIONS.map((action, i) => [action, counts[i + 1]])) as Record<Action, number>; // all of them
}

/** Over what is asked for. */
function countStates(plans: readonly AssetPlan[]): Record<State, number> {
  const counts = new Float64Array(STATES.length);
  for (const {asset, chosen, orphans} of plans) {
    const add = (code: number, count: number): void => {
      counts[code] = (counts[code] ?? 0) + count;
    };
    if (chosen === undefined) for (const [code, count] of asset.stateCounts.entries()) add(code, count);
    else for (const [i, isChosen] of chosen.entries()) add(asset.state[i] ?? 0, isChosen);
    add(CODE.orphan, orphans.length);
  }
  return Object.fromEntries(STATES.map((state, code) => [state, counts[code]])) as Record<State, number>; // all of them
}

export function calendarHash({calendars}: Frame): string {
  const hash = createHash('sha256');
  for (const {name, dates, entry} of calendars.values()) {
    hash.update(JSON.stringify([name, dates]));
    for (const half of [entry.version.hi, entry.version.lo]) hash.update(half);
  }
  return hash.digest('hex');
}

/** Whether every calendar is as its declaration and its assets would have it. */
export function isSettled(frame: Frame, ledger: LedgerSnapshot, progress: Planned['progress']): boolean {
  for (const declaration of frame.pipeline.calendars.values()) {
    if (declaration.source.kind !== 'asset') continue;
    const record = ledger.calendars.get(declaration.name);
    if (record?.definition !== calendarDefinition(declaration)) return false;
  }
  for (const name of frame.settling) {
    if (progress.get(name)?.includes(PROGRESS.planned) === true) return false;
  }
  return true;
}
