/**
 * A written plan as a run follows it: compared with what is now whenever the run would plan.
 * It does not deal with files nor with what is said of a refusal.
 */
import type {ClassifyInput} from '../planner/classify.ts';
import {followPlan} from '../planner/follow-plan.ts';
import type {Planned} from '../planner/plan.ts';
import {type Done, type PlanChange, planChanges} from '../planner/plan-changes.ts';
import type {PlanFile} from '../planner/plan-file.ts';

/** The plan does not hold any more; nothing was made by it. */
export class PlanRefused extends Error {
  readonly changes: readonly PlanChange[];

  constructor(changes: readonly PlanChange[]) {
    super('What the plan lists, or what that reads, has changed since.');
    this.name = 'PlanRefused';
    this.changes = changes;
  }
}

export interface FixedPlan {
  readonly kind: 'fixed';
  readonly file: PlanFile;
}

/** What is left of the plan. Throws a `PlanRefused` where it does not hold. */
export function planFixed({file}: FixedPlan, input: ClassifyInput, done: Done): Planned {
  const changes = planChanges(file, input, done);
  if (changes.length > 0) throw new PlanRefused(changes);
  return followPlan(file, input, done);
}
