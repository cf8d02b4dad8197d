/**
 * Where the cells of a strip lie, and what each column of pixels shows of cells that are narrower.
 * Pure. It does not deal with colours nor with drawing (parts/strip-paint.ts).
 */
import {DAY_MS, dayOf} from '../planner/day.ts';
import type {AxisBody} from '../server/schema/pipeline.ts';
import {STRIP} from '../server/strip-format.ts';
import type {Scale} from './looks.ts';

/** Ordinals of an axis, half-open. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The season's ordinals, or all. */
export function wholeSpan({seasons, keys}: AxisBody, season: string | undefined): Span {
  return seasons.find(each => each.season === season) ?? {from: 0, to: keys.length};
}

/** Nothing of these cells, and no look of one. */
export const NO_RANK = 255;

/** By column of pixels. */
export interface Columns {
  /** Rank of the worst look among the column's cells, so that no gap is lost; NO_RANK where there is none. */
  readonly ranks: Uint8Array;
  /** 1 where a cell is of low quality. */
  readonly low: Uint8Array;
}

/** What `pixels` columns show of the cells of `view`, whose ends may lie within a cell. */
export function columnsOf(bytes: Uint8Array, view: Span, pixels: number, {ranks: rankOf}: Scale): Columns {
  const ranks = new Uint8Array(pixels).fill(NO_RANK);
  const low = new Uint8Array(pixels);
  const step = (view.to - view.from) / pixels;
  if (!(step > 0)) return {ranks, low};
  let at = Math.max(0, Math.floor(view.from + EPSILON));
  for (let pixel = 0; pixel < pixels; pixel++) {
    // Every cell is shown in the column that it begins in; one that begins before covers a column in which none does.
    const end = Math.min(bytes.length, Math.ceil(view.from + (pixel + 1) * step - EPSILON));
    const from = at < end ? at : Math.floor(view.from + pixel * step + EPSILON);
    let worst = NO_RANK;
    for (let each = from; each < Math.max(end, from + 1); each++) {
      const byte = bytes[each];
      if (byte === undefined || view.to <= each) break;
      const rank = rankOf[byte] ?? 0;
      if (worst === NO_RANK || rank > worst) worst = rank;
      if ((byte & STRIP.lowQuality) !== 0) low[pixel] = 1;
    }
    ranks[pixel] = worst;
    at = Math.max(at, end);
  }
  return {ranks, low};
}

/** Sums of steps are off by as much. */
const EPSILON = 1e-7;

/** Seasons as bars, months as rows of days, or weeks as columns of weekdays. */
export const LEVELS = ['seasons', 'months', 'weeks'] as const;
export type Level = (typeof LEVELS)[number];

/** What is drawn as one: the bar of a season, the days of a month, the weeks of a season. */
export interface Block extends Span {
  readonly title: string;
  /** Of its cells, below its title where that stands above. */
  readonly y: number;
  readonly height: number;
  /** What lies at the left edge: an ordinal of a bar, else a day number. */
  readonly origin: number;
  /** Days that have a place, with a cell or hollow. Empty in a bar. */
  readonly days: Span;
}

