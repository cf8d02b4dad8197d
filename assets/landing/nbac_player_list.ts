/**
 * Fetches the league's list of a season's players, as answered: other sites name players, and the list has their ids.
 * It does not deal with rosters of single days; the list has each player's last team.
 */
import {EmptyAnswer, type Files} from 'gameplan';
import {listedPlayers} from '../shapes/player-list.ts';
import {ResultSets} from '../shapes/result-set.ts';

export const files: Files = async ({partition, site, put}) => {
  const answer = await site.get('/stats/commonallplayers', {
    IsOnlyCurrentSeason: 1,
    LeagueID: '00',
    Season: partition.key,
  });
  await put('players.json', answer.bytes);
  if (listedPlayers(answer.json(ResultSets)).length === 0)
    throw new EmptyAnswer(`answered 200 with no players for the season ${partition.key}`);
  return undefined;
};
