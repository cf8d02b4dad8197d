/**
 * What each key of an asset reads over one edge, as ranges of upstream ordinals.
 * It does not deal with which of those partitions are there (satisfy.ts) nor with their versions (digest.ts).
 */
import type {Calendar, TeamGames} from './calendar.ts';
import type {Edge, Partitioning, Window} from './pipeline.ts';
import {unreachable} from './unreachable.ts';

/** The games `from` (meant) to `to` (not meant) of one team's list. */
export interface TeamSegment {
  readonly team: number;
  readonly from: number;
  readonly to: number;
}

export type Reads =
  /** Key i reads the upstream ordinals from `from[i]` (meant) to `to[i]` (not meant). */
  | {readonly kind: 'span'; readonly from: Int32Array; readonly to: Int32Array}
  /** Key i reads these games; `teams` index the calendar's teams. */
  | {
      readonly kind: 'games';
      readonly teams: readonly TeamGames[];
      segments(ordinal: number): readonly TeamSegment[];
    };

/** Both ends of an edge: how their keys are counted. */
export interface Ends {
  readonly downstream: Partitioning;
  readonly upstream: Partitioning;
  readonly calendar: Calendar | undefined;
  readonly downstreamCount: number;
  readonly upstreamCount: number;
  /** For `previous`: whether an upstream key is passed over (exempt, or an accepted gap). */
  isPassedOver(ordinal: number): boolean;
}

/** Resolves an edge's window for every key of the asset that declares it. */
export function resolveReads(edge: Edge, ends: Ends): Reads {
  const {window} = edge;
  if (window.kind === 'games') return gamesReads(edge, window, calendarOf(ends));
  const from = new Int32Array(ends.downstreamCount);
  const to = new Int32Array(ends.downstreamCount);
  const range = rangeOf(edge, window, ends);
  for (let i = 0; i < ends.downstreamCount; i++) {
    const [low, high] = range(i);
    from[i] = low;
    to[i] = Math.max(low, high);
  }
  return {kind: 'span', from, to};
}

type Range = (ordinal: number) => readonly [from: number, to: number];

function rangeOf(edge: Edge, window: Exclude<Window, {kind: 'games'}>, ends: Ends): Range {
  switch (window.kind) {
    case 'same':
      return i => [i, i + 1];
    case 'whole':
      return () => [0, 1];
    case 'season-of-date': {
      const {seasonOf} = calendarOf(ends);
      return i => [seasonOf[i] ?? 0, (seasonOf[i] ?? 0) + 1];
    }
    case 'dates-of-season': {
      const {seasonFrom, seasonTo} = calendarOf(ends);
      return i => [seasonFrom[i] ?? 0, seasonTo[i] ?? 0];
    }
    case 'days':
      return daysRange(edge, window.count, calendarOf(ends));
    case 'dates': {
      const calendar = calendarOf(ends);
      const past = edge.throughToday ? 1 : 0;
      return i => [Math.max(lowest(edge, calendar, i), i + past - window.count), i + past];
    }
    case 'season-to-date': {
      const calendar = calendarOf(ends);
      return i => [calendar.seasonFrom[calendar.seasonOf[i] ?? 0] ?? 0, i + (edge.throughToday ? 1 : 0)];
    }
    case 'previous':
      return previousRange(edge, ends);
    case 'all':
      return allRange(edge, ends);
    default:
      return unreachable(window);
  }
}

/** The first ordinal that a window of date `i` may reach. */
function lowest(edge: Edge, calendar: Calendar, i: number): number {
  return edge.crossesSeasons ? 0 : (calendar.seasonFrom[calendar.seasonOf[i] ?? 0] ?? 0);
}

/** Windows of days move forward with their keys, so one pointer finds every start. */
function daysRange(edge: Edge, count: number, calendar: Calendar): Range {
  const past = edge.throughToday ? 1 : 0;
  const starts = new Int32Array(calendar.dates.length);
  let start = 0;
  for (let i = 0; i < starts.length; i++) {
    const first = (calendar.days[i] ?? 0) + past - count;
    while (start < i && (calendar.days[start] ?? 0) < first) start++;
    starts[i] = start;
  }
  return i => [Math.max(lowest(edge, calendar, i), starts[i] ?? 0), i + past];
}

function previousRange(edge: Edge, ends: Ends): Range {
  const {calendar} = ends;
  const isDate = ends.downstream.kind === 'date' && calendar !== undefined;
  return i => {
    const floor = isDate ? lowest(edge, calendar, i) : 0;
    for (let candidate = i - 1; candidate >= floor; candidate--) {
      if (!ends.isPassedOver(candidate)) return [candidate, candidate + 1];
    }
    return [i, i];
  };
}

