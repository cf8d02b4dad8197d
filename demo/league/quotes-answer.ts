// Lines on players and games as the-odds-api and BettingPros answer them: events first, then what is offered on them.
// Does not deal with where the lines come from, nor with other markets than those the league has.
import {shiftHours} from './calendar.ts';
import {foreignId, oddsId} from './foreign-id.ts';
import {type Game, type GameLine, type Quote, startYearOf} from './game.ts';
import {bookmakersName, withoutAccents} from './spelling.ts';
import {statusOf} from './status.ts';
import {slugOf} from './teams.ts';

const sport = {sport_key: 'basketball_nba', sport_title: 'NBA'};

/** An answer as it stood at an instant; snapshots lie five minutes apart. */
function snapshot(at: string, data: unknown): object {
  return {
    timestamp: at,
    previous_timestamp: shiftHours(at, -1 / 12),
    next_timestamp: shiftHours(at, 1 / 12),
    data,
  };
}

export function oddsEventsAnswer(at: string, games: readonly Game[]): object {
  return snapshot(at, games.map(oddsEvent));
}

function oddsEvent(game: Game): object {
  return {
    id: oddsId(game.gameId),
    ...sport,
    commence_time: commenceOf(game),
    home_team: bookmakersName(game.home.team),
    away_team: bookmakersName(game.away.team),
  };
}

/** A start that is not on record is seven in the evening, New York. */
export function commenceOf(game: Game): string {
  return game.startUtc ?? `${game.date}T23:59:00Z`;
}

interface OnSale {
  /** Those asked for. */
  readonly markets: readonly string[];
  readonly quotes: readonly Quote[];
  readonly lines: readonly GameLine[];
}

interface Market {
  readonly book: string;
  readonly key: string;
  readonly outcomes: readonly object[];
}

export function oddsAnswer(at: string, game: Game, {markets, quotes, lines}: OnSale): object {
  const asked = [...playerMarkets(quotes), ...lines.flatMap(line => gameMarkets(game, line))].filter(
    ({key}) => markets.includes(key),
  );
  return snapshot(at, {
    ...oddsEvent(game),
    bookmakers: [...Map.groupBy(asked, ({book}) => book)].map(([book, offered]) => ({
      key: book,
      title: book,
      last_update: at,
      markets: offered.map(({key, outcomes}) => ({key, last_update: at, outcomes})),
    })),
  });
}

function playerMarkets(quotes: readonly Quote[]): Market[] {
  return [...Map.groupBy(quotes, ({book, market}) => `${book} ${market}`).values()].flatMap(offered => {
    const [{book, market: key} = {book: '', market: ''}] = offered;
    const outcomes = offered.flatMap(({player, line, over, under}) => [
      ...outcome('Over', {player, line, price: over}),
      ...outcome('Under', {player, line, price: under}),
    ]);
    return [{book, key, outcomes}];
  });
}

function gameMarkets({home, away}: Game, line: GameLine): Market[] {
  const [homeName, awayName] = [bookmakersName(home.team), bookmakersName(away.team)];
  const {book} = line;
  return [
    {
      book,
      key: 'h2h',
      outcomes: [
        {name: awayName, price: line.awayMoneyline},
        {name: homeName, price: line.homeMoneyline},
      ],
    },
    {
      book,
      key: 'spreads',
      outcomes: [
        {name: awayName, price: line.awaySpreadOdds, point: -line.homeSpread},
        {name: homeName, price: line.homeSpreadOdds, point: line.homeSpread},
      ],
    },
    {
      book,
      key: 'totals',
      outcomes: [
        {name: 'Over', price: line.overOdds, point: line.total},
        {name: 'Under', price: line.underOdds, point: line.total},
      ],
    },
  ];
}

function outcome(
  name: string,
  {player, line, price}: {readonly player: string; readonly line: number; readonly price: number | null},
): object[] {
  return price === null ? [] : [{name, description: player, price, point: line}];
}

export function bettingProsEventsAnswer(
  date: string,
  games: readonly Game[],
  now: string | undefined,
): object {
  return {
    _parameters: {sport: 'NBA', date},
    events: games.map(game => ({
      id: foreignId('bettingpros', game.gameId),
      sport: 'NBA',
      scheduled: commenceOf(game).replace('T', ' ').replace('Z', ''),
      season: startYearOf(game.season),
      season_type: game.type === 'playoffs' ? 'POST' : 'REG',
      event_name: null,
      status: statusOf(game, now) === 3 ? 'closed' : 'scheduled',
      home: game.home.team.tricode,
      visitor: game.away.team.tricode,
      is_free: false,
    })),
  };
}

/** The market ids of BettingPros by the-odds-api's words. */
const marketIds: Readonly<Record<string, number>> = {player_points: 156, player_threes: 162};

const bookIds: Readonly<Record<string, number>> = {fanduel: 10, draftkings: 12, betmgm: 19};

export interface Offered {
  readonly game: Game;
  readonly quotes: readonly Quote[];
}

export function bettingProsOffersAnswer(
  {market, page, limit}: {readonly market: number; readonly page: number; readonly limit: number},
  offered: readonly Offered[],
): object {
  const offers = offered.flatMap(({game, quotes}) => {
    const asked = quotes.filter(quote => marketIds[quote.market] === market);
    return [...Map.groupBy(asked, quote => quote.player)].map(([player, lines]) =>
      offerOf(game, {market, player, lines}),
    );
  });
  return {
    _pagination: {page, limit, total_items: offers.length, total_pages: Math.ceil(offers.length / limit)},
    markets: [market],
    offers: offers.slice((page - 1) * limit, page * limit),
  };
}

function offerOf(
  game: Game,
  {
    market,
    player,
    lines,
  }: {readonly market: number; readonly player: string; readonly lines: readonly Quote[]},
): object {
  const [firstName = '', ...rest] = withoutAccents(player).split(' ');
  const slug = slugOf(player);
  return {
    id: `${foreignId('bettingpros', game.gameId)}-${slug}`,
    sport: 'NBA',
    market_id: market,
    event_id: foreignId('bettingpros', game.gameId),
    active: true,
    participants: [
      {id: slug, name: player, player: {first_name: firstName, last_name: rest.join(' '), slug}},
    ],
    selections: (['over', 'under'] as const).map(selection => ({
      selection,
      label: selection === 'over' ? 'Over' : 'Under',
      books: lines.map(quote => ({
        id: bookIds[quote.book] ?? 0,
        lines: [{line: quote.line, cost: quote[selection], active: true, main: true}],
      })),
    })),
  };
}
