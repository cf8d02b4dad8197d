/**
 * Rows of raw.player_list: one a player of the league's list of a season, with the form of his name that others are
 * compared with. It does not deal with who played (raw.players).
 */
import type {Row, Rows} from 'gameplan';
import {objectsOf} from '../shapes/objects.ts';
import {listedPlayers} from '../shapes/player-list.ts';
import {comparedName} from '../shapes/player-name.ts';
import {ResultSets} from '../shapes/result-set.ts';

export const rows: Rows = async ({partition, inputs}) => {
  const players: Row[] = [];
  for await (const object of objectsOf(inputs, 'answers')) {
    for (const {id, name, team} of listedPlayers(object.json(ResultSets))) {
      players.push({
        season: partition.key,
        player_id: id,
        player_name: name,
        compared_name: comparedName(name),
        last_team: team === '' ? null : team,
      });
    }
  }
  return players;
};
