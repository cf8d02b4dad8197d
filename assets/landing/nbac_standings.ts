/**
 * Fetches the league's standings of one season, as answered.
 * It does not deal with standings of single days; the league gives only the newest.
 */
import {EmptyAnswer, type Files} from 'gameplan';
import {ResultSets, readRows} from '../shapes/result-set.ts';
import {STANDINGS, StandingsRow} from '../shapes/standings.ts';

export const files: Files = async ({partition, site, put}) => {
  const answer = await site.get('/stats/leaguestandingsv3', {
    LeagueID: '00',
    Season: partition.key,
    SeasonType: 'Regular Season',
  });
  await put('standings.json', answer.bytes);
  if (readRows(answer.json(ResultSets), STANDINGS, StandingsRow).length === 0) {
    throw new EmptyAnswer(`answered 200 with no teams for the season ${partition.key}`);
  }
  return undefined;
};
