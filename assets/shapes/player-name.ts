/**
 * Finds the league's id of a player whom another site names: by a normal form of the name among the season's players.
 * It does not deal with two players of one name and team; nobody's id is guessed.
 */
import type {Listed} from './player-list.ts';

/** Letters that no accent can be taken from. */
const LETTERS: Readonly<Record<string, string>> = {đ: 'd', ð: 'd', ø: 'o', ł: 'l', ı: 'i', ß: 'ss', æ: 'ae'};

/** Small plain letters and single spaces: no accents, dots, apostrophes or hyphens. `C.J.` is `cj`. */
export function normalName(name: string): string {
  return name
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[đðøłıßæ]/g, letter => LETTERS[letter] ?? letter)
    .replace(/[.'’‘`]/g, '')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

/** Without `Jr`, `III` and the like at its end, which sites write or leave out as they please. */
function withoutSuffix(normal: string): string {
  return normal.replace(/ (?:jr|sr|ii|iii|iv|v)$/, '');
}

function withoutSpaces(normal: string): string {
  return normal.replaceAll(' ', '');
}

/** Other names that sites have for players, each in its normal form without a suffix, with the league's. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'moe wagner': 'moritz wagner',
  'herb jones': 'herbert jones',
  'nicolas claxton': 'nic claxton',
  'carlton carrington': 'bub carrington',
  'ron holland': 'ronald holland',
  'bj boston': 'brandon boston',
  'kenyon martin': 'kj martin',
  'vincent williams': 'vince williams',
};

/** The form in which names are compared last: normal, and without a suffix. */
export function comparedName(name: string): string {
  return withoutSuffix(normalName(name));
}

/** The league's player by the name and team that a site gives; undefined where it cannot be told. */
export type FindPlayer = (name: string, team: string) => Listed | undefined;

/**
 * Looks for the whole name first, then for it without a suffix, then under another name, then for its letters alone:
 * PDFs lose spaces (`Michael PorterJr.`). Of several players who share it the one of the team is meant, and nobody where
 * none or several are.
 */
export function playersByName(players: readonly Listed[]): FindPlayer {
  const whole = Map.groupBy(players, ({name}) => normalName(name));
  const bare = Map.groupBy(players, ({name}) => comparedName(name));
  const letters = Map.groupBy(players, ({name}) => withoutSpaces(normalName(name)));
  return (name, team) => {
    const normal = normalName(name);
    const short = withoutSuffix(normal);
    const other = OTHER_NAMES[short];
    const found =
      whole.get(normal) ??
      bare.get(short) ??
      (other === undefined ? undefined : bare.get(other)) ??
      letters.get(withoutSpaces(normal));
    if (found === undefined) return undefined;
    const [only, ...more] = found.length === 1 ? found : found.filter(player => player.team === team);
    return more.length === 0 ? only : undefined;
  };
}

/**
 * A number for a player whom the league's list does not have: below 0, so that it is nobody else's, and the same for
 * the same name wherever it comes from (FNV-1a over the normal form without a suffix, 52 bits).
 */
export function unlistedId(name: string): number {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(comparedName(name)))
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return -1 - Number(hash >> 12n);
}
