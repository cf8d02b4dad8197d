/**
 * What stands at a place of a text: the word there, and which asset, edge or column of the pipeline it names.
 * It does not know how an editor asks (server.ts) nor what it is told (answers.ts).
 */
import type {Asset, AssetName, Edge, Pipeline} from '../../planner/pipeline.ts';

/** A name, with its parts before it where there are any: `raw.games` or `games.season`. */
export interface Word {
  readonly text: string;
  /** The part of it at the place. */
  readonly part: string;
}

/** Undefined where no name stands. */
export function wordAt(line: string, character: number): Word | undefined {
  const before = /[\w.]*$/.exec(line.slice(0, character))?.[0] ?? '';
  const after = /^[\w.]*/.exec(line.slice(character))?.[0] ?? '';
  const text = before + after;
  if (text === '') return undefined;
  const start = before.lastIndexOf('.') + 1;
  const end = after.indexOf('.');
  return {text, part: before.slice(start) + (end === -1 ? after : after.slice(0, end))};
}

export function assetNamed({assets}: Pipeline, name: string): Asset | undefined {
  return assets.get(name as AssetName); // only to look it up
}

/** Assets whose query, or a check of which, this file is. An override for one engine stands for the file beside it. */
export function assetsOfQuery({assets}: Pipeline, file: string): readonly Asset[] {
  const path = file.replace(/\.(?:duckdb|bigquery)\.sql$/, '.sql');
  return [...assets.values()].filter(asset => queriesOf(asset).includes(path));
}

function queriesOf({making, checks, cascade}: Asset): readonly string[] {
  const sources = cascade?.sources ?? [];
  return [
    ...('query' in making ? [making.query] : []),
    ...sources.flatMap(({query}) => query ?? []),
    ...[...checks, ...sources.flatMap(source => source.checks)].flatMap(check =>
      check.kind === 'sql' ? [check.query] : [],
    ),
  ];
}

/** What a query may read, each name once. */
export function edgesOf(assets: readonly Asset[]): readonly Edge[] {
  const edges = assets.flatMap(({upstream}) => upstream);
  return [...new Map(edges.map(edge => [edge.name, edge])).values()];
}

/** The edge that a query names, or whose window it names. */
export function edgeNamed(edges: readonly Edge[], name: string): Edge | undefined {
  const lower = name.toLowerCase();
  return edges.find(edge => [edge.name, `${edge.name}_window`].includes(lower));
}
