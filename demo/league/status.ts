// Tells which games are played at a given moment; without a moment all of them are.
// Does not deal with clocks: the moment is an argument.
import {addDays} from './calendar.ts';
import type {Game} from './game.ts';

/** 1 scheduled, 2 being played, 3 final. */
export type Status = 1 | 2 | 3;

const longestGame = 3 * 3_600_000;

/** A game whose start is not on record counts as starting at midnight UTC, seven in the evening in New York. */
export function statusOf(game: Game, now: string | undefined): Status {
  if (game.postponed) return 1;
  if (now === undefined) return 3;
  const moment = Date.parse(now);
  const start = Date.parse(game.startUtc ?? `${addDays(game.date, 1)}T00:00:00Z`);
  if (moment < start) return 1;
  return moment < start + longestGame ? 2 : 3;
}

/** The games of a list the league already knows of: who meets after the season shows when it is reached. */
export function knownGames(games: readonly Game[], now: string | undefined): readonly Game[] {
  if (now === undefined) return games;
  const today = now.slice(0, 10);
  return games.filter(game => game.date <= today || !isDecidedLate(game));
}

function isDecidedLate(game: Game): boolean {
  return game.type === 'play_in' || game.type === 'playoffs' || game.type === 'cup_final';
}
