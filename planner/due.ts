/**
 * Whether a partition's time has come. It knows declarations and the calendar; not what is upstream (classify.ts).
 */
import {type Calendar, finalityOf, startOf} from './calendar.ts';
import {DAY_MS, hasCome, instantOf} from './day.ts';
import type {AssetFrame} from './frame.ts';
import type {Due} from './pipeline.ts';
import type {NotDueReason} from './reason.ts';
import {unreachable} from './unreachable.ts';

export type Dueness =
  | {readonly kind: 'due'; readonly overdue: boolean}
  | {readonly kind: 'not-due'; readonly because: NotDueReason};

const DUE: Dueness = {kind: 'due', overdue: false};
const OVERDUE: Dueness = {kind: 'due', overdue: true};

/**
 * Whether each key of an asset is due: a date by itself, a season when its first date is. `settlesCalendar`: the asset is
 * a calendar's own or upstream of it, and so must come before any game is known.
 */
export function duenessOf(
  {asset, calendar}: Pick<AssetFrame, 'asset' | 'calendar'>,
  about: {readonly now: number; readonly settlesCalendar: boolean},
): (ordinal: number) => Dueness {
  if (calendar === undefined || asset.partitioning.kind === 'all') return () => DUE;
  const ofDate = duenessOfDates(asset.due, calendar, about.now);
  if (asset.partitioning.kind === 'date') return ofDate;
  if (about.settlesCalendar) return () => DUE;
  return season => {
    const first = calendar.seasonFrom[season] ?? 0;
    return (calendar.seasonTo[season] ?? 0) > first ? ofDate(first) : NO_GAMES;
  };
}

function duenessOfDates(due: Due, calendar: Calendar, now: number): (ordinal: number) => Dueness {
  if (due.kind === 'scheduled') return () => DUE;
  // Assets with the same rule share what was found: at millions of partitions a calendar is asked once for each date.
  const name = `${JSON.stringify(due)} ${now}`;
  let rules = foundByCalendar.get(calendar);
  if (rules === undefined) {
    rules = new Map();
    foundByCalendar.set(calendar, rules);
  }
  const found = rules.get(name) ?? [];
  rules.set(name, found);
  return ordinal => {
    found[ordinal] ??= dueDate(calendar, ordinal, due, now);
    return found[ordinal];
  };
}

const NO_GAMES: Dueness = {kind: 'not-due', because: {kind: 'no-known-games'}};
const foundByCalendar = new WeakMap<Calendar, Map<string, Dueness[]>>();

function dueDate(
  calendar: Calendar,
  ordinal: number,
  due: Exclude<Due, {kind: 'scheduled'}>,
  now: number,
): Dueness {
  switch (due.kind) {
    case 'final': {
      const finality = finalityOf(calendar, ordinal, now);
      if (finality.kind === 'open')
        return {kind: 'not-due', because: {kind: 'games-not-final', games: finality.games}};
      return finality.kind === 'overdue' ? OVERDUE : DUE;
    }
    case 'clock': {
      const day = (calendar.days[ordinal] ?? 0) + due.days;
      if (hasCome(day, due.minute, calendar.timezone, now)) return DUE;
      const dueAt = instantOf(day, due.minute, calendar.timezone);
      return {kind: 'not-due', because: {kind: 'not-yet', dueAt}};
    }
    default:
      return unreachable(due);
  }
}

/**
 * When a partition's own time came; undefined where that is not known. Of a date its due time, or the end of its day in
 * the zone; of a season that of its first game's date, or its first day where it has no known game.
 */
export function fellDueAt(
  {asset, calendar}: Pick<AssetFrame, 'asset' | 'calendar'>,
  ordinal: number,
): number | undefined {
  if (calendar === undefined || asset.partitioning.kind === 'all') return undefined;
  if (asset.partitioning.kind === 'date') return dueTime({asset, calendar}, ordinal);
  const from = calendar.seasonFrom[ordinal] ?? 0;
  const hasDates = (calendar.seasonTo[ordinal] ?? 0) > from;
  if (hasDates) return dueTime({asset, calendar}, from);
  return instantOf(calendar.seasonFirstDay[ordinal] ?? 0, 0, calendar.timezone);
}

/** Whether a source that shows only the present has nothing of a partition any more. Without a due time it has. */
export function isTooLate(
  frame: Pick<AssetFrame, 'asset' | 'calendar'>,
  ordinal: number,
  now: number,
): boolean {
  const {liveFor} = frame.asset;
  if (liveFor === undefined) return false;
  const dueAt = fellDueAt(frame, ordinal);
  return dueAt !== undefined && now > dueAt + liveFor;
}

