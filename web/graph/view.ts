/**
 * What of the graph is seen: moved and zoomed, and what is to be seen brought into sight; and edges as curves.
 * Pure. It does not deal with events.
 */
import type {Placed, Point} from './layout.ts';

/** A place of the graph lies on the screen at place * scale + (x, y). */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const SCALE = {least: 0.1, most: 2} as const;
/** Below this a name cannot be read: the first sight of a graph rather shows a part of it. */
const READABLE = 0.72;

/** All of it where that can be read, from its upper left corner on where not. */
export function firstView(graph: Size, box: Size): View {
  const whole = wholeView(graph, box);
  if (whole.scale >= READABLE) return whole;
  const scale = READABLE;
  return {
    scale,
    x: graph.width * scale < box.width ? (box.width - graph.width * scale) / 2 : 0,
    y: graph.height * scale < box.height ? (box.height - graph.height * scale) / 2 : 0,
  };
}

/** All of it, however small. */
export function wholeView(graph: Size, box: Size): View {
  const scale = Math.min(
    1,
    Math.max(SCALE.least, Math.min(box.width / graph.width, box.height / graph.height)),
  );
  return {
    scale,
    x: (box.width - graph.width * scale) / 2,
    y: (box.height - graph.height * scale) / 2,
  };
}

/** What lies at `at` on the screen stays there. */
export function zoomAt(view: View, factor: number, at: Point): View {
  const scale = Math.min(SCALE.most, Math.max(SCALE.least, view.scale * factor));
  const by = scale / view.scale;
  return {scale, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by};
}

/** Never so far that nothing of the graph is left in sight. */
export function moveBy(view: View, dx: number, dy: number, graph: Size, box: Size): View {
  const least = 80;
  const clamp = (value: number, size: number, room: number) =>
    Math.min(room - least, Math.max(least - size * view.scale, value));
  return {
    ...view,
    x: clamp(view.x + dx, graph.width, box.width),
    y: clamp(view.y + dy, graph.height, box.height),
  };
}

/** The nearest view in which a node is seen whole. */
export function reveal(view: View, {x, y, width, height}: Placed, box: Size): View {
  const room = 24;
  const into = (from: number, size: number, at: number, side: number) => {
    const start = from * view.scale + at;
    const end = start + size * view.scale;
    if (start < room) return at + room - start;
    return end > side - room ? at - (end - side + room) : at;
  };
  return {...view, x: into(x, width, view.x, box.width), y: into(y, height, view.y, box.height)};
}

