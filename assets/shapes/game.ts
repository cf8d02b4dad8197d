/**
 * What a league game id says: `00`, a digit for the type, two for the season, five for the number.
 * It does not deal with dates or results; the schedule has those.
 */

const TYPES: Readonly<Record<string, string>> = {
  '1': 'preseason',
  '2': 'regular',
  '3': 'all_star',
  '4': 'playoffs',
  '5': 'play_in',
  '6': 'cup_final',
};

/** The league's own words for the types whose box scores it publishes, as its game log wants them spelled. */
const SEASON_TYPES: Readonly<Record<string, string>> = {
  regular: 'Regular Season',
  playoffs: 'Playoffs',
  play_in: 'PlayIn',
  cup_final: 'IST',
  all_star: 'All Star',
  preseason: 'Pre Season',
};

/** `0022400561` is `regular`. Throws for an id of a type that is not known. */
export function gameType(gameId: string): string {
  const type = TYPES[gameId.charAt(2)];
  if (type === undefined || gameId.length !== 10) {
    throw new Error(
      `'${gameId}' is no game id of the league: ten digits with a type of 1 to 6 in third place.`,
    );
  }
  return type;
}

/** The season types that must be asked for to get all of these games, sorted. */
export function seasonTypes(gameIds: readonly string[]): readonly string[] {
  const types = new Set<string>();
  for (const id of gameIds) {
    const type = SEASON_TYPES[gameType(id)];
    if (type !== undefined) types.add(type);
  }
  return [...types].sort();
}
