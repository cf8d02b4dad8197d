/**
 * Rows of raw.game_lines: one a bookmaker and game, with what he had on it before the first game.
 * It does not deal with which bookmaker is preferred; who reads the table chooses.
 */
import type {Row, Rows} from 'gameplan';
import {gameLinesIn} from '../shapes/odds.ts';
import {storedOdds} from '../shapes/stored-odds.ts';

export const rows: Rows = async context => {
  const {partition} = context;
  const made: Row[] = [];
  for await (const {game, odds} of storedOdds(context, 'answers')) {
    for (const line of gameLinesIn(odds)) {
      made.push({
        game_date: partition.key,
        season: partition.season ?? null,
        game_id: game.id,
        bookmaker: line.bookmaker,
        home_spread: line.homeSpread,
        home_spread_odds: line.homeSpreadOdds,
        away_spread_odds: line.awaySpreadOdds,
        total: line.total,
        over_odds: line.overOdds,
        under_odds: line.underOdds,
        home_moneyline: line.homeMoneyline,
        away_moneyline: line.awayMoneyline,
      });
    }
  }
  return made;
};
