/**
 * Partitions of a plan that are told in one breath: of one asset, with the same to be done for the same reason.
 * It does not deal with how a plan in columns finds them fast (tell.ts), nor with layout.
 */
import {likeness, mergeAlike, mergeNotes, noteLikeness} from './alike.ts';
import type {AssetName, PartitionKey} from './pipeline.ts';
import type {PlannedPartition} from './plan.ts';
import type {Note, Reason} from './reason.ts';
import type {Action, State} from './state.ts';
import {unreachable} from './unreachable.ts';

/** What is said of a partition in a word or two. */
export type Label =
  | State
  | 'if changed'
  | 'on demand'
  | 'wait'
  | 'skip'
  | 'drop'
  | 'refresh'
  | 'force'
  | 'retry';

export interface PlanGroup {
  readonly asset: AssetName;
  readonly label: Label;
  /** Of the first; others may be in another where the label says as much as is told. */
  readonly state: State;
  readonly action: Action | undefined;
  /** In the plan's order. */
  readonly keys: readonly PartitionKey[];
  /** Merged over all. */
  readonly reasons: readonly Reason[];
  readonly notes: readonly Note[];
}

/** How many partitions of an asset a plan makes, or may make. */
export type CountPlanned = (asset: string) => number;

/** Asset by asset, each group where its first partition stands. */
export function groupPartitions(
  partitions: readonly PlannedPartition[],
  planned: CountPlanned,
): readonly PlanGroup[] {
  const byAsset = Map.groupBy(partitions, ({asset}) => asset);
  return [...byAsset.values()].flatMap(own =>
    [...Map.groupBy(own, groupName).values()].map(members => groupOf(members, planned)),
  );
}

/** Partitions of one asset with the same name of their group are told together. */
function groupName(partition: PlannedPartition): string {
  const alike = [...toldReasons(partition).map(likeness), ...partition.notes.map(noteLikeness)];
  return `${labelOf(partition)} ${partition.action ?? 'none'} ${alike.join('|')}`;
}

function groupOf(members: readonly PlannedPartition[], planned: CountPlanned): PlanGroup {
  const [first] = members;
  if (first === undefined) throw new Error('Internal error: an empty group');
  return {
    asset: first.asset,
    label: labelOf(first),
    state: first.state,
    action: first.action,
    keys: members.map(({key}) => key),
    reasons: toldReasons(first).map((_, index) =>
      mergeAlike(
        members.flatMap(member => toldReasons(member)[index] ?? []),
        planned,
      ),
    ),
    notes: first.notes.map((_, index) => mergeNotes(members.flatMap(member => member.notes[index] ?? []))),
  };
}

/** That a waiting partition was never made goes without saying: what it waits for is the news. */
function toldReasons({action, reasons}: PlannedPartition): readonly Reason[] {
  if (action !== 'wait' && action !== 'skip' && action !== 'run-if') return reasons;
  const rest = reasons.filter(({kind}) => kind !== 'never-materialized');
  return rest.length === 0 ? reasons : rest;
}

function labelOf({state, action, reasons}: Pick<PlannedPartition, 'state' | 'action' | 'reasons'>): Label {
  switch (action) {
    case undefined:
      return state;
    case 'run':
      return state === 'fresh' ? againLabel(reasons) : state;
    case 'run-if':
      return reasons.some(({kind}) => kind === 'if-source-fails') ? 'on demand' : 'if changed';
    case 'wait':
    case 'skip':
    case 'drop':
      return action;
    default:
      return unreachable(action);
  }
}

/** Why something that is up to date is made all the same. */
function againLabel(reasons: readonly Reason[]): Label {
  if (reasons.some(({kind}) => kind === 'forced')) return 'force';
  return reasons.some(({kind}) => kind === 'refresh' || kind === 'better-source') ? 'refresh' : 'retry';
}
