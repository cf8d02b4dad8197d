/**
 * Which partitions of an asset a request asks for.
 * It does not deal with what to do about them (decide.ts).
 */
import {type AssetFrame, type Frame, keyAt, stateAt} from './frame.ts';
import type {PartitionKey} from './pipeline.ts';
import type {PlannedPartition, PlanRequest} from './plan.ts';
import {isInRange, isOrphanInRange} from './range.ts';
import {assetsOf, matches} from './select.ts';
import type {State} from './state.ts';

/** Marks what is asked for; undefined: all of it. */
export function chooseOrdinals(asset: AssetFrame, request: PlanRequest): Uint8Array | undefined {
  const isWhole = isEverything(request);
  if (request.selection === undefined && request.only === undefined && isWhole) return undefined;
  const chosen = new Uint8Array(asset.keys.length);
  for (let ordinal = 0; ordinal < chosen.length; ordinal++) {
    const isMeant =
      (isWhole || isInRange(asset, ordinal, request.range)) &&
      isNamed(request, asset, keyAt(asset, ordinal)) &&
      isSelected(request, asset, {
        state: stateAt(asset, ordinal),
        score: () => asset.quality.scoreAt(asset, ordinal),
      });
    if (isMeant) chosen[ordinal] = 1;
  }
  return chosen;
}

/** Whether a request speaks of a partition, also of one that nothing declares; without a key, of any of an asset. */
export type Meant = (asset: string, key?: string) => boolean;

export function meantBy({assets}: Frame, request: PlanRequest): Meant {
  const isWhole = request.selection === undefined && isEverything(request);
  const named = request.selection === undefined ? undefined : assetsOf(request.selection);
  const byName = new Map([...assets.values()].map(frame => [frame.asset.name as string, frame]));
  const chosen = new Map([...byName].map(([name, frame]) => [name, chooseOrdinals(frame, request)]));
  return (name, key) => {
    const frame = byName.get(name);
    if (frame === undefined) return isWhole;
    if (key === undefined) return named?.has(frame.asset.name) ?? true;
    const ordinal = frame.ordinalOf.get(key);
    if (ordinal !== undefined) return chosen.get(name)?.[ordinal] !== 0;
    return (named?.has(frame.asset.name) ?? true) && isOrphanInRange(frame, key, request.range);
  };
}

function isEverything({range}: PlanRequest): boolean {
  return Object.values(range).every(value => value === undefined);
}

function isSelected(
  {selection}: PlanRequest,
  {asset}: AssetFrame,
  about: {readonly state: State; score(): number},
): boolean {
  return selection === undefined || matches(selection, {asset: asset.name, ...about});
}

function isNamed({only}: PlanRequest, {asset}: AssetFrame, key: PartitionKey): boolean {
  return only === undefined || only.get(asset.name)?.has(key) === true;
}

/** Recorded partitions of keys that nothing declares any more, of those asked for. */
export function orphansOf(asset: AssetFrame, request: PlanRequest): readonly PlannedPartition[] {
  if (!isSelected(request, asset, {state: 'orphan', score: () => Number.NaN})) return [];
  // Of a date that is none any more nobody knows when its games would have begun.
  const isProtected = asset.asset.protect !== 'never' && !request.allowProtected;
  const dropped = isProtected
    ? {action: 'skip' as const, reasons: [{kind: 'undeclared' as const}, {kind: 'protected' as const}]}
    : {action: 'drop' as const, reasons: [{kind: 'undeclared' as const}]};
  return asset.orphans
    .filter(({key}) => isOrphanInRange(asset, key, request.range) && isNamed(request, asset, key))
    .map(({key}) => ({
      asset: asset.asset.name,
      key,
      state: 'orphan' as const,
      ...(request.prune ? dropped : {action: undefined, reasons: [{kind: 'undeclared' as const}]}),
      notes: [],
    }));
}
