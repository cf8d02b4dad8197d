// Reads a request as one of the questions that the sites can be asked.
// Does not deal with answering them, nor with what only one of the other sites is asked (other-question.ts).
import type {IncomingHttpHeaders} from 'node:http';
import type {LogQuestion} from './gamelog-answer.ts';
import {type OtherQuestion, type ReadingOf, readOtherQuestion} from './other-question.ts';
import {siteOfPath} from './site-name.ts';

export type Question =
  | {readonly kind: 'schedule'; readonly season: string}
  | ({readonly kind: 'game-log'} & LogQuestion)
  | {readonly kind: 'box-score'; readonly gameId: string}
  | {readonly kind: 'standings'; readonly season: string; readonly seasonType: string}
  | {readonly kind: 'players'; readonly season: string}
  | {readonly kind: 'play-by-play'; readonly gameId: string}
  | {readonly kind: 'scoreboard'; readonly date: string}
  | OtherQuestion;

type Reading = ReadingOf<Question>;

const playByPlay = /^\/static\/json\/liveData\/playbyplay\/playbyplay_(\d{10})\.json$/;

/** Unknown paths, missing parameters and missing keys are told apart, as the APIs do (404, 400 and 401). */
export function readQuestion(url: URL, headers: IncomingHttpHeaders): Reading {
  const {site, within} = siteOfPath(url.pathname);
  return site === 'nba' || site === 'nba_cdn'
    ? readLeagueQuestion(url)
    : readOtherQuestion(site, {path: within, asked: url.searchParams, headers});
}

function readLeagueQuestion(url: URL): Reading {
  const asked = url.searchParams;
  switch (url.pathname.toLowerCase()) {
    case '/stats/scheduleleaguev2':
      return withSeason(asked, season => ({kind: 'schedule', season}));
    case '/stats/leaguegamelog':
      return readLog(asked);
    case '/stats/boxscoretraditionalv3': {
      const gameId = asked.get('GameID') ?? '';
      if (!/^\d{10}$/.test(gameId)) return {kind: 'wrong', message: 'The field GameID must be ten digits.'};
      return {kind: 'question', question: {kind: 'box-score', gameId}};
    }
    case '/stats/leaguestandingsv3':
      return withSeason(asked, season => ({
        kind: 'standings',
        season,
        seasonType: asked.get('SeasonType') ?? 'Regular Season',
      }));
    case '/stats/commonallplayers':
      return withSeason(asked, season => ({kind: 'players', season}));
    case '/stats/scoreboardv3': {
      const date = readDate(asked.get('GameDate'));
      if (date === undefined) return {kind: 'wrong', message: 'The field GameDate must be a date.'};
      return {kind: 'question', question: {kind: 'scoreboard', date}};
    }
    default: {
      const gameId = playByPlay.exec(url.pathname)?.[1];
      return gameId === undefined
        ? {kind: 'unknown'}
        : {kind: 'question', question: {kind: 'play-by-play', gameId}};
    }
  }
}

function withSeason(asked: URLSearchParams, question: (season: string) => Question): Reading {
  const season = asked.get('Season') ?? '';
  return /^\d{4}-\d{2}$/.test(season)
    ? {kind: 'question', question: question(season)}
    : {kind: 'wrong', message: 'The field Season must be like 2024-25.'};
}

function readLog(asked: URLSearchParams): Reading {
  const bounds: (string | undefined)[] = [];
  for (const name of ['DateFrom', 'DateTo']) {
    const given = asked.get(name) ?? '';
    const date = readDate(given);
    if (given !== '' && date === undefined) {
      return {kind: 'wrong', message: `The field ${name} must be MM/DD/YYYY or YYYY-MM-DD, not '${given}'.`};
    }
    bounds.push(date);
  }
  return withSeason(asked, season => ({
    kind: 'game-log',
    season,
    seasonType: asked.get('SeasonType') ?? 'Regular Season',
    perPlayer: (asked.get('PlayerOrTeam') ?? 'T').toUpperCase().startsWith('P'),
    from: bounds[0],
    to: bounds[1],
  }));
}

function readDate(given: string | null): string | undefined {
  const american = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(given ?? '');
  if (american !== null) return `${american[3]}-${american[1]}-${american[2]}`;
  return /^\d{4}-\d{2}-\d{2}$/.test(given ?? '') ? (given ?? undefined) : undefined;
}
