/**
 * What is left of a written plan, as a run follows it: what it lists and nothing else, as it was decided then.
 * It decides nothing anew, and does not ask whether the plan still holds (plan-changes.ts).
 */
import {type ClassifyInput, classify} from './classify.ts';
import {listedPlan} from './listed-plan.ts';
import {isSettled} from './make-plan.ts';
import type {AssetName} from './pipeline.ts';
import type {Planned, PlannedPartition} from './plan.ts';
import type {Done} from './plan-changes.ts';
import type {PlanFile} from './plan-file.ts';
import {PROGRESS} from './satisfy.ts';

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
  const {pipeline, target, now, manifest, calendar} = file;
  const plan = listedPlan(frame, partitions, {
    pipeline,
    target,
    now,
    manifest,
    calendar,
    ledger: input.ledger.sequence,
    settled: file.settled || isSettled(frame, input.ledger, progress),
  });
  return {plan, frame, progress, request: undefined};
}
