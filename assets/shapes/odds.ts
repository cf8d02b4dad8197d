/**
 * The-odds-api's events and the lines that bookmakers had on players and games at one instant.
 * It does not deal with whose game an event is in the league's calendar (team.ts).
 */
import {z} from 'gameplan';

export const OddsEvents = z.object({
  data: z.array(
    z.object({id: z.string(), commence_time: z.string(), home_team: z.string(), away_team: z.string()}),
  ),
});

const Outcome = z.object({
  /** `Over`, `Under`, or a team. */
  name: z.string(),
  /** The player, where it is a line on one. */
  description: z.string().nullish(),
  price: z.number(),
  point: z.number().nullish(),
});

export const EventOdds = z.object({
  timestamp: z.string(),
  data: z.object({
    home_team: z.string(),
    away_team: z.string(),
    bookmakers: z.array(
      z.object({key: z.string(), markets: z.array(z.object({key: z.string(), outcomes: z.array(Outcome)}))}),
    ),
  }),
});

/** One line of one bookmaker on a player, with the odds of both sides as Americans write them. */
export interface Line {
  readonly player: string;
  readonly market: string;
  readonly bookmaker: string;
  readonly line: number;
  readonly over: number | null;
  readonly under: number | null;
}

/** The two outcomes of a line stand apart in the answer, and one of them may be missing. */
export function linesIn({data}: z.infer<typeof EventOdds>): readonly Line[] {
  const lines = new Map<string, Line>();
  for (const {key: bookmaker, markets} of data.bookmakers) {
    for (const {key: market, outcomes} of markets) {
      for (const {name, description, price, point} of outcomes) {
        if (!description || point === null || point === undefined) continue;
        const id = JSON.stringify([bookmaker, market, description, point]);
        const line = lines.get(id) ?? {
          player: description,
          market,
          bookmaker,
          line: point,
          over: null,
          under: null,
        };
        lines.set(id, name === 'Over' ? {...line, over: price} : {...line, under: price});
      }
    }
  }
  return [...lines.values()];
}

/** What one bookmaker had on a game. The handicap is the home team's: below 0 where it is favoured. */
export interface GameLine {
  readonly bookmaker: string;
  readonly homeSpread: number | null;
  readonly homeSpreadOdds: number | null;
  readonly awaySpreadOdds: number | null;
  readonly total: number | null;
  readonly overOdds: number | null;
  readonly underOdds: number | null;
  readonly homeMoneyline: number | null;
  readonly awayMoneyline: number | null;
}

/** Bookmakers without any of the three markets are left out. */
export function gameLinesIn({data}: z.infer<typeof EventOdds>): readonly GameLine[] {
  return data.bookmakers.flatMap(({key: bookmaker, markets}) => {
    const find = (market: string, name: string) =>
      markets.find(({key}) => key === market)?.outcomes.find(outcome => outcome.name === name);
    const [home, away] = [find('spreads', data.home_team), find('spreads', data.away_team)];
    const [over, under] = [find('totals', 'Over'), find('totals', 'Under')];
    const [homeWins, awayWins] = [find('h2h', data.home_team), find('h2h', data.away_team)];
    const ofAway = away?.point ?? null;
    const line = {
      homeSpread: home?.point ?? (ofAway === null ? null : 0 - ofAway),
      homeSpreadOdds: home?.price ?? null,
      awaySpreadOdds: away?.price ?? null,
      total: over?.point ?? under?.point ?? null,
      overOdds: over?.price ?? null,
      underOdds: under?.price ?? null,
      homeMoneyline: homeWins?.price ?? null,
      awayMoneyline: awayWins?.price ?? null,
    };
    return Object.values(line).every(value => value === null) ? [] : [{bookmaker, ...line}];
  });
}
