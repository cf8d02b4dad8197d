/**
 * Fetches the play-by-play of each game of a date from the league's content network, as answered.
 * It does not deal with games that have none: they are left out, and coverage names them.
 */
import type {Files} from 'gameplan';
import {fetchGames} from '../shapes/game-answers.ts';
import {PlayByPlay} from '../shapes/play-by-play.ts';

export const files: Files = context =>
  fetchGames(
    context,
    game => ({path: `/static/json/liveData/playbyplay/playbyplay_${game}.json`}),
    answer => answer.json(PlayByPlay).game.actions.length > 0,
  );
