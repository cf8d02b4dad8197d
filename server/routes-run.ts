/**
 * Runs: the list, what became of one, and its attempts.
 * It does not start or end any (routes-plan.ts, actions.ts).
 */
import {type OpenAPIHono, z} from '@hono/zod-openapi';
import {OUTCOMES} from '../planner/ledger.ts';
import {sentence} from '../planner/sentence.ts';
import {groupBy} from '../report/group.ts';
import {findRun, readAtWork} from '../report/project-ledger.ts';
import {causesOf, causeText} from '../report/run-causes.ts';
import {countOutcomes} from '../runner/event.ts';
import type {AttemptRecord, FoundRun} from '../runner/ledger-run.ts';
import type {View} from './reader.ts';
import {lineOf, linesOf} from './run-line.ts';
import {outcome, page} from './schema/common.ts';
import {
  type AttemptBody,
  attempts as attemptsSchema,
  type FailureBody,
  type RunBody,
  run as runSchema,
  runs,
  type TimelineBody,
  timeline,
} from './schema/run.ts';
import {ApiRefusal, newRoutes, reads, type Served} from './serving.ts';

const params = z.object({id: z.string().max(100)});

/** What is known of runs beside the ledger. */
export interface Pace {
  /** Partitions a second, and milliseconds that are left. */
  paceOf(run: string): {readonly rate: number; readonly etaMs: number | undefined} | undefined;
  /** What a process that this server started wrote before it ended badly. */
  crashOf(run: string): string | undefined;
}

export function runRoutes(served: Served, pace: Pace): OpenAPIHono {
  const routes = newRoutes();
  reads(
    routes,
    served,
    {path: '/runs', summary: 'runs, the newest first', query: page, body: runs},
    (view, {query}) => {
      const lines = linesOf(served, view, {offset: query.offset, limit: query.limit + 1});
      return {runs: lines.slice(0, query.limit), hasMore: lines.length > query.limit};
    },
  );
  reads(routes, served, {path: '/runs/{id}', summary: 'one run', params, body: runSchema}, (view, asked) => {
    // First: one that ends in between is then known to have ended, and is not taken for dead.
    const atWork = readAtWork(view.project, served.clock);
    return runBody(runIn(served, view, asked.params.id), {atWork, pace});
  });
  reads(
    routes,
    served,
    {
      path: '/runs/{id}/attempts',
      summary: 'what became of its partitions',
      params,
      query: page.extend({asset: z.string().optional(), outcome: outcome.optional()}),
      body: attemptsSchema,
    },
    (view, {params: {id}, query}) => {
      const found = runIn(served, view, id).attempts.filter(
        each =>
          (query.asset === undefined || each.asset === query.asset) &&
          (query.outcome === undefined || each.outcome === query.outcome),
      );
      const shown = found.slice(query.offset, query.offset + query.limit);
      return {total: found.length, attempts: shown.map(attemptBody)};
    },
  );
  reads(
    routes,
    served,
    {path: '/runs/{id}/timeline', summary: 'its attempts as columns', params, body: timeline},
    (view, asked) => timelineOf(runIn(served, view, asked.params.id).attempts),
  );
  return routes;
}

function runIn({clock}: Served, {project}: View, id: string): FoundRun {
  const found = findRun(project, id, clock);
  if (found === undefined)
    throw new ApiRefusal(404, `There is no run '${id}': the list of runs has the ids.`);
  return found;
}

function runBody(
  run: FoundRun,
  {atWork, pace}: {readonly atWork: ReadonlySet<string>; readonly pace: Pace},
): RunBody {
  const isAtWork = atWork.has(run.id);
  const {rate, etaMs} = (isAtWork ? pace.paceOf(run.id) : undefined) ?? {};
  return {
    ...lineOf(run, {isAtWork, attempts: run.attempts}),
    assets: [...groupBy(run.attempts, ({asset}) => asset)].map(([asset, own]) => ({
      asset,
      counts: {...countOutcomes(own.map(each => each.outcome))},
      durationMs: own.reduce((sum, each) => sum + each.durationMs, 0),
      bytesBilled: own.some(({billed}) => billed !== undefined)
        ? own.reduce((sum, {billed}) => sum + (billed?.bytesBilled ?? 0), 0)
        : null,
    })),
    failures: failuresOf(run.attempts),
    rate: rate ?? null,
    etaMs: etaMs ?? null,
    asked: run.asked.map(({at, times, by}) => ({at, times, by: by ?? null})),
    crash: pace.crashOf(run.id) ?? null,
  };
}

const FIRST = 20;
function failuresOf(attempts: readonly AttemptRecord[]): FailureBody[] {
  return causesOf(attempts)
    .map(({first, attempts: own}) => ({
      cause: causeText(first, first.endedAt),
      outcome: first.outcome,
      count: own.length,
      assets: [...new Set(own.map(({asset}) => asset))],
      first: own.slice(0, FIRST).map(({asset, key}) => `${asset}@${key}`),
    }))
    .toSorted((a, b) => OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome) || b.count - a.count);
}

export function attemptBody({rows, error, reasons, ...each}: AttemptRecord): AttemptBody {
  const {asset, key, outcome: came, startedAt, endedAt, durationMs, retries} = each;
  return {
    asset,
    key,
    outcome: came,
    startedAt,
    endedAt,
    durationMs,
    retries,
    rows: rows ?? null,
    error: error ?? null,
    reasons: reasons.map(reason => sentence(reason, endedAt)),
  };
}

function timelineOf(attempts: readonly AttemptRecord[]): TimelineBody {
  const assets = [...new Set(attempts.map(({asset}) => asset))];
  const place = new Map(assets.map((asset, index) => [asset, index]));
  return {
    assets,
    outcomes: [...OUTCOMES],
    asset: attempts.map(({asset}) => place.get(asset) ?? 0),
    outcome: attempts.map(each => OUTCOMES.indexOf(each.outcome)),
    startedAt: attempts.map(({startedAt}) => startedAt),
    endedAt: attempts.map(({endedAt}) => endedAt),
  };
}
