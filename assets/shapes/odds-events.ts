/**
 * Asks the-odds-api what bookmakers had on the games of a date at one instant, event by event, and stores the answers.
 * It does not deal with events of other days; the teams of the date say which are meant.
 */
import {type Answer, EmptyAnswer, type FilesContext, SiteError} from 'gameplan';
import {EventOdds, OddsEvents} from './odds.ts';
import type {GameOdds} from './stored-odds.ts';
import {findGame} from './team.ts';

/** Of what was at an instant: for each market of an event. */
const CREDITS = 10;

const EVENTS = '/v4/historical/sports/basketball_nba/events';

/** Snapshots lie so far apart; the last one before an instant is there for certain. */
const SNAPSHOT_MS = 300_000;

/**
 * What was on sale just before the instant that is asked about, which is never after the first game has begun.
 * Throws an EmptyAnswer where none of the games is among the events.
 */
export async function fetchOdds(
  {partition, site, put, asOf}: FilesContext,
  markets: readonly string[],
): Promise<readonly GameOdds[]> {
  const next = new Date(Date.parse(partition.key) + 86_400_000).toISOString().slice(0, 10);
  const snapshot = Math.floor((Date.parse(asOf) - 1) / SNAPSHOT_MS) * SNAPSHOT_MS;
  const date = `${new Date(snapshot).toISOString().slice(0, 19)}Z`;
  const listed = await site.get(
    EVENTS,
    {date, commenceTimeFrom: `${partition.key}T10:00:00Z`, commenceTimeTo: `${next}T10:00:00Z`},
    {cost: 1},
  );
  await put('events.json', listed.bytes);
  const asked = await Promise.all(
    listed.json(OddsEvents).data.map(async event => {
      const game = findGame(partition.games, event.home_team, event.away_team);
      if (game === undefined) return [];
      const query = {date, regions: 'us', markets: markets.join(','), oddsFormat: 'american'};
      const answer = await site
        .get(`${EVENTS}/${event.id}/odds`, query, {cost: CREDITS * markets.length})
        .catch(goneEvent);
      if (answer === undefined) return [];
      await put(`odds-${event.id}.json`, answer.bytes);
      return [{game, odds: answer.json(EventOdds)}];
    }),
  );
  const found = asked.flat();
  if (found.length === 0)
    throw new EmptyAnswer(
      `has none of the ${partition.games.length} games of ${partition.key} among its events`,
    );
  return found;
}

/** An event that was put off is not found any more. */
function goneEvent(error: unknown): Answer | undefined {
  if (error instanceof SiteError && error.status === 404) return undefined;
  throw error;
}
