/**
 * The graph of assets: order, what lies upstream and downstream, cycles with every hop.
 * It does not deal with partitions. graphology stays inside this file.
 */
import {DirectedGraph} from 'graphology';
import type {Asset, AssetName, Edge} from './pipeline.ts';

/** An asset graph. Edges that lead nowhere and edges from an asset to itself are left out. */
export interface AssetGraph {
  /** Every asset after all of its upstream; otherwise as in the manifest. */
  readonly order: readonly AssetName[];
  readonly positions: ReadonlyMap<AssetName, number>;
  /** Assets within `depth` steps (default: all), without the asset itself, in topological order. */
  upstreamOf(asset: AssetName, depth?: number): readonly AssetName[];
  downstreamOf(asset: AssetName, depth?: number): readonly AssetName[];
}

type Assets = ReadonlyMap<AssetName, Asset>;

/** The graph of a pipeline without cycles; throws on one, since `findCycles` was to be asked first. */
export function buildGraph(assets: Assets): AssetGraph {
  const graph = new DirectedGraph();
  for (const name of assets.keys()) graph.addNode(name);
  for (const {name, upstream} of assets.values()) {
    for (const edge of upstream) {
      if (edge.upstream !== name && assets.has(edge.upstream)) graph.mergeEdge(edge.upstream, name);
    }
  }
  const order = topological(assets);
  const positions = new Map(order.map((name, index) => [name, index]));
  const sorted = (names: Iterable<AssetName>) =>
    [...names].sort((a, b) => (positions.get(a) ?? 0) - (positions.get(b) ?? 0));
  // Nodes were added from the map's keys and from nothing else.
  const up = (name: AssetName) => graph.inNeighbors(name) as AssetName[];
  const down = (name: AssetName) => graph.outNeighbors(name) as AssetName[];
  return {
    order,
    positions,
    upstreamOf: (asset, depth = Number.POSITIVE_INFINITY) => sorted(reach(asset, up, depth)),
    downstreamOf: (asset, depth = Number.POSITIVE_INFINITY) => sorted(reach(asset, down, depth)),
  };
}

function reach(
  from: AssetName,
  next: (name: AssetName) => readonly AssetName[],
  depth: number,
): Set<AssetName> {
  const seen = new Set([from]);
  let frontier = [from];
  for (let step = 0; step < depth && frontier.length > 0; step++) {
    const found: AssetName[] = [];
    for (const name of frontier.flatMap(next)) {
      if (seen.has(name)) continue;
      seen.add(name);
      found.push(name);
    }
    frontier = found;
  }
  seen.delete(from);
  return seen;
}

/** Depth first in the manifest's order, without recursion: a chain may be thousands of assets long. */
function topological(assets: Assets): readonly AssetName[] {
  const order: AssetName[] = [];
  const state = new Map<AssetName, 'open' | 'done'>();
  for (const root of assets.keys()) {
    const stack = [root];
    while (stack.length > 0) {
      const name = stack.at(-1) ?? root;
      const waiting =
        state.get(name) === undefined ? neighbours(assets, name).filter(next => !state.has(next)) : [];
      if (state.get(name) === undefined) {
        state.set(name, 'open');
        stack.push(...waiting.toReversed());
        continue;
      }
      stack.pop();
      if (state.get(name) === 'done') continue;
      state.set(name, 'done');
      order.push(name);
    }
  }
  const position = new Map(order.map((name, index) => [name, index]));
  for (const [name, index] of position) {
    for (const next of neighbours(assets, name)) {
      if ((position.get(next) ?? -1) > index) throw new Error(`Internal error: '${name}' is in a cycle.`);
    }
  }
  return order;
}

function neighbours(assets: Assets, name: AssetName): readonly AssetName[] {
  return (assets.get(name)?.upstream ?? [])
    .map(({upstream}) => upstream)
    .filter(upstream => upstream !== name && assets.has(upstream));
}

/** One step of a cycle: `from` needs `to`. */
export interface Hop<Place> {
  readonly from: string;
  readonly to: string;
  readonly place: Place;
}

/** What each node needs, by name. */
export type Needs<Place> = ReadonlyMap<string, readonly {readonly to: string; readonly place: Place}[]>;

