/**
 * Copies a calendar out of its asset's table, and refuses to let it lose games that are known.
 * It does not deal with what the games mean for a plan (planner/calendar.ts).
 */
import {calendarDefinition, findScattered} from '../planner/calendar.ts';
import {dayOf} from '../planner/day.ts';
import type {CalendarGame, CalendarRecord, GameStatus} from '../planner/ledger.ts';
import type {AssetName, CalendarDeclaration, CalendarFromAsset, Pipeline} from '../planner/pipeline.ts';
import type {CalendarUpdate} from './ledger-calendar.ts';
import {type QueryResult, type Value, WarehouseError} from './warehouse.ts';

/** The calendars that an asset gives. */
export function calendarsOf(
  pipeline: Pipeline,
  asset: AssetName,
): readonly (CalendarDeclaration & {readonly source: CalendarFromAsset})[] {
  return [...pipeline.calendars.values()].flatMap(declaration => {
    const {source} = declaration;
    return source.kind === 'asset' && source.asset === asset ? [{...declaration, source}] : [];
  });
}

/** The columns that say what a game is, in the order in which `gamesFrom` reads them; null where there is none. */
export function calendarColumns({columns}: CalendarFromAsset): readonly (string | null)[] {
  const {date, season, game, teams, status, startsAt} = columns;
  return [date, season, game, status, startsAt ?? null, ...teams];
}

const STATUSES: ReadonlySet<string> = new Set<GameStatus>(['scheduled', 'final', 'postponed', 'cancelled']);

/** Reads rows of `calendarColumns`. Throws a `WarehouseError` that names the row where a value is no calendar's. */
export function gamesFrom(declaration: CalendarDeclaration, result: QueryResult): readonly CalendarGame[] {
  const seen = new Set<string>();
  return result.rows.map(row => {
    const [date, season, id, status, startsAt, ...teams] = row.map(text);
    const place = `calendar '${declaration.name}', game '${id}' on '${date}'`;
    if (date === undefined || Number.isNaN(dayOf(date))) throw refused(`${place}: the date is none.`);
    if (season === undefined || id === undefined) throw refused(`${place}: season or game is null.`);
    if (status === undefined || !STATUSES.has(status)) {
      throw refused(`${place}: the status is '${status}', not one of ${[...STATUSES].join(', ')}.`);
    }
    const name = JSON.stringify([date, id]);
    if (seen.has(name)) throw refused(`${place}: it stands in two rows. Leave one row a game by 'where'.`);
    seen.add(name);
    return {
      id,
      date,
      season,
      teams: teams.filter(team => team !== undefined),
      status: status as GameStatus, // one of the set above
      startsAt: startsAt === undefined ? undefined : Date.parse(asUtc(startsAt)),
    };
  });
}

/** Why these games are no calendar: a season is one stretch of dates. Games that are not played are of no date. */
export function scatteredMessage(calendar: string, games: readonly CalendarGame[]): string | undefined {
  const found = findScattered(games.filter(({status}) => status === 'scheduled' || status === 'final'));
  if (found === undefined) return undefined;
  const {item, between} = found;
  return `Calendar '${calendar}': game '${item.id}' on ${item.date} is called one of season ${item.season}, and game '${between.id}' on ${between.date}, before it, one of ${between.season}. Correct the season of one of them, or leave one out by 'where'.`;
}

/** An error of the rows, so that a batch is halved until the wrong ones stand alone. */
function refused(message: string): WarehouseError {
  return new WarehouseError('query', message);
}

function text(value: Value): string | undefined {
  return value === null ? undefined : String(value);
}

function asUtc(timestamp: string): string {
  return /Z|[+-]\d\d:?\d\d$/.test(timestamp) ? timestamp : `${timestamp.replace(' ', 'T')}Z`;
}

/**
 * The games of new rows, beside those that are known. Where the known ones were read by another declaration, the
 * calendar keeps that one's hash until all of it is read by the new one.
 */
export function updateOf(
  declaration: CalendarDeclaration,
  games: readonly CalendarGame[],
  known: CalendarRecord | undefined,
): CalendarUpdate {
  return {name: declaration.name, definition: known?.definition ?? '', games, seasons: 'all'};
}

/** The whole calendar, read from the published table. Throws where its seasons are scattered. */
export function wholeOf(declaration: CalendarDeclaration, games: readonly CalendarGame[]): CalendarUpdate {
  const scattered = scatteredMessage(declaration.name, games);
  if (scattered !== undefined) throw refused(scattered);
  return {name: declaration.name, definition: calendarDefinition(declaration), games, seasons: 'all'};
}

/**
 * The known games of a season (of every one, where none is given) that new rows would lose: neither there nor on
 * another date. A game that is postponed or cancelled is still there. Known: read by the same declaration; a changed
 * `where` may leave games out.
 */
export function lostGames(
  known: CalendarRecord | undefined,
  declaration: CalendarDeclaration,
  season: string | undefined,
  games: readonly CalendarGame[],
): readonly CalendarGame[] {
  if (known === undefined || known.definition !== calendarDefinition(declaration)) return [];
  const there = new Set(games.map(({id}) => id));
  return known.games.filter(game => (season === undefined || game.season === season) && !there.has(game.id));
}
