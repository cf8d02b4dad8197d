/**
 * A calendar resolved for planning: its dates as ordinals, their seasons, games and teams.
 * It does not deal with how it is read from its asset (runner/calendar-copy.ts) or with states.
 */
import {DAY_MS, dayOf, hasCome, instantOf, wallClock} from './day.ts';
import {factorOf, scramble, type Word, wordOf, words} from './hash.ts';
import type {CalendarGame, CalendarRecord, Words} from './ledger.ts';
import type {CalendarDeclaration, PartitionKey, Start} from './pipeline.ts';

/** The games of one team, over all seasons, in order. `ordinals[i]` is the date of its i-th game. */
export interface TeamGames {
  readonly team: string;
  readonly ordinals: Int32Array;
  readonly games: readonly string[];
  /** Of each game its date and id, mixed for digests: a window by games shows its query the ids. */
  readonly terms: Words;
}

export interface Calendar {
  readonly name: string;
  readonly timezone: string;
  /** The day number that it is there now. */
  readonly today: number;
  /** The keys, sorted; an ordinal is an index into them. */
  readonly dates: readonly PartitionKey[];
  readonly days: Int32Array;
  /** Index into `seasons` of each date. */
  readonly seasonOf: Int32Array;
  readonly seasons: readonly PartitionKey[];
  /** First date ordinal of each season, and one past its last. */
  readonly seasonFrom: Int32Array;
  readonly seasonTo: Int32Array;
  /** First and last day number that belong to each season, whether or not it has games. */
  readonly seasonFirstDay: Int32Array;
  readonly seasonLastDay: Int32Array;
  /** The games played on a date; postponed and cancelled ones are left out. */
  readonly games: readonly (readonly CalendarGame[])[];
  /** Changes with the season, games and teams of a date, not with their being final. */
  readonly entry: Entry;
  /** Changes with the season of a date alone. */
  readonly seasonEntry: Entry;
  /** A 64-bit key of each date for digests. */
  readonly keyWords: Words;
  readonly teams: readonly TeamGames[];
  readonly ordinalOf: ReadonlyMap<string, number>;
  readonly seasonIndexOf: ReadonlyMap<string, number>;
}

/** What dates depend on of their calendar entry, by ordinal. */
export interface Entry {
  readonly version: Words;
  /** What it adds to a digest, before the factor of entries. */
  readonly terms: Words;
}

/** Hours after the last game of a date began at which one that is not final is taken as played. */
const OVERDUE_MS = 36 * 3_600_000;

/** The hash of what decides how a calendar is read from its asset. */
export function calendarDefinition(declaration: CalendarDeclaration): string {
  return JSON.stringify(declaration.source);
}

/** The first date, in order, whose season had ended: dates of another one lie between. Windows take a season as one stretch. */
export function findScattered<Item extends {readonly date: string; readonly season: string}>(
  items: readonly Item[],
): {readonly item: Item; readonly between: Item} | undefined {
  const ended = new Map<string, Item>();
  let last: Item | undefined;
  for (const item of items.toSorted((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0))) {
    if (last !== undefined && last.season !== item.season) {
      const between = ended.get(item.season);
      if (between !== undefined) return {item, between};
      ended.set(last.season, item);
    }
    last = item;
  }
  return undefined;
}

export interface CalendarBounds {
  readonly start: string | undefined;
  readonly end: string | undefined;
  readonly now: number;
}

/** Joins what is declared and what was last published. Keys outside the pipeline's start and end do not exist. */
export function buildCalendar(
  declaration: CalendarDeclaration,
  record: CalendarRecord | undefined,
  bounds: CalendarBounds,
): Calendar {
  const first = bounds.start ?? '0000-01-01';
  const last = bounds.end ?? '9999-12-31';
  const byDate = new Map<string, {season: string; games: CalendarGame[]}>();
  if (declaration.source.kind === 'list') {
    for (const {date, season} of declaration.source.entries) {
      if (date >= first && date <= last) byDate.set(date, {season, games: []});
    }
  }
  for (const game of record?.games ?? []) {
    if (game.date < first || game.date > last) continue;
    if (game.status === 'postponed' || game.status === 'cancelled') continue;
    const entry = byDate.get(game.date);
    if (entry === undefined) byDate.set(game.date, {season: game.season, games: [game]});
    else entry.games.push(game);
  }
  // Sorted by code unit, and ISO dates are ASCII: the order of time. They were checked when they were parsed.
  const dates = [...byDate.keys()].sort() as PartitionKey[];
  const seasons = seasonsOf(declaration, byDate, bounds);
  return assemble(declaration, {dates, seasons, byDate, now: bounds.now});
}