/** The instant from which a date's refresh is counted: its own due time, or the end of its day in the zone. */
function dueTime({asset: {due}, calendar}: Pick<AssetFrame, 'asset' | 'calendar'>, ordinal: number): number {
  if (calendar === undefined) return 0;
  const [days, minute] = due.kind === 'clock' ? [due.days, due.minute] : [1, 0];
  let rules = timesByCalendar.get(calendar);
  if (rules === undefined) {
    rules = new Map();
    timesByCalendar.set(calendar, rules);
  }
  const times = rules.get(days * DAY_MINUTES + minute) ?? [];
  rules.set(days * DAY_MINUTES + minute, times);
  times[ordinal] ??= instantOf((calendar.days[ordinal] ?? 0) + days, minute, calendar.timezone);
  return times[ordinal];
}

const DAY_MINUTES = 1440;

/** By the rule of their due time: assets with the same one share what was found. */
const timesByCalendar = new WeakMap<Calendar, Map<number, number[]>>();

/** Days after its due time that a date is fetched again where `refresh` says no `until`. */
const DEFAULT_UNTIL_MS = 3 * DAY_MS;

/** When a partition is asked for no more, by any clock: a start of its date's games, where `refresh` ends with one. */
export function refreshEnd(
  {asset, calendar}: Pick<AssetFrame, 'asset' | 'calendar'>,
  ordinal: number,
): number | undefined {
  const until = asset.refresh?.until;
  if (calendar === undefined || until === undefined || typeof until === 'number') return undefined;
  return startOf(calendar, ordinal, until);
}

/** Whether a start after which a partition is not asked for any more has come. */
export function isRefreshOver(
  frame: Pick<AssetFrame, 'asset' | 'calendar'>,
  ordinal: number,
  now: number,
): boolean {
  return now >= (refreshEnd(frame, ordinal) ?? Number.POSITIVE_INFINITY);
}

/**
 * Whether `refresh` still applies to a partition last fetched at `fetchedAt`: a date until its due time plus `until`, or
 * until a start; a season until its last game is final. A hole filled years later is past it, and is not fetched again.
 */
export function isRefreshOpen(
  frame: Pick<AssetFrame, 'asset' | 'calendar'>,
  ordinal: number,
  about: {readonly fetchedAt: number; readonly now: number},
): boolean {
  const {asset, calendar} = frame;
  if (asset.refresh === undefined) return false;
  if (asset.partitioning.kind === 'all' || calendar === undefined) return true;
  if (asset.partitioning.kind === 'season') return isSeasonOpen(frame, ordinal, about);
  const {until = DEFAULT_UNTIL_MS} = asset.refresh;
  return typeof until === 'number'
    ? about.fetchedAt < dueTime(frame, ordinal) + until
    : about.now < startOf(calendar, ordinal, until);
}

/** A season's games are announced in parts (the finals after its regular games), so it is read on for a while. */
const SEASON_UNTIL_MS = 7 * DAY_MS;

/**
 * A season is open while a game of it is not final, and until `until` after its last known game; never past the fetch
 * that follows its last day, so that a game that no one declared final is not asked for until the end of time.
 */
function isSeasonOpen(
  {asset, calendar}: Pick<AssetFrame, 'asset' | 'calendar'>,
  season: number,
  {fetchedAt, now}: {readonly fetchedAt: number; readonly now: number},
): boolean {
  if (calendar === undefined) return true;
  const seasonEnd = instantOf((calendar.seasonLastDay[season] ?? 0) + 1, 0, calendar.timezone);
  if (fetchedAt >= seasonEnd) return false;
  const from = calendar.seasonFrom[season] ?? 0;
  const to = calendar.seasonTo[season] ?? 0;
  if (to === from) return true;
  for (let ordinal = from; ordinal < to; ordinal++) {
    if (finalityOf(calendar, ordinal, now).kind !== 'final') return true;
  }
  const lastGame = instantOf((calendar.days[to - 1] ?? 0) + 1, 0, calendar.timezone);
  const until = asset.refresh?.until;
  // Only of a date a start is its end.
  return fetchedAt < lastGame + (typeof until === 'number' ? until : SEASON_UNTIL_MS);
}

/** The days of a season or the day of a date, as [first, last] day numbers; undefined for `all`. */
export function daySpan(
  {asset, calendar}: Pick<AssetFrame, 'asset' | 'calendar'>,
  ordinal: number,
): readonly [number, number] | undefined {
  if (calendar === undefined || asset.partitioning.kind === 'all') return undefined;
  if (asset.partitioning.kind === 'date') {
    const day = calendar.days[ordinal] ?? 0;
    return [day, day];
  }
  return [calendar.seasonFirstDay[ordinal] ?? 0, calendar.seasonLastDay[ordinal] ?? 0];
}
