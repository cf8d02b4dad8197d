/**
 * Which rule kept a partition out of a plan. The rules are the plan's own: where one may be a flag's doing, the plan
 * is made again without that flag. It decides nothing and says nothing in words.
 */

import {type AssetFrame, type Frame, frameOf, stateAt} from './frame.ts';
import {makePlan, type PlanInput} from './make-plan.ts';
import {isOutside} from './making.ts';
import type {AssetName, PartitionKey} from './pipeline.ts';
import type {Planned, PlannedPartition, PlanRequest} from './plan.ts';
import {isInRange} from './range.ts';
import type {PartitionRef} from './reason.ts';
import {matches} from './select.ts';
import type {State} from './state.ts';
import {type Whereabouts, whereaboutsOf} from './whereabouts.ts';
import {ordinalsRead} from './window.ts';

export type WhyNot =
  | {readonly rule: 'key'; readonly whereabouts: Whereabouts}
  /** Its asset is not selected, or only in other states. */
  | {readonly rule: 'selection'; readonly state: State; readonly isAssetSelected: boolean}
  | {readonly rule: 'range'; readonly state: State}
  /** It is not among the partitions of `--failed`. */
  | {readonly rule: 'named'; readonly state: State}
  /** With the flag left out, or given, there would be something to do. */
  | {
      readonly rule: 'flags';
      readonly flag: '--missing-only' | '--allow-protected';
      readonly partition: PlannedPartition;
    }
  /** Its state asks for nothing, or something keeps it: `partition` has the reasons. */
  | {readonly rule: 'state'; readonly partition: PlannedPartition}
  /** It follows what it reads, and none of that is made; `unselected` would be, were it selected. */
  | {
      readonly rule: 'inputs';
      readonly partition: PlannedPartition;
      readonly reads: number;
      /** Whether the world outside is its input, asked again on the clock. */
      readonly isFetch: boolean;
      readonly unselected: PartitionRef | undefined;
    }
  /** It wants to run, and an input is not there. */
  | {readonly rule: 'waits'; readonly partition: PlannedPartition}
  | {readonly rule: 'limit'; readonly partition: PlannedPartition; readonly limit: number}
  /** It is planned. */
  | {readonly rule: undefined; readonly partition: PlannedPartition};

/** `planned` is the plan of that request, with everything listed. */
export function whyNot(input: PlanInput, planned: Planned, asset: AssetName, key: string): WhyNot {
  const {request} = input;
  const partition = findIn(planned, asset, key);
  if (partition === undefined) return notChosen(input, planned.frame, asset, key);
  const {action, state} = partition;
  if (action === 'run' || action === 'run-if' || action === 'drop') return {rule: undefined, partition};
  if (action === 'wait') return {rule: 'waits', partition};
  if (action === 'skip') return {rule: 'state', partition};
  const again = (changed: Partial<PlanRequest>): PlannedPartition | undefined =>
    findIn(makePlan({...input, request: {...request, ...changed}}), asset, key);
  if (request.limit !== undefined && again({limit: undefined})?.action === 'run')
    return {rule: 'limit', partition, limit: request.limit};
  if (request.missingOnly && again({missingOnly: false, limit: undefined})?.action !== undefined)
    return {rule: 'flags', flag: '--missing-only', partition};
  if (!request.allowProtected && again({allowProtected: true, limit: undefined})?.action !== undefined)
    return {rule: 'flags', flag: '--allow-protected', partition};
  const follows = state === 'fresh' || state === 'partial';
  if (!follows) return {rule: 'state', partition};
  const frame = frameOf(planned.frame, asset);
  const elsewhere = again({selection: undefined, range: {}, only: undefined, limit: undefined});
  const isFetch = isOutside(frame.asset.making.kind);
  const upstream = elsewhere?.reasons.find(reason => reason.kind === 'upstream-planned')?.upstream;
  return {rule: 'inputs', partition, reads: readsOf(frame, key), isFetch, unselected: upstream};
}

function findIn({plan}: Planned, asset: AssetName, key: string): PlannedPartition | undefined {
  return plan.partitions.find(each => each.asset === asset && each.key === key);
}

function readsOf({edges, ordinalOf}: AssetFrame, key: string): number {
  const ordinal = ordinalOf.get(key);
  if (ordinal === undefined) return 0;
  return edges.reduce((sum, {reads}) => sum + ordinalsRead(reads, ordinal).length, 0);
}

/** It is not listed although everything is: the request does not mean it, or there is no such key. */
function notChosen({request, ledger}: PlanInput, frame: Frame, asset: AssetName, key: string): WhyNot {
  const found = frameOf(frame, asset);
  const ordinal = found.ordinalOf.get(key);
  const isOrphan = found.orphans.some(orphan => orphan.key === (key as PartitionKey));
  if (ordinal === undefined && !isOrphan)
    return {rule: 'key', whereabouts: whereaboutsOf(found, key, {frame, ledger})};
  const state = ordinal === undefined ? 'orphan' : stateAt(found, ordinal);
  const score = (): number => (ordinal === undefined ? Number.NaN : found.quality.scoreAt(found, ordinal));
  const {selection, only, range} = request;
  if (selection !== undefined && !matches(selection, {asset, state, score})) {
    const isAssetSelected = selection.some(({assets}) => assets.has(asset));
    return {rule: 'selection', state, isAssetSelected};
  }
  if (only !== undefined && only.get(asset)?.has(key) !== true) return {rule: 'named', state};
  if (ordinal !== undefined && isInRange(found, ordinal, range))
    throw new Error(`Internal error: ${asset}@${key} is asked for and not in the plan`);
  return {rule: 'range', state};
}
