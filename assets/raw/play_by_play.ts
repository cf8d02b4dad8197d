/**
 * Rows of raw.play_by_play: one an action, from the league's content network.
 * It does not deal with zones; the analytics queries decide them from distance and worth.
 */
import type {Row, Rows} from 'gameplan';
import {objectsOf} from '../shapes/objects.ts';
import {type Action, PlayByPlay, shotValue} from '../shapes/play-by-play.ts';

export const rows: Rows = async function* ({partition, inputs}) {
  for await (const object of objectsOf(inputs, 'answers')) {
    const {game} = object.json(PlayByPlay);
    for (const action of game.actions) yield row(action, game.gameId, partition.key);
  }
};

function row(action: Action, gameId: string, date: string): Row {
  const value = shotValue(action);
  return {
    game_date: date,
    game_id: gameId,
    order_number: action.orderNumber,
    action_number: action.actionNumber,
    period: action.period,
    clock: action.clock,
    team: action.teamTricode || null,
    // The league writes 0 where an action is nobody's.
    player_id: action.personId || null,
    action_type: action.actionType,
    sub_type: action.subType || null,
    shot_value: value,
    shot_made: value === null ? null : action.shotResult === 'Made',
    shot_distance: value === null ? null : (action.shotDistance ?? null),
    score_home: score(action.scoreHome),
    score_away: score(action.scoreAway),
  };
}

function score(text: string | null | undefined): number | null {
  return text === null || text === undefined || text === '' ? null : Number(text);
}
