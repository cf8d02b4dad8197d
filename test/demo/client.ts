// Asks a league server as a reader of its API would, for the tests of demo/.
// Does not deal with validating answers beyond what a test looks at.
import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {type LeagueOptions, type LeagueServer, startLeague} from '../../demo/league.ts';

export const dataDir = fileURLToPath(new URL('../../../shared/data', import.meta.url));
export const hasRecordedData = existsSync(`${dataDir}/games.parquet`);
export const samplesDir = `${dataDir}/api-samples`;

/** For the titles of suites that need the recorded games, so that a skip says why. */
export const recordedTitle = hasRecordedData
  ? 'the recorded league'
  : 'the recorded league (skipped: ../shared/data is absent)';

/** Starts a league, hands it over and closes it, whatever happens. */
export async function withLeague<T>(
  options: LeagueOptions,
  use: (league: LeagueServer) => Promise<T>,
): Promise<T> {
  const league = await startLeague({dataDir, ...options});
  try {
    return await use(league);
  } finally {
    await league.close();
  }
}

export interface TeamAnswer {
  readonly teamId: number;
  readonly teamTricode: string;
  readonly score: number;
  readonly wins: number;
  readonly losses: number;
}

export interface GameAnswer {
  readonly gameId: string;
  readonly gameDateEst: string;
  readonly gameStatus: number;
  readonly gameStatusText: string;
  readonly gameTimeUTC: string;
  readonly gameDateTimeUTC: string;
  readonly gameDateTimeEst: string;
  readonly isNeutral: boolean;
  readonly homeTeam: TeamAnswer;
  readonly awayTeam: TeamAnswer;
}

export async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} from ${url}: ${await response.text()}`);
  // The test states the shape it looks at, and fails on what is missing.
  return (await response.json()) as T;
}

export async function scheduleOf({url}: LeagueServer, season: string): Promise<GameAnswer[]> {
  const answer = await getJson<{leagueSchedule: {gameDates: {games: GameAnswer[]}[]}}>(
    `${url}/stats/scheduleleaguev2?Season=${season}&LeagueID=00`,
  );
  return answer.leagueSchedule.gameDates.flatMap(({games}) => games);
}

export type Cell = string | number | null;
export type Row = Readonly<Record<string, Cell>>;

export async function rowsOf(url: string): Promise<Row[]> {
  const answer = await getJson<{resultSets: {headers: string[]; rowSet: Cell[][]}[]}>(url);
  const {headers, rowSet} = answer.resultSets[0] ?? {headers: [], rowSet: []};
  return rowSet.map(cells =>
    Object.fromEntries(headers.map((header, index) => [header, cells[index] ?? null])),
  );
}

export function logUrl(
  {url}: LeagueServer,
  asked: {season: string; type?: string; per?: 'P' | 'T'; from?: string; to?: string},
): string {
  const search = new URLSearchParams({
    PlayerOrTeam: asked.per ?? 'P',
    Season: asked.season,
    SeasonType: asked.type ?? 'Regular Season',
    ...(asked.from === undefined ? {} : {DateFrom: asked.from, DateTo: asked.to ?? asked.from}),
  });
  return `${url}/stats/leaguegamelog?${search}`;
}

export interface Statistics {
  readonly minutes: string | null;
  readonly fieldGoalsMade: number | null;
  readonly fieldGoalsAttempted: number | null;
  readonly threePointersMade: number | null;
  readonly threePointersAttempted: number | null;
  readonly freeThrowsMade: number | null;
  readonly freeThrowsAttempted: number | null;
  readonly reboundsOffensive: number | null;
  readonly reboundsDefensive: number | null;
  readonly reboundsTotal: number;
  readonly assists: number;
  readonly steals: number;
  readonly blocks: number;
  readonly turnovers: number;
  readonly foulsPersonal: number | null;
  readonly points: number;
  readonly plusMinusPoints: number;
}

export interface BoxTeam {
  readonly teamId: number;
  readonly players: readonly {
    readonly personId: number;
    readonly comment: string;
    readonly position: string;
    readonly statistics: Statistics;
  }[];
  readonly statistics: Statistics | null;
  readonly starters: Statistics | null;
  readonly bench: Statistics | null;
}

export interface BoxAnswer {
  readonly gameId: string;
  readonly homeTeamId: number;
  readonly awayTeamId: number;
  readonly homeTeam: BoxTeam;
  readonly awayTeam: BoxTeam;
}

export async function boxOf({url}: LeagueServer, gameId: string): Promise<BoxAnswer> {
  const path = `/stats/boxscoretraditionalv3?GameID=${gameId}`;
  return (await getJson<{boxScoreTraditional: BoxAnswer}>(`${url}${path}`)).boxScoreTraditional;
}

export interface ActionAnswer {
  readonly actionType: string;
  readonly subType: string;
  readonly period: number;
  readonly clock: string;
  readonly personId: number;
  readonly teamId?: number;
  readonly shotResult?: string;
  readonly shotDistance?: number;
  readonly assistPersonId?: number;
  readonly scoreHome: string;
  readonly scoreAway: string;
}

export function playByPlayUrl({url}: LeagueServer, gameId: string): string {
  return `${url}/static/json/liveData/playbyplay/playbyplay_${gameId}.json`;
}

export async function actionsOf(league: LeagueServer, gameId: string): Promise<ActionAnswer[]> {
  return (await getJson<{game: {actions: ActionAnswer[]}}>(playByPlayUrl(league, gameId))).game.actions;
}
