/**
 * Which partitions of an axis are meant: as a text that people write (`2024-10-22..2024-11-04, 2024-12-*`, `2023-24`,
 * `missing`), and as spans of ordinals. One selection, read and printed.
 * Keys, ranges and patterns are those of the command line (planner/range-text.ts). Pure; it does not deal with pixels.
 */
import {isSeason} from '../planner/duration.ts';
import {type KeyPattern, matchesKey, parseRange} from '../planner/range-text.ts';
import type {AxisBody} from '../server/schema/pipeline.ts';
import {lookOf} from './looks.ts';
import type {Span} from './strip-layout.ts';

export const PRESETS = ['missing', 'stale', 'failed', 'last-season'] as const;
export type Preset = (typeof PRESETS)[number];

export type Item = {readonly kind: 'preset'; readonly preset: Preset} | KeyPattern;

/** Sorted, apart from each other, none empty. */
export type Ordinals = readonly Span[];

export interface Mistake {
  /** Offsets into the text. */
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

export type Parsed =
  | {readonly isValid: true; readonly items: readonly Item[]}
  | {readonly isValid: false; readonly mistakes: readonly Mistake[]};

/** An empty text selects nothing. */
export function parseSelection(text: string): Parsed {
  const items: Item[] = [];
  const mistakes: Mistake[] = [];
  if (text.trim() === '') return {isValid: true, items};
  let start = 0;
  for (const part of text.split(',')) {
    const preset = PRESETS.find(each => each === part.trim());
    if (preset !== undefined) items.push({kind: 'preset', preset});
    else {
      const {patterns, diagnostics} = parseRange(part);
      items.push(...(patterns ?? []));
      for (const {at, message} of diagnostics)
        mistakes.push({start: start + at.start, end: start + at.end, message});
    }
    start += part.length + 1;
  }
  return mistakes.length > 0 ? {isValid: false, mistakes} : {isValid: true, items};
}

export function printSelection(items: readonly Item[]): string {
  return items
    .map(item => {
      if (item.kind === 'preset') return item.preset;
      if (item.kind === 'glob') return item.glob;
      return item.from === item.to ? item.from : `${item.from}..${item.to}`;
    })
    .join(', ');
}

/** The ordinals that are meant. A season stands for its dates; presets look at the strip's bytes. */
export function ordinalsOf(items: readonly Item[], axis: AxisBody, bytes?: Uint8Array): Ordinals {
  const spans = items.flatMap(item =>
    item.kind === 'preset' ? presetSpans(item.preset, axis, bytes) : patternSpans(item, axis),
  );
  return united(spans);
}

function presetSpans(preset: Preset, {seasons, keys}: AxisBody, bytes: Uint8Array | undefined): Ordinals {
  if (preset === 'last-season') return seasons.slice(-1);
  const wanted = Uint8Array.from({length: 256}, (_, byte) => (lookOf(byte) === preset ? 1 : 0));
  return spansWhere(keys.length, ordinal => wanted[bytes?.[ordinal] ?? 0] === 1 && bytes !== undefined);
}

function patternSpans(pattern: KeyPattern, {kind, keys, seasons}: AxisBody): Ordinals {
  if (pattern.kind === 'range' && kind === 'date' && isSeason(pattern.from))
    return seasons.filter(({season}) => season >= pattern.from && season <= pattern.to);
  return spansWhere(keys.length, ordinal => matchesKey([pattern], keys[ordinal] ?? ''));
}

function spansWhere(count: number, isMeant: (ordinal: number) => boolean): Ordinals {
  const spans: Span[] = [];
  for (let at = 0; at < count; at++) {
    if (!isMeant(at)) continue;
    const from = at;
    while (at + 1 < count && isMeant(at + 1)) at++;
    spans.push({from, to: at + 1});
  }
  return spans;
}

/** The shortest items that mean exactly these ordinals: whole seasons, whole months, ranges. */
export function itemsOf(ordinals: Ordinals, axis: AxisBody): readonly Item[] {
  return ordinals.flatMap(({from, to}) => {
    const items: Item[] = [];
    for (let at = from; at < to; ) {
      const season = axis.kind === 'date' ? wholeSeasons(axis, at, to) : undefined;
      const end = season?.to ?? nextSeasonWithin(axis, at, to);
      items.push(season?.item ?? datesItem(axis, at, end));
      at = end;
    }
    return items;
  });
}

/** Seasons that begin at an ordinal and end before `to`, as far as they go. */
function wholeSeasons({seasons}: AxisBody, at: number, to: number) {
  const first = seasons.findIndex(each => each.from === at && each.to > each.from && each.to <= to);
  const own = seasons[first];
  if (own === undefined || !isSeason(own.season)) return undefined;
  let last = own;
  for (const each of seasons.slice(first + 1)) {
    if (each.from !== last.to || each.to > to || each.to === each.from || !isSeason(each.season)) break;
    last = each;
  }
  return {to: last.to, item: {kind: 'range', from: own.season, to: last.season} as const};
}

/** Where the next season begins that is meant as a whole, or `to`. */
function nextSeasonWithin({kind, seasons}: AxisBody, at: number, to: number): number {
  if (kind !== 'date') return to;
  return (
    seasons.find(each => each.from > at && each.to <= to && each.to > each.from && isSeason(each.season))
      ?.from ?? to
  );
}

function datesItem({kind, keys}: AxisBody, from: number, to: number): Item {
  const [first = '', last = ''] = [keys[from], keys[to - 1]];
  const month = first.slice(0, 7);
  const isWholeMonth =
    kind === 'date' &&
    to - from > 1 &&
    last.startsWith(month) &&
    keys[from - 1]?.startsWith(month) !== true &&
    keys[to]?.startsWith(month) !== true;
  return isWholeMonth ? {kind: 'glob', glob: `${month}-*`} : {kind: 'range', from: first, to: last};
}

export function textOf(ordinals: Ordinals, axis: AxisBody): string {
  return printSelection(itemsOf(ordinals, axis));
}

export function keysOf(ordinals: Ordinals, {keys}: AxisBody): readonly string[] {
  return ordinals.flatMap(({from, to}) => keys.slice(from, to));
}

export function countOf(ordinals: Ordinals): number {
  return ordinals.reduce((sum, {from, to}) => sum + to - from, 0);
}

export function isSelected(ordinals: Ordinals, ordinal: number): boolean {
  return ordinals.some(({from, to}) => ordinal >= from && ordinal < to);
}

/** All that any of the spans holds. */
export function united(spans: readonly Span[]): Ordinals {
  const sorted = spans.filter(({from, to}) => from < to).toSorted((a, b) => a.from - b.from);
  const result: {from: number; to: number}[] = [];
  for (const {from, to} of sorted) {
    const last = result.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else result.push({from, to});
  }
  return result;
}

/** With one ordinal in where it was out, and out where it was in. */
export function toggled(ordinals: Ordinals, at: number): Ordinals {
  if (!isSelected(ordinals, at)) return united([...ordinals, {from: at, to: at + 1}]);
  return united(
    ordinals.flatMap(({from, to}) => {
      const isHit = at >= from && at < to;
      return isHit
        ? [
            {from, to: at},
            {from: at + 1, to},
          ]
        : [{from, to}];
    }),
  );
}

/** The cursor goes from `before` to `at`: the span at whose end it stood grows or shrinks, the others stay. */
export function extended(ordinals: Ordinals, before: number, at: number): Ordinals {
  const own = ordinals.find(({from, to}) => before === from || before === to - 1);
  const anchor = own === undefined ? before : before === own.from ? own.to - 1 : own.from;
  const span = {from: Math.min(anchor, at), to: Math.max(anchor, at) + 1};
  return united([...ordinals.filter(each => each !== own), span]);
}
