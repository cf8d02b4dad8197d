/**
 * What is left of a written plan, as a run follows it: what it lists and nothing else, as it was decided then.
 * It decides nothing anew, and does not ask whether the plan still holds (plan-changes.ts).
 */
import {type ClassifyInput, classify} from './classify.ts';
import {calendarsIn, isSettled} from './make-plan.ts';
import type {AssetName} from './pipeline.ts';
import type {Plan, Planned, PlannedPartition} from './plan.ts';
import type {Done} from './plan-changes.ts';
import type {PlanFile} from './plan-file.ts';
import {groupPartitions} from './plan-group.ts';
import {PROGRESS} from './satisfy.ts';
import {ACTIONS, type Action, STATES, type State} from './state.ts';

/** A key that the plan's own calendar took away is left out: nothing could be made of it. */
export function followPlan(file: PlanFile, input: ClassifyInput, done: Done): Planned {
  const frame = classify(input);
  const progress = new Map<AssetName, Uint8Array>(
    [...frame.assets].map(([name, {keys}]) => [name, new Uint8Array(keys.length)]),
  );
  const partitions: PlannedPartition[] = [];
  for (const {asset, key, state, action, reasons, notes} of file.partitions) {
    const found = frame.assets.get(asset);
    const ordinal = found?.ordinalOf.get(key);
    const isThere =
      state === 'orphan' ? found?.orphans.some(each => each.key === key) : ordinal !== undefined;
    if (isThere !== true || done.has(`${asset}@${key}`)) continue;
    partitions.push({asset, key, state, action, reasons, notes});
    const stages = progress.get(asset);
    if (stages !== undefined && ordinal !== undefined && (action === 'run' || action === 'run-if'))
      stages[ordinal] = reasons.some(({kind}) => kind === 'if-source-fails')
        ? PROGRESS.onDemand
        : PROGRESS.planned;
  }
  const actions = Object.fromEntries(ACTIONS.map(action => [action, 0])) as Record<Action, number>; // all of them
  const states = Object.fromEntries(STATES.map(state => [state, 0])) as Record<State, number>; // all of them
  for (const {action, state} of partitions) {
    states[state]++;
    if (action !== undefined) actions[action]++;
  }
  const planned = new Map<string, number>();
  for (const {asset, action} of partitions)
    if (action === 'run' || action === 'run-if') planned.set(asset, (planned.get(asset) ?? 0) + 1);
  const {pipeline, target, now, manifest, calendar} = file;
  const plan: Plan = {
    version: 1,
    pipeline,
    target,
    now,
    manifest,
    calendar,
    ledger: input.ledger.sequence,
    settled: file.settled || isSettled(frame, input.ledger, progress),
    actions,
    states,
    partitions,
    groups: groupPartitions(partitions, name => planned.get(name) ?? 0),
    calendars: calendarsIn(frame),
  };
  return {plan, frame, progress, request: undefined};
}
