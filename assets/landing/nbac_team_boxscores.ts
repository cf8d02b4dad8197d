/**
 * Fetches the box score of each game of a date, as answered.
 * It does not deal with the players in it; the player game log is asked for apart.
 */
import type {Files} from 'gameplan';
import {BoxScore, teamLines} from '../shapes/box-score.ts';
import {fetchGames} from '../shapes/game-answers.ts';

export const files: Files = context =>
  fetchGames(
    context,
    game => ({path: '/stats/boxscoretraditionalv3', query: {GameID: game}}),
    answer => teamLines(answer.json(BoxScore)).length > 0,
  );
