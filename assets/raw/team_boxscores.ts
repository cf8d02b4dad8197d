/**
 * Rows of raw.team_boxscores: two a game, from the league's box scores.
 * It does not deal with ratings; analytics.team_offense_game_summary does.
 */
import type {Row, Rows} from 'gameplan';
import {BoxScore, parseMinutes, type TeamLine, teamLines} from '../shapes/box-score.ts';
import {objectsOf} from '../shapes/objects.ts';

export const rows: Rows = async ({partition, inputs}) => {
  const lines: Row[] = [];
  for await (const object of objectsOf(inputs, 'answers')) {
    for (const line of teamLines(object.json(BoxScore))) {
      lines.push(row(line, partition.key, partition.season ?? null));
    }
  }
  return lines;
};

function row({totals, ...line}: TeamLine, date: string, season: string | null): Row {
  return {
    game_date: date,
    season,
    game_id: line.gameId,
    team_id: line.teamId,
    team: line.team,
    opponent_team_id: line.opponentTeamId,
    opponent: line.opponent,
    is_home: line.isHome,
    minutes: parseMinutes(totals.minutes),
    points: totals.points,
    rebounds: totals.reboundsTotal,
    offensive_rebounds: totals.reboundsOffensive,
    defensive_rebounds: totals.reboundsDefensive,
    assists: totals.assists,
    steals: totals.steals,
    blocks: totals.blocks,
    turnovers: totals.turnovers,
    fouls: totals.foulsPersonal,
    field_goals_made: totals.fieldGoalsMade,
    field_goals_attempted: totals.fieldGoalsAttempted,
    threes_made: totals.threePointersMade,
    threes_attempted: totals.threePointersAttempted,
    free_throws_made: totals.freeThrowsMade,
    free_throws_attempted: totals.freeThrowsAttempted,
    plus_minus: totals.plusMinusPoints,
  };
}
