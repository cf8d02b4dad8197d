/**
 * Which assets read which: the declared graph, whole or around some assets.
 * It does not deal with partitions or states.
 */

import {counted} from '../planner/amount.ts';
import type {Asset, AssetName, Pipeline} from '../planner/pipeline.ts';
import {windowWords} from '../report/window-words.ts';
import type {Paint} from './paint.ts';

/** `selected`: the assets to show; `order`: all assets, upstream first. */
export interface LineageView {
  readonly pipeline: Pipeline;
  readonly order: readonly AssetName[];
  readonly selected: ReadonlySet<AssetName>;
  readonly paint: Paint;
}

/** Ends with a line break. Each asset once, upstream first, with what it reads below it. */
export function printLineage(view: LineageView): string {
  const assets = shownAssets(view);
  const blocks = assets.map(asset => [headOf(asset, view.paint), ...asset.upstream.map(edgeLine)].join('\n'));
  const edges = assets.reduce((sum, {upstream}) => sum + upstream.length, 0);
  return `${[...blocks, '', `${counted(assets.length, 'asset')}, ${counted(edges, 'edge')}.`].join('\n')}\n`;
}

function shownAssets({pipeline, order, selected}: LineageView): readonly Asset[] {
  return order.flatMap(name => {
    const asset = pipeline.assets.get(name);
    return asset !== undefined && selected.has(name) ? [asset] : [];
  });
}

function headOf({name, making, partitioning}: Asset, paint: Paint): string {
  return `${paint.name(name)} ${paint.quiet(`(${making.kind}, by ${partitioning.kind})`)}`;
}

function edgeLine(edge: Asset['upstream'][number]): string {
  const words = windowWords(edge);
  const alias = edge.name === edge.upstream ? '' : `${edge.name}: `;
  return `  ← ${alias}${edge.upstream}${words === '' ? '' : ` (${words})`}`;
}

/** Nodes and edges; additive changes only. */
export function lineageJson(view: LineageView): object {
  const assets = shownAssets(view);
  return {
    version: 1,
    pipeline: view.pipeline.name,
    assets: assets.map(({name, making, partitioning, group, tags, owner, description}) => ({
      asset: name,
      kind: making.kind,
      partitionedBy: partitioning.kind,
      group: group ?? null,
      tags,
      owner: owner ?? null,
      description: description ?? null,
    })),
    edges: assets.flatMap(asset =>
      asset.upstream.map(edge => ({
        from: edge.upstream,
        to: asset.name,
        name: edge.name,
        window: edge.window,
        required: edge.required,
        atLeast: edge.atLeast ?? null,
        tracks: edge.tracks,
      })),
    ),
  };
}
