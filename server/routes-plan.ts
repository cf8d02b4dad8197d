/**
 * Plans that pages ask for: each is kept as it was shown, and that one is materialized or refused.
 * It makes no partition (work.ts).
 */
import {type OpenAPIHono, z} from '@hono/zod-openapi';
import {counted} from '../planner/amount.ts';
import {makePlan} from '../planner/make-plan.ts';
import type {PlanRequest} from '../planner/plan.ts';
import {planFileOf} from '../planner/plan-file.ts';
import {estimateSentence} from '../report/estimate-text.ts';
import {failuresAmong} from '../report/failures.ts';
import {jobsSentences} from '../report/jobs-text.ts';
import {leftOutSentence} from '../report/left-out-text.ts';
import {planAbout} from '../report/plan-about.ts';
import {planJson} from '../report/plan-json.ts';
import {findRun, readLastRun} from '../report/project-ledger.ts';
import type {Kept, Plans} from './kept-plans.ts';
import {commandOf, questionFor, requestOf} from './question.ts';
import type {View} from './reader.ts';
import {notesSaid, rangesSaid, reasonsSaid} from './said.ts';
import {action, page} from './schema/common.ts';
import {
  type PlanBody,
  planned as plannedSchema,
  plan as planSchema,
  type QuestionBody,
  question,
  start,
} from './schema/plan.ts';
import {ApiRefusal, acts, newRoutes, reads, type Served} from './serving.ts';
import {actionBytes} from './strip-bytes.ts';
import {packStrips} from './strip-format.ts';
import type {Work} from './work.ts';

const FIRST = 50;

const params = z.object({id: z.string().regex(/^[0-9a-f]{16}$/)});

export function planRoutes(
  served: Served,
  {plans, work}: {readonly plans: Plans; readonly work: Work},
): OpenAPIHono {
  const routes = newRoutes();
  acts(
    routes,
    {
      path: '/plans',
      summary: 'plans, and keeps what is shown',
      asks: question,
      body: planSchema,
      status: 201,
    },
    async asked => {
      const kept = makeKept(served, await served.reader.fresh(), asked);
      plans.keep(kept);
      return kept.body;
    },
  );
  reads(
    routes,
    served,
    {path: '/plans/{id}', summary: 'a plan as it was shown', params, body: planSchema},
    (_, asked) => plans.get(asked.params.id).body,
  );
  reads(
    routes,
    served,
    {
      path: '/plans/{id}/strips',
      summary: 'what it does with each partition: a byte each',
      params,
      body: 'application/octet-stream',
    },
    (_, asked) => plans.get(asked.params.id).strips,
  );
  reads(
    routes,
    served,
    {
      path: '/plans/{id}/json',
      summary: 'exactly what `gameplan plan --json` prints',
      params,
      body: 'application/json',
    },
    (_, asked) => plans.get(asked.params.id).json(),
  );
  reads(
    routes,
    served,
    {
      path: '/plans/{id}/partitions',
      summary: 'its partitions',
      params,
      query: page.extend({asset: z.string().optional(), action: action.optional()}),
      body: plannedSchema,
    },
    ({now}, {params: {id}, query}) => {
      const found = plans
        .get(id)
        .partitions.filter(
          each =>
            (query.asset === undefined || each.asset === query.asset) &&
            (query.action === undefined || each.action === query.action),
        );
      return {
        total: found.length,
        partitions: found.slice(query.offset, query.offset + query.limit).map(each => ({
          asset: each.asset,
          key: each.key,
          state: each.state,
          action: each.action ?? null,
          reasons: reasonsSaid(each.reasons, now),
        })),
      };
    },
  );
  acts(
    routes,
    {
      path: '/plans/{id}/materialize',
      summary: 'makes exactly what was shown; refused with the difference where that does not hold any more',
      params,
      asks: start,
      body: z.object({run: z.string()}),
      status: 202,
    },
    async (asked, {id}) => {
      const started = await work.startRun(plans.write(plans.get(id)), asked);
      if ('run' in started) return {run: started.run};
      throw new ApiRefusal(started.status, started.refusal.error, started.refusal.details);
    },
  );
  return routes;
}

function makeKept(served: Served, view: View, asked: QuestionBody): Kept {
  const {project, ledger, now} = view;
  const request = requestOf(asked, project.pipeline, asked.failed ? failedIn(served, view) : undefined);
  const planned = makePlan({...project, ledger, now, request});
  const {plan, frame} = planned;
  const file = planFileOf(plan, frame, questionFor(asked, request));
  const about = planAbout(planned, project, {now: served.clock});
  const body: PlanBody = {
    id: file.id.replace(/^.*:/, '').slice(0, 16),
    question: asked,
    sequence: ledger.sequence,
    now,
    isSettled: plan.settled,
    actions: {...plan.actions},
    states: {...plan.states},
    groups: plan.groups.map(({asset, label, state, action: does, keys, reasons, notes}) => ({
      asset,
      label,
      state,
      action: does ?? null,
      count: keys.length,
      ranges: rangesSaid(view, asset, keys),
      first: keys.slice(0, FIRST),
      reasons: reasonsSaid(reasons, now),
      notes: notesSaid(notes),
    })),
    leftOut: about.leftOut.map(leftOutSentence),
    estimate: estimateSentence(about.estimate, about.jobs !== undefined),
    jobs: about.jobs === undefined ? [] : [...jobsSentences(about.jobs)],
    follows: about.follows.map(
      ({asset, direct, further}) => `${asset}: ${counted(direct.length + further.length, 'partition')}`,
    ),
    command: commandOf(asked, frame.calendars.values()),
  };
  return {
    body,
    strips: packStrips({sequence: ledger.sequence, bytes: actionBytes(planned)}),
    partitions: plan.partitions,
    json: () => JSON.stringify(planJson(plan, about)),
    file,
  };
}

/** Of the last run. */
function failedIn({clock}: Served, {project}: View): NonNullable<PlanRequest['only']> {
  const last = readLastRun(project, clock);
  const run = last && findRun(project, last.id, clock);
  if (run === undefined) throw new ApiRefusal(409, 'Nothing has run yet, so nothing has failed.');
  return failuresAmong(run.attempts);
}
