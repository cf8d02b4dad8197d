import {expect, test} from 'vitest';
import {rows} from '../../assets/raw/player_list.ts';
import {rowsOf, seasonOf} from './kit.ts';

/** As `commonallplayers` answers, with two players. */
const ANSWER = {
  resource: 'commonallplayers',
  parameters: {},
  resultSets: [
    {
      name: 'CommonAllPlayers',
      headers: ['PERSON_ID', 'DISPLAY_FIRST_LAST', 'TEAM_ABBREVIATION'],
      rowSet: [
        [202681, 'A.J. Dončić Jr.', 'DAL'],
        [101108, 'Chris Paul', ''],
      ],
    },
  ],
};

test("the league's list gives each player the form that other names are compared with", async () => {
  const objects = new Map([['players.json', new TextEncoder().encode(JSON.stringify(ANSWER))]]);
  // Without dots, accents and the suffix, in small letters; no team is null and not an empty text.
  expect(await rowsOf(rows, seasonOf('2024-25'), {objects, edge: 'answers'})).toEqual([
    {
      season: '2024-25',
      player_id: 202681,
      player_name: 'A.J. Dončić Jr.',
      compared_name: 'aj doncic',
      last_team: 'DAL',
    },
    {
      season: '2024-25',
      player_id: 101108,
      player_name: 'Chris Paul',
      compared_name: 'chris paul',
      last_team: null,
    },
  ]);
});
