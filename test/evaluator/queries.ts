/**
 * Every query of a pipeline as an asset that can be tried alone: its own, those of its sources, and its checks.
 * It does not run them (trial.ts).
 */
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {parseManifest} from '../../planner/manifest.ts';
import {SOURCE_COLUMN} from '../../planner/manifest-source.ts';
import type {Asset, Edge, Pipeline, ProjectPath} from '../../planner/pipeline.ts';

export interface Tried {
  readonly path: ProjectPath;
  /** The asset that makes the query's rows, with the edges that it may read. */
  readonly asset: Asset;
}

/** The shipped pipeline, as the target that needs no server has it. */
export function shippedPipeline(root: string): Pipeline {
  const text = (file: string) => readFileSync(path.join(root, file), 'utf8');
  const find = (file: string) =>
    existsSync(path.join(root, file)) ? {path: file, text: text(file)} : undefined;
  const file = {path: 'pipeline.yaml', text: text('pipeline.yaml')};
  const {pipeline} = parseManifest({file, target: 'recorded', env: {}, knownGaps: find, calendarFile: find});
  if (pipeline === undefined) throw new Error('The shipped manifest does not parse.');
  return pipeline;
}

export function queriesOf(pipeline: Pipeline): readonly Tried[] {
  return [...pipeline.assets.values()].flatMap(asset => [
    ...('query' in asset.making ? [{path: asset.making.query, asset: withEdges(asset, undefined)}] : []),
    ...(asset.cascade?.sources ?? []).flatMap(({query, edges}) =>
      query === undefined ? [] : [{path: query, asset: ofSource(asset, query, edges)}],
    ),
    ...[...asset.checks, ...(asset.cascade?.sources ?? []).flatMap(({checks}) => checks)].flatMap(check =>
      check.kind === 'sql' ? [{path: check.query, asset: ofCheck(asset, check.query)}] : [],
    ),
  ]);
}

function withEdges(asset: Asset, edges: readonly string[] | undefined): Asset {
  const upstream = asset.upstream.filter(
    ({name, source}) => source === undefined || edges?.includes(name) === true,
  );
  return {...asset, upstream};
}

/** Where a row came from is filled in by the runner. */
function ofSource(asset: Asset, query: ProjectPath, edges: readonly string[]): Asset {
  const columns = asset.columns.filter(({name}) => name !== SOURCE_COLUMN);
  return {...withEdges(asset, edges), making: {kind: 'sql', query}, columns};
}

/** The rows that are judged are one more edge; what a check gives has no declared columns. */
export function ofCheck(asset: Asset, query: ProjectPath): Asset {
  const judged: Edge = {
    name: 'new_rows',
    upstream: asset.name,
    source: undefined,
    window: {kind: 'same'},
    throughToday: false,
    crossesSeasons: false,
    required: true,
    tracks: true,
    atLeast: undefined,
    at: asset.at,
  };
  return {
    ...asset,
    making: {kind: 'sql', query},
    upstream: [...asset.upstream, judged],
    columns: [],
    key: [],
  };
}
