/**
 * balldontlie's player stats of a date: one line a player, a page at a time. It has no plus-minus and no league ids.
 * It does not deal with which game a line is of; the teams of the date say that.
 */
import {z} from 'gameplan';

const count = z.number().nullable();

const Stat = z.object({
  /** Whole minutes; `00` and zeros for who did not play. */
  min: z.string().nullable(),
  fgm: count,
  fga: count,
  fg3m: count,
  fg3a: count,
  ftm: count,
  fta: count,
  oreb: count,
  dreb: count,
  reb: count,
  ast: count,
  stl: count,
  blk: count,
  turnover: count,
  pf: count,
  pts: count,
  player: z.object({first_name: z.string(), last_name: z.string()}),
  team: z.object({abbreviation: z.string()}),
  game: z.object({date: z.string(), home_team_score: z.number(), visitor_team_score: z.number()}),
});

export const Stats = z.object({data: z.array(Stat), meta: z.object({next_cursor: z.number().nullish()})});

export type Stat = z.infer<typeof Stat>;

/** Whether he was on the floor; one who was there for seconds and did nothing cannot be told from one who sat. */
export function hasPlayed({min, pts, reb, ast, stl, blk, turnover, pf, fga}: Stat): boolean {
  return Number(min ?? 0) > 0 || [pts, reb, ast, stl, blk, turnover, pf, fga].some(value => (value ?? 0) > 0);
}
