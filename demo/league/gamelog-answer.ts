// The game log of dates, a row a player or a row a team, in the league API's result-set JSON.
// Does not deal with sorting options: rows come by game, home side first, in the order of the box score.
import type {Box, Game, GameType, Measures, TeamBox} from './game.ts';
import {startYearOf, typeDigit} from './game.ts';
import type {Team} from './teams.ts';

/** The API's names of season types; any other name gets an answer without rows. */
export const seasonTypes: Readonly<Record<string, GameType>> = {
  'Regular Season': 'regular',
  Playoffs: 'playoffs',
  PlayIn: 'play_in',
  'All Star': 'all_star',
  'Pre Season': 'preseason',
  IST: 'cup_final',
};

const shared = ['TEAM_ID', 'TEAM_ABBREVIATION', 'TEAM_NAME', 'GAME_ID', 'GAME_DATE', 'MATCHUP', 'WL', 'MIN'];
const counts =
  'FGM FGA FG_PCT FG3M FG3A FG3_PCT FTM FTA FT_PCT OREB DREB REB AST STL BLK TOV PF PTS PLUS_MINUS'.split(
    ' ',
  );

export const playerHeaders: readonly string[] = [
  'SEASON_ID',
  'PLAYER_ID',
  'PLAYER_NAME',
  ...shared,
  ...counts,
  'FANTASY_PTS',
  'VIDEO_AVAILABLE',
];
const teamHeaders: readonly string[] = ['SEASON_ID', ...shared, ...counts, 'VIDEO_AVAILABLE'];

export interface LogQuestion {
  readonly season: string;
  readonly seasonType: string;
  readonly perPlayer: boolean;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export function gameLogAnswer(question: LogQuestion, boxes: readonly Box[]): object {
  return {
    resource: 'leaguegamelog',
    parameters: {
      LeagueID: '00',
      Season: question.season,
      SeasonType: question.seasonType,
      PlayerOrTeam: question.perPlayer ? 'Player' : 'Team',
      Counter: 0,
      Sorter: 'DATE',
      Direction: 'ASC',
      DateFrom: question.from ?? null,
      DateTo: question.to ?? null,
    },
    resultSets: [
      {
        name: 'LeagueGameLog',
        headers: question.perPlayer ? playerHeaders : teamHeaders,
        rowSet: boxes.flatMap(box => (question.perPlayer ? playerRows(box) : teamRows(box))),
      },
    ],
  };
}

type Cell = string | number | null;

function playerRows(box: Box): Cell[][] {
  const {game} = box;
  const rows: Cell[][] = [];
  for (const [side, team, won] of sides(box)) {
    for (const {playerId, firstName, familyName, measures} of side.players) {
      if (measures === undefined) continue;
      const name = familyName === '' ? firstName : `${firstName} ${familyName}`;
      rows.push([
        seasonId(game),
        playerId,
        name,
        ...teamCells(game, team, side, won),
        ...measureCells(measures),
        fantasyPoints(measures),
        1,
      ]);
    }
  }
  return rows;
}

function teamRows(box: Box): Cell[][] {
  const rows: Cell[][] = [];
  for (const [side, team, won] of sides(box)) {
    if (side.totals === undefined) continue;
    rows.push([seasonId(box.game), ...teamCells(box.game, team, side, won), ...measureCells(side.totals), 1]);
  }
  return rows;
}

function sides({game, home, away}: Box): [TeamBox, Team, boolean][] {
  const homeWon = game.home.score > game.away.score;
  return [
    [home, game.home.team, homeWon],
    [away, game.away.team, !homeWon],
  ];
}

function seasonId(game: Game): string {
  return `${typeDigit[game.type]}${startYearOf(game.season)}`;
}

function teamCells(game: Game, team: Team, side: TeamBox, won: boolean): Cell[] {
  const name = team.city === '' ? team.name : `${team.city} ${team.name}`;
  return [team.teamId, team.tricode, name, game.gameId, game.date, side.matchup, won ? 'W' : 'L'];
}

function measureCells(line: Measures): Cell[] {
  return [
    line.seconds === null ? null : Math.round(line.seconds / 60),
    line.fgm,
    line.fga,
    line.fgPct,
    line.fg3m,
    line.fg3a,
    line.fg3Pct,
    line.ftm,
    line.fta,
    line.ftPct,
    line.oreb,
    line.dreb,
    line.reb,
    line.ast,
    line.stl,
    line.blk,
    line.tov,
    line.pf,
    line.pts,
    line.plusMinus,
  ];
}

/** The league's fantasy formula: points, 1.2 a rebound, 1.5 an assist, 3 a steal or block, -1 a turnover. */
function fantasyPoints({pts, reb, ast, stl, blk, tov}: Measures): number | null {
  if (pts === null || reb === null || ast === null || stl === null || blk === null || tov === null)
    return null;
  return Math.round(10 * (pts + 1.2 * reb + 1.5 * ast + 3 * stl + 3 * blk - tov)) / 10;
}
