/**
 * Draws what lies over the cells of a strip: what is selected, the cell under the pointer, and the cursor.
 * It does not deal with cells (strip-paint.ts).
 */
import type {Ordinals} from '../selection.ts';
import {type Block, type Box, type Layout, placeIn, placeOf, type Span} from '../strip-layout.ts';
import {clear, type Picture, seenOf} from './strip-paint.ts';

export interface Marks {
  readonly selection: Ordinals;
  readonly cursor: number | undefined;
  readonly hovered: Span | undefined;
}

/** On a canvas of their own, so that they change without a cell being drawn. */
export function paintMarks(context: CanvasRenderingContext2D, picture: Picture, marks: Marks): void {
  clear(context, picture);
  for (const block of seenOf(picture)) paintSelection(context, picture, block, marks.selection);
  paintRing(context, picture, marks.hovered?.from, 1);
  paintRing(context, picture, marks.cursor, 2);
}

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
