/**
 * Rows of raw.player_props: one a line that a bookmaker had on a player before his game, from the-odds-api or BettingPros.
 * It does not deal with which line is preferred; who reads the table chooses.
 */
import type {Row, Rows, RowsContext} from 'gameplan';
import {BettingEvents, Offers, offeredLines, POINTS} from '../shapes/bettingpros.ts';
import {findPlayerIn} from '../shapes/find-player.ts';
import {objectsOf} from '../shapes/objects.ts';
import {type Line, linesIn} from '../shapes/odds.ts';
import {storedOdds} from '../shapes/stored-odds.ts';
import {findGame} from '../shapes/team.ts';

export const rows: Rows = async context => {
  switch (context.source) {
    case 'odds':
      return await rowsOf(context, await oddsLines(context));
    case 'bettingpros':
      return await rowsOf(context, await bettingLines(context));
    default:
      throw new Error(`There is no source '${context.source}' of lines on players.`);
  }
};

interface Quote {
  readonly line: Line;
  readonly game: string;
}

/** The player is found among the season's by his name; who is not found keeps the site's and has no id. */
async function rowsOf({partition, inputs}: RowsContext, quotes: readonly Quote[]): Promise<readonly Row[]> {
  const findPlayer = await findPlayerIn(inputs['players']);
  const teams = new Map(partition.games.map(({id, teams}) => [id, teams]));
  return quotes.map(({game, line}) => {
    const found = (teams.get(game) ?? []).map(team => findPlayer(line.player, team));
    const player = found.find(each => each !== undefined);
    return {
      game_date: partition.key,
      season: partition.season ?? null,
      game_id: game,
      player_id: player?.id ?? null,
      player_name: player?.name ?? line.player,
      market: line.market,
      bookmaker: line.bookmaker,
      line: line.line,
      over_odds: line.over,
      under_odds: line.under,
    };
  });
}

async function oddsLines(context: RowsContext): Promise<readonly Quote[]> {
  const quotes: Quote[] = [];
  for await (const {game, odds} of storedOdds(context, 'odds'))
    quotes.push(...linesIn(odds).map(line => ({line, game: game.id})));
  return quotes;
}

/** The events come first by name, so they are known when the offers on them are read. */
async function bettingLines({partition, inputs}: RowsContext): Promise<readonly Quote[]> {
  const games = new Map<number, string>();
  const quotes: Quote[] = [];
  for await (const object of objectsOf(inputs, 'bettingpros')) {
    if (object.name.startsWith('events')) {
      for (const {id, home, visitor} of object.json(BettingEvents).events) {
        const game = findGame(partition.games, home, visitor);
        if (game !== undefined) games.set(id, game.id);
      }
      continue;
    }
    for (const offer of object.json(Offers).offers) {
      const game = games.get(offer.event_id);
      if (game === undefined || offer.market_id !== POINTS.id) continue;
      quotes.push(...offeredLines(offer).map(line => ({line: {...line, market: POINTS.name}, game})));
    }
  }
  return quotes;
}
