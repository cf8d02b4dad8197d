// Reads what the sites beside the league's API are asked: balldontlie, ESPN, the-odds-api, BettingPros and its own files.
// Does not deal with answering; a key is only looked for, never held against anything.
import type {IncomingHttpHeaders} from 'node:http';
import {gameOfOddsId, leagueId} from './foreign-id.ts';
import type {SiteName} from './site-name.ts';

export type OtherQuestion =
  | {readonly kind: 'bdl-stats'; readonly date: string; readonly cursor: number; readonly perPage: number}
  /** Both dates included; one date asks with the same twice. */
  | {readonly kind: 'espn-scoreboard'; readonly from: string; readonly to: string; readonly limit: number}
  | {readonly kind: 'espn-box-score'; readonly gameId: string}
  /** Events that begin between two instants, as they stood at a third. */
  | {readonly kind: 'odds-events'; readonly at: string; readonly from: string; readonly to: string}
  | {
      readonly kind: 'odds';
      readonly at: string;
      readonly gameId: string;
      readonly markets: readonly string[];
    }
  | {readonly kind: 'bettingpros-events'; readonly date: string}
  | {
      readonly kind: 'bettingpros-offers';
      readonly gameIds: readonly string[];
      readonly market: number;
      readonly page: number;
      readonly limit: number;
    }
  | ({readonly kind: 'injury-report'} & ReportQuestion);

export interface ReportQuestion {
  readonly date: string;
  /** Since midnight, US Eastern. */
  readonly minutes: number;
}

export type ReadingOf<Asking> =
  | {readonly kind: 'question'; readonly question: Asking}
  | {readonly kind: 'unknown'}
  | {readonly kind: 'refused'}
  | {readonly kind: 'wrong'; readonly message: string};

type Reading = ReadingOf<OtherQuestion>;

interface Asked {
  /** Within the site. */
  readonly path: string;
  readonly asked: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

type OtherSite = Exclude<SiteName, 'nba' | 'nba_cdn'>;

export function readOtherQuestion(site: OtherSite, about: Asked): Reading {
  switch (site) {
    case 'bdl':
      return about.headers.authorization === undefined ? {kind: 'refused'} : readStats(about);
    case 'espn':
      return readScoreboard(about);
    case 'espn_web':
      return readPage(about);
    case 'odds':
      return about.asked.get('apiKey') === null ? {kind: 'refused'} : readOdds(about);
    case 'bettingpros':
      return about.headers['x-api-key'] === undefined ? {kind: 'refused'} : readBettingPros(about);
    case 'nba_static':
      return readReport(about);
    default:
      return unreachable(site);
  }
}

function readStats({path, asked}: Asked): Reading {
  if (path !== '/v1/stats') return {kind: 'unknown'};
  const date = asked.get('dates[]') ?? '';
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return {kind: 'wrong', message: "Give a date in 'dates[]'."};
  const perPage = whole(asked, 'per_page', 25);
  if (perPage < 1 || perPage > 100) return {kind: 'wrong', message: 'per_page is 1 to 100.'};
  return {
    kind: 'question',
    question: {kind: 'bdl-stats', date, cursor: whole(asked, 'cursor', 0), perPage},
  };
}

function readScoreboard({path, asked}: Asked): Reading {
  if (path !== '/apis/site/v2/sports/basketball/nba/scoreboard') return {kind: 'unknown'};
  const match = /^(\d{8})(?:-(\d{8}))?$/.exec(asked.get('dates') ?? '');
  const [, from = '', to = from] = match ?? [];
  if (match === null) return {kind: 'wrong', message: 'dates must be YYYYMMDD or YYYYMMDD-YYYYMMDD.'};
  return {
    kind: 'question',
    question: {
      kind: 'espn-scoreboard',
      from: dashed(from),
      to: dashed(to),
      limit: whole(asked, 'limit', 100),
    },
  };
}

function dashed(day: string): string {
  return `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
}

function readPage({path, asked}: Asked): Reading {
  if (path !== '/nba/boxscore') return {kind: 'unknown'};
  const gameId = leagueId('espn', whole(asked, 'gameId', 0));
  return gameId === undefined
    ? {kind: 'unknown'}
    : {kind: 'question', question: {kind: 'espn-box-score', gameId}};
}

const oddsPath = /^\/v4\/historical\/sports\/basketball_nba\/events(?:\/([0-9a-f]{32})\/odds)?$/;

function readOdds({path, asked}: Asked): Reading {
  const match = oddsPath.exec(path);
  if (match === null) return {kind: 'unknown'};
  const at = asked.get('date') ?? '';
  if (!isTime(at)) return {kind: 'wrong', message: 'Give a time in date, such as 2024-01-15T17:00:00Z.'};
  const [, event] = match;
  if (event !== undefined) {
    const gameId = gameOfOddsId(event);
    const markets = (asked.get('markets') ?? '').split(',').filter(Boolean);
    return gameId === undefined
      ? {kind: 'unknown'}
      : {kind: 'question', question: {kind: 'odds', at, gameId, markets}};
  }
  const [from, to] = [
    asked.get('commenceTimeFrom') ?? at,
    asked.get('commenceTimeTo') ?? '9999-12-31T00:00:00Z',
  ];
  if (!isTime(from) || !isTime(to)) return {kind: 'wrong', message: 'commenceTimeFrom and To must be times.'};
  return {kind: 'question', question: {kind: 'odds-events', at, from, to}};
}

function isTime(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text);
}

function readBettingPros({path, asked}: Asked): Reading {
  if (path === '/v3/events') {
    const date = asked.get('date') ?? '';
    return /^\d{4}-\d{2}-\d{2}$/.test(date)
      ? {kind: 'question', question: {kind: 'bettingpros-events', date}}
      : {kind: 'wrong', message: 'Give a date.'};
  }
  if (path !== '/v3/offers') return {kind: 'unknown'};
  const ids = (asked.get('event_id') ?? '').split(':');
  const gameIds = ids.flatMap(id => leagueId('bettingpros', Number(id)) ?? []);
  const [page, limit] = [whole(asked, 'page', 1), whole(asked, 'limit', 10)];
  if (page < 1 || limit < 1 || limit > 50)
    return {kind: 'wrong', message: 'limit is 1 to 50, page from 1 on.'};
  return {
    kind: 'question',
    question: {kind: 'bettingpros-offers', gameIds, market: whole(asked, 'market_id', 0), page, limit},
  };
}

const reportPath =
  /^\/referee\/injury\/Injury-Report_(\d{4}-\d{2}-\d{2})_(0[1-9]|1[0-2])(?:_(00|15|30|45))?([AP])M\.pdf$/;

/** A report an hour, each of half past, until there was one every quarter of an hour, and minutes in the name. */
function readReport({path}: Asked): Reading {
  const [, date, hour = '', quarter, half] = reportPath.exec(path) ?? [];
  if (date === undefined || (quarter !== undefined) !== date >= '2025-12-23') return {kind: 'unknown'};
  const hours = (Number(hour) % 12) + (half === 'P' ? 12 : 0);
  const minutes = hours * 60 + Number(quarter ?? 30);
  return {kind: 'question', question: {kind: 'injury-report', date, minutes}};
}

/** NaN, which no bound holds for, where something else is given. */
function whole(asked: URLSearchParams, name: string, otherwise: number): number {
  const given = asked.get(name);
  return given === null ? otherwise : /^\d+$/.test(given) ? Number(given) : Number.NaN;
}

function unreachable(value: never): never {
  throw new Error(`Internal error: no case for ${JSON.stringify(value)}.`);
}
