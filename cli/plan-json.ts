/**
 * A plan as JSON, version 1: additive changes only.
 * It does not print; what it returns goes through JSON.stringify.
 */
import type {Plan} from '../planner/plan.ts';
import type {Reason} from '../planner/reason.ts';
import {ACTIONS, STATES} from '../planner/state.ts';
import {estimateJson} from './print-estimate.ts';
import {jobsJson} from './print-jobs.ts';
import type {PlanView} from './print-plan.ts';

export function planJson(
  plan: Plan,
  {leftOut, estimate, jobs}: Pick<PlanView, 'leftOut' | 'estimate' | 'jobs'>,
): object {
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
