/**
 * The plan: which partitions will be made, wait or are skipped, and why. Frozen data; a pure function of its arguments.
 */
import {calendarDefinition} from './calendar.ts';
import {type ClassifyInput, classify} from './classify.ts';
import {planAsset} from './decide.ts';
import type {Frame} from './frame.ts';
import {hexAt, sha256} from './hash.ts';
import type {LedgerSnapshot} from './ledger.ts';
import type {AssetName, PartitionKey} from './pipeline.ts';
import type {KeyFilter} from './range.ts';
import type {Note, Reason} from './reason.ts';
import {PROGRESS} from './satisfy.ts';
import type {Selection} from './select.ts';
import {ACTIONS, type Action, STATES, type State} from './state.ts';

/** A partition that is not fresh or has an action. */
export interface PlannedPartition {
  readonly asset: AssetName;
  readonly key: PartitionKey;
  readonly state: State;
  /** Undefined: nothing to do. */
  readonly action: Action | undefined;
  /** First what the state says, then why the action. */
  readonly reasons: readonly Reason[];
  readonly notes: readonly Note[];
}

export interface Plan {
  readonly version: 1;
  readonly pipeline: string;
  readonly target: string;
  /** ISO, UTC. */
  readonly now: string;
  /** `sha256:…` of the manifest's text and of the calendars as read. */
  readonly manifest: string;
  readonly calendar: string;
  /** Sequence of the ledger that was read. */
  readonly ledger: number;
  /** False: a calendar's own assets have work; keys may be added, and a run plans again after that stage. */
  readonly settled: boolean;
  readonly actions: Readonly<Record<Action, number>>;
  /** Over all selected assets and the whole selected range. */
  readonly states: Readonly<Record<State, number>>;
  /** In topological order, then by key. */
  readonly partitions: readonly PlannedPartition[];
  /** One line for the head of the text: dates known per calendar. */
  readonly calendars: readonly {
    readonly name: string;
    readonly dates: number;
    readonly from: string | undefined;
    readonly to: string | undefined;
    readonly timezone: string;
  }[];
}

/** What is asked for. */
export interface PlanRequest {
  /** Undefined: every asset. */
  readonly selection: Selection | undefined;
  readonly range: KeyFilter;
  /** Plans what is selected and may run, whatever its state. */
  readonly force: boolean;
  readonly missingOnly: boolean;
  /** At most so many partitions with action `run`. */
  readonly limit: number | undefined;
  /** Lists every partition, also those that are fresh. */
  readonly all: boolean;
}

/** The plan with what a run needs to follow it. */
export interface Planned {
  readonly plan: Plan;
  readonly frame: Frame;
  /** By asset and ordinal: PROGRESS.planned for `run` and `run-if`. */
  readonly progress: ReadonlyMap<AssetName, Uint8Array>;
}

export type PlanInput = ClassifyInput & {readonly request: PlanRequest};

/** The plan of a pipeline as it stands in the ledger at `now`. */
export function planPipeline(input: PlanInput): Plan {
  return makePlan(input).plan;
}

export function makePlan(input: PlanInput): Planned {
  const frame = classify(input);
  const progress = new Map<AssetName, Uint8Array>();
  const partitions: PlannedPartition[] = [];
  const states = zeros(STATES);
  const budget = {left: input.request.limit ?? Number.POSITIVE_INFINITY};
  for (const asset of frame.assets.values()) {
    const planned = planAsset({frame, asset, progress, request: input.request, budget});
    for (const partition of planned) {
      states[partition.state]++;
      const isListed = input.request.all || partition.action !== undefined || partition.state !== 'fresh';
      if (isListed) partitions.push(partition);
    }
  }
  const actions = zeros(ACTIONS);
  for (const {action} of partitions) if (action !== undefined) actions[action]++;
  const {pipeline, ledger, now} = input;
  const plan: Plan = {
    version: 1,
    pipeline: pipeline.name,
    target: pipeline.target.name,
    now: new Date(now).toISOString(),
    manifest: `sha256:${pipeline.hash}`,
    calendar: `sha256:${calendarHash(frame)}`,
    ledger: ledger.sequence,
    settled: isSettled(frame, ledger, progress),
    actions,
    states,
    partitions,
    calendars: [...frame.calendars.values()].map(({name, dates, timezone}) => ({
      name,
      dates: dates.length,
      from: dates[0],
      to: dates.at(-1),
      timezone,
    })),
  };
  return {plan, frame, progress};
}

function zeros<T extends string>(names: readonly T[]): Record<T, number> {
  return Object.fromEntries(names.map(name => [name, 0])) as Record<T, number>; // every name is there
}

function calendarHash(frame: Frame): string {
  const entries = [...frame.calendars.values()].map(({name, dates, entry}) => [
    name,
    dates.map((date, i) => `${date} ${hexAt(entry, i)}`),
  ]);
  return sha256(JSON.stringify(entries));
}

/** Whether every calendar is as its declaration and its assets would have it. */
function isSettled(frame: Frame, ledger: LedgerSnapshot, progress: Planned['progress']): boolean {
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
