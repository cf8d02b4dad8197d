/**
 * Which groups of a plan are shown, and what they come to.
 * Pure. It does not deal with how a group is drawn.
 */

import {counted} from '../../planner/amount.ts';
import {ACTIONS, type Action} from '../../planner/state.ts';
import type {PlanBody, PlanGroupBody} from '../../server/schema/plan.ts';

/** What each action means for a partition. */
export const ACTION_MEANS: Readonly<Record<Action, string>> = {
  run: 'Will be made.',
  'run-if': 'Will be made where what it reads comes out changed.',
  wait: 'Cannot be made until something else is there.',
  skip: 'Held back: parked, protected, or being made by another run.',
  drop: 'Published, and no longer declared: will be dropped.',
};

/** As the address says it; null: every one. */
export function actionIn(text: string): Action | null {
  return ACTIONS.find(action => action === text) ?? null;
}

export interface GroupFilter {
  readonly action: Action | null;
  readonly asset: string | null;
  /** Matches assets, ranges and sentences. */
  readonly text: string;
}

export function filterGroups(
  groups: readonly PlanGroupBody[],
  {action, asset, text}: GroupFilter,
): readonly PlanGroupBody[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return groups.filter(group => {
    if (action !== null && group.action !== action) return false;
    if (asset !== null && group.asset !== asset) return false;
    const said = [
      group.asset,
      group.label,
      group.ranges,
      ...[...group.reasons, ...group.notes].map(({text: own}) => own),
    ]
      .join(' ')
      .toLowerCase();
    return words.every(word => said.includes(word));
  });
}

/** What a run of a plan does, or may do; what waits or is held back it leaves. */
export const DONE = ['run', 'run-if', 'drop'] as const satisfies readonly Action[];

/** How many partitions a run of this plan makes, or may make. */
export function madeBy({actions}: PlanBody): number {
  return DONE.reduce((sum, action) => sum + actions[action], 0);
}

/** Why there is nothing to materialize; undefined where there is something. */
export function whyNothing(plan: PlanBody): string | undefined {
  if (madeBy(plan) > 0) return undefined;
  const {wait, skip} = plan.actions;
  if (wait + skip === 0) return 'Nothing is to be done: all that is selected is up to date.';
  const held = [
    ...(wait > 0
      ? [`${counted(wait, 'partition')} ${wait === 1 ? 'waits' : 'wait'} for what is not there`]
      : []),
    ...(skip > 0 ? [`${counted(skip, 'partition')} ${skip === 1 ? 'is' : 'are'} held back`] : []),
  ];
  return `Nothing can be made now: ${held.join(', and ')}.`;
}

/** By asset, in the plan's order, how many partitions have each action. */
export function actionsByAsset(
  groups: readonly PlanGroupBody[],
): ReadonlyMap<string, Readonly<Record<Action, number>>> {
  const assets = new Map<string, Record<Action, number>>();
  for (const {asset, action, count} of groups) {
    if (action === null) continue;
    const own = assets.get(asset) ?? {run: 0, 'run-if': 0, wait: 0, skip: 0, drop: 0};
    own[action] += count;
    assets.set(asset, own);
  }
  return assets;
}
