// A question as it is asked of a league: at a moment, with edits; and the games and boxes that it then sees.
// Does not deal with the JSON they become.
import {type Edits, noEdits} from './edits.ts';
import {type Box, type Game, type League, seasonOfGame} from './game.ts';
import type {News} from './news.ts';
import type {Question} from './question.ts';
import {knownGames, statusOf} from './status.ts';
import {gamesOn} from './subject.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface Asked {
  readonly league: League;
  readonly question: Question;
  readonly now: string | undefined;
  readonly edits: Edits;
  readonly news: readonly News[];
}

export const jsonType = 'application/json; charset=utf-8';

export function json(value: object): Answer {
  return {status: 200, type: jsonType, body: JSON.stringify(value)};
}

/** Games the API would list at this moment, without those an edit empties. */
export async function listed({league, now, edits}: Asked, season: string): Promise<readonly Game[]> {
  if (edits.empty) return [];
  return edits.shown(knownGames(await league.games(season), now));
}

export async function played(asked: Asked, season: string): Promise<readonly Game[]> {
  return (await listed(asked, season)).filter(game => statusOf(game, asked.now) === 3);
}

export async function boxes(asked: Asked, season: string, games: readonly Game[]): Promise<readonly Box[]> {
  if (games.length === 0) return [];
  const found = await asked.league.boxes(season, games);
  return found.map(asked.edits.edit);
}

export async function findGame({league, now}: Asked, gameId: string): Promise<Game | undefined> {
  const games = knownGames(await league.games(seasonOfGame(gameId)), now);
  return games.find(game => game.gameId === gameId);
}

/** Whether the game is left out depends on the others of its date. */
export async function isShown({league, edits}: Asked, game: Game): Promise<boolean> {
  if (edits === noEdits) return true;
  return !edits.empty && edits.shown(await gamesOn(league, game.date)).includes(game);
}

export async function gamesOf({league, now, edits}: Asked, date: string): Promise<readonly Game[]> {
  return edits.empty ? [] : edits.shown(knownGames(await gamesOn(league, date), now));
}

export async function gamesBetween(
  {league, now, edits}: Asked,
  from: string,
  to: string,
): Promise<readonly Game[]> {
  if (edits.empty) return [];
  const games = await Promise.all(league.seasons.map(season => league.games(season)));
  return edits.shown(knownGames(games.flat(), now).filter(({date}) => date >= from && date <= to));
}
