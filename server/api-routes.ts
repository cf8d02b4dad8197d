/**
 * The addresses of the API that tell of the pipeline, one list for the page (app.ts) and for assistants (mcp/api.ts).
 * It does not deal with who may ask.
 */
import type {OpenAPIHono} from '@hono/zod-openapi';
import type {Plans} from './kept-plans.ts';
import {assetRoutes} from './routes-asset.ts';
import {gapRoutes} from './routes-gap.ts';
import {overviewRoutes} from './routes-overview.ts';
import {partitionRoutes} from './routes-partition.ts';
import {pipelineRoutes} from './routes-pipeline.ts';
import {planRoutes} from './routes-plan.ts';
import {runRoutes} from './routes-run.ts';
import type {Served} from './serving.ts';
import type {Work} from './work.ts';

type PaceOf = Parameters<typeof runRoutes>[1]['paceOf'];

interface Telling {
  readonly plans: Plans;
  readonly work: Work;
  readonly paceOf: PaceOf;
}

export function tellingRoutes(served: Served, {plans, work, paceOf}: Telling): readonly OpenAPIHono[] {
  return [
    pipelineRoutes(served),
    overviewRoutes(served),
    assetRoutes(served),
    partitionRoutes(served),
    planRoutes(served, {plans, work}),
    runRoutes(served, {paceOf, crashOf: run => work.crashOf(run)}),
    gapRoutes(served),
  ];
}
