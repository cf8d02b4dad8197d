/**
 * Draws a strip: cells, signs, titles, what is selected and where the cursor is.
 * It does not deal with where cells lie (strip-layout.ts) nor with when to draw (strip-scene.ts).
 */
import {STRIP} from '../../server/strip-format.ts';
import type {Scale} from '../looks.ts';
import type {Ordinals} from '../selection.ts';
import {
  type Block,
  type Box,
  columnsOf,
  firstOfMonth,
  type Layout,
  monthOf,
  NO_RANK,
  placeIn,
  placeOf,
  type Span,
} from '../strip-layout.ts';
import type {Palette} from './strip-palette.ts';

export interface Picture {
  readonly layout: Layout;
  readonly bytes: Uint8Array;
  readonly scale: Scale;
  readonly palette: Palette;
  /** Pixels of the screen to one of the page. */
  readonly ratio: number;
  /** How far it is scrolled, and how much of it is seen. */
  readonly top: number;
  readonly height: number;
  /** Small pictures leave it out. */
  readonly isQualityShown: boolean;
}

export interface Marks {
  readonly selection: Ordinals;
  readonly cursor: number | undefined;
  readonly hovered: Span | undefined;
}

/** No gap is narrower, in pixels of the page. */
const GAP_WIDTH = 2;
/** From this width on cells stand apart, and from the second one they have signs. */
const APART = 4;
const SIGNED = 12;

/** What stays while the pointer moves: cells and titles. */
export function paint(context: CanvasRenderingContext2D, picture: Picture): void {
  clear(context, picture);
  paintOver(context, picture);
}

/** The same over what is there. */
export function paintOver(context: CanvasRenderingContext2D, picture: Picture): void {
  for (const block of seenOf(picture)) {
    if (picture.layout.level === 'seasons') paintBar(context, picture, block);
    else paintDays(context, picture, block);
    paintTitles(context, picture, block);
  }
}

/** What lies over it: the selection, the cell under the pointer, and the cursor. */
export function paintMarks(context: CanvasRenderingContext2D, picture: Picture, marks: Marks): void {
  clear(context, picture);
  for (const block of seenOf(picture)) paintSelection(context, picture, block, marks.selection);
  paintRing(context, picture, marks.hovered?.from, 1);
  paintRing(context, picture, marks.cursor, 2);
}

/** A canvas that is given its size anew is empty. */
export function resize(canvas: HTMLCanvasElement, width: number, height: number, ratio: number): void {
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width === wide && canvas.height === high) return;
  canvas.width = wide;
  canvas.height = high;
}

function clear(context: CanvasRenderingContext2D, {ratio, top}: Picture): void {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(ratio, 0, 0, ratio, 0, -top * ratio);
}

function seenOf({layout, top, height}: Picture): readonly Block[] {
  return layout.blocks.filter(block => block.y + block.height >= top && block.y - TITLE_ROOM <= top + height);
}

const TITLE_ROOM = 24;

function paintBar(context: CanvasRenderingContext2D, picture: Picture, block: Block): void {
  const {layout, bytes, ratio} = picture;
  if (layout.pitchX * ratio >= 2) {
    for (let ordinal = block.from; ordinal < block.to; ordinal++)
      paintCell(context, picture, placeIn(layout, block, ordinal), bytes[ordinal] ?? 0);
    return;
  }
  const end = Math.min(block.to, block.origin + (layout.width - layout.left) / layout.pitchX);
  const pixels = Math.round((end - block.origin) * layout.pitchX * ratio);
  paintColumns(context, picture, block, {from: block.origin, to: end}, pixels);
}

