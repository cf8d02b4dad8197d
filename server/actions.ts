/**
 * What the page may do, and what only the warehouse can tell it: cancel, accept, reopen, forget, heal, rows.
 * Each is done by the command of that name in a process of its own (work.ts), which records who asked and why.
 * It does not deal with plans and what is made of them.
 */
import {createRoute, type OpenAPIHono, z} from '@hono/zod-openapi';
import {formatDiagnostics} from '../planner/diagnostic.ts';
import type {Asset, Pipeline} from '../planner/pipeline.ts';
import {parseAssetRange} from '../planner/range-text.ts';
import {didYouMean} from '../planner/suggest.ts';
import {bodyOf, jsonOf, newRoutes, REFUSALS} from './routes.ts';
import {sample} from './schema/asset.ts';
import type {RefusalBody} from './schema/common.ts';
import {acceptance, correction, done, healing, request} from './schema/gap.ts';
import {held} from './schema/partition.ts';
import {cancelling} from './schema/run.ts';
import type {Work} from './work.ts';

export interface ActionsOptions {
  readonly work: Work;
  /** As it is shown now. */
  readonly pipeline: () => Pipeline;
}

/** To be mounted below /api/v1. */
export function actionRoutes(options: ActionsOptions): OpenAPIHono {
  const routes = newRoutes();
  addCancel(routes, options);
  addCorrections(routes, options);
  addHeal(routes, options);
  addSample(routes, options);
  addHeld(routes, options);
  return routes;
}

function addCancel(routes: OpenAPIHono, {work}: ActionsOptions): void {
  const route = createRoute({
    method: 'post',
    path: '/runs/{id}/cancel',
    summary: 'Asks a run to end; asked again, what is at work is cancelled',
    request: {
      params: z.object({id: z.string().regex(/^[\w-]{1,64}$/, 'not the id of a run')}),
      body: bodyOf(request),
    },
    responses: {200: jsonOf(cancelling, 'How often it has been asked now'), ...REFUSALS},
  });
  routes.openapi(route, async context => {
    const answer = await work.cancel(context.req.valid('param').id, context.req.valid('json').by);
    if ('refusal' in answer) return context.json(answer.refusal, answer.status);
    return context.json(cancelling.parse(JSON.parse(answer.text)), 200);
  });
}

/** The three that are about partitions of one asset. */
function addCorrections(routes: OpenAPIHono, {work, pipeline}: ActionsOptions): void {
  const responses = {200: jsonOf(done, 'What was done, as the command says it'), ...REFUSALS};
  const accepting = createRoute({
    method: 'post',
    path: '/gaps/accept',
    summary: 'Signs gaps off with a reason',
    request: {body: bodyOf(acceptance)},
    responses,
  });
  routes.openapi(accepting, async context => {
    const body = context.req.valid('json');
    const mistake = mistakeIn(body.partitions, pipeline());
    if (mistake !== undefined) return context.json(mistake, 404);
    const answer = await work.acceptGaps(body);
    return 'refusal' in answer ? context.json(answer.refusal, answer.status) : context.json(answer, 200);
  });
  const correcting = [
    ['/gaps/reopen', 'Takes back that gaps were signed off', work.reopenGaps.bind(work)],
    ['/forget', 'Counts published partitions as missing', work.forget.bind(work)],
  ] as const;
  for (const [path, summary, correct] of correcting) {
    const route = createRoute({
      method: 'post',
      path,
      summary,
      request: {body: bodyOf(correction)},
      responses,
    });
    routes.openapi(route, async context => {
      const body = context.req.valid('json');
      const mistake = mistakeIn(body.partitions, pipeline());
      if (mistake !== undefined) return context.json(mistake, 404);
      const answer = await correct(body);
      return 'refusal' in answer ? context.json(answer.refusal, answer.status) : context.json(answer, 200);
    });
  }
}

