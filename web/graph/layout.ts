/**
 * Where nodes and edges lie: layers from left to right (Sugiyama's method, by dagre), groups together.
 * The library is fetched when the first graph is drawn. It does not deal with what is shown (shape.ts).
 */
import {arrived} from '../unreachable.ts';
import type {Shape} from './shape.ts';
import {routeOf} from './view.ts';

const NODE = {width: 216, height: 70} as const;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface GraphLayout extends Pick<Placed, 'width' | 'height'> {
  /** By id of a node; the upper left corner. */
  readonly nodes: ReadonlyMap<string, Placed>;
  /** By id of an edge. */
  readonly edges: ReadonlyMap<string, readonly Point[]>;
  /** Around the assets of each open group. */
  readonly groups: ReadonlyMap<string, Placed>;
}

const MARGIN = 24;
/** Around the nodes of a group; above them is its name. */
const AROUND = {side: 10, above: 26} as const;

export async function layOut(shape: Shape): Promise<GraphLayout> {
  const {graphlib, layout} = await arrived(import('@dagrejs/dagre'));
  const graph = new graphlib.Graph({compound: true, directed: true});
  graph.setGraph({rankdir: 'LR', nodesep: 20, ranksep: 76, edgesep: 12, marginx: MARGIN, marginy: MARGIN});
  graph.setDefaultEdgeLabel(() => ({}));
  for (const {kind, id, group} of shape.nodes) {
    graph.setNode(id, {...NODE});
    if (kind !== 'asset') continue;
    graph.setNode(clusterOf(group), {});
    graph.setParent(id, clusterOf(group));
  }
  for (const {from, to} of shape.edges) graph.setEdge(from, to);
  layout(graph);
  return read(graph, shape);
}

function clusterOf(group: string): string {
  return `cluster:${group}`;
}

interface Laid {
  node(id: string): unknown;
  edge(edge: {v: string; w: string}): unknown;
}

function read(graph: Laid, shape: Shape): GraphLayout {
  const nodes = new Map<string, Placed>();
  const groups = new Map<string, Placed>();
  for (const {kind, id, group} of shape.nodes) {
    const {x, y} = graph.node(id) as Point; // where dagre put its middle
    const placed = {...NODE, x: x - NODE.width / 2, y: y - NODE.height / 2};
    nodes.set(id, placed);
    if (kind === 'asset') groups.set(group, around(groups.get(group), placed));
  }
  const places = [...nodes.values()];
  const edges = new Map(
    shape.edges.map(({id, from, to}) => {
      const {points} = graph.edge({v: from, w: to}) as {points: readonly Point[]}; // as dagre routes it
      const [start, end] = [nodes.get(from), nodes.get(to)];
      return [id, start === undefined || end === undefined ? points : routeOf(start, end, points, places)];
    }),
  );
  const all = [...nodes.values(), ...groups.values()];
  const shift = {
    x: MARGIN - Math.min(...all.map(({x}) => x), MARGIN),
    y: MARGIN - Math.min(...all.map(({y}) => y), MARGIN),
  };
  const moved = (placed: Placed) => ({...placed, x: placed.x + shift.x, y: placed.y + shift.y});
  return {
    nodes: new Map([...nodes].map(([id, each]) => [id, moved(each)])),
    groups: new Map([...groups].map(([id, each]) => [id, moved(each)])),
    edges: new Map(
      [...edges].map(([id, points]) => [id, points.map(({x, y}) => ({x: x + shift.x, y: y + shift.y}))]),
    ),
    width: Math.max(...all.map(({x, width}) => x + width), 0) + shift.x + MARGIN,
    height: Math.max(...all.map(({y, height}) => y + height), 0) + shift.y + MARGIN,
  };
}

function around(before: Placed | undefined, {x, y, width, height}: Placed): Placed {
  const [left, top] = [x - AROUND.side, y - AROUND.above];
  const [right, bottom] = [x + width + AROUND.side, y + height + AROUND.side];
  const from = {x: Math.min(before?.x ?? left, left), y: Math.min(before?.y ?? top, top)};
  return {
    ...from,
    width: Math.max(before === undefined ? right : before.x + before.width, right) - from.x,
    height: Math.max(before === undefined ? bottom : before.y + before.height, bottom) - from.y,
  };
}
