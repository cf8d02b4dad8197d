import {describe, expect, test} from 'vitest';
import {layOut} from '../../web/graph/layout.ts';
import type {GraphNode, Shape} from '../../web/graph/shape.ts';
import {
  firstView,
  lookAt,
  moveBy,
  neighbourOf,
  pathThrough,
  placeLabels,
  pointAlong,
  reveal,
  routeOf,
  wholeView,
  zoomAt,
} from '../../web/graph/view.ts';

const box = {width: 1000, height: 600};

describe('a view', () => {
  test('of a small graph is all of it, in the middle and not enlarged', () => {
    expect(firstView({width: 400, height: 200}, box)).toEqual({scale: 1, x: 300, y: 200});
  });

  test('of a large graph starts at its beginning rather than unreadably small', () => {
    const {scale, x, y} = firstView({width: 8000, height: 6000}, box);
    expect(scale).toBeGreaterThanOrEqual(0.7);
    expect([x, y]).toEqual([0, 0]);
    expect(wholeView({width: 8000, height: 6000}, box).scale).toBeCloseTo(0.1);
  });

  test('zooms about the pointer', () => {
    const before = {x: 10, y: 20, scale: 1};
    const at = {x: 300, y: 200};
    const after = zoomAt(before, 1.5, at);
    expect((at.x - after.x) / after.scale).toBeCloseTo(at.x - before.x);
    expect((at.y - after.y) / after.scale).toBeCloseTo(at.y - before.y);
    expect(zoomAt(before, 1e9, at).scale).toBe(2);
  });

  test('never leaves the graph', () => {
    const graph = {width: 500, height: 300};
    const {x, y} = moveBy({x: 0, y: 0, scale: 1}, -1e6, 1e6, graph, box);
    expect(x + graph.width).toBeGreaterThan(0);
    expect(y).toBeLessThan(box.height);
  });

  test('brings a node into sight, and does not move for one that is seen', () => {
    const view = {x: 0, y: 0, scale: 1};
    const node = {x: 2000, y: 100, width: 200, height: 70};
    const after = reveal(view, node, box);
    expect(node.x + node.width + after.x).toBeLessThanOrEqual(box.width);
    expect(after.y).toBe(0);
    expect(reveal(after, node, box)).toEqual(after);
  });

  test('of what cannot be read at once shows at least the first of it', () => {
    const first = {x: 9000, y: 50, width: 200, height: 70};
    const view = lookAt({x: 0, y: 0, width: 9200, height: 200}, first, box);
    expect(first.x * view.scale + view.x).toBeGreaterThan(0);
    expect((first.x + first.width) * view.scale + view.x).toBeLessThan(box.width);
  });
});

describe('an edge', () => {
  const from = {x: 0, y: 0, width: 100, height: 40};
  const to = {x: 300, y: 200, width: 100, height: 40};

  test('goes straight on where nothing lies between', () => {
    const points = routeOf(from, to, [], [from, to]);
    expect(points.at(0)).toEqual({x: 100, y: 20});
    expect(points.at(-1)).toEqual({x: 300, y: 220});
    expect(points).toHaveLength(4);
  });

  test('goes around a node that lies between, the way that was found', () => {
    const wall = {x: 180, y: 0, width: 40, height: 300};
    const way = [
      {x: 100, y: 20},
      {x: 200, y: 340},
      {x: 300, y: 220},
    ];
    expect(routeOf(from, to, way, [from, to, wall])).toContainEqual({x: 200, y: 340});
  });

  test('is a path from its first point to its last', () => {
    const path = pathThrough(routeOf(from, to, [], []));
    expect(path.startsWith('M100 20Q')).toBe(true);
    expect(path.endsWith('300 220')).toBe(true);
    expect(pathThrough([])).toBe('');
  });

  test('has a point at each share of its length', () => {
    const points = [
      {x: 0, y: 0},
      {x: 10, y: 0},
      {x: 10, y: 30},
    ];
    expect(pointAlong(points, 0)).toEqual({x: 0, y: 0});
    expect(pointAlong(points, 0.5)).toEqual({x: 10, y: 10});
    expect(pointAlong(points, 1)).toEqual({x: 10, y: 30});
  });
});

test('labels cover neither each other nor a node; one without room is left out', () => {
  const points = [
    {x: 0, y: 0},
    {x: 800, y: 0},
  ];
  const label = (id: string) => ({id, text: 'last 10 dates', points});
  const [first, second] = placeLabels([label('a'), label('b')], [], 1);
  expect(first).toMatchObject({id: 'a', x: 400, y: 0});
  expect(Math.abs((second?.x ?? 400) - 400)).toBeGreaterThan(70);
  expect(placeLabels([label('a')], [{x: -100, y: -50, width: 1000, height: 100}], 1)).toEqual([]);
});

describe('arrow keys', () => {
  const at = (x: number, y: number) => ({x, y, width: 100, height: 40});
  const nodes = new Map([
    ['a', at(0, 0)],
    ['b', at(300, 20)],
    ['c', at(300, 200)],
    ['d', at(0, 100)],
  ]);

  test('go to the nearest node that way, straight on before aside', () => {
    expect(neighbourOf(nodes, 'a', 'right')).toBe('b');
    expect(neighbourOf(nodes, 'a', 'down')).toBe('d');
    expect(neighbourOf(nodes, 'c', 'up')).toBe('b');
    expect(neighbourOf(nodes, 'a', 'left')).toBeUndefined();
  });
});

test('a layout sets what reads to the right of what it reads, and nodes apart from each other', async () => {
  const node = (id: string): GraphNode => ({kind: 'group', id, group: id, assets: []});
  const edge = (from: string, to: string) => ({
    id: `${from} ${to}`,
    from,
    to,
    windows: [],
    isSoft: false,
    count: 1,
  });
  const shape: Shape = {
    nodes: ['a', 'b', 'c', 'd'].map(node),
    edges: [edge('a', 'b'), edge('a', 'c'), edge('b', 'd'), edge('c', 'd')],
    nodeOf: new Map(),
  };
  const {nodes, edges, width, height} = await layOut(shape);
  for (const {id, from, to} of shape.edges) {
    const [left, right] = [nodes.get(from), nodes.get(to)];
    expect((left?.x ?? 0) + (left?.width ?? 0)).toBeLessThan(right?.x ?? 0);
    expect(edges.get(id)?.length).toBeGreaterThan(1);
  }
  const [b, c] = [nodes.get('b'), nodes.get('c')];
  expect(Math.abs((b?.y ?? 0) - (c?.y ?? 0))).toBeGreaterThanOrEqual(70);
  for (const {x, y, ...size} of nodes.values()) {
    expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
    expect(x + size.width).toBeLessThanOrEqual(width);
    expect(y + size.height).toBeLessThanOrEqual(height);
  }
});
