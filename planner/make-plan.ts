/**
 * Makes a plan of a pipeline, its ledger and a request: classifies, decides asset by asset, counts.
 * It does not decide anything about one partition (classify.ts, decide.ts).
 */
import {calendarDefinition} from './calendar.ts';
import {type ClassifyInput, classify} from './classify.ts';
import {planAsset} from './decide.ts';
import type {Frame} from './frame.ts';
import {hexAt, sha256} from './hash.ts';
import type {LedgerSnapshot} from './ledger.ts';
import type {AssetName} from './pipeline.ts';
import type {Plan, Planned, PlannedPartition, PlanRequest} from './plan.ts';
import {PROGRESS} from './satisfy.ts';
import {ACTIONS, STATES} from './state.ts';

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
