/**
 * BettingPros' events of a date and what bookmakers offer on them, a page at a time.
 * It does not deal with whose game an event is in the league's calendar (team.ts).
 */
import {z} from 'gameplan';

export const BettingEvents = z.object({
  events: z.array(z.object({id: z.number(), home: z.string(), visitor: z.string()})),
});

const Selection = z.object({
  /** `over` or `under`. */
  selection: z.string(),
  books: z.array(
    z.object({id: z.number(), lines: z.array(z.object({line: z.number(), cost: z.number().nullish()}))}),
  ),
});

const Offer = z.object({
  event_id: z.number(),
  market_id: z.number(),
  participants: z.array(z.object({name: z.string()})),
  selections: z.array(Selection),
});

export const Offers = z.object({
  offers: z.array(Offer),
  _pagination: z.object({page: z.number(), total_pages: z.number()}),
});

export type Offer = z.infer<typeof Offer>;

/** The market of points; its id is BettingPros' own, its name that of the-odds-api. */
export const POINTS = {id: 156, name: 'player_points'};

/** Bookmakers by their ids there, named as the-odds-api names them. */
const BOOKS: Readonly<Record<number, string>> = {
  10: 'fanduel',
  12: 'draftkings',
  13: 'williamhill_us',
  18: 'betrivers',
  19: 'betmgm',
  24: 'bet365',
};

export interface OfferedLine {
  readonly player: string;
  readonly bookmaker: string;
  readonly line: number;
  readonly over: number | null;
  readonly under: number | null;
}

/** The lines of an offer with both sides; the odds of an exchange or of a book without a name are named by its id. */
export function offeredLines({participants, selections}: Offer): readonly OfferedLine[] {
  const player = participants[0]?.name;
  if (player === undefined) return [];
  const lines = new Map<string, OfferedLine>();
  for (const {selection, books} of selections) {
    for (const {id, lines: offered} of books) {
      const bookmaker = BOOKS[id] ?? `book_${id}`;
      for (const {line, cost} of offered) {
        const key = `${bookmaker} ${line}`;
        const found = lines.get(key) ?? {player, bookmaker, line, over: null, under: null};
        lines.set(key, {...found, [selection === 'over' ? 'over' : 'under']: cost ?? null});
      }
    }
  }
  return [...lines.values()];
}