export interface Layout {
  readonly level: Level;
  /** Room for titles. */
  readonly left: number;
  readonly width: number;
  readonly height: number;
  /** From the start of a cell to the next one; below 1 where several share a pixel. */
  readonly pitchX: number;
  readonly pitchY: number;
  readonly blocks: readonly Block[];
  /** Day number of each ordinal; empty where the axis has no dates. */
  readonly days: Int32Array;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One bar of the cells of `view`, over the whole width. */
export function lineLayout(axis: AxisBody, view: Span, width: number, height: number): Layout {
  const count = view.to - view.from;
  const span = {
    from: Math.max(0, Math.floor(view.from + EPSILON)),
    to: Math.min(axis.keys.length, Math.ceil(view.to - EPSILON)),
  };
  return {
    level: 'seasons',
    left: 0,
    width,
    height,
    pitchX: count > 0 ? width / count : width,
    pitchY: height,
    blocks: [{...span, title: '', y: 0, height, origin: view.from, days: NO_DAYS}],
    days: daysOf(axis),
  };
}

const NO_DAYS: Span = {from: 0, to: 0};

/** The seasons given, or all, at a level. An axis without dates has bars alone. */
export function layoutOf(axis: AxisBody, level: Level, width: number, season?: string): Layout {
  const seasons = axis.seasons.filter(each => season === undefined || each.season === season);
  if (level === 'seasons' || axis.kind !== 'date') return barsLayout(axis, seasons, width);
  return level === 'months' ? monthsLayout(axis, seasons, width) : weeksLayout(axis, seasons, width);
}

type Season = AxisBody['seasons'][number];
const TITLE_LEFT = 64;
const BAR = {height: 20, gap: 8};

function barsLayout(axis: AxisBody, seasons: readonly Season[], width: number): Layout {
  const isDates = axis.kind === 'date';
  const spans: readonly Season[] = isDates ? seasons : [{season: '', from: 0, to: axis.keys.length}];
  const left = isDates ? TITLE_LEFT : 0;
  const longest = spans.reduce((most, {from, to}) => Math.max(most, to - from), 1);
  const pitchX = Math.min((width - left) / longest, isDates ? 24 : 96);
  const pitchY = BAR.height + BAR.gap;
  const blocks = spans.map(({season, from, to}, i) => ({
    title: season,
    from,
    to,
    y: i * pitchY,
    height: BAR.height,
    origin: from,
    days: NO_DAYS,
  }));
  return {
    level: 'seasons',
    left,
    width,
    height: Math.max(BAR.height, blocks.length * pitchY - BAR.gap),
    pitchX,
    pitchY: BAR.height,
    blocks,
    days: daysOf(axis),
  };
}

/** A row a month, a column a day of it. */
function monthsLayout(axis: AxisBody, seasons: readonly Season[], width: number): Layout {
  const days = daysOf(axis);
  const pitchX = Math.min(26, (width - TITLE_LEFT) / 31);
  const pitchY = Math.max(14, Math.min(22, pitchX));
  const blocks: Block[] = [];
  for (const {from, to} of seasons) {
    const last = days[to - 1] ?? 0;
    for (let start = from; start < to; ) {
      const month = (axis.keys[start] ?? '').slice(0, 7);
      const first = dayOf(`${month}-01`);
      const next = firstOfMonth(first + 31);
      const end = firstFrom(days, next, start, to);
      blocks.push({
        title: month,
        from: start,
        to: end,
        y: blocks.length * (pitchY + 2),
        height: pitchY,
        origin: first,
        days: {from: start === from ? (days[from] ?? first) : first, to: Math.min(next, last + 1)},
      });
      start = end;
    }
  }
  const height = Math.max(pitchY, blocks.length * (pitchY + 2));
  return {level: 'months', left: TITLE_LEFT, width, height, pitchX, pitchY, blocks, days};
}

/** The first day of the month that a day is in. No month is longer than 31 days, so that of the next one is `+ 31`. */
export function firstOfMonth(day: number): number {
  return day - new Date(day * DAY_MS).getUTCDate() + 1;
}

/** From 0. */
export function monthOf(day: number): number {
  return new Date(day * DAY_MS).getUTCMonth();
}

/** A column a week from Monday, a row a weekday; months are named above. */
function weeksLayout(axis: AxisBody, seasons: readonly Season[], width: number): Layout {
  const days = daysOf(axis);
  const spans = seasons.map(({season, from, to}) => {
    const first = days[from] ?? 0;
    const last = days[Math.max(from, to - 1)] ?? first;
    return {season, from, to, first, last, monday: mondayOf(first)};
  });
  const weeks = spans.reduce(
    (most, {last, monday}) => Math.max(most, Math.floor((last - monday) / 7) + 1),
    1,
  );
  // Seasons are named above their weeks: beside them only weekdays are.
  const left = width < NARROW ? WEEKDAYS_LEFT : TITLE_LEFT;
  const pitch = Math.max(3, Math.min(26, (width - left) / weeks));
  let y = 0;
  const blocks = spans.map(({season, from, to, first, last, monday}): Block => {
    const top = y + MONTH_NAMES;
    y = top + 7 * pitch + 14;
    const own = from === to ? NO_DAYS : {from: first, to: last + 1};
    return {title: season, from, to, y: top, height: 7 * pitch, origin: monday, days: own};
  });
  return {
    level: 'weeks',
    left,
    width,
    height: Math.max(y - 14, pitch),
    pitchX: pitch,
    pitchY: pitch,
    blocks,
    days,
  };
}
const MONTH_NAMES = 18;
const WEEKDAYS_LEFT = 34;
const NARROW = 560;

/** The Monday on or before a day; 1970-01-01 was a Thursday. */
export function mondayOf(day: number): number {
  return day - ((((day + 3) % 7) + 7) % 7);
}

/** Where a cell lies that is of the block, or the place of a day in it. */
export function placeIn(layout: Layout, block: Block, at: number): Box {
  const {left, pitchX, pitchY} = layout;
  const along = at - block.origin;
  if (!isWeekly(layout)) return {x: left + along * pitchX, y: block.y, width: pitchX, height: block.height};
  const week = Math.floor(along / 7);
  return {x: left + week * pitchX, y: block.y + (along - week * 7) * pitchY, width: pitchX, height: pitchY};
}

function isWeekly({level}: Layout): boolean {
  return level === 'weeks';
}

/** Where a cell lies; undefined where the layout does not show it. */
export function placeOf(layout: Layout, ordinal: number): Box | undefined {
  const block = layout.blocks.find(({from, to}) => ordinal >= from && ordinal < to);
  if (block === undefined) return undefined;
  return placeIn(layout, block, layout.level === 'seasons' ? ordinal : (layout.days[ordinal] ?? 0));
}

/**
 * The cells at a place: several where they share the pixel, none (an empty span before the next cell) on an off-day.
 * A place beside or between blocks is that of the nearest block, so that a drag may leave them.
 */
export function hit(layout: Layout, x: number, y: number): Span | undefined {
  const block = nearestBlock(layout, y);
  if (block === undefined || block.from === block.to) return undefined;
  const along = (x - layout.left) / layout.pitchX;
  if (layout.level === 'seasons') {
    const from = clamp(Math.floor(block.origin + along + EPSILON), block.from, block.to - 1);
    const width = Math.max(1, Math.ceil(1 / layout.pitchX - EPSILON));
    return {from, to: Math.min(block.to, from + width)};
  }
  const row = clamp(Math.floor((y - block.y) / layout.pitchY), 0, 6);
  const day =
    layout.level === 'weeks'
      ? block.origin + Math.max(0, Math.floor(along)) * 7 + row
      : block.origin + clamp(Math.floor(along), 0, 30);
  const from = firstFrom(layout.days, day, block.from, block.to);
  return {from, to: layout.days[from] === day && from < block.to ? from + 1 : from};
}

function nearestBlock({blocks}: Layout, y: number): Block | undefined {
  let nearest = blocks[0];
  let least = Number.POSITIVE_INFINITY;
  for (const block of blocks) {
    const away = y < block.y ? block.y - y : Math.max(0, y - block.y - block.height);
    if (away < least) [nearest, least] = [block, away];
  }
  return nearest;
}

/** The first ordinal in [from, to) whose day is `day` or later, or `to`. */
export function firstFrom(days: Int32Array, day: number, from: number, to: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((days[middle] ?? 0) < day) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

const known = new WeakMap<AxisBody, Int32Array>();

/** Day numbers of an axis of dates, which are found once. */
function daysOf(axis: AxisBody): Int32Array {
  let days = known.get(axis);
  if (days === undefined) {
    days = axis.kind === 'date' ? Int32Array.from(axis.keys, dayOf) : new Int32Array(0);
    known.set(axis, days);
  }
  return days;
}

/** How many cells of a span have each look, the worst first. */
export function summaryOf(
  bytes: Uint8Array,
  {from, to}: Span,
  {ranks, looks}: Scale,
): readonly {readonly rank: number; readonly count: number}[] {
  const counts = new Uint32Array(looks.length);
  for (let at = from; at < Math.min(to, bytes.length); at++) {
    const rank = ranks[bytes[at] ?? 0] ?? 0;
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  return [...counts]
    .map((count, rank) => ({rank, count}))
    .filter(({count}) => count > 0)
    .reverse();
}
