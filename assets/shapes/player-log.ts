/**
 * The league's player game log, one row a player and game. Shooting counts may be null where only totals were kept.
 * It does not deal with who was on the roster and did not play: such players have no row.
 */
import {z} from 'gameplan';

const count = z.number().nullable();

export const PlayerLogRow = z.object({
  PLAYER_ID: z.number(),
  PLAYER_NAME: z.string(),
  TEAM_ID: z.number(),
  TEAM_ABBREVIATION: z.string(),
  GAME_ID: z.string(),
  GAME_DATE: z.string(),
  MATCHUP: z.string(),
  WL: z.string().nullable(),
  MIN: z.number().nullable(),
  FGM: count,
  FGA: count,
  FG3M: count,
  FG3A: count,
  FTM: count,
  FTA: count,
  OREB: count,
  DREB: count,
  REB: count,
  AST: count,
  STL: count,
  BLK: count,
  TOV: count,
  PF: count,
  PTS: z.number(),
  PLUS_MINUS: count,
});

export type PlayerLogRow = z.infer<typeof PlayerLogRow>;

/** The name of the result set that holds them. */
export const PLAYER_LOG = 'LeagueGameLog';
