/**
 * Rows of raw.player_boxscores: one a player who played and game, from the league's player game log, balldontlie or ESPN.
 * It does not deal with shares and percentages; analytics.player_game_summary does.
 */
import type {Game, Row, Rows, RowsContext} from 'gameplan';
import {hasPlayed, type Stat, Stats} from '../shapes/bdl.ts';
import {type AthleteLine, athleteLines} from '../shapes/espn.ts';
import {findPlayerIn} from '../shapes/find-player.ts';
import {objectsOf} from '../shapes/objects.ts';
import {PLAYER_LOG, PlayerLogRow} from '../shapes/player-log.ts';
import {type ForeignLine, playerRow} from '../shapes/player-row.ts';
import {ResultSets, readRows} from '../shapes/result-set.ts';
import {gameOfTeam} from '../shapes/team.ts';

export const rows: Rows = async context => {
  switch (context.source) {
    case 'nba':
      return await leagueRows(context);
    case 'bdl':
      return await foreignRows(context, await bdlLines(context));
    case 'espn':
      return await foreignRows(context, await espnLines(context));
    default:
      throw new Error(`There is no source '${context.source}' of player box scores.`);
  }
};

async function leagueRows({partition, inputs}: RowsContext): Promise<readonly Row[]> {
  const games = new Map(partition.games.map(game => [game.id, game]));
  const lines: Row[] = [];
  for await (const object of objectsOf(inputs, 'nba')) {
    for (const line of readRows(object.json(ResultSets), PLAYER_LOG, PlayerLogRow)) {
      lines.push(row(line, games.get(line.GAME_ID), partition.season ?? null));
    }
  }
  return lines;
}

/** Rows of a site that names players: their ids are looked up in the league's list. */
async function foreignRows(
  {partition, inputs}: RowsContext,
  lines: readonly ForeignLine[],
): Promise<readonly Row[]> {
  const findPlayer = await findPlayerIn(inputs['players']);
  return lines.map(line => playerRow(line, partition, findPlayer)).filter(line => line !== undefined);
}

async function bdlLines({partition, inputs}: RowsContext): Promise<readonly ForeignLine[]> {
  const lines: ForeignLine[] = [];
  for await (const object of objectsOf(inputs, 'bdl')) {
    for (const stat of object.json(Stats).data) {
      if (stat.game.date.slice(0, 10) !== partition.key || !hasPlayed(stat)) continue;
      const {first_name: first, last_name: last} = stat.player;
      const team = stat.team.abbreviation;
      lines.push({
        name: `${first} ${last}`.trim(),
        team,
        won: wonBy(stat, partition.games),
        counts: bdlCounts(stat),
      });
    }
  }
  return lines;
}

/** The scores say who won; which of them is the team's, the calendar says. */
function wonBy({team, game}: Stat, games: readonly Game[]): boolean | null {
  const played = gameOfTeam(games, team.abbreviation);
  if (played === undefined || game.home_team_score === game.visitor_team_score) return null;
  return game.home_team_score > game.visitor_team_score === (played.teams[0] === team.abbreviation);
}

function bdlCounts(stat: Stat): ForeignLine['counts'] {
  return {
    minutes: stat.min === null ? null : Number(stat.min),
    points: stat.pts,
    rebounds: stat.reb,
    offensive_rebounds: stat.oreb,
    defensive_rebounds: stat.dreb,
    assists: stat.ast,
    steals: stat.stl,
    blocks: stat.blk,
    turnovers: stat.turnover,
    fouls: stat.pf,
    field_goals_made: stat.fgm,
    field_goals_attempted: stat.fga,
    threes_made: stat.fg3m,
    threes_attempted: stat.fg3a,
    free_throws_made: stat.ftm,
    free_throws_attempted: stat.fta,
    plus_minus: null,
  };
}

async function espnLines({inputs}: RowsContext): Promise<readonly ForeignLine[]> {
  const lines: ForeignLine[] = [];
  for await (const object of objectsOf(inputs, 'espn')) {
    const game = athleteLines(object.text());
    for (const line of game) lines.push({...line, won: wonOf(line, game)});
  }
  return lines;
}

function wonOf({team}: AthleteLine, game: readonly AthleteLine[]): boolean | null {
  const sum = (lines: readonly AthleteLine[]) =>
    lines.reduce((total, {counts}) => total + (counts.points ?? 0), 0);
  const own = sum(game.filter(line => line.team === team));
  const other = sum(game.filter(line => line.team !== team));
  return own === other ? null : own > other;
}

function row(line: PlayerLogRow, game: Game | undefined, season: string | null): Row {
  return {
    game_date: line.GAME_DATE.slice(0, 10),
    season,
    game_id: line.GAME_ID,
    player_id: line.PLAYER_ID,
    player_name: line.PLAYER_NAME,
    team_id: line.TEAM_ID,
    team: line.TEAM_ABBREVIATION,
    opponent: opponent(line),
    is_home: isHome(line, game),
    win: line.WL === null ? null : line.WL === 'W',
    minutes: line.MIN,
    points: line.PTS,
    rebounds: line.REB,
    offensive_rebounds: line.OREB,
    defensive_rebounds: line.DREB,
    assists: line.AST,
    steals: line.STL,
    blocks: line.BLK,
    turnovers: line.TOV,
    fouls: line.PF,
    field_goals_made: line.FGM,
    field_goals_attempted: line.FGA,
    threes_made: line.FG3M,
    threes_attempted: line.FG3A,
    free_throws_made: line.FTM,
    free_throws_attempted: line.FTA,
    plus_minus: line.PLUS_MINUS,
  };
}

/** The other code of `GSW vs. NYK` or `GSW @ NYK`: at a neutral site both rows may name the home team last. */
function opponent(line: PlayerLogRow): string {
  const codes = line.MATCHUP.split(/ (?:vs\.|@) /);
  const other = codes.find(code => code !== line.TEAM_ABBREVIATION);
  if (codes.length !== 2 || other === undefined) {
    throw new Error(`'${line.MATCHUP}' is no match-up of ${line.TEAM_ABBREVIATION} in game ${line.GAME_ID}.`);
  }
  return other;
}

/** By the schedule, whose first team is at home: at a neutral site the match-up's text says `@` for both. */
function isHome(line: PlayerLogRow, game: Game | undefined): boolean {
  return game === undefined ? line.MATCHUP.includes(' vs. ') : game.teams[0] === line.TEAM_ABBREVIATION;
}
