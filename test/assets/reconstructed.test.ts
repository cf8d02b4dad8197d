import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';
import {runCase} from '../../runner/asset-test.ts';
import {TOLERANCE} from '../../runner/compare-rows.ts';
import {openDuckdb} from '../../runner/duckdb.ts';
import {readProject} from '../../runner/project.ts';
import {queriesOf, shippedPipeline} from '../evaluator/queries.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const QUERY = 'assets/raw/team_boxscores.sql';
const DATE = '2025-01-15';
const SEASON = '2024-25';
const TEAMS = {PHI: {id: 1, other: 'NYK'}, NYK: {id: 2, other: 'PHI'}} as const;

type Counts = Readonly<Record<string, number | null>>;

function player(game: string, team: keyof typeof TEAMS, id: number, counts: Counts) {
  const {id: teamId, other} = TEAMS[team];
  return {
    game_date: DATE,
    season: SEASON,
    game_id: game,
    player_id: id,
    team_id: teamId,
    team,
    opponent: other,
    is_home: team === 'PHI',
    minutes: 48,
    ...counts,
  };
}

/** As many players with ids from `from` on, who all did the same. */
const players = (game: string, team: keyof typeof TEAMS, from: number, many: number, counts: Counts) =>
  Array.from({length: many}, (_, i) => player(game, team, from + i, counts));

test('team rows are sums over players, of five at least, and a count that one lacks is unknown', async () => {
  const pipeline = shippedPipeline(root);
  const asset = queriesOf(pipeline).find(({path}) => path === QUERY)?.asset;
  if (asset === undefined) throw new Error(`no query ${QUERY}`);
  const {sources} = await readProject({root, pipeline});
  const calendar = [
    {
      date: DATE,
      season: SEASON,
      games: [
        {id: 'whole', teams: ['PHI', 'NYK']},
        {id: 'four', teams: ['PHI', 'NYK']},
      ],
    },
  ];
  const inputs = {
    players: [
      ...players('whole', 'PHI', 10, 4, {points: 20, assists: 5, turnovers: 3, field_goals_attempted: 16}),
      player('whole', 'PHI', 14, {points: 22, assists: 1, turnovers: 0, field_goals_attempted: 20}),
      ...players('whole', 'NYK', 20, 4, {points: 24, assists: 6, turnovers: 2, field_goals_attempted: 17}),
      // His shots were not recorded.
      player('whole', 'NYK', 24, {points: 3, assists: 0, turnovers: 1, field_goals_attempted: null}),
      // Four of a side are not all of it: the game has no rows, not even of the side that is whole.
      ...players('four', 'PHI', 30, 5, {points: 20}),
      ...players('four', 'NYK', 40, 4, {points: 20}),
    ],
  };
  const shared = {game_date: DATE, season: SEASON, game_id: 'whole', minutes: null};
  const expected = [
    // 4 * 20 + 22 = 102, 4 * 5 + 1 = 21, 4 * 3 = 12, 4 * 16 + 20 = 84; 102 - 99 = 3.
    {team_id: 1, points: 102, assists: 21, turnovers: 12, field_goals_attempted: 84, plus_minus: 3},
    // 4 * 24 + 3 = 99, 4 * 6 = 24, 4 * 2 + 1 = 9; no minutes of either: overtime cannot be told.
    {team_id: 2, points: 99, assists: 24, turnovers: 9, field_goals_attempted: null, plus_minus: -3},
  ];
  const result = await runCase(
    {
      name: 'sums',
      calendar,
      partitions: [DATE],
      quality: {},
      inputs,
      expect: expected.map(row => ({...shared, ...row})),
      tolerance: TOLERANCE,
    },
    {asset, pipeline, sources, openWarehouse: () => openDuckdb({path: ':memory:'}), clock: () => 0},
  );
  expect(result.differences).toEqual([]);
});
