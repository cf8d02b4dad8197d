/**
 * Reads what an asset reads: each edge with its window, resolved by the grains of both ends.
 * It does not deal with the graph as a whole (manifest-rules.ts).
 */

import {hasTable} from './making.ts';
import {at, has, hintAt, keyAt, type Path, readPercentage, report, type Scope} from './manifest-scope.ts';
import type {AssetName, Edge, Making, Partitioning, Window} from './pipeline.ts';
import type {RawEdge} from './schema.ts';
import {unreachable} from './unreachable.ts';
import {defaultWindow, parseWindow} from './window-text.ts';

export type MakingKind = Making['kind'];

/** What an edge must know of each asset before all of them are read. Undefined: that part was wrong. */
export interface Outline {
  readonly partitioning: Partitioning | undefined;
  readonly making: MakingKind | undefined;
}

export interface EdgeInput {
  readonly asset: string;
  readonly edges: Readonly<Record<string, RawEdge>>;
  /** Where they stand in the manifest. */
  readonly path: Path;
  /** Rank of the source that reads them, and whether it does so by a query. */
  readonly source?: {readonly rank: number; readonly byQuery: boolean} | undefined;
  readonly outlines: ReadonlyMap<string, Outline>;
}

/** The edges that are right. */
export function readEdges(scope: Scope, input: EdgeInput): readonly Edge[] {
  const edges: Edge[] = [];
  for (const [name, raw] of Object.entries(input.edges)) {
    const edge = readEdge(scope, input, name, raw);
    if (edge !== undefined) edges.push(edge);
  }
  return edges;
}

type LongEdge = Exclude<RawEdge, string>;

function readEdge(scope: Scope, input: EdgeInput, name: string, raw: RawEdge): Edge | undefined {
  const {asset, outlines, source} = input;
  // A source that names one asset has one edge, which has no place of its own.
  const path: Path = has(scope, [...input.path, name]) ? [...input.path, name] : input.path;
  refuseName(scope, path, name);
  const long: LongEdge = typeof raw === 'string' ? {asset: raw} : raw;
  const assetPath = typeof raw === 'string' ? path : [...path, 'asset'];
  const atLeast = readPercentage(scope, [...path, 'at_least'], long.at_least);
  const upstream = outlines.get(long.asset);
  const own = outlines.get(asset);
  if (upstream === undefined) {
    if (has(scope, ['assets', long.asset])) return undefined;
    return report(
      scope,
      'unknown-upstream',
      assetPath,
      `No asset is named '${long.asset}'.${hintAt(scope, ['assets'], long.asset)}`,
    );
  }
  refuseUnreadable(scope, assetPath, {own, upstream, asset: long.asset, source});
  if (own?.partitioning === undefined || upstream.partitioning === undefined) return undefined;
  const window = readWindow(scope, path, long, {own: own.partitioning, upstream: upstream.partitioning});
  if (window === undefined) return undefined;
  refuseModifiers(scope, path, long, window);
  if (source !== undefined && !refuseOtherKeys(scope, path, long, window)) return undefined;
  return {
    name,
    // It is a key of `outlines`, whose names are those of the assets.
    upstream: long.asset as AssetName,
    window,
    // A cascade does with what its sources have.
    required: source === undefined && (long.required ?? true),
    atLeast,
    throughToday: long.through === 'today',
    crossesSeasons: long.crosses_seasons ?? false,
    tracks: long.tracks ?? true,
    source: source?.rank,
    at: at(scope, assetPath),
  };
}

function refuseName(scope: Scope, path: Path, name: string): void {
  const place = keyAt(scope, path);
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    report(
      scope,
      'bad-name',
      place,
      `'${name}' cannot name an edge: use small letters, digits and '_', as queries read it by this name.`,
    );
  } else if (name === 'partitions' || name === 'new_rows') {
    report(
      scope,
      'bad-name',
      place,
      `'${name}' is what queries call something else: give this edge another name.`,
    );
  } else if (name.endsWith('_window')) {
    report(
      scope,
      'bad-name',
      place,
      `'${name}' ends like the window of an edge: give this edge another name.`,
    );
  }
}

