/**
 * What is told of a plan beside the plan itself: what it leaves out, what it takes, and what it makes stale.
 * It does not deal with words (left-out-text.ts, estimate-text.ts, jobs-text.ts) nor with JSON (plan-json.ts).
 */
import {type ConePart, coneOfForced} from '../planner/cone.ts';
import {engineOf} from '../planner/engine.ts';
import {type Estimate, estimatePlan} from '../planner/estimate.ts';
import {jobsOf} from '../planner/jobs.ts';
import {findLeftOut, type LeftOut} from '../planner/left-out.ts';
import {type ComingRefresh, comingRefresh} from '../planner/next-refresh.ts';
import {type SiteUse, siteUses} from '../planner/over-budget.ts';
import type {Planned} from '../planner/plan.ts';
import {priceOf} from './billed-text.ts';
import type {JobsView} from './jobs-text.ts';
import {type Project, readBilled} from './project-ledger.ts';

export interface PlanAbout {
  readonly leftOut: readonly LeftOut[];
  readonly estimate: Estimate;
  /** Undefined on an engine that is sent no jobs. */
  readonly jobs: JobsView | undefined;
  /** Of partitions that are made whatever their state. */
  readonly follows: readonly ConePart[];
  /** Of sources that move within the day. */
  readonly coming: ComingRefresh | undefined;
  readonly budgets: readonly SiteUse[];
}

export function planAbout(
  planned: Planned,
  project: Project,
  {now, queries}: {readonly now: () => number; readonly queries?: JobsView['queries']},
): PlanAbout {
  return {
    leftOut: findLeftOut(planned),
    estimate: estimatePlan(planned),
    jobs: jobsIn(planned, project, {now, queries}),
    follows: coneOfForced(planned),
    coming: comingRefresh(planned.frame),
    budgets: siteUses(planned.frame, planned.plan),
  };
}

function jobsIn(
  planned: Planned,
  project: Project,
  {now, queries}: {readonly now: () => number; readonly queries: JobsView['queries']},
): JobsView | undefined {
  const {pipeline} = project;
  if (engineOf(pipeline.target.warehouse).jobs === undefined) return undefined;
  const jobs = jobsOf(planned, readBilled(project, now));
  return jobs && {jobs, queries, price: priceOf(pipeline)};
}
