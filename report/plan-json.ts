/**
 * A plan as JSON, version 1: additive changes only.
 * It does not print; what it returns goes through JSON.stringify.
 */

import type {Estimate} from '../planner/estimate.ts';
import type {LeftOut} from '../planner/left-out.ts';
import type {Plan} from '../planner/plan.ts';
import type {Reason} from '../planner/reason.ts';
import {ACTIONS, STATES} from '../planner/state.ts';
import {estimateJson} from './estimate-text.ts';
import {type JobsView, jobsJson} from './jobs-text.ts';

/** What stands beside the plan itself. */
interface PlanAbout {
  readonly leftOut: readonly LeftOut[];
  readonly estimate: Estimate;
  /** Undefined on an engine that is sent no jobs. */
  readonly jobs: JobsView | undefined;
}

export function planJson(plan: Plan, {leftOut, estimate, jobs}: PlanAbout): object {
  return {
    version: plan.version,
    pipeline: plan.pipeline,
    target: plan.target,
    now: plan.now,
    manifest: plan.manifest,
    calendar: plan.calendar,
    ledger: plan.ledger,
    settled: plan.settled,
    actions: Object.fromEntries(ACTIONS.map(action => [action, plan.actions[action]])),
    states: Object.fromEntries(STATES.map(state => [state, plan.states[state]])),
    partitions: plan.partitions.map(({asset, key, state, action, reasons, notes}) => ({
      asset,
      key,
      state,
      ...(action === undefined ? {} : {action}),
      reasons: reasons.map(reasonJson),
      ...(notes.length === 0 ? {} : {notes}),
    })),
    ...(leftOut.length === 0 ? {} : {leftOut}),
    ...(estimate.known === 0 ? {} : {estimate: estimateJson(estimate, jobs !== undefined)}),
    ...(jobs === undefined ? {} : {jobs: jobsJson(jobs)}),
  };
}

/** `upstream` is one partition in every reason; where there are more, `count` says how many and `upstreams` names the first. */
export function reasonJson(reason: Reason): object {
  if (!('upstream' in reason) || typeof reason.upstream === 'string') return reason;
  const {upstream, ...rest} = reason;
  return {...rest, upstream: upstream[0], ...(upstream.length > 1 ? {upstreams: upstream} : {})};
}
