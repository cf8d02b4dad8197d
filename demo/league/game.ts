// The words of the league server: games, box scores and what a league must be able to tell.
// Does not deal with where they come from (recorded, simulated) nor with the JSON they become.
import type {Team} from './teams.ts';

export type GameType = 'preseason' | 'regular' | 'all_star' | 'playoffs' | 'play_in' | 'cup_final';

/** The third digit of a game id. */
export const typeDigit: Readonly<Record<GameType, string>> = {
  preseason: '1',
  regular: '2',
  all_star: '3',
  playoffs: '4',
  play_in: '5',
  cup_final: '6',
};

export interface Side {
  readonly team: Team;
  readonly score: number;
  /** Regular season: record after the game; playoffs: the series so far; else the season's record. */
  readonly wins: number;
  readonly losses: number;
  readonly seed: number;
}

export interface Game {
  readonly gameId: string;
  /** The league's own day, US Eastern, `YYYY-MM-DD`. */
  readonly date: string;
  /** `2024-25` */
  readonly season: string;
  readonly type: GameType;
  readonly home: Side;
  readonly away: Side;
  readonly label: string;
  readonly subLabel: string;
  readonly seriesText: string;
  readonly seriesGame: string;
  readonly neutral: boolean;
  readonly arena: string;
  readonly arenaCity: string;
  readonly arenaState: string;
  /** `YYYY-MM-DDTHH:MM:SSZ`, undefined where the recording does not know it. */
  readonly startUtc: string | undefined;
  /** Put off: still listed on its day, and never played there. */
  readonly postponed?: boolean;
}

/** One line of a box score. Null: the recording lacks the measure. Percentages are shares, 0 to 1. */
export interface Measures {
  readonly seconds: number | null;
  readonly fgm: number | null;
  readonly fga: number | null;
  /** Null also where there was no attempt. */
  readonly fgPct: number | null;
  readonly fg3m: number | null;
  readonly fg3a: number | null;
  readonly fg3Pct: number | null;
  readonly ftm: number | null;
  readonly fta: number | null;
  readonly ftPct: number | null;
  readonly oreb: number | null;
  readonly dreb: number | null;
  readonly reb: number | null;
  readonly ast: number | null;
  readonly stl: number | null;
  readonly blk: number | null;
  readonly tov: number | null;
  readonly pf: number | null;
  readonly pts: number | null;
  readonly plusMinus: number | null;
}

export interface PlayerLine {
  readonly playerId: number;
  readonly firstName: string;
  readonly familyName: string;
  readonly position: string;
  readonly jersey: string;
  /** Why a player did not play; such a line has no measures and no row in the game log. */
  readonly comment: string;
  readonly starter: boolean | undefined;
  readonly measures: Measures | undefined;
}

export interface TeamBox {
  readonly matchup: string;
  /** Undefined where the recording has no team row. */
  readonly totals: Measures | undefined;
  readonly players: readonly PlayerLine[];
}

export interface Box {
  readonly game: Game;
  readonly home: TeamBox;
  readonly away: TeamBox;
}

/** Somebody of a season's list of players, with the team he was last with. */
export interface Listed {
  readonly playerId: number;
  readonly firstName: string;
  readonly familyName: string;
  readonly team: Team;
}

/** A line that a bookmaker offered on a player before a game; odds as Americans write them. */
export interface Quote {
  readonly player: string;
  /** The-odds-api's word, such as `player_points`. */
  readonly market: string;
  readonly book: string;
  readonly line: number;
  readonly over: number | null;
  readonly under: number | null;
}

/** What one bookmaker offered on a game: handicap of the home team, points of both, who wins. */
export interface GameLine {
  readonly book: string;
  readonly homeSpread: number;
  readonly homeSpreadOdds: number;
  readonly awaySpreadOdds: number;
  readonly total: number;
  readonly overOdds: number;
  readonly underOdds: number;
  readonly homeMoneyline: number;
  readonly awayMoneyline: number;
}

export type InjuryStatus = 'Out' | 'Doubtful' | 'Questionable' | 'Probable' | 'Available';

export interface Injury {
  readonly firstName: string;
  readonly familyName: string;
  readonly status: InjuryStatus;
  readonly reason: string;
}

export interface TeamInjuries {
  readonly team: Team;
  /** Undefined: the team has not told yet. */
  readonly injuries: readonly Injury[] | undefined;
}

/** Who sells lines. */
export type QuoteSource = 'odds' | 'bettingpros';

/** Where answers come from. All results are the same for the same question, in whatever order asked. */
export interface League {
  readonly mode: 'recorded' | 'simulated';
  readonly seasons: readonly string[];
  /** Every game of the season by date and id; empty for a season outside `seasons`. */
  games(season: string): Promise<readonly Game[]>;
  /** Box scores of games of one season, in the order given. */
  boxes(season: string, games: readonly Game[]): Promise<readonly Box[]>;
  /** The list of actions as JSON text; undefined: there is no play-by-play of this game. */
  actions(game: Game): Promise<string | undefined>;
  /** Everybody under contract in the season, by id. */
  players(season: string): Promise<readonly Listed[]>;
  /** Lines on the players of a game, as one seller has them; empty where he has none. */
  quotes(source: QuoteSource, game: Game): Promise<readonly Quote[]>;
  /** Lines on a game; empty where there are none. */
  lines(game: Game): Promise<readonly GameLine[]>;
  /** What its teams, the visitors first, told in the morning of a game; undefined where nobody wrote it down. */
  injuries(game: Game): Promise<readonly TeamInjuries[] | undefined>;
  /** Official ranks in the conference by team id, where they are on record. */
  ranks(season: string): Promise<ReadonlyMap<number, number>>;
  close(): Promise<void>;
}

/** The season a game id belongs to: `0022400561` is of `2024-25`. */
export function seasonOfGame(gameId: string): string {
  const year = 2000 + Number(gameId.slice(3, 5));
  return seasonOf(year);
}

export function seasonOf(startYear: number): string {
  return `${startYear}-${String((startYear + 1) % 100).padStart(2, '0')}`;
}

export function startYearOf(season: string): number {
  return Number(season.slice(0, 4));
}

/** All seasons from one to another, both included. */
export function seasonsBetween(from: string, to: string): string[] {
  const seasons: string[] = [];
  for (let year = startYearOf(from); year <= startYearOf(to); year++) seasons.push(seasonOf(year));
  return seasons;
}

/** Matchup as the league prints it: at a neutral site both rows read `A @ B`. */
export function matchupOf(game: Game, side: 'home' | 'away'): string {
  const {home, away} = game;
  return side === 'home' && !game.neutral
    ? `${home.team.tricode} vs. ${away.team.tricode}`
    : `${away.team.tricode} @ ${home.team.tricode}`;
}
