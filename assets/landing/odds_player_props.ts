/**
 * Fetches the lines on players that the-odds-api had at ten in the morning of a date, event by event, as answered.
 * It does not deal with events of other days; the teams of the date say which are meant.
 */
import {type Answer, EmptyAnswer, type Files, SiteError} from 'gameplan';
import {EventOdds, OddsEvents} from '../shapes/odds.ts';
import {findGame} from '../shapes/team.ts';

const EVENTS = '/v4/historical/sports/basketball_nba/events';
const MARKETS = 'player_points,player_threes';

export const files: Files = async ({partition, site, put}) => {
  const next = new Date(Date.parse(partition.key) + 86_400_000).toISOString().slice(0, 10);
  const date = `${partition.key}T15:00:00Z`;
  const listed = await site.get(EVENTS, {
    date,
    commenceTimeFrom: `${partition.key}T10:00:00Z`,
    commenceTimeTo: `${next}T10:00:00Z`,
  });
  await put('events.json', listed.bytes);
  const asked = await Promise.all(
    listed.json(OddsEvents).data.map(async event => {
      const game = findGame(partition.games, event.home_team, event.away_team);
      if (game === undefined) return false;
      const query = {date, regions: 'us', markets: MARKETS, oddsFormat: 'american'};
      const answer = await site.get(`${EVENTS}/${event.id}/odds`, query).catch(goneEvent);
      if (answer === undefined) return false;
      await put(`odds-${event.id}.json`, answer.bytes);
      answer.json(EventOdds);
      return true;
    }),
  );
  if (!asked.includes(true))
    throw new EmptyAnswer(
      `has none of the ${partition.games.length} games of ${partition.key} among its events`,
    );
  // On three dates of five it knows the games and has no lines: what is absent, raw.player_props says.
  return undefined;
};

/** An event that was put off is not found any more. */
function goneEvent(error: unknown): Answer | undefined {
  if (error instanceof SiteError && error.status === 404) return undefined;
  throw error;
}
