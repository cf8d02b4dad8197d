/**
 * Which keys a request speaks of. Grains round outward: a date asks for its season, and for `all`.
 * It does not deal with which assets are meant (select.ts).
 */
import {dayOf} from './day.ts';
import {daySpan} from './due.ts';
import type {AssetFrame} from './frame.ts';
import {globOf} from './glob.ts';
import {type KeyPattern, matchesKey} from './range-text.ts';

/** Nothing given: every key. What is given holds together. */
export interface KeyFilter {
  /** First and last date meant. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly seasons?: readonly string[] | undefined;
  /** Dates or other keys. */
  readonly keys?: readonly string[] | undefined;
}

export function isInRange(frame: AssetFrame, ordinal: number, filter: KeyFilter): boolean {
  const span = daySpan(frame, ordinal);
  if (span === undefined) return true;
  const [first, last] = span;
  if (filter.from !== undefined && last < dayOf(filter.from)) return false;
  if (filter.to !== undefined && first > dayOf(filter.to)) return false;
  if (filter.seasons !== undefined && !filter.seasons.includes(seasonOf(frame, ordinal))) return false;
  if (filter.keys === undefined) return true;
  const key = frame.keys[ordinal] ?? '';
  if (filter.keys.includes(key)) return true;
  return first !== last && filter.keys.some(date => isWithin(dayOf(date), span));
}

/** Whether a RANGE means a partition: its own key, or, of a coarser grain, a date or season that it holds. */
export function isMeant(frame: AssetFrame, ordinal: number, patterns: readonly KeyPattern[]): boolean {
  const {asset, calendar, keys} = frame;
  if (matchesKey(patterns, keys[ordinal] ?? '')) return true;
  const {kind} = asset.partitioning;
  if (kind === 'all') return patterns.length > 0;
  if (kind === 'date' || calendar === undefined) return false;
  const span = daySpan(frame, ordinal);
  const dates = calendar.dates.slice(calendar.seasonFrom[ordinal], calendar.seasonTo[ordinal]);
  return patterns.some(pattern => {
    if (pattern.kind === 'glob') return dates.some(globOf(pattern.glob));
    const [from, to] = [dayOf(pattern.from), dayOf(pattern.to)];
    return span !== undefined && from <= span[1] && to >= span[0];
  });
}

/** NaN, the day of a text that is no date, is within nothing. */
function isWithin(day: number, [first, last]: readonly [number, number]): boolean {
  return day >= first && day <= last;
}

/**
 * Whether a key that is no longer declared is meant. Nothing rounds outward to one: a season that is gone is meant by
 * its own name, or where nothing is said of dates.
 */
export function isOrphanInRange({calendar}: AssetFrame, key: string, filter: KeyFilter): boolean {
  const {from, to, seasons, keys} = filter;
  if (keys !== undefined && !keys.includes(key)) return false;
  const day = dayOf(key);
  if (Number.isNaN(day)) {
    if (seasons !== undefined) return seasons.includes(key);
    return keys !== undefined || (from === undefined && to === undefined);
  }
  if (from !== undefined && day < dayOf(from)) return false;
  if (to !== undefined && day > dayOf(to)) return false;
  if (seasons === undefined || calendar === undefined) return true;
  return seasons.some(season => {
    const index = calendar.seasonIndexOf.get(season) ?? -1;
    const [first, last] = [calendar.seasonFirstDay[index], calendar.seasonLastDay[index]];
    return first !== undefined && last !== undefined && isWithin(day, [first, last]);
  });
}

/** The season that holds a date, or the season itself; empty for `all`. */
export function seasonOf({asset, calendar, keys}: AssetFrame, ordinal: number): string {
  if (asset.partitioning.kind === 'season') return keys[ordinal] ?? '';
  return calendar?.seasons[calendar.seasonOf[ordinal] ?? 0] ?? '';
}
