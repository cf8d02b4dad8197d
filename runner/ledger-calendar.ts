/**
 * Calendars in the ledger: some seasons of one are replaced, the others stay.
 * It does not judge whether a calendar may lose games (that is decided before it is recorded).
 */

import type {CalendarGame, CalendarRecord, GameStatus} from '../planner/ledger.ts';
import type {LedgerDatabase} from './ledger-database.ts';

export interface CalendarUpdate {
  readonly name: string;
  /** Hash of the declaration that the games were read by. */
  readonly definition: string;
  readonly games: readonly CalendarGame[];
  /** The seasons whose games these are; games of other seasons stay as they were. */
  readonly seasons: readonly string[] | 'all';
}

/** The calendar after an update, sorted by date, then id. */
export function updateCalendar(before: CalendarRecord | undefined, update: CalendarUpdate): CalendarRecord {
  const {seasons} = update;
  const replaced = (game: CalendarGame) => seasons === 'all' || seasons.includes(game.season);
  // A game that came over from a season that was not read again is not there as well.
  const named = new Set(update.games.map(dateAndId));
  const kept = (before?.games ?? []).filter(game => !replaced(game) && !named.has(dateAndId(game)));
  const games = [...kept, ...update.games];
  return {name: update.name, definition: update.definition, games: games.sort(byDateThenId)};
}

function dateAndId({date, id}: CalendarGame): string {
  return JSON.stringify([date, id]);
}

function byDateThenId(one: CalendarGame, other: CalendarGame): number {
  if (one.date !== other.date) return one.date < other.date ? -1 : 1;
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

/** Within the caller's transaction. */
export function writeCalendar(database: LedgerDatabase, update: CalendarUpdate): void {
  database
    .prepare(
      'INSERT INTO calendars VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET definition = excluded.definition',
    )
    .run(update.name, update.definition);
  if (update.seasons === 'all') {
    database.prepare('DELETE FROM calendar_games WHERE calendar = ?').run(update.name);
  } else {
    database
      .prepare('DELETE FROM calendar_games WHERE calendar = ? AND season IN (SELECT value FROM json_each(?))')
      .run(update.name, JSON.stringify(update.seasons));
  }
  // A game may have been told of twice: the last is meant.
  const games = new Map(update.games.map(game => [dateAndId(game), game]));
  database
    .prepare(
      `INSERT INTO calendar_games (calendar, date, id, season, teams, status, starts_at) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (calendar, date, id) DO UPDATE SET season = excluded.season, teams = excluded.teams,
         status = excluded.status, starts_at = excluded.starts_at`,
    )
    .runMany(
      [...games.values()].map(({date, id, season, teams, status, startsAt}) => {
        return [update.name, date, id, season, JSON.stringify(teams), status, startsAt ?? null];
      }),
    );
}

export function readCalendars(database: LedgerDatabase): ReadonlyMap<string, CalendarRecord> {
  const calendars = new Map<string, {name: string; definition: string; games: CalendarGame[]}>();
  for (const row of database.prepare('SELECT name, definition FROM calendars ORDER BY name').iterate()) {
    const name = String(row['name']);
    calendars.set(name, {name, definition: String(row['definition']), games: []});
  }
  const games = database.prepare(
    'SELECT calendar, date, id, season, teams, status, starts_at FROM calendar_games ORDER BY calendar, date, id',
  );
  for (const row of games.arrays()) {
    // the columns are those of the query above, in its order
    const [calendar, ...game] = row as unknown as [string, ...GameColumns];
    calendars.get(calendar)?.games.push(gameFrom(game));
  }
  return calendars;
}

type GameColumns = [string, string, string, string, GameStatus, number | null];

function gameFrom([date, id, season, teams, status, startsAt]: GameColumns): CalendarGame {
  return {id, date, season, teams: JSON.parse(teams), status, startsAt: startsAt ?? undefined};
}
