/**
 * What has to happen until a partition is up to date: which others come first, in order, and what each waits for.
 * It decides nothing: actions and reasons are the plan's.
 */
import {type AssetFrame, type EdgeFrame, frameOf} from './frame.ts';
import type {AssetName, Making, PartitionKey} from './pipeline.ts';
import type {Planned, PlannedPartition} from './plan.ts';
import {type NotDueReason, type PartitionRef, type Reason, type SkipReason, splitRef} from './reason.ts';
import {unreachable} from './unreachable.ts';
import {ordinalsRead} from './window.ts';

/** What lets a partition be made. */
export type StepBy =
  /** `onlyIf`: it may come out that it is not needed. `isOnDemand`: because better sources have what is wanted. */
  | {readonly kind: 'next-run'; readonly onlyIf: boolean; readonly isOnDemand: boolean}
  /** Nothing but the steps before it. */
  | {readonly kind: 'steps-before'}
  | {readonly kind: 'due'; readonly because: NotDueReason}
  | {readonly kind: 'skip'; readonly because: SkipReason}
  /** By itself nothing makes it again. */
  | {readonly kind: 'force'}
  /** A table that lacks games: its inputs must hold more. */
  | {readonly kind: 'more-input'}
  /** A fetch that lacks games is asked for again on the clock. */
  | {readonly kind: 'clock'}
  | {readonly kind: 'prune'};

/** Partitions of one asset that the same lets be made. */
export interface Step {
  readonly asset: AssetName;
  readonly keys: readonly PartitionKey[];
  readonly verb: 'fetched' | 'made' | 'exported' | 'observed' | 'dropped';
  readonly by: StepBy;
  /** Whether what waits for it can do without it once it is signed off. */
  readonly canBeSignedOff: boolean;
}

/** In the order in which they happen; the partition itself is the last. Empty: there is nothing to do about it. */
export function remedyOf(
  {plan, frame}: Pick<Planned, 'plan' | 'frame'>,
  target: PlannedPartition,
): readonly Step[] {
  const entries = new Map<PartitionRef, PlannedPartition>();
  for (const each of plan.partitions) entries.set(`${each.asset}@${each.key}`, each);
  if (!isOpen(target)) return [];
  const found = new Map<AssetName, Set<PlannedPartition>>([[target.asset, new Set([target])]]);
  const open: PlannedPartition[] = [target];
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    for (const needed of needsOf(frameOf(frame, entry.asset), entry, entries)) {
      const own = found.get(needed.asset) ?? new Set();
      found.set(needed.asset, own);
      if (own.has(needed)) continue;
      own.add(needed);
      open.push(needed);
    }
  }
  return [...frame.assets.values()].flatMap(asset =>
    stepsOf(asset, [...(found.get(asset.asset.name) ?? [])], target),
  );
}

/** Whether anything is to happen about a partition. */
function isOpen({state, action}: PlannedPartition): boolean {
  if (action !== undefined) return true;
  return (
    state === 'stale' ||
    state === 'partial' ||
    state === 'missing' ||
    state === 'not-due' ||
    state === 'orphan'
  );
}

/** What must be there, or is made in the same run, before a partition can be made. */
function* needsOf(
  asset: AssetFrame,
  entry: PlannedPartition,
  entries: ReadonlyMap<PartitionRef, PlannedPartition>,
): Generator<PlannedPartition> {
  const ordinal = asset.ordinalOf.get(entry.key);
  if (ordinal === undefined) return;
  const waitedFor = new Set(entry.reasons.flatMap(reason => ('upstream' in reason ? [assetIn(reason)] : [])));
  for (const edge of asset.edges) {
    const {name} = edge.upstream.asset;
    for (const i of ordinalsRead(edge.reads, ordinal)) {
      const upstream = entries.get(`${name}@${edge.upstream.keys[i] ?? ''}`);
      if (upstream !== undefined && isNeeded(edge, upstream, waitedFor.has(name))) yield upstream;
    }
  }
}

function isNeeded({edge}: EdgeFrame, {state, action}: PlannedPartition, isWaitedFor: boolean): boolean {
  if (action === 'run' || action === 'run-if') return true;
  if (!edge.required || (edge.atLeast !== undefined && !isWaitedFor)) return false;
  return state === 'missing' || state === 'not-due' || state === 'partial';
}

function assetIn(reason: Extract<Reason, {upstream: unknown}>): string {
  const ref = typeof reason.upstream === 'string' ? reason.upstream : (reason.upstream[0] ?? '');
  return splitRef(ref).asset;
}

function stepsOf(
  {asset}: AssetFrame,
  entries: readonly PlannedPartition[],
  target: PlannedPartition,
): readonly Step[] {
  const ordered = entries.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const groups = Map.groupBy(
    ordered,
    entry => `${entry === target} ${JSON.stringify(byOf(asset.making.kind, entry))}`,
  );
  // Another key of the same asset, such as its previous one, comes before.
  const steps = [...groups.values()].toSorted((a, b) => Number(a[0] === target) - Number(b[0] === target));
  return steps.flatMap(members => {
    const [first] = members;
    if (first === undefined) return [];
    const by = byOf(asset.making.kind, first);
    return [
      {
        asset: asset.name,
        keys: members.map(({key}) => key),
        verb:
          by.kind === 'prune' || first.action === 'drop' ? ('dropped' as const) : VERBS[asset.making.kind],
        by,
        canBeSignedOff:
          first !== target && (by.kind === 'skip' || by.kind === 'more-input' || by.kind === 'clock'),
      },
    ];
  });
}

const VERBS = {
  files: 'fetched',
  rows: 'made',
  sources: 'made',
  sql: 'made',
  export: 'exported',
  'external-table': 'observed',
  'external-objects': 'observed',
} as const satisfies Record<Making['kind'], Step['verb']>;

function byOf(kind: Making['kind'], {state, action, reasons}: PlannedPartition): StepBy {
  switch (action) {
    case 'run':
    case 'drop':
      return {kind: 'next-run', onlyIf: false, isOnDemand: false};
    case 'run-if':
      return {
        kind: 'next-run',
        onlyIf: true,
        isOnDemand: reasons.some(({kind: why}) => why === 'if-source-fails'),
      };
    case 'wait':
      return {kind: 'steps-before'};
    case 'skip': {
      const because = reasons.find(
        reason => reason.kind === 'parked' || reason.kind === 'protected' || reason.kind === 'leased',
      );
      if (because === undefined) throw new Error('Internal error: a skip without its reason');
      return {kind: 'skip', because};
    }
    case undefined:
      break;
    default:
      return unreachable(action);
  }
  if (state === 'orphan') return {kind: 'prune'};
  if (state === 'partial') return kind === 'files' ? {kind: 'clock'} : {kind: 'more-input'};
  const because = reasons.find(isNotDue);
  if (because !== undefined)
    return because.kind === 'upstream-not-due' ? {kind: 'steps-before'} : {kind: 'due', because};
  return {kind: 'force'};
}

function isNotDue(reason: Reason): reason is NotDueReason {
  const {kind} = reason;
  return (
    kind === 'games-not-final' ||
    kind === 'not-yet' ||
    kind === 'no-known-games' ||
    kind === 'upstream-not-due'
  );
}
