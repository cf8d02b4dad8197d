/**
 * A plan as JSON, version 1: additive changes only.
 * It does not print; what it returns goes through JSON.stringify.
 */

import type {ConePart} from '../planner/cone.ts';
import type {Plan} from '../planner/plan.ts';
import type {Reason} from '../planner/reason.ts';
import {ACTIONS, STATES} from '../planner/state.ts';
import {budgetJson} from './budget-text.ts';
import {estimateJson} from './estimate-text.ts';
import {jobsJson} from './jobs-text.ts';
import type {PlanAbout} from './plan-about.ts';

export function planJson(plan: Plan, {leftOut, estimate, jobs, follows, coming, budgets}: PlanAbout): object {
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
    ...(follows.length === 0 ? {} : {follows: follows.map(partJson)}),
    ...(budgets.length === 0 ? {} : {budgets: budgets.map(budgetJson)}),
    ...(coming === undefined ? {} : {nextRefresh: coming}),
  };
}

/** What becomes stale, and what only if that changes. */
export function partJson({asset, direct, further}: ConePart): object {
  return {asset, stale: direct.length, ifChanged: further.length};
}

/** `upstream` is one partition in every reason; where there are more, `count` says how many and `upstreams` names the first. */
export function reasonJson(reason: Reason): object {
  if (!('upstream' in reason) || typeof reason.upstream === 'string') return reason;
  const {upstream, ...rest} = reason;
  return {...rest, upstream: upstream[0], ...(upstream.length > 1 ? {upstreams: upstream} : {})};
}
