/**
 * Where every asset stands, by group and season, drawn from the states of a plan's frame.
 * It decides no state (planner/classify.ts) and prints nothing.
 */

import {chooseOrdinals, orphansOf} from '../planner/asked.ts';
import type {Billed} from '../planner/billed.ts';
import {type AssetFrame, expectedAt, heldAt, stateAt} from '../planner/frame.ts';
import {type Plan, type Planned, type PlanRequest, WHOLE_REQUEST} from '../planner/plan.ts';
import {seasonOf} from '../planner/range.ts';
import {STATES, type State} from '../planner/state.ts';
import {type Tier, tierOf} from '../planner/tier.ts';
import type {RunRecord} from '../runner/ledger-run.ts';
import {billedJson, type Price} from './billed-text.ts';
import {groupBy} from './group.ts';

export type StateCounts = Readonly<Record<State, number>>;

export interface AssetStatus {
  readonly name: string;
  readonly states: StateCounts;
  /** By season, in order; partitions of `all` under `all`. */
  readonly seasons: ReadonlyMap<string, StateCounts>;
  /** Games that its partitions hold of those they should; undefined where the asset declares no coverage. */
  readonly games: {readonly held: number; readonly expected: number} | undefined;
  /** How many published partitions are of each tier. */
  readonly quality: Readonly<Record<Tier, number>>;
  /** Over all that was ever tried of it, whatever is asked for; undefined where nothing was billed. */
  readonly billed?: Billed | undefined;
}

/** Published under a name that the manifest does not have (any more). */
export interface Undeclared {
  readonly asset: string;
  readonly partitions: number;
}

/** What the ledger knows beside the states. */
export interface Recorded {
  readonly lastRun: RunRecord | undefined;
  readonly billed: ReadonlyMap<string, Billed>;
  readonly undeclared: readonly Undeclared[];
}

export interface Status {
  readonly plan: Plan;
  readonly groups: ReadonlyMap<string, readonly AssetStatus[]>;
  /** Every season that some asset has, in order; `all` last. */
  readonly seasons: readonly string[];
  readonly lastRun: RunRecord | undefined;
  readonly undeclared: readonly Undeclared[];
}

/** Nothing recorded beside the states is to be told. */
export const STATES_ALONE: Recorded = {lastRun: undefined, billed: new Map(), undeclared: []};

/** Of what the plan's request asks for; what is undeclared is told whatever is asked for. */
export function statusOf({plan, frame, request}: Planned, {lastRun, billed, undeclared}: Recorded): Status {
  const assets = [...frame.assets.values()].flatMap(asset => {
    const status = assetStatus(asset, request ?? WHOLE_REQUEST);
    return status === undefined
      ? []
      : [{group: groupOf(asset), status: {...status, billed: billed.get(asset.asset.name)}}];
  });
  const groups = new Map(
    [...groupBy(assets, ({group}) => group)].map(([group, members]) => [
      group,
      members.map(({status}) => status),
    ]),
  );
  const seasons = new Set(assets.flatMap(({status}) => [...status.seasons.keys()]));
  const ordered = [...seasons].filter(season => season !== ALL).toSorted();
  return {plan, groups, seasons: seasons.has(ALL) ? [...ordered, ALL] : ordered, lastRun, undeclared};
}

const ALL = 'all';

/** Assets without a group stand under the first part of their name. */
export function groupOf({asset: {name, group}}: AssetFrame): string {
  return group ?? name.split('.')[0] ?? name;
}

/** Undefined where nothing of the asset is asked for. */
function assetStatus(asset: AssetFrame, request: PlanRequest): AssetStatus | undefined {
  const chosen = chooseOrdinals(asset, request);
  const bySeason = new Map<string, Record<State, number>>();
  const states = noStates();
  const games = {held: 0, expected: 0};
  const quality = noTiers();
  const {score} = asset.quality.scoresOf(asset);
  for (let ordinal = 0; ordinal < asset.keys.length; ordinal++) {
    if (chosen !== undefined && chosen[ordinal] === 0) continue;
    const state = stateAt(asset, ordinal);
    const season = seasonOf(asset, ordinal) || ALL;
    let own = bySeason.get(season);
    if (own === undefined) {
      own = noStates();
      bySeason.set(season, own);
    }
    own[state]++;
    states[state]++;
    const scored = score[ordinal] ?? Number.NaN;
    if (!Number.isNaN(scored)) quality[tierOf(scored)]++;
    // What is signed off is told by its own count, and left out of the share, as at_least leaves it out.
    if (state === 'exempt' || state === 'not-due' || state === 'accepted') continue;
    games.held += heldAt(asset, ordinal);
    games.expected += expectedAt(asset, ordinal);
  }
  // An orphan has no place in the calendar any more.
  states.orphan += orphansOf(asset, request).length;
  if (Object.values(states).every(count => count === 0)) return undefined;
  return {
    name: asset.asset.name,
    states,
    seasons: new Map([...bySeason].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    games: asset.asset.covers === undefined ? undefined : games,
    quality,
  };
}

function noTiers(): Record<Tier, number> {
  return {gold: 0, silver: 0, bronze: 0, poor: 0, unusable: 0};
}

export function noStates(): Record<State, number> {
  // every state is there by construction
  return Object.fromEntries(STATES.map(state => [state, 0])) as Record<State, number>;
}

/** The same figures as data; additive changes only. */
export function statusJson({plan, groups, lastRun, undeclared}: Status, price?: Price): object {
  return {
    version: 1,
    pipeline: plan.pipeline,
    target: plan.target,
    now: plan.now,
    states: plan.states,
    assets: [...groups].flatMap(([group, assets]) =>
      assets.map(({name, states, seasons, games, quality, billed}) => ({
        asset: name,
        group,
        states,
        ...(games === undefined ? {} : {games}),
        quality,
        ...(billed === undefined ? {} : {billed: billedJson(billed, price)}),
        seasons: Object.fromEntries(seasons),
      })),
    ),
    lastRun: lastRun ?? null,
    undeclared,
  };
}
