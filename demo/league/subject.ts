// Tells what a question is about: its season, dates and games.
// Does not deal with rules; it only serves to match them.
import {type Game, type League, seasonOf, seasonOfGame} from './game.ts';
import {seasonTypes} from './gamelog-answer.ts';
import type {Question} from './question.ts';
import type {SiteName} from './site-name.ts';

/** What a request is about, as far as rules can match it. */
export interface Subject {
  readonly site: SiteName;
  /** Within the site. */
  readonly path: string;
  readonly season: string | undefined;
  /** The game it names. */
  readonly gameId: string | undefined;
  /** The dates its answer covers; undefined for answers about a whole season. */
  readonly dates: {readonly from: string; readonly to: string} | undefined;
  /** The games its answer tells of. */
  readonly games: readonly Game[];
  /** Can its answer be emptied or corrected by game or date without naming its path? */
  readonly isBoxScores: boolean;
  /** Good answers this path got before. */
  readonly answersBefore: number;
}

export async function subjectOf(
  league: League,
  question: Question,
  request: {readonly site: SiteName; readonly path: string; readonly answersBefore: number},
): Promise<Subject> {
  const nothing = {...request, gameId: undefined, dates: undefined, games: [], isBoxScores: false};
  switch (question.kind) {
    case 'schedule':
    case 'standings':
    case 'players':
      return {...nothing, season: question.season, games: await league.games(question.season)};
    case 'game-log': {
      const dates = {from: question.from ?? '0000-01-01', to: question.to ?? '9999-12-31'};
      const type = Object.hasOwn(seasonTypes, question.seasonType)
        ? seasonTypes[question.seasonType]
        : undefined;
      const games = (await league.games(question.season)).filter(
        game => game.type === type && game.date >= dates.from && game.date <= dates.to,
      );
      return {...nothing, season: question.season, dates, games, isBoxScores: true};
    }
    case 'box-score':
    case 'play-by-play':
    case 'espn-box-score':
    case 'odds': {
      const {gameId} = question;
      const season = seasonOfGame(gameId);
      const game = (await league.games(season)).find(known => known.gameId === gameId);
      const about: Pick<Subject, 'dates' | 'games'> =
        game === undefined ? nothing : {games: [game], dates: {from: game.date, to: game.date}};
      return {...nothing, ...about, season, gameId, isBoxScores: true};
    }
    case 'scoreboard': {
      const {date} = question;
      const games = await gamesOn(league, date);
      return {...nothing, season: games[0]?.season, dates: {from: date, to: date}, games};
    }
    case 'bdl-stats':
    case 'bettingpros-events':
    case 'injury-report':
      return {...(await ofDate(league, question.date)), ...request, isBoxScores: true};
    case 'espn-scoreboard': {
      const {from, to} = question;
      // A span of dates is a schedule.
      if (from === to) return {...(await ofDate(league, from)), ...request, isBoxScores: true};
      return {...nothing, season: undefined, dates: {from, to}};
    }
    case 'odds-events':
      return {
        ...nothing,
        season: undefined,
        dates: {from: question.from.slice(0, 10), to: question.from.slice(0, 10)},
        isBoxScores: true,
      };
    case 'bettingpros-offers':
      return {...(await ofGames(league, question.gameIds)), ...request, isBoxScores: true};
    default:
      return unreachable(question);
  }
}

type About = Pick<Subject, 'season' | 'gameId' | 'dates' | 'games'>;

async function ofDate(league: League, date: string): Promise<About> {
  const games = await gamesOn(league, date);
  return {season: games[0]?.season, gameId: undefined, dates: {from: date, to: date}, games};
}

async function ofGames(league: League, gameIds: readonly string[]): Promise<About> {
  const [first = ''] = gameIds;
  const season = seasonOfGame(first);
  const games = (await league.games(season)).filter(({gameId}) => gameIds.includes(gameId));
  const dates = games.map(({date}) => date).sort();
  const [from = '', to = ''] = [dates[0], dates.at(-1)];
  return {season, gameId: undefined, dates: {from, to}, games};
}

/** The games of a date, whatever their type; a season can only touch its own two years. */
export async function gamesOn(league: League, date: string): Promise<readonly Game[]> {
  const year = Number(date.slice(0, 4));
  const seasons = await Promise.all([year - 1, year].map(start => league.games(seasonOf(start))));
  return seasons.flat().filter(game => game.date === date);
}

function unreachable(value: never): never {
  throw new Error(`Internal error: no case for ${JSON.stringify(value)}.`);
}
