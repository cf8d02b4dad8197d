/**
 * Whom another site means, looked for in the league's lists of an edge.
 * It does not deal with names that nobody on the list has; each table says what becomes of those.
 */
import type {Input} from 'gameplan';
import {type Listed, listedPlayers} from './player-list.ts';
import {type FindPlayer, playersByName} from './player-name.ts';
import {ResultSets} from './result-set.ts';

/** Finds nobody where the edge holds no list. */
export async function findPlayerIn(input: Input | undefined): Promise<FindPlayer> {
  const players: Listed[] = [];
  if (input !== undefined)
    for await (const object of input.objects()) players.push(...listedPlayers(object.json(ResultSets)));
  return playersByName(players);
}
