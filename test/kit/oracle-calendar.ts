/**
 * The calendar of a toy as plain lists, for the oracle: dates, seasons, games, times in New York. It shares no code
 * with the planner's calendar.
 */
import type {CalendarGame} from '../../planner/ledger.ts';
import type {Toy} from './toy.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;
export const dateAfter = (date: string, days: number): string =>
  new Date((dayNumber(date) + days) * DAY_MS).toISOString().slice(0, 10);

/** The n-th Sunday of a month, as an ISO date. */
function sunday(year: number, month: number, nth: number): string {
  const first = `${year}-${String(month).padStart(2, '0')}-01`;
  const weekday = new Date(dayNumber(first) * DAY_MS).getUTCDay();
  return dateAfter(first, ((7 - weekday) % 7) + 7 * (nth - 1));
}

/**
 * The instant at which a clock in New York shows `minute` of `date`: summer time from 2:00 of March's second Sunday to
 * 2:00 of November's first. What spring skips is read as winter time, what autumn repeats as summer time.
 */
export function newYork(date: string, minute: number): number {
  const wall = dayNumber(date) * DAY_MS + minute * 60_000;
  const year = Number(date.slice(0, 4));
  const from = dayNumber(sunday(year, 3, 2)) * DAY_MS + 3 * HOUR_MS;
  const to = dayNumber(sunday(year, 11, 1)) * DAY_MS + 2 * HOUR_MS;
  return wall + (wall >= from && wall < to ? 4 : 5) * HOUR_MS;
}

export class OracleCalendar {
  /** Games that are played, within the pipeline's bounds. */
  readonly games: readonly CalendarGame[];
  readonly dates: readonly string[];
  readonly seasons: readonly string[];
  /** The date that it is in New York. */
  readonly today: string;
  readonly #now: number;
  readonly #seasonOf: ReadonlyMap<string, string>;

  constructor({pipeline, ledger, now}: Pick<Toy, 'pipeline' | 'ledger' | 'now'>) {
    const {start = '0000-01-01', end = '9999-12-31'} = pipeline;
    this.#now = now;
    this.games = (ledger.calendars.get('nba')?.games ?? []).filter(
      ({date, status}) => date >= start && date <= end && status !== 'postponed' && status !== 'cancelled',
    );
    this.dates = [...new Set(this.games.map(({date}) => date))].sort();
    this.#seasonOf = new Map(this.games.toReversed().map(({date, season}) => [date, season]));
    const known = new Set(this.games.map(({season}) => season));
    for (let year = 2023; newYork(`${year}-07-01`, 0) <= now; year++) {
      if (`${year}-07-01` <= end && `${year + 1}-07-01` > start)
        known.add(`${year}-${String(year - 1999).padStart(2, '0')}`);
    }
    this.seasons = [...known].sort();
    const utc = new Date(now).toISOString().slice(0, 10);
    this.today = now >= newYork(utc, 0) ? utc : dateAfter(utc, -1);
  }

  season(date: string): string {
    return this.#seasonOf.get(date) ?? '';
  }

  datesOf(season: string): readonly string[] {
    return this.dates.filter(date => this.season(date) === season);
  }

  on(date: string): readonly CalendarGame[] {
    return this.games.filter(game => game.date === date);
  }

  /** First and last day that a season's label stands for. */
  span(season: string): readonly [string, string] {
    const year = Number(season.slice(0, 4));
    return [`${year}-07-01`, `${year + 1}-06-30`];
  }

  /** Known to be over, taken to be over, or so many games that are not. */
  finality(date: string): 'final' | 'overdue' | number {
    const games = this.on(date);
    const open = games.filter(({status}) => status !== 'final').length;
    if (open === 0) return 'final';
    const tips = games.map(({startsAt}) => startsAt ?? newYork(date, 12 * 60));
    return Math.max(...tips) + 36 * HOUR_MS <= this.#now ? 'overdue' : open;
  }
}
