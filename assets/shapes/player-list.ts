/**
 * The league's list of a season's players, as `commonallplayers` answers it.
 * It does not deal with how a name of another site is found in it (find-player.ts), so that another name that is known
 * makes no fetched list stale.
 */
import {z} from 'gameplan';
import {type ResultSets, readRows} from './result-set.ts';

const PlayerRow = z.object({
  PERSON_ID: z.number(),
  DISPLAY_FIRST_LAST: z.string(),
  TEAM_ABBREVIATION: z.string().nullable(),
});

export interface Listed {
  readonly id: number;
  readonly name: string;
  /** The league's three letters; he may have played for another team earlier. */
  readonly team: string;
}

export function listedPlayers(answer: z.infer<typeof ResultSets>): readonly Listed[] {
  return readRows(answer, 'CommonAllPlayers', PlayerRow).map(row => ({
    id: row.PERSON_ID,
    name: row.DISPLAY_FIRST_LAST,
    team: row.TEAM_ABBREVIATION ?? '',
  }));
}
