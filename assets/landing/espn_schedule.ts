/**
 * Fetches ESPN's scoreboard of a whole season, month by month, as answered: what is known of its games where the league
 * does not answer. It does not deal with the league's ids, which ESPN does not have; raw.schedule says so.
 */
import {EmptyAnswer, type Files} from 'gameplan';
import {Scoreboard} from '../shapes/espn.ts';

/** October to June, as seasons are played. */
const MONTHS = [10, 11, 12, 1, 2, 3, 4, 5, 6];

export const files: Files = async ({partition, site, put}) => {
  const first = Number(partition.key.slice(0, 4));
  const counts = await Promise.all(
    MONTHS.map(async month => {
      const name = `${month >= 10 ? first : first + 1}-${String(month).padStart(2, '0')}`;
      const days = new Date(Date.UTC(Number(name.slice(0, 4)), month, 0)).getUTCDate();
      const compact = name.replace('-', '');
      const answer = await site.get('/apis/site/v2/sports/basketball/nba/scoreboard', {
        dates: `${compact}01-${compact}${days}`,
        limit: 1000,
      });
      await put(`${name}.json`, answer.bytes);
      return answer.json(Scoreboard).events.length;
    }),
  );
  if (counts.every(count => count === 0))
    throw new EmptyAnswer(`answered 200 with no events for the season ${partition.key}`);
  return undefined;
};
