/**
 * The league's box score of one game, as `boxscoretraditionalv3` answers it: the totals of both teams.
 * It does not deal with the players listed beside them; the game log has those.
 */
import {z} from 'gameplan';

const count = z.number().nullable();

const Totals = z.object({
  /** Minutes of all five together, `240:00`. */
  minutes: z.string().nullable(),
  fieldGoalsMade: count,
  fieldGoalsAttempted: count,
  threePointersMade: count,
  threePointersAttempted: count,
  freeThrowsMade: count,
  freeThrowsAttempted: count,
  reboundsOffensive: count,
  reboundsDefensive: count,
  reboundsTotal: count,
  assists: count,
  steals: count,
  blocks: count,
  turnovers: count,
  foulsPersonal: count,
  points: z.number(),
  plusMinusPoints: count,
});

const Side = z.object({teamId: z.number(), teamTricode: z.string(), statistics: Totals.nullish()});

export const BoxScore = z.object({
  boxScoreTraditional: z
    .object({gameId: z.string(), homeTeam: Side.nullish(), awayTeam: Side.nullish()})
    .nullable(),
});

export type Totals = z.infer<typeof Totals>;

/** A team's totals in one game. */
export interface TeamLine {
  readonly gameId: string;
  readonly teamId: number;
  readonly team: string;
  readonly opponentTeamId: number;
  readonly opponent: string;
  readonly isHome: boolean;
  readonly totals: Totals;
}

/** Two lines, home first; none where the league answers without totals. */
export function teamLines(answer: z.infer<typeof BoxScore>): readonly TeamLine[] {
  const game = answer.boxScoreTraditional;
  const home = game?.homeTeam;
  const away = game?.awayTeam;
  if (game === null || !home?.statistics || !away?.statistics) return [];
  const sides = [
    {own: home, other: away, isHome: true, totals: home.statistics},
    {own: away, other: home, isHome: false, totals: away.statistics},
  ];
  return sides.map(({own, other, isHome, totals}) => ({
    gameId: game.gameId,
    teamId: own.teamId,
    team: own.teamTricode,
    opponentTeamId: other.teamId,
    opponent: other.teamTricode,
    isHome,
    totals,
  }));
}

/** `265:30` and `PT265M30.00S` are 265.5; null stays null. Throws for another form. */
export function parseMinutes(text: string | null): number | null {
  if (text === null || text === '') return null;
  const match = /^(?:PT)?(\d+)(?::|M)(\d+(?:\.\d+)?)S?$/.exec(text);
  if (match === null)
    throw new Error(`'${text}' is no length of play: expected minutes and seconds, such as '240:00'.`);
  return Number(match[1]) + Number(match[2]) / 60;
}
