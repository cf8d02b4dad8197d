/**
 * Draws a strip: cells, signs, titles, what is selected and where the cursor is.
 * It does not deal with where cells lie (strip-layout.ts) nor with when to draw (strip-scene.ts).
 */
import {dateOf} from '../../planner/day.ts';
import {STRIP} from '../../server/strip-format.ts';
import type {Scale} from '../looks.ts';
import type {Ordinals} from '../selection.ts';
import {
  type Block,
  type Box,
  columnsOf,
  type Layout,
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
  readonly selection: Ordinals;
  readonly cursor: number | undefined;
  readonly hovered: Span | undefined;
  /** Small pictures leave it out. */
  readonly isQualityShown: boolean;
}

/** No gap is narrower, in pixels of the page. */
const GAP_WIDTH = 2;
/** From this width on cells stand apart, and from the second one they have signs. */
const APART = 4;
const SIGNED = 12;

export function paint(context: CanvasRenderingContext2D, picture: Picture): void {
  const {layout, ratio, top, height} = picture;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(ratio, 0, 0, ratio, 0, -top * ratio);
  for (const block of layout.blocks) {
    if (block.y + block.height < top || block.y - 24 > top + height) continue;
    if (layout.level === 'seasons') paintBar(context, picture, block);
    else paintDays(context, picture, block);
    paintTitles(context, picture, block);
    paintSelection(context, picture, block);
  }
  paintRing(context, picture, picture.hovered?.from, 1);
  paintRing(context, picture, picture.cursor, 2);
}

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
  const {x, y, width, height} = aligned(box, picture);
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
function aligned({x, y, width, height}: Box, {ratio}: Pick<Picture, 'ratio'>): Box {
  const snap = (value: number) => Math.round(value * ratio) / ratio;
  const apartX = width >= APART ? 1 : 0;
  const apartY = width >= APART && height < 30 && apartX === 1 && width === height ? 1 : 0;
  const left = snap(x);
  const upper = snap(y);
  return {
    x: left,
    y: upper,
    width: Math.max(1 / ratio, snap(x + width) - left - apartX),
    height: Math.max(1 / ratio, snap(y + height) - upper - apartY),
  };
}

/** A cell a day; a day without one is hollow. */
function paintDays(context: CanvasRenderingContext2D, picture: Picture, block: Block): void {
  const {layout, bytes, palette, ratio} = picture;
  let ordinal = block.from;
  context.lineWidth = 1;
  for (let day = block.days.from; day < block.days.to; day++) {
    const box = placeIn(layout, block, day);
    if (ordinal < block.to && layout.days[ordinal] === day) {
      paintCell(context, picture, box, bytes[ordinal] ?? 0);
      ordinal++;
    } else {
      const {x, y, width, height} = aligned(box, {ratio});
      context.strokeStyle = palette.line;
      context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
    }
  }
}

const WEEKDAYS = ['Mon', '', 'Wed', '', 'Fri', '', 'Sun'];

function paintTitles(context: CanvasRenderingContext2D, {layout, palette}: Picture, block: Block): void {
  if (layout.left === 0) return;
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
  for (let day = block.days.from; day < block.days.to; day++) {
    const date = dateOf(day);
    if (!date.endsWith('-01')) continue;
    const {x} = placeIn(layout, block, day);
    if (x < free) continue;
    const name = MONTHS[Number(date.slice(5, 7)) - 1] ?? '';
    context.fillText(name, x, block.y - 9);
    free = x + 28;
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function paintSelection(context: CanvasRenderingContext2D, picture: Picture, block: Block): void {
  const {layout, palette, selection} = picture;
  context.strokeStyle = palette.accent;
  context.lineWidth = 2;
  for (const span of selection) {
    const from = Math.max(span.from, block.from);
    const to = Math.min(span.to, block.to);
    if (from >= to) continue;
    if (layout.level === 'seasons') {
      const {x, y, height} = placeIn(layout, block, from);
      const right = Math.min(layout.width, layout.left + (to - block.origin) * layout.pitchX);
      const left = Math.max(layout.left, x);
      const width = Math.max(3, right - left);
      context.globalAlpha = 0.22;
      context.fillStyle = palette.accent;
      context.fillRect(left, y, width, height);
      context.globalAlpha = 1;
      context.strokeRect(left + 1, y + 1, Math.max(1, width - 2), height - 2);
      continue;
    }
    for (let ordinal = from; ordinal < to; ordinal++) {
      const {x, y, width, height} = placeIn(layout, block, layout.days[ordinal] ?? 0);
      context.strokeRect(x + 0.5, y + 0.5, width - 2, height - 2);
    }
  }
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
