// Games that were put off: shown as postponed on their day, or moved to another.
// Does not deal with answers; whoever asks for the season's games sees them so.
import type {Game, League} from './game.ts';

/** Game id to the day that the game is moved to; undefined: nobody knows yet. */
export type Postponed = ReadonlyMap<string, string | undefined>;

/** The league as it stands with some games put off; `postponed` is looked at on every question. */
export function withPostponed(league: League, postponed: Postponed): League {
  return {
    ...league,
    games: async season => {
      const games = await league.games(season);
      return postponed.size === 0 ? games : games.map(game => putOff(game, postponed)).sort(byDate);
    },
  };
}

function putOff(game: Game, postponed: Postponed): Game {
  if (!postponed.has(game.gameId)) return game;
  const date = postponed.get(game.gameId);
  return date === undefined
    ? {...game, postponed: true}
    : {...game, date, startUtc: game.startUtc === undefined ? undefined : `${date}T23:30:00Z`};
}

function byDate(a: Game, b: Game): number {
  return compare(a.date, b.date) || compare(a.gameId, b.gameId);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
