/**
 * Fetches the league's schedule of one season, as answered.
 * It does not deal with what the games mean; raw.schedule does.
 */
import {EmptyAnswer, type Files} from 'gameplan';
import {Schedule, scheduledGames} from '../shapes/schedule.ts';

export const files: Files = async ({partition, site, put}) => {
  const answer = await site.get('/stats/scheduleleaguev2', {LeagueID: '00', Season: partition.key});
  await put('schedule.json', answer.bytes);
  if (scheduledGames(answer.json(Schedule)).length === 0) {
    throw new EmptyAnswer(`answered 200 with no games for the season ${partition.key}`);
  }
  return undefined;
};
