/**
 * Rows of raw.standings: one a team and season, from the league's standings.
 * It does not deal with games; wins counted from raw.games must agree with it at the season's end.
 */
import type {Row, Rows} from 'gameplan';
import {objectsOf} from '../shapes/objects.ts';
import {ResultSets, readRows} from '../shapes/result-set.ts';
import {STANDINGS, StandingsRow} from '../shapes/standings.ts';

export const rows: Rows = async ({partition, inputs}) => {
  const teams: Row[] = [];
  for await (const object of objectsOf(inputs, 'answers')) {
    for (const team of readRows(object.json(ResultSets), STANDINGS, StandingsRow)) {
      teams.push({
        season: partition.key,
        team_id: team.TeamID,
        team_name: `${team.TeamCity} ${team.TeamName}`.trim(),
        conference: team.Conference,
        division: team.Division,
        conference_rank: team.PlayoffRank,
        wins: team.WINS,
        losses: team.LOSSES,
        win_ratio: team.WinPCT,
        home_record: team.HOME,
        road_record: team.ROAD,
        last_10: team.L10,
        games_back: team.ConferenceGamesBack,
      });
    }
  }
  return teams;
};
