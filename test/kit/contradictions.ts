/** Holds a whole plan against the oracle: every state, action, reason, note and count, and the order of the list. */
import {type PlannedPartition, type PlanRequest, WHOLE_REQUEST} from '../../planner/plan.ts';
import {ref} from './oracle.ts';
import {oraclePlan} from './oracle-plan.ts';
import type {Played} from './play.ts';

/** Every partition of which the plan says another thing than the oracle, in words; empty where they agree. */
export function contradictions(
  {toy, oracle}: Pick<Played, 'toy' | 'oracle'>,
  asked: Partial<PlanRequest> = {},
): readonly string[] {
  const request = {...WHOLE_REQUEST, ...asked};
  const {partitions, states} = toy.plan({...request, all: true});
  const order = [...new Set([...partitions.map(({asset}) => asset), ...toy.pipeline.assets.keys()])];
  const lines = oraclePlan(oracle, request, order);
  const planned = new Map<string, string>(partitions.map(part => [ref(part.asset, part.key), told(part)]));
  const expected = new Map<string, string>(lines.map(line => [line.ref, told(line)]));
  const wrong = [...new Set([...planned.keys(), ...expected.keys()])]
    .filter(own => planned.get(own) !== expected.get(own))
    .map(own => `${own} is planned as ${planned.get(own)}, and the oracle says ${expected.get(own)}`);
  const refs = partitions.map(part => ref(part.asset, part.key)).join();
  if (wrong.length === 0 && refs !== lines.map(line => line.ref).join()) wrong.push(`The order is ${refs}`);
  for (const [state, count] of Object.entries(states)) {
    const found = lines.filter(line => line.state === state).length;
    if (found !== count) wrong.push(`${count} are counted as ${state}, and ${found} are`);
  }
  return wrong;
}

function told({
  state,
  action,
  reasons,
  notes,
}: Pick<PlannedPartition, 'state' | 'action' | 'reasons' | 'notes'>) {
  return `${state} ${action ?? 'nothing'} ${sorted(reasons)} ${sorted(notes)}`;
}

/** Whatever the order of the keys. */
function sorted(value: readonly object[]): string {
  return JSON.stringify(value.map(part => Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))));
}
