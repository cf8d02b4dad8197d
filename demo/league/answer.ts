// Answers questions from a league: status, content type and body.
// Does not deal with HTTP, caching or the faults of transport; edits.ts says what it leaves out or changes.
import {
  type Answer,
  type Asked,
  boxes,
  findGame,
  gamesBetween,
  gamesOf,
  isShown,
  json,
  jsonType,
  listed,
  played,
} from './asked.ts';
import {bdlStatsAnswer} from './bdl-answer.ts';
import {boxScoreAnswer} from './boxscore-answer.ts';
import {addDays, utcOfEastern} from './calendar.ts';
import {espnPage, espnScoreboardAnswer} from './espn-answer.ts';
import {type Box, type Listed, seasonOfGame} from './game.ts';
import {gameLogAnswer, type LogQuestion, seasonTypes} from './gamelog-answer.ts';
import {injuryReport, type ReportedGame} from './injuries-answer.ts';
import {movedInjuries, newsUntil} from './news.ts';
import type {ReportQuestion} from './other-question.ts';
import {playersAnswer} from './players-answer.ts';
import {quotesAnswer} from './quotes.ts';
import {answerTime, scheduleAnswer, scoreboardAnswer} from './schedule-answer.ts';
import {standingsAnswer} from './standings-answer.ts';
import {statusOf} from './status.ts';
import {ofYesterday} from './yesterday.ts';

export async function answerTo(given: Asked): Promise<Answer> {
  const asked = given.edits.yesterday ? await ofYesterday(given) : given;
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
    case 'players':
      return json(playersAnswer(question.season, await listedPlayers(asked, question.season)));
    case 'scoreboard':
      return json(scoreboardAnswer(question.date, await gamesOf(asked, question.date), asked.now));
    case 'bdl-stats':
      return json(bdlStatsAnswer(await boxesOn(asked, question.date), question));
    case 'espn-scoreboard': {
      const games = await gamesBetween(asked, question.from, question.to);
      return json(espnScoreboardAnswer(games.slice(0, question.limit), asked.now));
    }
    case 'espn-box-score':
      return {
        status: 200,
        type: 'text/html; charset=utf-8',
        body: espnPage(question.gameId, await boxOf(asked, question.gameId)),
      };
    case 'odds-events':
    case 'odds':
    case 'bettingpros-events':
    case 'bettingpros-offers':
      return quotesAnswer(asked, question);
    case 'injury-report':
      return reportOf(asked, question);
    default:
      return unreachable(question);
  }
}

const noTeam = {totals: undefined, players: []};

async function boxOf(asked: Asked, gameId: string): Promise<Box | undefined> {
  const season = seasonOfGame(gameId);
  const game = await findGame(asked, gameId);
  if (game === undefined) return undefined;
  const hasRows = statusOf(game, asked.now) === 3 && (await isShown(asked, game));
  if (!hasRows) return {game, home: {...noTeam, matchup: ''}, away: {...noTeam, matchup: ''}};
  return (await boxes(asked, season, [game]))[0];
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

async function listedPlayers({league, edits}: Asked, season: string): Promise<readonly Listed[]> {
  return edits.empty ? [] : league.players(season);
}

async function boxesOn(asked: Asked, date: string): Promise<readonly Box[]> {
  const games = (await gamesOf(asked, date)).filter(game => statusOf(game, asked.now) === 3);
  const [first] = games;
  return first === undefined ? [] : boxes(asked, first.season, games);
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
  const emptied = !(await isShown(asked, game));
  const request = `http://nba.cloud/games/${gameId}/playbyplay?Format=json`;
  const meta = JSON.stringify({version: 1, code: 200, request, time: answerTime});
  // The actions are text already: to parse hundreds of them and print them again would cost more than all else.
  const body = `{"meta":${meta},"game":{"gameId":"${gameId}","actions":${emptied ? '[]' : actions}}}`;
  return {status: 200, type: jsonType, body};
}

/** The report has the next day's games too, of those teams that have told already. */
async function reportOf(asked: Asked, {date, minutes}: ReportQuestion): Promise<Answer> {
  const at = utcOfEastern(date, minutes);
  if (asked.now !== undefined && Date.parse(asked.now) < Date.parse(at)) return accessDenied;
  const games = [...(await gamesOf(asked, date)), ...(await gamesOf(asked, addDays(date, 1)))];
  const reported: ReportedGame[] = [];
  for (const game of games) {
    const teams = await asked.league.injuries(game);
    if (teams === undefined) return accessDenied;
    const times = newsUntil(asked.news, game.gameId, 'injuries', at);
    reported.push({game, teams: movedInjuries(teams, times)});
  }
  return {status: 200, type: 'application/pdf', body: injuryReport({date, minutes}, reported)};
}

function unreachable(value: never): never {
  throw new Error(`Internal error: no case for ${JSON.stringify(value)}.`);
}
