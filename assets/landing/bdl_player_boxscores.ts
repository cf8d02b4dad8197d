/**
 * Fetches balldontlie's player stats of one date, page after page, as answered.
 * It does not deal with rows of other dates or columns; raw.player_boxscores does.
 */
import {EmptyAnswer, type Files} from 'gameplan';
import {hasPlayed, type Stat, Stats} from '../shapes/bdl.ts';
import {gameOfTeam} from '../shapes/team.ts';

/** More than a date has by far: a cursor that never ends is the site's mistake. */
const MOST_PAGES = 20;

export const files: Files = async ({partition, site, put}) => {
  const lines: Stat[] = [];
  let cursor: number | undefined;
  for (let page = 1; ; page++) {
    const answer = await site.get('/v1/stats', {
      'dates[]': partition.key,
      per_page: 100,
      ...(cursor === undefined ? {} : {cursor}),
    });
    await put(`page-${String(page).padStart(2, '0')}.json`, answer.bytes);
    const {data, meta} = answer.json(Stats);
    lines.push(...data);
    cursor = meta.next_cursor ?? undefined;
    if (cursor === undefined) break;
    if (page === MOST_PAGES) throw new Error(`has more than ${MOST_PAGES} pages for ${partition.key}`);
  }
  const played = lines.filter(line => line.game.date.slice(0, 10) === partition.key && hasPlayed(line));
  const games = new Set(played.flatMap(({team}) => gameOfTeam(partition.games, team.abbreviation)?.id ?? []));
  if (games.size === 0)
    throw new EmptyAnswer(
      `answered 200 with ${lines.length} lines, none of the ${partition.games.length} games of ${partition.key}`,
    );
  return {games: [...games].sort()};
};
