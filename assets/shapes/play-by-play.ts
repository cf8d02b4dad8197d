/**
 * The league's play-by-play of one game, from its content network. Only what the tables use is named.
 * It does not deal with zones: a query decides them from distance and worth.
 */
import {z} from 'gameplan';

const Action = z.object({
  actionNumber: z.number(),
  orderNumber: z.number(),
  period: z.number(),
  clock: z.string(),
  actionType: z.string(),
  subType: z.string().nullish(),
  teamTricode: z.string().nullish(),
  personId: z.number().nullish(),
  shotResult: z.string().nullish(),
  /** Feet. */
  shotDistance: z.number().nullish(),
  scoreHome: z.string().nullish(),
  scoreAway: z.string().nullish(),
  description: z.string().nullish(),
});

export const PlayByPlay = z.object({game: z.object({gameId: z.string(), actions: z.array(Action)})});

export type Action = z.infer<typeof Action>;

/** What a shot from the field is worth; null for anything else. */
export function shotValue(action: Action): 2 | 3 | null {
  switch (action.actionType) {
    case '2pt':
      return 2;
    case '3pt':
      return 3;
    default:
      return null;
  }
}