/** The declared seasons up to the current one, and any that a date names, within the pipeline's bounds. Sorted. */
function seasonsOf(
  declaration: CalendarDeclaration,
  byDate: ReadonlyMap<string, {readonly season: string}>,
  {start, end, now}: CalendarBounds,
): PartitionKey[] {
  const labels = new Set<string>();
  for (const {season} of byDate.values()) labels.add(season);
  const {from, rollsOver} = declaration.seasons;
  const today = Math.floor(now / DAY_MS);
  for (let year = Number(from.slice(0, 4)); ; year++) {
    const opens = `${year}-${rollsOver}`;
    if (instantOf(dayOf(opens), 0, declaration.timezone) > now || dayOf(opens) > today + 1) break;
    if (end !== undefined && opens > end) break;
    if (start !== undefined && `${year + 1}-${rollsOver}` <= start) continue;
    labels.add(seasonLabel(from, year));
  }
  return [...labels].sort() as PartitionKey[]; // labels begin with their year
}

/** `2024-25` where the first label is written so, else `2024`. */
function seasonLabel(from: string, year: number): string {
  return from.includes('-') ? `${year}-${String((year + 1) % 100).padStart(2, '0')}` : String(year);
}

function assemble(
  declaration: CalendarDeclaration,
  found: {
    readonly dates: readonly PartitionKey[];
    readonly seasons: readonly PartitionKey[];
    readonly byDate: ReadonlyMap<string, {readonly season: string; readonly games: readonly CalendarGame[]}>;
    readonly now: number;
  },
): Calendar {
  const {dates, seasons, byDate, now} = found;
  const count = dates.length;
  const seasonIndexOf = new Map(seasons.map((season, index) => [season as string, index]));
  const days = new Int32Array(count);
  const seasonOf = new Int32Array(count);
  const seasonFrom = new Int32Array(seasons.length).fill(-1);
  const seasonTo = new Int32Array(seasons.length);
  const entry = words(count);
  const seasonEntry = words(count);
  const seasonWords = seasons.map(season => wordOf(`season ${season}`));
  const keyWords = words(count);
  const games: (readonly CalendarGame[])[] = [];
  for (let i = 0; i < count; i++) {
    const date = dates[i] ?? '';
    const entryOfDate = byDate.get(date);
    const season = seasonIndexOf.get(entryOfDate?.season ?? '') ?? 0;
    const day = dayOf(date);
    days[i] = day;
    const keyed = dayWord(day);
    keyWords.hi[i] = keyed.hi;
    keyWords.lo[i] = keyed.lo;
    seasonOf[i] = season;
    if (seasonFrom[season] === -1) seasonFrom[season] = i;
    seasonTo[season] = i + 1;
    put(seasonEntry, i, seasonWords[season]);
    const played = entryOfDate?.games ?? [];
    put(entry, i, played.length === 0 ? seasonWords[season] : entryVersion(seasons[season] ?? '', played));
    games.push(played);
  }
  const seasonFirstDay = new Int32Array(seasons.length);
  const seasonLastDay = new Int32Array(seasons.length);
  seasons.forEach((season, index) => {
    if (seasonFrom[index] === -1) seasonFrom[index] = 0;
    const year = Number(season.slice(0, 4));
    seasonFirstDay[index] = dayOf(`${year}-${declaration.seasons.rollsOver}`);
    seasonLastDay[index] = dayOf(`${year + 1}-${declaration.seasons.rollsOver}`) - 1;
  });
  return {
    name: declaration.name,
    timezone: declaration.timezone,
    today: wallClock(now, declaration.timezone).day,
    dates,
    days,
    seasonOf,
    seasons,
    seasonFrom,
    seasonTo,
    seasonFirstDay,
    seasonLastDay,
    games,
    entry: {version: entry, terms: termsOf(keyWords, entry)},
    seasonEntry: {version: seasonEntry, terms: termsOf(keyWords, seasonEntry)},
    keyWords,
    teams: teamsOf(games, keyWords),
    ordinalOf: new Map(dates.map((date, index) => [date as string, index])),
    seasonIndexOf,
  };
}

