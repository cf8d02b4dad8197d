/**
 * The graph that is shown: assets, and in place of each closed group one node; edges between those, alike ones together.
 * Pure. It does not deal with where anything lies (layout.ts).
 */
import type {DeclaredAssetBody, EdgeBody} from '../../server/schema/pipeline.ts';

export type GraphNode =
  | {readonly kind: 'asset'; readonly id: string; readonly group: string; readonly asset: DeclaredAssetBody}
  | {
      readonly kind: 'group';
      readonly id: string;
      readonly group: string;
      readonly assets: readonly DeclaredAssetBody[];
    };

export interface GraphEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** What is written on it: each window once; the same key is none. */
  readonly windows: readonly string[];
  /** None of the edges is required. */
  readonly isSoft: boolean;
  /** How many edges between assets it stands for. */
  readonly count: number;
}

export interface Shape {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** The node in which an asset is seen. */
  readonly nodeOf: ReadonlyMap<string, string>;
}

function groupId(group: string): string {
  return `group:${group}`;
}

export function shapeOf(assets: readonly DeclaredAssetBody[], open: ReadonlySet<string>): Shape {
  const nodeOf = new Map(assets.map(({asset, group}) => [asset, open.has(group) ? asset : groupId(group)]));
  const nodes: GraphNode[] = [];
  for (const [group, own] of Map.groupBy(assets, each => each.group)) {
    if (open.has(group)) for (const asset of own) nodes.push({kind: 'asset', id: asset.asset, group, asset});
    else nodes.push({kind: 'group', id: groupId(group), group, assets: own});
  }
  const all = assets.flatMap(({asset, upstream}) =>
    upstream.flatMap(edge => {
      const [from, to] = [nodeOf.get(edge.asset), nodeOf.get(asset)];
      return from === undefined || to === undefined || from === to ? [] : [{from, to, edge}];
    }),
  );
  const edges = [...Map.groupBy(all, ({from, to}) => `${from} ${to}`)].map(([id, own]) =>
    merged(
      id,
      own.map(({edge}) => edge),
    ),
  );
  return {nodes, edges, nodeOf};
}

/** In a few words: that an edge is not required its line says. */
function labelOf(window: string): string {
  return window
    .split(', ')
    .filter(part => part !== 'not required' && part !== 'not tracked')
    .join(', ');
}

function merged(id: string, edges: readonly EdgeBody[]): GraphEdge {
  const [from = '', to = ''] = id.split(' ');
  return {
    id,
    from,
    to,
    windows: [...new Set(edges.map(({window}) => labelOf(window)).filter(label => label !== ''))],
    isSoft: edges.every(({required}) => !required),
    count: edges.length,
  };
}

export const DIRECTIONS = ['both', 'up', 'down'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** An asset with all that it is made from, all that is made from it, or both. */
export function reachOf(
  assets: readonly DeclaredAssetBody[],
  start: string,
  direction: Direction,
): ReadonlySet<string> {
  const up = new Map(assets.map(({asset, upstream}) => [asset, upstream.map(edge => edge.asset)]));
  const down = new Map<string, string[]>(assets.map(({asset}) => [asset, []]));
  for (const [asset, own] of up) for (const each of own) down.get(each)?.push(asset);
  return new Set([
    ...(direction === 'down' ? [] : closure(start, up)),
    ...(direction === 'up' ? [] : closure(start, down)),
  ]);
}

function closure(start: string, next: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const seen = new Set<string>();
  const todo = next.has(start) ? [start] : [];
  for (let each = todo.pop(); each !== undefined; each = todo.pop()) {
    if (seen.has(each)) continue;
    seen.add(each);
    todo.push(...(next.get(each) ?? []));
  }
  return seen;
}

/** More than this is not read at once: groups are closed then until they are opened. */
const MOST_ASSETS = 60;

/** `text` is what the address says of open groups; what must be seen is open whatever it says. */
export function openGroups(
  assets: readonly DeclaredAssetBody[],
  text: string | null,
  seen: readonly (string | undefined)[],
): ReadonlySet<string> {
  const groups = new Set(assets.map(({group}) => group));
  const isAll = text === '*' || (text === null && assets.length <= MOST_ASSETS);
  const open = isAll ? new Set(groups) : new Set((text ?? '').split(',').filter(each => groups.has(each)));
  for (const {asset, group} of assets) if (seen.includes(asset)) open.add(group);
  return open;
}

/** As the address says it. */
export function openText(assets: readonly DeclaredAssetBody[], open: ReadonlySet<string>): string {
  const groups = new Set(assets.map(({group}) => group));
  if (open.size === 0) return 'none';
  return open.size === groups.size ? '*' : [...groups].filter(group => open.has(group)).join(',');
}