/** Columns of one look are one rectangle; those of gaps come last, wide enough to be seen. */
function paintColumns(
  context: CanvasRenderingContext2D,
  {layout, bytes, scale, palette, ratio, isQualityShown}: Picture,
  {y, height}: Block,
  view: Span,
  pixels: number,
): void {
  const {ranks, low} = columnsOf(bytes, view, pixels, scale);
  const gaps: [from: number, to: number, rank: number][] = [];
  const fill = (from: number, to: number, rank: number) => {
    context.fillStyle = palette.fills[rank] ?? palette.line;
    context.fillRect(layout.left + from / ratio, y, (to - from) / ratio, height);
  };
  for (let from = 0; from < pixels; ) {
    const rank = ranks[from] ?? NO_RANK;
    let to = from + 1;
    while (to < pixels && ranks[to] === rank) to++;
    if (rank !== NO_RANK) {
      if (rank >= scale.gapFrom) gaps.push([from, to, rank]);
      else fill(from, to, rank);
    }
    from = to;
  }
  const least = Math.round(GAP_WIDTH * ratio);
  gaps.sort((a, b) => a[2] - b[2]);
  for (const [from, to, rank] of gaps) {
    const end = Math.min(pixels, Math.max(to, from + least));
    fill(Math.max(0, Math.min(from, end - least)), end, rank);
  }
  if (!isQualityShown) return;
  context.fillStyle = palette.ink;
  for (let from = 0; from < pixels; from++) {
    if (low[from] === 0) continue;
    const start = from;
    while (from + 1 < pixels && low[from + 1] === 1) from++;
    context.fillRect(layout.left + start / ratio, y + height - 2, (from + 1 - start) / ratio, 2);
  }
}