/** Cycles that are told at once; a knot has more than anyone can read. */
const MOST_CYCLES = 20;

/** The edges of the asset graph; an asset's `previous` edge to itself leads to an earlier key and is no cycle. */
export function needsOf(assets: Assets): Needs<Edge> {
  return new Map(
    [...assets.values()].map(({name, upstream}) => [
      name,
      upstream
        .filter(edge => edge.upstream !== name || edge.window.kind !== 'previous')
        .map(edge => ({to: edge.upstream, place: edge})),
    ]),
  );
}

/**
 * Cycles with every hop, each from its first node in the given order. A knot of several is told as its shortest ones:
 * after each the last hop is taken away, until no cycle is left.
 */
export function findCycles<Place>(needs: Needs<Place>): readonly (readonly Hop<Place>[])[] {
  const cycles: (readonly Hop<Place>[])[] = [];
  const dropped = new Set<Place>();
  const next = (name: string) =>
    (needs.get(name) ?? []).filter(({to, place}) => needs.has(to) && !dropped.has(place));
  while (cycles.length < MOST_CYCLES) {
    const component = knots([...needs.keys()], next);
    const start = [...needs.keys()].filter(name => component.get(name) !== undefined);
    const found = new Set<number>();
    for (const name of start) {
      const knot = component.get(name);
      if (knot === undefined || found.has(knot) || cycles.length >= MOST_CYCLES) continue;
      const cycle = shortest(name, from => next(from).filter(({to}) => component.get(to) === knot));
      const last = cycle.at(-1);
      if (last === undefined) continue;
      found.add(knot);
      cycles.push(cycle);
      dropped.add(last.place);
    }
    if (found.size === 0) break;
  }
  return cycles;
}

type Next<Place> = (name: string) => readonly {readonly to: string; readonly place: Place}[];

/** Breadth first from `start` back to itself; empty where there is no way. */
function shortest<Place>(start: string, next: Next<Place>): readonly Hop<Place>[] {
  const cameBy = new Map<string, Hop<Place>>();
  let frontier = [start];
  while (frontier.length > 0) {
    const found: string[] = [];
    for (const from of frontier) {
      for (const {to, place} of next(from)) {
        if (cameBy.has(to)) continue;
        cameBy.set(to, {from, to, place});
        found.push(to);
      }
    }
    if (cameBy.has(start)) break;
    frontier = found;
  }
  const hops: Hop<Place>[] = [];
  for (
    let hop = cameBy.get(start);
    hop !== undefined;
    hop = hop.from === start ? undefined : cameBy.get(hop.from)
  ) {
    hops.push(hop);
  }
  return hops.toReversed();
}

/** Strongly connected components that hold a cycle, by Tarjan's algorithm (1972) with a stack of its own. */
function knots<Place>(names: readonly string[], next: Next<Place>): ReadonlyMap<string, number> {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const component = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const lower = (name: string, value: number) => low.set(name, Math.min(low.get(name) ?? value, value));
  for (const root of names) {
    if (index.has(root)) continue;
    const stack: {readonly name: string; readonly to: readonly string[]; at: number}[] = [];
    const enter = (name: string) => {
      index.set(name, index.size);
      low.set(name, index.get(name) ?? 0);
      open.push(name);
      isOpen.add(name);
      stack.push({name, to: next(name).map(({to}) => to), at: 0});
    };
    enter(root);
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const to = frame.to[frame.at++];
      if (to !== undefined) {
        if (!index.has(to)) enter(to);
        else if (isOpen.has(to)) lower(frame.name, index.get(to) ?? 0);
        continue;
      }
      stack.pop();
      const parent = stack.at(-1);
      if (parent !== undefined) lower(parent.name, low.get(frame.name) ?? 0);
      if (low.get(frame.name) !== index.get(frame.name)) continue;
      const members = open.splice(open.lastIndexOf(frame.name));
      for (const member of members) isOpen.delete(member);
      const isKnot = members.length > 1 || frame.to.includes(frame.name);
      if (isKnot) for (const member of members) component.set(member, index.get(frame.name) ?? 0);
    }
  }
  return component;
}
