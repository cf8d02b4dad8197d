/**
 * A plan of partitions that are listed one by one, with its counts and groups.
 * It does not decide which are listed (follow-plan.ts, carry.ts).
 */
import type {Frame} from './frame.ts';
import {calendarsIn} from './make-plan.ts';
import type {Plan, PlannedPartition} from './plan.ts';
import {groupPartitions} from './plan-group.ts';
import {ACTIONS, type Action, STATES, type State} from './state.ts';

type Head = Pick<Plan, 'pipeline' | 'target' | 'now' | 'manifest' | 'calendar' | 'ledger' | 'settled'>;

export function listedPlan(frame: Frame, partitions: readonly PlannedPartition[], head: Head): Plan {
  const actions = Object.fromEntries(ACTIONS.map(action => [action, 0])) as Record<Action, number>; // all of them
  const states = Object.fromEntries(STATES.map(state => [state, 0])) as Record<State, number>; // all of them
  const planned = new Map<string, number>();
  for (const {asset, action, state} of partitions) {
    states[state]++;
    if (action !== undefined) actions[action]++;
    if (action === 'run' || action === 'run-if') planned.set(asset, (planned.get(asset) ?? 0) + 1);
  }
  return {
    version: 1,
    ...head,
    actions,
    states,
    partitions,
    groups: groupPartitions(partitions, name => planned.get(name) ?? 0),
    calendars: calendarsIn(frame),
  };
}
