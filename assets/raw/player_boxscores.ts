/**
 * Rows of raw.player_boxscores: one a player who played and game, from the league's player game log.
 * It does not deal with shares and percentages; analytics.player_game_summary does.
 */
import type {Game, Row, Rows} from 'gameplan';
import {objectsOf} from '../shapes/objects.ts';
import {PLAYER_LOG, PlayerLogRow} from '../shapes/player-log.ts';
import {ResultSets, readRows} from '../shapes/result-set.ts';

export const rows: Rows = async ({partition, inputs}) => {
  const games = new Map(partition.games.map(game => [game.id, game]));
  const lines: Row[] = [];
  for await (const object of objectsOf(inputs, 'answers')) {
    for (const line of readRows(object.json(ResultSets), PLAYER_LOG, PlayerLogRow)) {
      lines.push(row(line, games.get(line.GAME_ID), partition.season ?? null));
    }
  }
  return lines;
};

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
