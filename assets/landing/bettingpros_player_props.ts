/**
 * Fetches what BettingPros has on the points of players on a date: its events, then their offers, page after page.
 * It does not deal with other markets, which are asked for one at a time.
 */
import {EmptyAnswer, type Files} from 'gameplan';
import {BettingEvents, Offers, POINTS} from '../shapes/bettingpros.ts';
import {findGame} from '../shapes/team.ts';

/** What one page may have; most dates need a dozen pages or fewer. */
const PER_PAGE = 50;
const MOST_PAGES = 50;

export const files: Files = async ({partition, site, put}) => {
  const listed = await site.get('/v3/events', {sport: 'NBA', date: partition.key});
  await put('events.json', listed.bytes);
  const ids = new Map(
    listed.json(BettingEvents).events.flatMap(({id, home, visitor}) => {
      const game = findGame(partition.games, home, visitor);
      return game === undefined ? [] : [[id, game.id] as const];
    }),
  );
  const held = new Set<string>();
  for (let page = 1; ids.size > 0 && page <= MOST_PAGES; page++) {
    const answer = await site.get('/v3/offers', {
      sport: 'NBA',
      market_id: POINTS.id,
      event_id: [...ids.keys()].join(':'),
      limit: PER_PAGE,
      page,
    });
    await put(`offers-${String(page).padStart(2, '0')}.json`, answer.bytes);
    const {offers, _pagination} = answer.json(Offers);
    for (const offer of offers) held.add(ids.get(offer.event_id) ?? '');
    if (page >= _pagination.total_pages) break;
  }
  held.delete('');
  if (held.size === 0)
    throw new EmptyAnswer(`has no offers on the ${partition.games.length} games of ${partition.key}`);
  return {games: [...held].sort()};
};
