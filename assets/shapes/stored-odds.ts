/**
 * Reads the answers of the-odds-api on single games that odds-events.ts stored, each with the league's game that it is on.
 * It does not deal with what they are: lines on players or on games.
 */
import type {Game, RowsContext, z} from 'gameplan';
import {objectsOf} from './objects.ts';
import {EventOdds} from './odds.ts';
import {findGame} from './team.ts';

export interface GameOdds {
  readonly game: Game;
  readonly odds: z.infer<typeof EventOdds>;
}

/** `edge`: that from the stored answers. Events on games of other dates are left out. */
export async function* storedOdds(
  {partition, inputs}: Pick<RowsContext, 'partition' | 'inputs'>,
  edge: string,
): AsyncGenerator<GameOdds> {
  for await (const object of objectsOf(inputs, edge)) {
    if (!object.name.startsWith('odds-')) continue;
    const odds = object.json(EventOdds);
    const game = findGame(partition.games, odds.data.home_team, odds.data.away_team);
    if (game !== undefined) yield {game, odds};
  }
}