function put(column: Words, index: number, word: Word | undefined): void {
  column.hi[index] = word?.hi ?? 0;
  column.lo[index] = word?.lo ?? 0;
}

/** A hash of the season, ids and teams, whatever the order of the games. */
function entryVersion(season: string, games: readonly CalendarGame[]): Word {
  const lines = games.map(({id, teams}) => JSON.stringify([id, ...teams])).sort();
  return wordOf([season, ...lines].join('\n'));
}

function teamsOf(games: readonly (readonly CalendarGame[])[], keys: Words): readonly TeamGames[] {
  const byTeam = new Map<string, {ordinals: number[]; games: string[]; terms: Word[]}>();
  games.forEach((entry, ordinal) => {
    for (const game of entry) {
      const id = wordOf(`game ${game.id}`);
      const term: Word = {hi: 0, lo: 0};
      scramble(keys.hi[ordinal] ?? 0, keys.lo[ordinal] ?? 0, id.hi, id.lo, term);
      for (const team of game.teams) {
        let list = byTeam.get(team);
        if (list === undefined) {
          list = {ordinals: [], games: [], terms: []};
          byTeam.set(team, list);
        }
        list.ordinals.push(ordinal);
        list.games.push(game.id);
        list.terms.push(term);
      }
    }
  });
  return [...byTeam]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([team, {ordinals, games: ids, terms}]) => ({
      team,
      ordinals: Int32Array.from(ordinals),
      games: ids,
      terms: {hi: Uint32Array.from(terms, ({hi}) => hi), lo: Uint32Array.from(terms, ({lo}) => lo)},
    }));
}

/** When all games of a date are over: known final, or taken as such because nobody said so for too long. */
export type Finality =
  | {readonly kind: 'final'}
  | {readonly kind: 'overdue'}
  | {readonly kind: 'open'; readonly games: number};

export function finalityOf(calendar: Calendar, ordinal: number, now: number): Finality {
  const games = calendar.games[ordinal] ?? [];
  const day = calendar.days[ordinal] ?? 0;
  // A date of a list has no games that could be final: it is over when the day is.
  if (games.length === 0) {
    return hasCome(day + 1, 0, calendar.timezone, now) ? {kind: 'final'} : {kind: 'open', games: 0};
  }
  const open = games.filter(game => game.status !== 'final');
  if (open.length === 0) return {kind: 'final'};
  const noon = instantOf(day, 12 * 60, calendar.timezone);
  const lastTip = Math.max(...games.map(game => game.startsAt ?? noon));
  return lastTip + OVERDUE_MS <= now ? {kind: 'overdue'} : {kind: 'open', games: open.length};
}

/** When the first or the last game of a date begins. One whose start is not known counts as beginning at noon, as above. */
export function startOf(calendar: Calendar, ordinal: number, start: Start): number {
  const noon = (): number => instantOf(calendar.days[ordinal] ?? 0, 12 * 60, calendar.timezone);
  const starts = (calendar.games[ordinal] ?? []).map(game => game.startsAt ?? noon());
  if (starts.length === 0) return noon();
  return start === 'first start' ? Math.min(...starts) : Math.max(...starts);
}

/** A 64-bit key for digests: of a date its day, mixed; of another key a hash. */
export function keyWord(key: string): Word {
  const day = dayOf(key);
  return Number.isNaN(day) ? wordOf(key) : dayWord(day);
}

function dayWord(day: number): Word {
  const word: Word = {hi: 0, lo: 0};
  scramble(0, 0, 0, day >>> 0, word);
  return word;
}

/** A term of each row, keys and versions mixed, times the factor of entries. */
function termsOf(keys: Words, versions: Words): Words {
  const terms = words(keys.hi.length);
  const word: Word = {hi: 0, lo: 0};
  for (let i = 0; i < terms.hi.length; i++) {
    scramble(keys.hi[i] ?? 0, keys.lo[i] ?? 0, versions.hi[i] ?? 0, versions.lo[i] ?? 0, word);
    terms.hi[i] = Math.imul(word.hi, ENTRY_FACTOR.hi);
    terms.lo[i] = Math.imul(word.lo, ENTRY_FACTOR.lo);
  }
  return terms;
}

const ENTRY_FACTOR = factorOf('calendar entry');