/** A smooth path through points: quadratic curves whose corners are the points, from middle to middle. */
export function pathThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const text = ({x, y}: Point) => `${round(x)} ${round(y)}`;
  const last = rest.at(-1);
  if (rest.length < 2 || last === undefined)
    return `M${text(first)}${rest.map(each => `L${text(each)}`).join('')}`;
  const curves = rest.slice(0, -1).map((corner, at) => {
    const next = rest[at + 1] ?? last;
    const end = at === rest.length - 2 ? last : {x: (corner.x + next.x) / 2, y: (corner.y + next.y) / 2};
    return `Q${text(corner)} ${text(end)}`;
  });
  return `M${text(first)}${curves.join('')}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** From the right side of one node to the left side of another: straight on where no node lies between, else along `way`. */
export function routeOf(
  from: Placed,
  to: Placed,
  way: readonly Point[],
  nodes: readonly Placed[],
): readonly Point[] {
  const start = {x: from.x + from.width, y: from.y + from.height / 2};
  const end = {x: to.x, y: to.y + to.height / 2};
  const middle = (start.x + end.x) / 2;
  const direct = [start, {x: middle, y: start.y}, {x: middle, y: end.y}, end];
  if (start.x < end.x && !crosses(direct, nodes, [from, to])) return direct;
  const between = way.slice(1, -1).filter(({x}) => x > start.x + 8 && x < end.x - 8);
  const lead = Math.max(12, Math.min(36, (end.x - start.x) / 3));
  return [start, {x: start.x + lead, y: start.y}, ...between, {x: end.x - lead, y: end.y}, end];
}

const SAMPLES = 24;

function crosses(points: readonly Point[], nodes: readonly Placed[], but: readonly Placed[]): boolean {
  const places = Array.from({length: SAMPLES}, (_, at) => pointAlong(points, (at + 0.5) / SAMPLES));
  return nodes.some(
    node =>
      !but.includes(node) &&
      places.some(
        ({x, y}) =>
          x > node.x - 6 && x < node.x + node.width + 6 && y > node.y - 4 && y < node.y + node.height + 4,
      ),
  );
}

/** The point at a share of the length of a line. */
export function pointAlong(points: readonly Point[], share: number): Point {
  const steps = points.slice(1).map((point, at) => {
    const before = points[at] ?? point;
    return {before, point, length: Math.hypot(point.x - before.x, point.y - before.y)};
  });
  let left = share * steps.reduce((sum, {length}) => sum + length, 0);
  for (const {before, point, length} of steps) {
    if (left <= length && length > 0) {
      const part = left / length;
      return {x: before.x + (point.x - before.x) * part, y: before.y + (point.y - before.y) * part};
    }
    left -= length;
  }
  return points.at(-1) ?? {x: 0, y: 0};
}

interface Label {
  readonly id: string;
  readonly text: string;
  readonly points: readonly Point[];
}

const LABEL = {height: 20, letter: 5.8, padding: 14} as const;
const SHARES = [0.5, 0.4, 0.6, 0.3, 0.7] as const;

/** Where windows are written along their edges so that none covers another or a node; those without room are left out. */
export function placeLabels(
  labels: readonly Label[],
  nodes: readonly Placed[],
  /** Letters are as large on the screen at every scale. */
  scale: number,
): readonly (Point & {readonly id: string; readonly text: string})[] {
  const taken: Placed[] = [...nodes];
  return labels.flatMap(({id, text, points}) => {
    const width = (text.length * LABEL.letter + LABEL.padding) / scale;
    const height = LABEL.height / scale;
    for (const share of SHARES) {
      const {x, y} = pointAlong(points, share);
      const box = {x: x - width / 2, y: y - height / 2, width, height};
      if (taken.some(other => overlaps(box, other))) continue;
      taken.push(box);
      return [{id, text, x, y}];
    }
    return [];
  });
}

function overlaps(a: Placed, b: Placed): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Around all of them. */
export function boundsOf(places: readonly Placed[]): Placed | undefined {
  if (places.length === 0) return undefined;
  const [left, top] = [Math.min(...places.map(({x}) => x)), Math.min(...places.map(({y}) => y))];
  const right = Math.max(...places.map(({x, width}) => x + width));
  const bottom = Math.max(...places.map(({y, height}) => y + height));
  return {x: left, y: top, width: right - left, height: bottom - top};
}

/** Below this nothing of a node is told apart. */
const TOLD_APART = 0.45;

/** As much of `wanted` as can be told apart, and `first` of it in any case. */
export function lookAt(wanted: Placed, first: Placed, box: Size): View {
  const room = 48;
  const scale = Math.min(
    1,
    Math.max(TOLD_APART, Math.min((box.width - room) / wanted.width, (box.height - room) / wanted.height)),
  );
  const view = {
    scale,
    x: box.width / 2 - (wanted.x + wanted.width / 2) * scale,
    y: box.height / 2 - (wanted.y + wanted.height / 2) * scale,
  };
  return reveal(view, first, box);
}

export type Way = 'left' | 'right' | 'up' | 'down';

/** The nearest node that way: straight on counts more than aside. */
export function neighbourOf(nodes: ReadonlyMap<string, Placed>, from: string, way: Way): string | undefined {
  const own = nodes.get(from);
  if (own === undefined) return undefined;
  let [best, least] = [undefined as string | undefined, Number.POSITIVE_INFINITY];
  for (const [id, node] of nodes) {
    const [dx, dy] = [node.x - own.x, node.y - own.y];
    const [ahead, aside] =
      way === 'left' ? [-dx, dy] : way === 'right' ? [dx, dy] : way === 'up' ? [-dy, dx] : [dy, dx];
    if (ahead <= 1) continue;
    const far = ahead + 3 * Math.abs(aside);
    if (far < least) [best, least] = [id, far];
  }
  return best;
}
