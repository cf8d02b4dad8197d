/**
 * What is declared, and where every partition stands: the pipeline, its axes, and strips.
 * It does not deal with single assets.
 */
import type {OpenAPIHono} from '@hono/zod-openapi';
import {dayOf} from '../planner/day.ts';
import {type AssetFrame, type Frame, keysOf} from '../planner/frame.ts';
import type {Edge} from '../planner/pipeline.ts';
import {timezoneOf} from '../report/frame-view.ts';
import {groupOf} from '../report/status.ts';
import {windowWords} from '../report/window-words.ts';
import type {View} from './reader.ts';
import {
  type AxisBody,
  axes,
  type DeclaredAssetBody,
  type EdgeBody,
  type PipelineBody,
  pipeline,
} from './schema/pipeline.ts';
import {newRoutes, reads, type Served} from './serving.ts';
import {packStrips} from './strip-format.ts';

export function pipelineRoutes(served: Served): OpenAPIHono {
  const routes = newRoutes();
  reads(routes, served, {path: '/pipeline', summary: 'what is declared', body: pipeline}, view =>
    pipelineBody(served, view),
  );
  reads(
    routes,
    served,
    {path: '/axes', summary: 'the keys that partitions lie along', body: axes},
    ({planned}) => ({
      axes: axesOf(planned.frame),
    }),
  );
  reads(
    routes,
    served,
    {
      path: '/strips',
      summary: 'where every partition stands: a byte each (server/strip-format.ts)',
      body: 'application/octet-stream',
    },
    ({strips, ledger}) => packStrips({sequence: ledger.sequence, bytes: strips}),
  );
  return routes;
}

function pipelineBody({isReadOnly, hasLogin, user}: Served, view: View): PipelineBody {
  const {planned, project, ledger, now, mistakes} = view;
  const {frame} = planned;
  const assets = [...frame.assets.values()].map(declared);
  return {
    version: 1,
    pipeline: project.pipeline.name,
    target: project.pipeline.target.name,
    engine: project.pipeline.target.warehouse.engine,
    timezone: timezoneOf(frame) ?? null,
    sequence: ledger.sequence,
    now,
    isReadOnly,
    hasLogin,
    user: user ?? null,
    groups: [...new Set(assets.map(({group}) => group))],
    assets,
    mistakes: mistakes.map(each => ({...each})),
  };
}

export function declared(found: AssetFrame): DeclaredAssetBody {
  const {asset, keys, edges} = found;
  return {
    asset: asset.name,
    group: groupOf(found),
    kind: asset.making.kind,
    partitionedBy: asset.partitioning.kind,
    axis: axisName(found),
    partitions: keys.length,
    description: asset.description ?? null,
    owner: asset.owner ?? null,
    tags: [...asset.tags],
    upstream: edges.map(({edge}) => edgeBody(edge, edge.upstream)),
  };
}

/** `asset` is the other end. */
export function edgeBody(edge: Edge, asset: string): EdgeBody {
  const {name, required, atLeast, tracks} = edge;
  return {asset, name, window: windowWords(edge), required, atLeast: atLeast ?? null, tracks};
}

function axisName({asset: {partitioning}}: AssetFrame): string {
  return partitioning.kind === 'all' ? 'all' : `${partitioning.kind} ${partitioning.calendar}`;
}

function axesOf({assets}: Frame): AxisBody[] {
  const found = new Map<string, AxisBody>();
  for (const asset of assets.values()) {
    const axis = axisName(asset);
    if (!found.has(axis)) found.set(axis, axisOf(axis, asset));
  }
  return [...found.values()];
}

function axisOf(axis: string, {asset, calendar, keys}: AssetFrame): AxisBody {
  const {kind} = asset.partitioning;
  const all = [...keysOf(asset, calendar)];
  if (kind === 'all' || calendar === undefined)
    return {axis, kind: 'all', keys: all, seasons: [{season: 'all', from: 0, to: all.length}]};
  if (kind === 'season') {
    return {axis, kind, keys: all, seasons: all.map((season, at) => ({season, from: at, to: at + 1}))};
  }
  const seasons: AxisBody['seasons'] = [];
  keys.forEach((key, at) => {
    const season = calendar.seasons[calendar.seasonOf[at] ?? 0] ?? String(dayOf(key));
    const last = seasons.at(-1);
    if (last?.season === season) last.to = at + 1;
    else seasons.push({season, from: at, to: at + 1});
  });
  return {axis, kind, keys: all, seasons};
}