function paintCell(context: CanvasRenderingContext2D, picture: Picture, box: Box, byte: number): void {
  const {scale, palette} = picture;
  const rank = scale.ranks[byte] ?? 0;
  const {x, y, width, height} = aligned(box, picture.ratio);
  context.fillStyle = palette.fills[rank] ?? palette.line;
  context.fillRect(x, y, width, height);
  if ((byte & STRIP.lowQuality) !== 0 && picture.isQualityShown) {
    context.fillStyle = palette.ink;
    context.fillRect(x, y + height - 2, width, 2);
  }
  const sign = scale.looks[rank]?.sign ?? '';
  if (sign === '' || width < SIGNED - 1 || height < SIGNED - 1) return;
  context.fillStyle = palette.signs[rank] ?? palette.ink;
  context.font = `600 ${Math.min(13, Math.floor(Math.min(width, height) * 0.72))}px system-ui, "DejaVu Sans", sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(sign, x + width / 2, y + height / 2 + 0.5);
}

/** On whole pixels of the screen, a pixel of the page apart where there is room. */
function aligned({x, y, width, height}: Box, ratio: number): Box {
  const apartX = width >= APART ? 1 : 0;
  const apartY = apartX === 1 && height < TALL && Math.abs(width - height) < 8 ? 1 : 0;
  const left = Math.round(x * ratio) / ratio;
  const upper = Math.round(y * ratio) / ratio;
  return {
    x: left,
    y: upper,
    width: Math.max(1 / ratio, Math.round((x + width) * ratio) / ratio - left - apartX),
    height: Math.max(1 / ratio, Math.round((y + height) * ratio) / ratio - upper - apartY),
  };
}

/** Bars are taller. */
const TALL = 30;

/** A cell a day; a day without one is hollow. */
function paintDays(context: CanvasRenderingContext2D, picture: Picture, block: Block): void {
  const {layout, bytes, palette, ratio} = picture;
  let ordinal = block.from;
  for (let day = block.days.from; day < block.days.to; day++) {
    const box = placeIn(layout, block, day);
    if (ordinal < block.to && layout.days[ordinal] === day) {
      paintCell(context, picture, box, bytes[ordinal] ?? 0);
      ordinal++;
      continue;
    }
    const {x, y, width, height} = aligned(box, ratio);
    const line = 1 / ratio;
    context.fillStyle = palette.line;
    context.fillRect(x, y, width, line);
    context.fillRect(x, y + height - line, width, line);
    context.fillRect(x, y, line, height);
    context.fillRect(x + width - line, y, line, height);
  }
}

const WEEKDAYS = ['Mon', '', 'Wed', '', 'Fri', '', 'Sun'];

function paintTitles(context: CanvasRenderingContext2D, {layout, palette}: Picture, block: Block): void {
  if (block.title === '') return;
  context.fillStyle = palette.quiet;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.font = '12px system-ui, "DejaVu Sans", sans-serif';
  if (layout.level !== 'weeks') {
    context.fillText(block.title, 0, block.y + block.height / 2 + 0.5);
    return;
  }
  context.fillStyle = palette.ink;
  context.fillText(block.title, 0, block.y - 9);
  context.fillStyle = palette.quiet;
  context.font = '10px system-ui, "DejaVu Sans", sans-serif';
  if (layout.pitchY >= 11)
    WEEKDAYS.forEach((name, row) => {
      context.fillText(name, 0, block.y + (row + 0.5) * layout.pitchY);
    });
  let free = layout.left;
  for (let first = firstOfMonth(block.days.from); first < block.days.to; first = firstOfMonth(first + 31)) {
    const {x} = placeIn(layout, block, Math.max(first, block.days.from));
    if (first < block.days.from || x < free) continue;
    context.fillText(MONTHS[monthOf(first)] ?? '', x, block.y - 9);
    free = x + 28;
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Neighbours in a row or a column are one box: strokes of thousands of cells would take longer than a frame. */
function paintSelection(
  context: CanvasRenderingContext2D,
  picture: Picture,
  block: Block,
  selection: Ordinals,
): void {
  const {layout, palette} = picture;
  context.fillStyle = palette.accent;
  for (const span of selection) {
    const from = Math.max(span.from, block.from);
    const to = Math.min(span.to, block.to);
    if (from >= to) continue;
    for (const box of layout.level === 'seasons'
      ? [barBox(layout, block, from, to)]
      : boxesOf(layout, block, from, to))
      paintBox(context, box);
  }
}

function barBox(layout: Layout, block: Block, from: number, to: number): Box {
  const {x, y, height} = placeIn(layout, block, from);
  const left = Math.max(layout.left, x);
  const right = Math.min(layout.width, layout.left + (to - block.origin) * layout.pitchX);
  return {x: left, y, width: Math.max(3, right - left), height};
}

/** A box a week, or one for a month, from its first selected day to its last. */
function boxesOf(layout: Layout, block: Block, from: number, to: number): readonly Box[] {
  const {days, level, pitchX, pitchY} = layout;
  const boxes: Box[] = [];
  for (let at = from; at < to; ) {
    const first = days[at] ?? 0;
    const length = level === 'weeks' ? 7 - ((first - block.origin) % 7) : MONTH;
    let end = at + 1;
    while (end < to && (days[end] ?? 0) < first + length) end++;
    const across = (days[end - 1] ?? 0) - first;
    const box = placeIn(layout, block, first);
    boxes.push(
      level === 'weeks'
        ? {...box, width: pitchX - 1, height: (across + 1) * pitchY - 1}
        : {...box, width: (across + 1) * pitchX - 1},
    );
    at = end;
  }
  return boxes;
}

/** More days than any month has. */
const MONTH = 32;

function paintBox(context: CanvasRenderingContext2D, {x, y, width, height}: Box): void {
  context.globalAlpha = 0.25;
  context.fillRect(x, y, width, height);
  context.globalAlpha = 1;
  const line = Math.min(2, width / 3);
  context.fillRect(x, y, width, line);
  context.fillRect(x, y + height - line, width, line);
  context.fillRect(x, y + line, line, height - 2 * line);
  context.fillRect(x + width - line, y + line, line, height - 2 * line);
}

function paintRing(
  context: CanvasRenderingContext2D,
  {layout, palette}: Picture,
  ordinal: number | undefined,
  lineWidth: number,
): void {
  const box = ordinal === undefined ? undefined : placeOf(layout, ordinal);
  if (box === undefined) return;
  const width = Math.max(4, box.width);
  context.lineWidth = lineWidth + 2;
  context.strokeStyle = palette.ground;
  context.strokeRect(box.x + (box.width - width) / 2, box.y + 0.5, width - 1, box.height - 1);
  context.lineWidth = lineWidth;
  context.strokeStyle = palette.ink;
  context.strokeRect(box.x + (box.width - width) / 2, box.y + 0.5, width - 1, box.height - 1);
}
