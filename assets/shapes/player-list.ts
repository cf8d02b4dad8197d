/**
 * The league's list of a season's players, as `commonallplayers` answers it.
 * It does not deal with how a name of another site is found in it (player-name.ts).
 */
import {type Input, z} from 'gameplan';
import {type FindPlayer, type Listed, playersByName} from './player-name.ts';
import {ResultSets, readRows} from './result-set.ts';

const PlayerRow = z.object({
  PERSON_ID: z.number(),
  DISPLAY_FIRST_LAST: z.string(),
  TEAM_ABBREVIATION: z.string().nullable(),
});

export function listedPlayers(answer: z.infer<typeof ResultSets>): readonly Listed[] {
  return readRows(answer, 'CommonAllPlayers', PlayerRow).map(row => ({
    id: row.PERSON_ID,
    name: row.DISPLAY_FIRST_LAST,
    team: row.TEAM_ABBREVIATION ?? '',
  }));
}

/** Looks in the lists of an edge; finds nobody where it holds none. */
export async function findPlayerIn(input: Input | undefined): Promise<FindPlayer> {
  const players: Listed[] = [];
  if (input !== undefined)
    for await (const object of input.objects()) players.push(...listedPlayers(object.json(ResultSets)));
  return playersByName(players);
}
