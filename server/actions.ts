/**
 * What the page may do, and what only the warehouse can tell it: cancel, accept, reopen, forget, heal, rows.
 * Each is done by the command of that name in a process of its own (work.ts), which records who asked and why.
 * It does not deal with plans and what is made of them.
 */
import {createRoute, type OpenAPIHono, z} from '@hono/zod-openapi';
import {formatDiagnostics} from '../planner/diagnostic.ts';
import type {Pipeline} from '../planner/pipeline.ts';
import {parseAssetRange} from '../planner/range-text.ts';
import {readAskings} from '../report/project-ledger.ts';
import type {Reader} from './reader.ts';
import {type SampleBody, sample} from './schema/asset.ts';
import {acceptance, correction, done, healing, request} from './schema/gap.ts';
import {type HeldBody, held} from './schema/partition.ts';
import {cancellation, cancelling} from './schema/run.ts';
import {ApiRefusal, acts, assetIn, newRoutes} from './serving.ts';
import type {Refused, Work} from './work.ts';

export interface ActionsOptions {
  readonly work: Work;
  readonly reader: Pick<Reader, 'view'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** To be mounted below /api/v1. */
export function actionRoutes(options: ActionsOptions): OpenAPIHono {
  const routes = newRoutes();
  addRuns(routes, options);
  addCorrections(routes, options);
  addSample(routes, options);
  addHeld(routes, options);
  return routes;
}

function addRuns(routes: OpenAPIHono, {work, reader, clock}: ActionsOptions): void {
  acts(
    routes,
    {
      path: '/runs/{id}/cancel',
      summary: 'asks a run to end; asked again, what is at work is cancelled',
      params: z.object({id: z.string().regex(/^[\w-]{1,64}$/, 'not the id of a run')}),
      asks: cancellation,
      body: cancelling,
    },
    async (asked, {id}) => {
      const {project} = await reader.view();
      const before = readAskings(project, id, clock).at(-1)?.times ?? 0;
      // Two who press at once, or one who presses twice, ask for one thing.
      if (before === 1 && asked.asked === 1) return {run: id, asked: 1 as const};
      return cancelling.parse(JSON.parse(answered(await work.cancel(id, asked.by)).text));
    },
  );
  acts(
    routes,
    {
      path: '/heal',
      summary: "one pass that fills recent gaps as the manifest's healing allows",
      asks: request,
      body: healing,
      status: 202,
    },
    async ({by}) => answered(await work.heal(by)),
  );
}

/** Those that are about partitions of one asset. */
function addCorrections(routes: OpenAPIHono, {work, reader}: ActionsOptions): void {
  const check = async (partitions: string): Promise<void> => {
    const {project} = await reader.view();
    refuseUnknown(partitions, project.pipeline);
  };
  acts(
    routes,
    {path: '/gaps/accept', summary: 'signs gaps off with a reason', asks: acceptance, body: done},
    async asked => {
      await check(asked.partitions);
      return answered(await work.acceptGaps(asked));
    },
  );
  const correcting = [
    ['/gaps/reopen', 'takes back that gaps were signed off', work.reopenGaps.bind(work)],
    ['/forget', 'counts published partitions as missing', work.forget.bind(work)],
  ] as const;
  for (const [path, summary, correct] of correcting) {
    acts(routes, {path, summary, asks: correction, body: done}, async asked => {
      await check(asked.partitions);
      return answered(await correct(asked));
    });
  }
}

function addSample(routes: OpenAPIHono, {work, reader}: ActionsOptions): void {
  const route = createRoute({
    method: 'get',
    path: '/assets/{asset}/sample',
    summary: 'a few rows of the newest published partition; refused while the warehouse is busy',
    request: {
      params: z.object({asset: z.string()}),
      query: z.object({limit: z.coerce.number().int().min(1).max(200).default(20)}),
    },
    responses: {200: {description: 'rows', content: {'application/json': {schema: sample}}}},
  });
  routes.openapi(route, async context => {
    const {asset} = assetIn(await reader.view(), context.req.valid('param').asset);
    const {text} = answered(await work.sample(asset.name, context.req.valid('query').limit));
    const {columns, rows} = SAMPLED.parse(JSON.parse(text));
    return context.json({columns, rows: tableOf(columns, rows)} satisfies SampleBody, 200);
  });
}

const ROW = z.record(z.string(), z.unknown());

/** As `gameplan sample --json` prints it. */
const SAMPLED = z.object({columns: z.array(z.string()), rows: z.array(ROW)});

function addHeld(routes: OpenAPIHono, {work, reader}: ActionsOptions): void {
  const route = createRoute({
    method: 'get',
    path: '/partitions/{asset}/{key}/held',
    summary: 'the rows of a partition that checks held back, at most 200, and why',
    request: {
      params: z.object({asset: z.string(), key: z.string().regex(KEY, 'neither a date nor a season')}),
    },
    responses: {200: {description: 'rows', content: {'application/json': {schema: held}}}},
  });
  routes.openapi(route, async context => {
    const {asset: name, key} = context.req.valid('param');
    const {asset} = assetIn(await reader.view(), name);
    const {text} = answered(await work.held(asset.name, key));
    const {error, violations, held: rows} = HELD.parse(JSON.parse(text));
    const columns = Object.keys(rows[0] ?? {});
    const told = violations.map(({check, message}) => `${check}: ${message}`);
    const body: HeldBody = {
      violations: told.length === 0 ? [error] : told,
      columns,
      rows: tableOf(columns, rows),
      outcome: 'quarantined',
    };
    return context.json(body, 200);
  });
}

const KEY = /^(\d{4}-\d{2}-\d{2}|\d{4}-\d{2}|all)$/;

/** As `gameplan quarantine ASSET@KEY --json` prints it. */
const HELD = z.object({
  error: z.string(),
  violations: z.array(z.object({check: z.string(), message: z.string()})),
  held: z.array(ROW),
});

function tableOf(columns: readonly string[], rows: readonly z.infer<typeof ROW>[]): unknown[][] {
  return rows.map(row => columns.map(column => row[column] ?? null));
}

/** Throws what was refused. */
function answered<T extends object>(answer: T | Refused): T {
  if (!('refusal' in answer)) return answer;
  throw new ApiRefusal(answer.status, answer.refusal.error, answer.refusal.details);
}

/** Before a name reaches a command it is one of the pipeline's. */
function refuseUnknown(partitions: string, pipeline: Pipeline): void {
  const {asset, patterns, diagnostics} = parseAssetRange(partitions, pipeline);
  if (asset !== undefined && patterns !== undefined) return;
  const [first] = diagnostics;
  const details = formatDiagnostics(diagnostics, {color: false});
  throw new ApiRefusal(404, first?.message ?? 'That means no partitions.', details.slice(0, 4000));
}
