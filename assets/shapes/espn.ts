/**
 * ESPN's scoreboard, and the box score that is embedded in its page of a game. Its ids of games and players are its own.
 * It does not deal with whose game an event is in the league's calendar (team.ts).
 */
import {z} from 'gameplan';

const Competitor = z.object({
  homeAway: z.enum(['home', 'away']),
  score: z.string().nullish(),
  team: z.object({abbreviation: z.string(), displayName: z.string()}),
});

const Competition = z.object({
  type: z.object({abbreviation: z.string()}).nullish(),
  neutralSite: z.boolean().nullish(),
  timeValid: z.boolean().nullish(),
  venue: z
    .object({fullName: z.string().nullish(), address: z.object({city: z.string().nullish()}).nullish()})
    .nullish(),
  competitors: z.array(Competitor),
  notes: z.array(z.object({headline: z.string().nullish()})).nullish(),
  status: z.object({type: z.object({name: z.string()})}),
});

const Event = z.object({
  id: z.string(),
  /** The instant of the start in UTC, `2024-01-15T18:00Z`. */
  date: z.string(),
  season: z.object({type: z.number()}),
  competitions: z.array(Competition),
});

export const Scoreboard = z.object({events: z.array(Event)});

export type Event = z.infer<typeof Event>;
export type Competitor = z.infer<typeof Competitor>;

/** The two sides of an event; undefined where it has not two. */
export function sidesOf(event: Event): {readonly home: Competitor; readonly away: Competitor} | undefined {
  const [competition] = event.competitions;
  const [home, away] = (['home', 'away'] as const).map(side =>
    competition?.competitors.find(({homeAway}) => homeAway === side),
  );
  return home === undefined || away === undefined ? undefined : {home, away};
}

const Group = z.object({
  /** What the cells of `stats` are, such as `MIN` and `3PT`. */
  lbls: z.array(z.string()).nullish(),
  athlts: z.array(z.object({athlt: z.object({dspNm: z.string()}), stats: z.array(z.string())})).nullish(),
});

const Page = z.object({
  page: z.object({
    content: z.object({
      gamepackage: z.object({
        bxscr: z
          .array(
            z.object({tm: z.object({abbrev: z.string(), hm: z.boolean()}), stats: z.array(Group).nullish()}),
          )
          .nullish(),
      }),
    }),
  }),
});

/** What a player did in one game; null is what the page does not know. */
export interface AthleteLine {
  readonly name: string;
  /** ESPN's code of his team. */
  readonly team: string;
  readonly isHome: boolean;
  readonly counts: Counts;
}

export interface Counts {
  readonly minutes: number | null;
  readonly points: number | null;
  readonly rebounds: number | null;
  readonly offensive_rebounds: number | null;
  readonly defensive_rebounds: number | null;
  readonly assists: number | null;
  readonly steals: number | null;
  readonly blocks: number | null;
  readonly turnovers: number | null;
  readonly fouls: number | null;
  readonly field_goals_made: number | null;
  readonly field_goals_attempted: number | null;
  readonly threes_made: number | null;
  readonly threes_attempted: number | null;
  readonly free_throws_made: number | null;
  readonly free_throws_attempted: number | null;
  readonly plus_minus: number | null;
}

/** Those who played, of both teams. Throws where the page embeds nothing, as that of a site in trouble. */
export function athleteLines(html: string): readonly AthleteLine[] {
  const [, embedded] = /window\['__espnfitt__'\]\s*=\s*(\{.*\})\s*;?\s*<\/script>/s.exec(html) ?? [];
  if (embedded === undefined)
    throw new Error("ESPN's page has no data embedded in it: it is not a page of a game.");
  const {bxscr} = Page.parse(JSON.parse(embedded)).page.content.gamepackage;
  return (bxscr ?? []).flatMap(({tm, stats}) =>
    (stats ?? []).flatMap(({lbls, athlts}) =>
      (athlts ?? []).flatMap(({athlt, stats: cells}) =>
        cells.length === 0
          ? []
          : [{name: athlt.dspNm, team: tm.abbrev, isHome: tm.hm, counts: countsOf(lbls ?? [], cells)}],
      ),
    ),
  );
}

function countsOf(labels: readonly string[], cells: readonly string[]): Counts {
  const cell = (label: string): string => {
    const at = labels.indexOf(label);
    if (at < 0) throw new Error(`ESPN's box score has no column '${label}'. Its shape has changed.`);
    return cells[at] ?? '';
  };
  const one = (label: string): number | null => numberIn(cell(label));
  const pair = (label: string): readonly (number | null)[] =>
    cell(label)
      .split(/(?<=\d)-/)
      .map(numberIn);
  const [made = null, tried = null] = pair('FG');
  const [threes = null, threesTried = null] = pair('3PT');
  const [free = null, freeTried = null] = pair('FT');
  return {
    minutes: one('MIN'),
    points: one('PTS'),
    rebounds: one('REB'),
    offensive_rebounds: one('OREB'),
    defensive_rebounds: one('DREB'),
    assists: one('AST'),
    steals: one('STL'),
    blocks: one('BLK'),
    turnovers: one('TO'),
    fouls: one('PF'),
    field_goals_made: made,
    field_goals_attempted: tried,
    threes_made: threes,
    threes_attempted: threesTried,
    free_throws_made: free,
    free_throws_attempted: freeTried,
    plus_minus: one('+/-'),
  };
}

/** `--` is what ESPN does not know. */
function numberIn(text: string): number | null {
  return /^[+-]?\d+$/.test(text) ? Number(text) : null;
}
