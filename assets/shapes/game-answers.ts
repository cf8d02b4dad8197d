/**
 * Asks a site once for each game of a date and stores every answer as it came, before it is looked at.
 * It does not deal with how many are asked at a time; the site's pool bounds that.
 */
import {type Answer, EmptyAnswer, type FilesContext, SiteError} from 'gameplan';

/**
 * The games that had an answer which `holds` something, sorted. A game that the site does not know (403, 404)
 * is left out: coverage names it. Throws when none had an answer.
 */
export async function fetchGames(
  {partition, site, put}: FilesContext,
  request: (game: string) => {path: string; query?: Readonly<Record<string, string>>},
  holds: (answer: Answer) => boolean,
): Promise<{readonly games: readonly string[]}> {
  const held = await Promise.all(
    partition.games.map(async ({id}) => {
      const {path, query} = request(id);
      const answer = await site.get(path, query).catch(absentGame);
      if (answer === undefined) return [];
      await put(`${id}.json`, answer.bytes);
      return holds(answer) ? [id] : [];
    }),
  );
  const games = held.flat().sort();
  if (games.length === 0) throw new EmptyAnswer(`answered with no rows for ${partition.games.length} games`);
  return {games};
}

/** The content network answers 403 for a file that is not there. */
function absentGame(error: unknown): undefined {
  if (error instanceof SiteError && (error.status === 403 || error.status === 404)) return undefined;
  throw error;
}
