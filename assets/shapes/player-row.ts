/**
 * A row of raw.player_boxscores from a site that knows neither the league's games nor its players: the game is that of
 * the team on the date, the player is found by his name. It does not deal with the league's own log.
 */
import type {Partition, Row} from 'gameplan';
import type {Counts} from './espn.ts';
import {type FindPlayer, unlistedId} from './player-name.ts';
import {findTeam, gameOfTeam} from './team.ts';

export interface ForeignLine {
  readonly name: string;
  /** The site's code. */
  readonly team: string;
  readonly won: boolean | null;
  readonly counts: Counts;
}

/** Undefined for a team that does not play on the date: the line is of another day. */
export function playerRow(line: ForeignLine, partition: Partition, findPlayer: FindPlayer): Row | undefined {
  const team = findTeam(line.team);
  const game = gameOfTeam(partition.games, line.team);
  if (team === undefined || game === undefined) return undefined;
  const player = findPlayer(line.name, team.code);
  return {
    game_date: partition.key,
    season: partition.season ?? null,
    game_id: game.id,
    player_id: player?.id ?? unlistedId(line.name),
    player_name: player?.name ?? line.name,
    team_id: team.id,
    team: team.code,
    opponent: game.teams.find(code => code !== team.code) ?? null,
    is_home: game.teams[0] === team.code,
    win: line.won,
    ...line.counts,
  };
}
