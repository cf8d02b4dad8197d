// The league's list of players of a season in its result-set JSON.
// Does not deal with careers: years of the first and last season are null.
import type {Listed} from './game.ts';
import {slugOf} from './teams.ts';

const headers = [
  'PERSON_ID',
  'DISPLAY_LAST_COMMA_FIRST',
  'DISPLAY_FIRST_LAST',
  'ROSTERSTATUS',
  'FROM_YEAR',
  'TO_YEAR',
  'PLAYERCODE',
  'PLAYER_SLUG',
  'TEAM_ID',
  'TEAM_CITY',
  'TEAM_NAME',
  'TEAM_ABBREVIATION',
  'TEAM_CODE',
  'TEAM_SLUG',
  'GAMES_PLAYED_FLAG',
];

export function playersAnswer(season: string, players: readonly Listed[]): object {
  return {
    resource: 'commonallplayers',
    parameters: {LeagueID: '00', Season: season, IsOnlyCurrentSeason: 1},
    resultSets: [{name: 'CommonAllPlayers', headers, rowSet: players.map(rowOf)}],
  };
}

function rowOf({playerId, firstName, familyName, team}: Listed): (string | number | null)[] {
  const name = `${firstName} ${familyName}`.trim();
  const slug = slugOf(name);
  return [
    playerId,
    familyName === '' ? firstName : `${familyName}, ${firstName}`,
    name,
    1,
    null,
    null,
    slug.replaceAll('-', '_'),
    slug,
    team.teamId,
    team.city,
    team.name,
    team.tricode,
    team.slug,
    team.slug,
    'Y',
  ];
}