function addHeal(routes: OpenAPIHono, {work}: ActionsOptions): void {
  const route = createRoute({
    method: 'post',
    path: '/heal',
    summary: "One pass that fills recent gaps as the manifest's healing allows",
    request: {body: bodyOf(request)},
    responses: {
      202: jsonOf(healing, 'The run that has begun, or that there was nothing to heal'),
      ...REFUSALS,
    },
  });
  routes.openapi(route, async context => {
    const answer = await work.heal(context.req.valid('json').by);
    return 'refusal' in answer ? context.json(answer.refusal, answer.status) : context.json(answer, 202);
  });
}

function addSample(routes: OpenAPIHono, {work, pipeline}: ActionsOptions): void {
  const route = createRoute({
    method: 'get',
    path: '/assets/{asset}/sample',
    summary: 'A few rows of the newest published partition; refused while the warehouse is busy',
    request: {
      params: z.object({asset: z.string()}),
      query: z.object({limit: z.coerce.number().int().min(1).max(200).default(20)}),
    },
    responses: {200: jsonOf(sample, 'Rows, in the declared columns'), ...REFUSALS},
  });
  routes.openapi(route, async context => {
    const {asset} = context.req.valid('param');
    if (findAsset(asset, pipeline()) === undefined) return context.json(noAsset(asset, pipeline()), 404);
    const answer = await work.sample(asset, context.req.valid('query').limit);
    if ('refusal' in answer) return context.json(answer.refusal, answer.status);
    const {columns, rows} = SAMPLED.parse(JSON.parse(answer.text));
    return context.json({columns, rows: rows.map(row => columns.map(column => row[column] ?? null))}, 200);
  });
}

const ROW = z.record(z.string(), z.unknown());

/** As `gameplan sample --json` prints it. */
const SAMPLED = z.object({columns: z.array(z.string()), rows: z.array(ROW)});

function addHeld(routes: OpenAPIHono, {work, pipeline}: ActionsOptions): void {
  const route = createRoute({
    method: 'get',
    path: '/partitions/{asset}/{key}/held',
    summary: 'The rows of a partition that checks held back, and why',
    request: {
      params: z.object({asset: z.string(), key: z.string().regex(KEY, 'neither a date nor a season')}),
    },
    responses: {200: jsonOf(held, 'At most 200 rows'), ...REFUSALS},
  });
  routes.openapi(route, async context => {
    const {asset, key} = context.req.valid('param');
    if (findAsset(asset, pipeline()) === undefined) return context.json(noAsset(asset, pipeline()), 404);
    const answer = await work.held(asset, key);
    if ('refusal' in answer) return context.json(answer.refusal, answer.status);
    const {error, violations, held: rows} = HELD.parse(JSON.parse(answer.text));
    const columns = Object.keys(rows[0] ?? {});
    return context.json(
      {
        violations:
          violations.length === 0 ? [error] : violations.map(({check, message}) => `${check}: ${message}`),
        columns,
        rows: rows.map(row => columns.map(column => row[column] ?? null)),
        outcome: 'quarantined' as const,
      },
      200,
    );
  });
}

const KEY = /^(\d{4}-\d{2}-\d{2}|\d{4}-\d{2}|all)$/;

/** As `gameplan quarantine ASSET@KEY --json` prints it. */
const HELD = z.object({
  error: z.string(),
  violations: z.array(z.object({check: z.string(), message: z.string()})),
  held: z.array(ROW),
});

function findAsset(name: string, {assets}: Pipeline): Asset | undefined {
  return [...assets.values()].find(asset => asset.name === name);
}

function noAsset(name: string, {assets}: Pipeline): RefusalBody {
  return {error: `No asset named '${name.slice(0, 200)}'.${didYouMean(name.slice(0, 200), assets.keys())}`};
}

function mistakeIn(partitions: string, pipeline: Pipeline): RefusalBody | undefined {
  const {asset, patterns, diagnostics} = parseAssetRange(partitions, pipeline);
  if (asset !== undefined && patterns !== undefined) return undefined;
  const [first] = diagnostics;
  const error = first?.message ?? `'${partitions.slice(0, 200)}' means no partitions.`;
  return {error, details: formatDiagnostics(diagnostics, {color: false}).slice(0, 4000)};
}
