/**
 * The-odds-api's events and the lines that bookmakers had on players at one instant.
 * It does not deal with whose game an event is in the league's calendar (team.ts).
 */
import {z} from 'gameplan';

export const OddsEvents = z.object({
  data: z.array(
    z.object({id: z.string(), commence_time: z.string(), home_team: z.string(), away_team: z.string()}),
  ),
});

const Outcome = z.object({
  name: z.string(),
  /** The player. */
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
