/**
 * Draws a strip: cells, signs and titles.
 * It does not deal with where cells lie (strip-layout.ts), with what lies over them (strip-marks.ts), nor with when to
 * draw (strip-scene.ts).
 */
import {STRIP} from '../../server/strip-format.ts';
import type {Scale} from '../looks.ts';
import {
  type Block,
  type Box,
  columnsOf,
  firstOfMonth,
  type Layout,
  monthOf,
  NO_RANK,
  placeIn,
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

/** A canvas that is given its size anew is empty. */
export function resize(canvas: HTMLCanvasElement, width: number, height: number, ratio: number): void {
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width === wide && canvas.height === high) return;
  canvas.width = wide;
  canvas.height = high;
}

export function clear(context: CanvasRenderingContext2D, {ratio, top}: Picture): void {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(ratio, 0, 0, ratio, 0, -top * ratio);
}

/** The blocks that are in sight. */
export function seenOf({layout, top, height}: Picture): readonly Block[] {
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
    if (ordinal >= block.to || layout.days[ordinal] !== day) {
      paintHollow(context, aligned(placeIn(layout, block, day), ratio), palette, ratio);
      continue;
    }
    const run = plainRun(picture, block, ordinal, day);
    if (run === 1) paintCell(context, picture, placeIn(layout, block, day), bytes[ordinal] ?? 0);
    else paintPlain(context, picture, placeIn(layout, block, day), {run, byte: bytes[ordinal] ?? 0});
    ordinal += run;
    day += run - 1;
  }
  if (layout.level !== 'weeks' || layout.pitchX < APART) return;
  // The lines between rows, which runs were drawn over.
  const {x, y} = placeIn(layout, block, block.origin);
  for (let row = 1; row < 7; row++) {
    const lower = Math.round((y + row * layout.pitchY) * ratio) / ratio;
    context.clearRect(x, lower - 1, layout.width - x, 1);
  }
}

/**
 * How many cells from one on are alike and without a sign, on the days of one week: they are one rectangle, because
 * thousands of cells would take longer than a frame. At least 1.
 */
function plainRun({layout, bytes, scale}: Picture, block: Block, ordinal: number, day: number): number {
  const byte = bytes[ordinal] ?? 0;
  const isPlain = scale.looks[scale.ranks[byte] ?? 0]?.sign === '' && (byte & STRIP.lowQuality) === 0;
  if (layout.level !== 'weeks' || !isPlain) return 1;
  const most = Math.min(7 - ((day - block.origin) % 7), block.to - ordinal);
  let run = 1;
  while (run < most && bytes[ordinal + run] === byte && layout.days[ordinal + run] === day + run) run++;
  return run;
}

function paintPlain(
  context: CanvasRenderingContext2D,
  {layout, scale, palette, ratio}: Picture,
  box: Box,
  {run, byte}: {readonly run: number; readonly byte: number},
): void {
  const first = aligned(box, ratio);
  const last = aligned({...box, y: box.y + (run - 1) * layout.pitchY}, ratio);
  context.fillStyle = palette.fills[scale.ranks[byte] ?? 0] ?? palette.line;
  context.fillRect(first.x, first.y, first.width, last.y + last.height - first.y);
}

function paintHollow(
  context: CanvasRenderingContext2D,
  {x, y, width, height}: Box,
  palette: Palette,
  ratio: number,
): void {
  const line = 1 / ratio;
  context.fillStyle = palette.line;
  context.fillRect(x, y, width, line);
  context.fillRect(x, y + height - line, width, line);
  context.fillRect(x, y, line, height);
  context.fillRect(x + width - line, y, line, height);
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
  // The season's own name stands before them.
  let free = Math.max(layout.left, context.measureText(block.title).width * 1.2 + 8);
  for (let first = firstOfMonth(block.days.from); first < block.days.to; first = firstOfMonth(first + 31)) {
    const {x} = placeIn(layout, block, Math.max(first, block.days.from));
    if (first < block.days.from || x < free) continue;
    context.fillText(MONTHS[monthOf(first)] ?? '', x, block.y - 9);
    free = x + 28;
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