function refuseUnreadable(
  scope: Scope,
  path: Path,
  {
    own,
    upstream,
    asset,
    source,
  }: {own: Outline | undefined; upstream: Outline; asset: string; source: EdgeInput['source']},
): void {
  if (own?.making === undefined || upstream.making === undefined) return;
  const readsTables = source?.byQuery ?? (own.making === 'sql' || own.making === 'export');
  if (upstream.making === 'export') {
    report(
      scope,
      'unreadable-upstream',
      path,
      `'${asset}' is an export, which nothing can read: read what it is made of.`,
    );
  } else if (readsTables && !hasTable(upstream.making)) {
    report(
      scope,
      'unreadable-upstream',
      path,
      `'${asset}' has objects and no table: read it with a 'rows' asset, and query that one.`,
    );
  } else if (!readsTables && hasTable(upstream.making) && source === undefined) {
    report(
      scope,
      'unreadable-upstream',
      path,
      `'${asset}' is a table, and TypeScript reads only objects of 'files' assets: make this asset a query, or remove the edge.`,
    );
  }
}

/** False, and said, for what no source can be. */
function refuseOtherKeys(scope: Scope, path: Path, raw: LongEdge, window: Window): boolean {
  for (const key of ['required', 'at_least', 'tracks'] as const) {
    if (raw[key] === undefined) continue;
    report(
      scope,
      'misplaced-key',
      keyAt(scope, [...path, key]),
      `'${key}' says nothing of a source, which is read where it has an answer: remove it.`,
    );
  }
  if (window.kind === 'same' || window.kind === 'season-of-date' || window.kind === 'whole') return true;
  report(
    scope,
    'bad-window',
    path,
    `A source has the rows of its own key, and '${raw.asset}' is read over many: remove the window.`,
  );
  return false;
}

function readWindow(
  scope: Scope,
  path: Path,
  {asset, window: text, crosses_seasons}: LongEdge,
  {own, upstream}: {readonly own: Partitioning; readonly upstream: Partitioning},
): Window | undefined {
  const windowPath = text === undefined ? path : [...path, 'window'];
  if (own.kind !== 'all' && upstream.kind !== 'all' && own.calendar !== upstream.calendar) {
    return report(
      scope,
      'calendar-mismatch',
      keyAt(scope, path),
      `'${asset}' is sliced by calendar '${upstream.calendar}' and this asset by '${own.calendar}': nothing maps their keys to each other. Use one calendar for both.`,
    );
  }
  const result =
    text === undefined
      ? defaultWindow(own.kind, upstream.kind)
      : parseWindow(text, {own: own.kind, upstream: upstream.kind, crossesSeasons: crosses_seasons ?? false});
  if (result.kind === 'window') return result.window;
  return report(
    scope,
    'bad-window',
    text === undefined ? keyAt(scope, path) : at(scope, windowPath),
    result.message,
  );
}

/** Modifiers that say nothing about this window. */
function refuseModifiers(scope: Scope, path: Path, raw: LongEdge, window: Window): void {
  const {through, crosses} = modifiersOf(window);
  if (raw.through !== undefined && !through) {
    report(
      scope,
      'misplaced-key',
      keyAt(scope, [...path, 'through']),
      `'through: today' extends a window of dates to the own key, and this edge has none: remove it.`,
    );
  }
  if (raw.crosses_seasons !== undefined && !crosses) {
    report(
      scope,
      'misplaced-key',
      keyAt(scope, [...path, 'crosses_seasons']),
      `'crosses_seasons' speaks of windows that look back, and this edge has none: remove it.`,
    );
  }
}

function modifiersOf(window: Window): {readonly through: boolean; readonly crosses: boolean} {
  switch (window.kind) {
    case 'same':
    case 'season-of-date':
    case 'dates-of-season':
    case 'whole':
      return {through: false, crosses: false};
    case 'previous':
      return {through: false, crosses: true};
    case 'season-to-date':
      return {through: true, crosses: false};
    case 'days':
    case 'dates':
    case 'games':
    case 'all':
      return {through: true, crosses: true};
    default:
      return unreachable(window);
  }
}
