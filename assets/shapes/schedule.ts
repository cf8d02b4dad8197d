/**
 * The league's schedule of one season, as `scheduleleaguev2` answers it. Only what the tables use is named.
 * It does not deal with how the answer is fetched.
 */
import {z} from 'gameplan';

const Side = z.object({
  teamId: z.number(),
  teamTricode: z.string().nullable(),
  teamCity: z.string().nullish(),
  teamName: z.string().nullish(),
  score: z.number().nullish(),
});

const ScheduledGame = z.object({
  gameId: z.string(),
  /** 1 scheduled, 2 under way, 3 final. */
  gameStatus: z.number(),
  gameStatusText: z.string().nullish(),
  gameDateEst: z.string(),
  gameDateTimeUTC: z.string().nullish(),
  postponedStatus: z.string().nullish(),
  gameLabel: z.string().nullish(),
  arenaName: z.string().nullish(),
  arenaCity: z.string().nullish(),
  isNeutral: z.boolean().nullish(),
  homeTeam: Side,
  awayTeam: Side,
});

export const Schedule = z.object({
  leagueSchedule: z.object({
    seasonYear: z.string(),
    gameDates: z.array(z.object({gameDate: z.string(), games: z.array(ScheduledGame)})),
  }),
});

export type ScheduledGame = z.infer<typeof ScheduledGame>;
export type ScheduleAnswer = z.infer<typeof Schedule>;

/** Every game of the answer, in its order. */
export function scheduledGames(answer: ScheduleAnswer): readonly ScheduledGame[] {
  return answer.leagueSchedule.gameDates.flatMap(date => date.games);
}
