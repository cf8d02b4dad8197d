// Answers questions from a league: status, content type and body.
// Does not deal with HTTP, caching or the faults of transport; only with rows left out or corrected.
import {boxScoreAnswer} from './boxscore-answer.ts';
import {correctBox} from './correction.ts';
import {type Box, type Game, type League, seasonOfGame} from './game.ts';
import {gameLogAnswer, type LogQuestion, seasonTypes} from './gamelog-answer.ts';
import type {Question} from './question.ts';
import {answerTime, scheduleAnswer, scoreboardAnswer} from './schedule-answer.ts';
import {standingsAnswer} from './standings-answer.ts';
import {knownGames, statusOf} from './status.ts';
import {gamesOn} from './subject.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** What an answer must say otherwise than the league would. */
export interface Edits {
  /** The whole answer has no rows. */
  readonly empty: boolean;
  readonly isEmptied: (game: Game) => boolean;
  readonly isCorrected: (game: Game) => boolean;
}

export const noEdits: Edits = {empty: false, isEmptied: () => false, isCorrected: () => false};

export interface Asked {
  readonly league: League;
  readonly question: Question;
  readonly now: string | undefined;
  readonly edits: Edits;
}

export async function answerTo(asked: Asked): Promise<Answer> {
  const {question} = asked;
  switch (question.kind) {
    case 'schedule':
      return json(scheduleAnswer(question.season, await listed(asked, question.season), asked.now));
    case 'game-log':
      return json(gameLogAnswer(question, await logBoxes(asked, question)));
    case 'box-score':
      return json(boxScoreAnswer(question.gameId, await boxOf(asked, question.gameId)));
    case 'standings':
      return json(await standings(asked, question.season, question.seasonType));
    case 'play-by-play':
      return playByPlay(asked, question.gameId);
    case 'scoreboard':
      return json(await scoreboard(asked, question.date));
    default:
      return unreachable(question);
  }
}

const jsonType = 'application/json; charset=utf-8';

function json(value: object): Answer {
  return {status: 200, type: jsonType, body: JSON.stringify(value)};
}

/** Games the API would list at this moment, without those an edit empties. */
async function listed({league, now, edits}: Asked, season: string): Promise<readonly Game[]> {
  if (edits.empty) return [];
  const games = knownGames(await league.games(season), now);
  return edits === noEdits ? games : games.filter(game => !edits.isEmptied(game));
}

async function played(asked: Asked, season: string): Promise<readonly Game[]> {
  return (await listed(asked, season)).filter(game => statusOf(game, asked.now) === 3);
}

async function logBoxes(asked: Asked, question: LogQuestion): Promise<readonly Box[]> {
  const {season, from, to} = question;
  // An own key only: `constructor` is no season type.
  const type = Object.hasOwn(seasonTypes, question.seasonType) ? seasonTypes[question.seasonType] : undefined;
  const games = (await played(asked, season)).filter(
    game =>
      game.type === type &&
      (from === undefined || game.date >= from) &&
      (to === undefined || game.date <= to),
  );
  return boxes(asked, season, games);
}

async function boxes(asked: Asked, season: string, games: readonly Game[]): Promise<readonly Box[]> {
  if (games.length === 0) return [];
  const found = await asked.league.boxes(season, games);
  return found.map(box => (asked.edits.isCorrected(box.game) ? correctBox(box) : box));
}

const noTeam = {totals: undefined, players: []};

async function boxOf(asked: Asked, gameId: string): Promise<Box | undefined> {
  const season = seasonOfGame(gameId);
  const game = await findGame(asked, gameId);
  if (game === undefined) return undefined;
  const hasRows = statusOf(game, asked.now) === 3 && !asked.edits.empty && !asked.edits.isEmptied(game);
  if (!hasRows) return {game, home: {...noTeam, matchup: ''}, away: {...noTeam, matchup: ''}};
  return (await boxes(asked, season, [game]))[0];
}

async function findGame({league, now}: Asked, gameId: string): Promise<Game | undefined> {
  const games = knownGames(await league.games(seasonOfGame(gameId)), now);
  return games.find(game => game.gameId === gameId);
}

async function standings(asked: Asked, season: string, seasonType: string): Promise<object> {
  const isRegular = seasonType === 'Regular Season';
  const games = isRegular ? (await played(asked, season)).filter(game => game.type === 'regular') : [];
  const isOver = asked.now === undefined;
  const ranks = isRegular && isOver ? await asked.league.ranks(season) : new Map<number, number>();
  return standingsAnswer(season, seasonType, games, ranks);
}

/** The CDN answers 403 for a file it does not have. */
const accessDenied: Answer = {
  status: 403,
  type: 'application/xml',
  body: '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
};

async function playByPlay(asked: Asked, gameId: string): Promise<Answer> {
  const game = await findGame(asked, gameId);
  if (game === undefined || statusOf(game, asked.now) !== 3) return accessDenied;
  const actions = await asked.league.actions(game);
  if (actions === undefined) return accessDenied;
  const emptied = asked.edits.empty || asked.edits.isEmptied(game);
  const request = `http://nba.cloud/games/${gameId}/playbyplay?Format=json`;
  const meta = JSON.stringify({version: 1, code: 200, request, time: answerTime});
  // The actions are text already: to parse hundreds of them and print them again would cost more than all else.
  const body = `{"meta":${meta},"game":{"gameId":"${gameId}","actions":${emptied ? '[]' : actions}}}`;
  return {status: 200, type: jsonType, body};
}

async function scoreboard(asked: Asked, date: string): Promise<object> {
  const {league, now, edits} = asked;
  const known = edits.empty ? [] : knownGames(await gamesOn(league, date), now);
  const games = known.filter(game => !edits.isEmptied(game));
  return scoreboardAnswer(date, games, now);
}

function unreachable(value: never): never {
  throw new Error(`Internal error: no case for ${JSON.stringify(value)}.`);
}
