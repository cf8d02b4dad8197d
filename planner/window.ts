/**
 * What each key of an asset reads over one edge, as ranges of upstream ordinals.
 * It does not deal with which of those partitions are there (satisfy.ts) nor with their versions (digest.ts).
 */
import type {Calendar, TeamGames} from './calendar.ts';
import type {Edge, Partitioning, Window} from './pipeline.ts';
import {unreachable} from './unreachable.ts';

/** A list of upstream ordinals, and which stretch of it each key reads. */
export interface Sequence {
  /** The team whose games these are; undefined where the list is all upstream keys in order. */
  readonly team: TeamGames | undefined;
  /** Key i reads the positions from `from[i]` (meant) to `to[i]` (not meant). */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Whether neither end ever falls from one key to the next, so that keys can be found by bisection. */
  readonly isSteady: boolean;
  /** Whether key i reads position i and no other: the most common window, and the cheapest. */
  readonly isSame: boolean;
}

/** One sequence, or one for each team. */
export type Reads = readonly Sequence[];

/** The upstream ordinal at a position of a sequence. */
export function ordinalAt({team}: Sequence, position: number): number {
  return team === undefined ? position : (team.ordinals[position] ?? 0);
}

/** Both ends of an edge: how their keys are counted. */
export interface Ends {
  readonly downstream: Partitioning;
  readonly upstream: Partitioning;
  readonly calendar: Calendar | undefined;
  readonly downstreamCount: number;
  readonly upstreamCount: number;
  /** For `previous`: which upstream keys are passed over (exempt, or an accepted gap); undefined where none is. */
  readonly passedOver: ((ordinal: number) => boolean) | undefined;
}

/**
 * Resolves an edge's window for every key of the asset that declares it. What the calendar alone decides is worked out
 * once and shared by all edges that ask for the same.
 */
export function resolveReads(edge: Edge, ends: Ends): Reads {
  const {calendar, passedOver} = ends;
  if (calendar === undefined || (edge.window.kind === 'previous' && passedOver !== undefined))
    return resolve(edge, ends);
  let known = readsByCalendar.get(calendar);
  if (known === undefined) {
    known = new Map();
    readsByCalendar.set(calendar, known);
  }
  const {window, throughToday, crossesSeasons} = edge;
  const name = JSON.stringify([
    window,
    throughToday,
    crossesSeasons,
    ends.downstream.kind,
    ends.upstream.kind,
  ]);
  let reads = known.get(name);
  if (reads === undefined) {
    reads = resolve(edge, ends);
    known.set(name, reads);
  }
  return reads;
}

const readsByCalendar = new WeakMap<Calendar, Map<string, Reads>>();

function resolve(edge: Edge, ends: Ends): Reads {
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
  const isSteady = isRising(from) && isRising(to);
  return [{team: undefined, from, to, isSteady, isSame: window.kind === 'same'}];
}

function isRising(column: Int32Array): boolean {
  for (let i = 1; i < column.length; i++) if ((column[i] ?? 0) < (column[i - 1] ?? 0)) return false;
  return true;
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
      if (ends.passedOver?.(candidate) !== true) return [candidate, candidate + 1];
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
  const isMeant = window.teams === 'every' ? membersOf(calendar) : playingTeamsOf(calendar);
  const past = edge.throughToday ? 1 : 0;
  return calendar.teams.map(team => {
    const from = new Int32Array(calendar.dates.length);
    const to = new Int32Array(calendar.dates.length);
    let floor = 0;
    let end = 0;
    for (let i = 0; i < from.length; i++) {
      // Both only move forward: dates are in order, and so are a team's games.
      while (end < team.ordinals.length && (team.ordinals[end] ?? 0) < i + past) end++;
      while (floor < end && (team.ordinals[floor] ?? 0) < lowest(edge, calendar, i)) floor++;
      if (!isMeant(team, i)) continue;
      from[i] = Math.max(floor, end - window.count);
      to[i] = end;
    }
    return {team, from, to, isSteady: false, isSame: false};
  });
}

type IsMeant = (team: TeamGames, ordinal: number) => boolean;

/** Whether a team plays in the season of a date. */
function membersOf({seasonOf}: Calendar): IsMeant {
  const seasons = new Map<TeamGames, Set<number>>();
  return (team, ordinal) => {
    let own = seasons.get(team);
    if (own === undefined) {
      own = new Set(Array.from(team.ordinals, game => seasonOf[game] ?? 0));
      seasons.set(team, own);
    }
    return own.has(seasonOf[ordinal] ?? 0);
  };
}

/** Whether a team plays on a date. */
function playingTeamsOf({games}: Calendar): IsMeant {
  const playing = games.map(entry => new Set(entry.flatMap(({teams}) => teams)));
  return ({team}, ordinal) => playing[ordinal]?.has(team) === true;
}

function calendarOf(ends: Ends): Calendar {
  if (ends.calendar === undefined) throw new Error('Internal error: a window over dates without a calendar');
  return ends.calendar;
}

/** Every upstream ordinal that key `ordinal` reads, once each, ascending. */
export function ordinalsRead(reads: Reads, ordinal: number): readonly number[] {
  const found: number[] = [];
  for (const sequence of reads) {
    const to = sequence.to[ordinal] ?? 0;
    for (let position = sequence.from[ordinal] ?? 0; position < to; position++) {
      found.push(ordinalAt(sequence, position));
    }
  }
  return reads.length <= 1 ? found : [...new Set(found)].sort((a, b) => a - b);
}

/** Sums a quantity of the upstream's ordinals over the window of each of `ordinals`; a game counts once for each team. */
export function sumOver(
  reads: Reads,
  quantity: (ordinal: number) => number,
  ordinals: readonly number[],
): Float64Array {
  const sums = new Float64Array(ordinals.length);
  for (const sequence of reads) {
    const {from, to} = sequence;
    const span = spanOf(sequence, ordinals);
    // Directly where the stretches together are shorter than the list that holds them, else by sums over it.
    if (span.reached <= span.end - span.start) {
      ordinals.forEach((ordinal, i) => {
        const end = to[ordinal] ?? 0;
        for (let position = from[ordinal] ?? 0; position < end; position++)
          sums[i] = (sums[i] ?? 0) + quantity(ordinalAt(sequence, position));
      });
      continue;
    }
    const prefix = new Float64Array(span.end - span.start + 1);
    for (let position = span.start; position < span.end; position++)
      prefix[position - span.start + 1] =
        (prefix[position - span.start] ?? 0) + quantity(ordinalAt(sequence, position));
    ordinals.forEach((ordinal, i) => {
      const [start, end] = [from[ordinal] ?? 0, to[ordinal] ?? 0];
      if (end > start)
        sums[i] = (sums[i] ?? 0) + (prefix[end - span.start] ?? 0) - (prefix[start - span.start] ?? 0);
    });
  }
  return sums;
}

/** How many positions the stretches of `ordinals` hold together, and between which they lie. */
export function spanOf(
  {from, to}: Sequence,
  ordinals: readonly number[],
): {readonly reached: number; readonly start: number; readonly end: number} {
  let reached = 0;
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const ordinal of ordinals) {
    const [first, last] = [from[ordinal] ?? 0, to[ordinal] ?? 0];
    if (last <= first) continue;
    reached += last - first;
    start = Math.min(start, first);
    end = Math.max(end, last);
  }
  return {reached, start: reached === 0 ? 0 : start, end};
}
