/**
 * Rows of raw.injury_report: one a line that the last report has on a game of the date, a player or a team that has
 * not told yet. It does not deal with who of them then played.
 */
import type {Row, Rows} from 'gameplan';
import {findPlayerIn} from '../shapes/find-player.ts';
import {readInjuryReport} from '../shapes/injury-report.ts';
import {objectsOf} from '../shapes/objects.ts';
import {findGame, getTeam} from '../shapes/team.ts';

export const rows: Rows = async ({partition, inputs}) => {
  const findPlayer = await findPlayerIn(inputs['players']);
  const places = new Map<string, number>();
  const made: Row[] = [];
  for await (const {bytes} of objectsOf(inputs, 'report')) {
    const {lines} = await readInjuryReport(bytes);
    for (const line of lines) {
      const game = line.date === partition.key ? findGame(partition.games, ...line.matchup) : undefined;
      if (game === undefined) continue;
      const team = getTeam(line.team).code;
      const player = line.player === null ? undefined : findPlayer(line.player, team);
      const place = (places.get(team) ?? 0) + 1;
      places.set(team, place);
      made.push({
        game_date: partition.key,
        season: partition.season ?? null,
        game_id: game.id,
        team,
        place,
        player_id: player?.id ?? null,
        player_name: player?.name ?? line.player,
        status: line.status,
        reason: line.reason,
        // The affiliate's players are called out day after day, and nobody misses them.
        is_g_league: line.reason === null ? null : /^G ?League/.test(line.reason),
      });
    }
  }
  return made;
};
