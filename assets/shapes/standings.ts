/**
 * The league's standings of one season, as `leaguestandingsv3` answers them.
 * It does not deal with tie-breaks: the rank is the league's own.
 */
import {z} from 'gameplan';

export const StandingsRow = z.object({
  TeamID: z.number(),
  TeamCity: z.string(),
  TeamName: z.string(),
  Conference: z.string(),
  Division: z.string(),
  PlayoffRank: z.number(),
  WINS: z.number(),
  LOSSES: z.number(),
  WinPCT: z.number(),
  HOME: z.string().nullable(),
  ROAD: z.string().nullable(),
  L10: z.string().nullable(),
  ConferenceGamesBack: z.number().nullable(),
});

/** The name of the result set that holds them. */
export const STANDINGS = 'Standings';
