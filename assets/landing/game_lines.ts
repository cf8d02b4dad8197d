/**
 * Fetches the lines on games that the-odds-api had before the games of a date (who wins, by how much, points of both),
 * event by event, as answered. It does not deal with lines on players, which are asked for apart.
 */
import {EmptyAnswer, type Files} from 'gameplan';
import {gameLinesIn} from '../shapes/odds.ts';
import {fetchOdds} from '../shapes/odds-events.ts';

export const files: Files = async context => {
  const fetched = await fetchOdds(context, ['h2h', 'spreads', 'totals']);
  const held = fetched.filter(({odds}) => gameLinesIn(odds).length > 0);
  const {key, games} = context.partition;
  if (held.length === 0) throw new EmptyAnswer(`has no lines on the ${games.length} games of ${key}`);
  return {games: held.map(({game}) => game.id).sort()};
};
