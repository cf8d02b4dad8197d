// Reads the recorded lines of one season: the-odds-api's, from whichever of the two files has the game.
// Does not deal with events that were put off: those lines belong to no game.
import type {Quote} from './game.ts';
import {type Folder, number, text, value} from './parquet.ts';

/** By game id. A game that the larger file has is taken from there alone. */
export async function readQuotes(
  data: Folder,
  season: string,
): Promise<ReadonlyMap<string, readonly Quote[]>> {
  const quotes = new Map<string, Quote[]>();
  for (const file of ['player_props_all_markets_2025_26', 'player_props_threes_2024_26']) {
    if (!data.has(file)) continue;
    const before = new Set(quotes.keys());
    await data.read(
      `select p.game_id, player_name, market, bookmaker, line, over_odds::integer as over_odds,
         under_odds::integer as under_odds
       from ${data.table(file)} p join ${data.table('games')} g using (game_id)
       where g.season = '${season}' and line is not null
       order by p.game_id, bookmaker, market, player_name, line`,
      row => {
        const gameId = text(row, 'game_id');
        if (before.has(gameId)) return;
        const quote = {
          player: text(row, 'player_name'),
          market: text(row, 'market'),
          book: text(row, 'bookmaker'),
          line: number(row, 'line'),
          over: value(row, 'over_odds'),
          under: value(row, 'under_odds'),
        };
        const list = quotes.get(gameId);
        if (list === undefined) quotes.set(gameId, [quote]);
        else list.push(quote);
      },
    );
  }
  return quotes;
}
