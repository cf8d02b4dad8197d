/**
 * Fetches the lines on players that the-odds-api had before the games of a date, event by event, as answered.
 * It does not deal with lines on games, which are asked for apart.
 */
import type {Files} from 'gameplan';
import {fetchOdds} from '../shapes/odds-events.ts';

export const files: Files = async context => {
  await fetchOdds(context, ['player_points', 'player_threes']);
  // On three dates of five it knows the games and has no lines: what is absent, raw.player_props says.
  return undefined;
};
