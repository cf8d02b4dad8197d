// Ids that other sites give to the league's games and players: of their own, the same every time, and never the league's.
// Does not deal with what is asked by them.
import {randomOf} from './random.ts';

/** Where a site's numbers of games begin. */
export const firstId = {bdl: 15_000_000, espn: 401_000_000, bettingpros: 20_000} as const;

const types = 6;
const perType = 1300;

/** The site's number of a league game. */
export function foreignId(site: keyof typeof firstId, gameId: string): number {
  const [type, year, number] = [gameId.slice(2, 3), gameId.slice(3, 5), gameId.slice(5)].map(Number);
  return firstId[site] + ((year ?? 0) * types + (type ?? 1) - 1) * perType + (number ?? 0);
}

/** The league's id of a site's number; undefined for a number that no game has. */
export function leagueId(site: keyof typeof firstId, id: number): string | undefined {
  const rest = id - firstId[site];
  if (!Number.isSafeInteger(rest) || rest < 0 || rest >= 100 * types * perType) return undefined;
  const block = Math.floor(rest / perType);
  const [year, type] = [Math.floor(block / types), (block % types) + 1];
  return `00${type}${String(year).padStart(2, '0')}${String(rest % perType).padStart(5, '0')}`;
}

/** The-odds-api names events by 32 hexadecimal digits; the last ten stand for the game. */
export function oddsId(gameId: string): string {
  const random = randomOf(0, `odds ${gameId}`);
  const head = Array.from({length: 22}, () => Math.floor(16 * random()).toString(16)).join('');
  return head + mirrored(gameId);
}

export function gameOfOddsId(id: string): string | undefined {
  const gameId = mirrored(id.slice(22));
  return /^\d{10}$/.test(gameId) && oddsId(gameId) === id ? gameId : undefined;
}

function mirrored(digits: string): string {
  return digits.replace(/\d/g, digit => String(9 - Number(digit)));
}

/** A player's number on another site. */
export function foreignPlayerId(site: 'bdl' | 'espn', playerId: number): number {
  const digits = site === 'bdl' ? 38_000_000 : 4_000_000;
  return digits + Math.floor(randomOf(playerId, `player ${site}`)() * digits);
}