/** In a date asset `all` is all before the key (or through it); elsewhere it is all. */
function allRange(edge: Edge, ends: Ends): Range {
  const past = edge.throughToday ? 1 : 0;
  if (ends.downstream.kind !== 'date') return () => [0, ends.upstreamCount];
  if (ends.upstream.kind === 'date') return i => [0, i + past];
  const {seasonOf} = calendarOf(ends);
  return i => [0, (seasonOf[i] ?? 0) + past];
}

function gamesReads(edge: Edge, window: Extract<Window, {kind: 'games'}>, calendar: Calendar): Reads {
  const {teams} = calendar;
  const indexOf = new Map(teams.map(({team}, index) => [team, index]));
  const inSeason = teamsBySeason(calendar);
  const cache = new Map<number, readonly TeamSegment[]>();
  const segments = (ordinal: number): readonly TeamSegment[] => {
    const known = cache.get(ordinal);
    if (known !== undefined) return known;
    const season = calendar.seasonOf[ordinal] ?? 0;
    const chosen = window.teams === 'every' ? (inSeason[season] ?? []) : playing(calendar, ordinal, indexOf);
    const floor = lowest(edge, calendar, ordinal);
    const found: TeamSegment[] = [];
    for (const team of chosen) {
      const ordinals = teams[team]?.ordinals ?? new Int32Array();
      const to = countBelow(ordinals, edge.throughToday ? ordinal + 1 : ordinal);
      const from = Math.max(countBelow(ordinals, floor), to - window.count);
      if (to > from) found.push({team, from, to});
    }
    cache.set(ordinal, found);
    return found;
  };
  return {kind: 'games', teams, segments};
}

/** By season: the teams that have a game in it. One that is gone is read by no later season, even across seasons. */
function teamsBySeason(calendar: Calendar): readonly (readonly number[])[] {
  return calendar.seasons.map((_, season) => {
    const [from, to] = [calendar.seasonFrom[season] ?? 0, calendar.seasonTo[season] ?? 0];
    return calendar.teams.flatMap(({ordinals}, team) =>
      countBelow(ordinals, to) > countBelow(ordinals, from) ? [team] : [],
    );
  });
}

function playing(
  calendar: Calendar,
  ordinal: number,
  indexOf: ReadonlyMap<string, number>,
): readonly number[] {
  const found = new Set<number>();
  for (const game of calendar.games[ordinal] ?? []) {
    for (const team of game.teams) {
      const index = indexOf.get(team);
      if (index !== undefined) found.add(index);
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** How many of the sorted numbers are below `limit`. */
function countBelow(sorted: Int32Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function calendarOf(ends: Ends): Calendar {
  if (ends.calendar === undefined) throw new Error('Internal error: a window over dates without a calendar');
  return ends.calendar;
}

/** Every upstream ordinal that key `ordinal` reads, once each, ascending. */
export function ordinalsRead(reads: Reads, ordinal: number): readonly number[] {
  if (reads.kind === 'span') {
    const from = reads.from[ordinal] ?? 0;
    return Array.from({length: (reads.to[ordinal] ?? 0) - from}, (_, i) => from + i);
  }
  const found = new Set<number>();
  for (const {team, from, to} of reads.segments(ordinal)) {
    for (let i = from; i < to; i++) found.add(reads.teams[team]?.ordinals[i] ?? 0);
  }
  return [...found].sort((a, b) => a - b);
}

/** Sums a quantity of the upstream's ordinals over the window of each of `ordinals`; a game counts once for each team. */
export function sumOver(reads: Reads, quantity: Float64Array, ordinals: readonly number[]): Float64Array {
  const sums = new Float64Array(ordinals.length);
  if (reads.kind === 'span') {
    const prefix = prefixOf(quantity.length, i => quantity[i] ?? 0);
    ordinals.forEach((ordinal, i) => {
      sums[i] = (prefix[reads.to[ordinal] ?? 0] ?? 0) - (prefix[reads.from[ordinal] ?? 0] ?? 0);
    });
    return sums;
  }
  const prefixes = reads.teams.map(({ordinals: own}) =>
    prefixOf(own.length, i => quantity[own[i] ?? 0] ?? 0),
  );
  ordinals.forEach((ordinal, i) => {
    for (const {team, from, to} of reads.segments(ordinal)) {
      sums[i] = (sums[i] ?? 0) + (prefixes[team]?.[to] ?? 0) - (prefixes[team]?.[from] ?? 0);
    }
  });
  return sums;
}

function prefixOf(length: number, at: (index: number) => number): Float64Array {
  const prefix = new Float64Array(length + 1);
  for (let i = 0; i < length; i++) prefix[i + 1] = (prefix[i] ?? 0) + at(i);
  return prefix;
}
