/**
 * Rows of raw.team_boxscores: two a game, from the league's box scores, or summed over the players of ESPN's.
 * It does not deal with ratings; analytics.team_offense_game_summary does.
 */
import type {Partition, Row, Rows, RowsContext} from 'gameplan';
import {BoxScore, parseMinutes, type TeamLine, teamLines} from '../shapes/box-score.ts';
import {type AthleteLine, athleteLines, type Counts} from '../shapes/espn.ts';
import {objectsOf} from '../shapes/objects.ts';
import {findTeam, gameOfTeam} from '../shapes/team.ts';

export const rows: Rows = async context => {
  switch (context.source) {
    case 'nba':
      return await leagueRows(context);
    case 'espn':
      return await espnRows(context);
    default:
      throw new Error(`There is no source '${context.source}' of team box scores that needs code.`);
  }
};

async function leagueRows({partition, inputs}: RowsContext): Promise<readonly Row[]> {
  const lines: Row[] = [];
  for await (const object of objectsOf(inputs, 'nba')) {
    for (const line of teamLines(object.json(BoxScore))) {
      lines.push(row(line, partition.key, partition.season ?? null));
    }
  }
  return lines;
}

async function espnRows({partition, inputs}: RowsContext): Promise<readonly Row[]> {
  const lines: Row[] = [];
  for await (const object of objectsOf(inputs, 'espn')) {
    const athletes = Map.groupBy(athleteLines(object.text()), ({team}) => team);
    for (const [team, own] of athletes) lines.push(...(summedRow(team, own, partition) ?? []));
  }
  return lines;
}

/** Null in one line is null in the sum: what is not known of one player is not known of his team. */
function summedRow(
  code: string,
  athletes: readonly AthleteLine[],
  partition: Partition,
): readonly Row[] | undefined {
  const team = findTeam(code);
  const game = gameOfTeam(partition.games, code);
  const opponent = findTeam(game?.teams.find(other => other !== team?.code) ?? '');
  if (team === undefined || game === undefined || opponent === undefined) return undefined;
  const sum = (name: keyof Counts): number | null =>
    athletes.reduce<number | null>((total, {counts}) => {
      const value = counts[name];
      return total === null || value === null ? null : total + value;
    }, 0);
  return [
    {
      game_date: partition.key,
      season: partition.season ?? null,
      game_id: game.id,
      team_id: team.id,
      team: team.code,
      opponent_team_id: opponent.id,
      opponent: opponent.code,
      is_home: game.teams[0] === team.code,
      // Whole minutes of players do not add up to those of the game.
      minutes: null,
      points: sum('points'),
      rebounds: sum('rebounds'),
      offensive_rebounds: sum('offensive_rebounds'),
      defensive_rebounds: sum('defensive_rebounds'),
      assists: sum('assists'),
      steals: sum('steals'),
      blocks: sum('blocks'),
      turnovers: sum('turnovers'),
      fouls: sum('fouls'),
      field_goals_made: sum('field_goals_made'),
      field_goals_attempted: sum('field_goals_attempted'),
      threes_made: sum('threes_made'),
      threes_attempted: sum('threes_attempted'),
      free_throws_made: sum('free_throws_made'),
      free_throws_attempted: sum('free_throws_attempted'),
      plus_minus: null,
    },
  ];
}

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
