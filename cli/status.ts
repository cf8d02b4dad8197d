/**
 * Where every asset stands, by group and season, drawn from a plan that lists every partition.
 * It decides no state (planner/classify.ts) and prints nothing.
 */
import {type AssetFrame, expectedAt, type Frame, frameOf, heldAt} from '../planner/frame.ts';
import type {AssetName} from '../planner/pipeline.ts';
import type {Plan, PlannedPartition} from '../planner/plan.ts';
import {seasonOf} from '../planner/range.ts';
import {STATES, type State} from '../planner/state.ts';
import type {RunRecord} from '../runner/ledger-run.ts';
import {groupBy} from './group.ts';

export type StateCounts = Readonly<Record<State, number>>;

export interface AssetStatus {
  readonly name: string;
  readonly states: StateCounts;
  /** By season, in order; partitions of `all` under `all`. */
  readonly seasons: ReadonlyMap<string, StateCounts>;
  /** Games that its partitions hold of those they should; undefined where the asset declares no coverage. */
  readonly games: {readonly held: number; readonly expected: number} | undefined;
}

export interface Status {
  readonly plan: Plan;
  readonly groups: ReadonlyMap<string, readonly AssetStatus[]>;
  /** Every season that some asset has, in order; `all` last. */
  readonly seasons: readonly string[];
  readonly lastRun: RunRecord | undefined;
}

/** `plan` lists every partition of what was asked for, made from `frame`. */
export function statusOf(plan: Plan, frame: Frame, lastRun: RunRecord | undefined): Status {
  const byAsset = groupBy(plan.partitions, ({asset}) => asset);
  const assets = [...byAsset].map(([name, partitions]) => ({
    group: groupOf(frame, name),
    status: assetStatus(frameOf(frame, name), partitions),
  }));
  const groups = new Map(
    [...groupBy(assets, ({group}) => group)].map(([group, members]) => [
      group,
      members.map(({status}) => status),
    ]),
  );
  const seasons = new Set(assets.flatMap(({status}) => [...status.seasons.keys()]));
  const ordered = [...seasons].filter(season => season !== ALL).toSorted();
  return {plan, groups, seasons: seasons.has(ALL) ? [...ordered, ALL] : ordered, lastRun};
}

const ALL = 'all';

/** Assets without a group stand under the first part of their name. */
function groupOf(frame: Frame, name: AssetName): string {
  return frameOf(frame, name).asset.group ?? name.split('.')[0] ?? name;
}

function assetStatus(frame: AssetFrame, partitions: readonly PlannedPartition[]): AssetStatus {
  const seasonFor = ({key}: PlannedPartition) => {
    const ordinal = frame.ordinalOf.get(key);
    // An orphan has no place in the calendar any more.
    if (ordinal === undefined) return '';
    return seasonOf(frame, ordinal) || ALL;
  };
  const bySeason = groupBy(partitions, seasonFor);
  const seasons = [...bySeason].filter(([season]) => season !== '').toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    name: frame.asset.name,
    states: countStates(partitions),
    seasons: new Map(seasons.map(([season, members]) => [season, countStates(members)])),
    games: frame.asset.covers === undefined ? undefined : coverageOf(frame, partitions),
  };
}

function coverageOf(frame: AssetFrame, partitions: readonly PlannedPartition[]) {
  let held = 0;
  let expected = 0;
  for (const {key, state} of partitions) {
    const ordinal = frame.ordinalOf.get(key);
    // What is signed off is told by its own count, and left out of the share, as at_least leaves it out.
    if (ordinal === undefined || state === 'exempt' || state === 'not-due' || state === 'accepted') continue;
    held += heldAt(frame, ordinal);
    expected += expectedAt(frame, ordinal);
  }
  return {held, expected};
}

function countStates(partitions: readonly PlannedPartition[]): StateCounts {
  // every state is there by construction
  const counts = Object.fromEntries(STATES.map(state => [state, 0])) as Record<State, number>;
  for (const {state} of partitions) counts[state] += 1;
  return counts;
}

/** The same figures as data; additive changes only. */
export function statusJson({plan, groups, lastRun}: Status): object {
  return {
    version: 1,
    pipeline: plan.pipeline,
    target: plan.target,
    now: plan.now,
    states: plan.states,
    assets: [...groups].flatMap(([group, assets]) =>
      assets.map(({name, states, seasons, games}) => ({
        asset: name,
        group,
        states,
        ...(games === undefined ? {} : {games}),
        seasons: Object.fromEntries(seasons),
      })),
    ),
    lastRun: lastRun ?? null,
  };
}
