/** The arithmetic of `npm run bench -- backtest` on rows whose grades are worked out by hand. */
import {DuckDBInstance} from '@duckdb/node-api';
import {beforeAll, expect, test} from 'vitest';
import {type Grades, grade} from '../../bench/grading.ts';

let grades: Grades;

/**
 * Two players with six games each before 2025-12-01: the first has 10, 20, 30, 20, 20, 20 points and 1, 2, 3, 2, 2, 2
 * threes; the second 8 points and a three each time. On the day the first has 25 points and 3 threes, the second 8 and 2.
 * A third does not play. Whoever looked at the day itself, or at the day after, would have other means.
 */
beforeAll(async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`
    CREATE SCHEMA analytics;
    CREATE SCHEMA predictions;
    CREATE TABLE analytics.player_game_summary AS
    SELECT '2025-26' AS season, DATE '2025-11-01' + n::INT AS game_date, 'g' || n AS game_id, player_id, points, threes_made
    FROM (
      SELECT 1 AS player_id, unnest([10, 20, 30, 20, 20, 20]) AS points, unnest([1, 2, 3, 2, 2, 2]) AS threes_made, unnest(range(6)) AS n
      UNION ALL SELECT 2, 8, 1, unnest(range(6))
      UNION ALL VALUES (1, 25, 3, 30), (2, 8, 2, 30), (1, 60, 9, 31), (2, 60, 9, 31)
    );
    CREATE TABLE predictions.accuracy AS
    SELECT '2025-26' AS season, DATE '2025-12-01' AS game_date, 'g30' AS game_id, * FROM (VALUES
      (1, 'ensemble', 24e0, 72e0, 22.5e0, 'OVER', 25, false),
      (2, 'ensemble', 12e0, 55e0, 8e0, 'OVER', 8, false),
      (3, 'ensemble', 30e0, 90e0, 29.5e0, 'OVER', NULL, true)
    ) AS said (player_id, system, predicted_points, confidence, line, recommendation, actual_points, is_void);
    CREATE TABLE analytics.player_lines AS
    SELECT '2025-26' AS season, DATE '2025-12-01' AS game_date, 'g30' AS game_id, * FROM (VALUES
      (1, 'player_points', 22.5e0, -110, -110),
      (2, 'player_points', 8e0, -110, -110),
      (1, 'player_threes', 1.5e0, 120, -150),
      (2, 'player_threes', 1.5e0, 120, -150)
    ) AS offered (player_id, market, line, over_odds, under_odds)`);
  grades = await grade(connection);
  connection.closeSync();
  instance.closeSync();
});

test('who did not play is not graded, and means are of the games before the day', () => {
  // Off by -1 and 4; the season's means 20 and 8 by -5 and 0; the last five's 22 and 8 by -3 and 0.
  const near = {within_3_pct: 50, within_5_pct: 100};
  expect(grades.points).toEqual([
    {
      season: '2025-26',
      system: 'last 5',
      predictions: 2,
      mae: 1.5,
      bias: -1.5,
      within_3_pct: 100,
      within_5_pct: 100,
    },
    expect.objectContaining({predictions: 2, mae: 2.5, ...near}),
    expect.objectContaining({predictions: 2, mae: 2.5, ...near}),
  ]);
  const biases = grades.points.map(({system, bias}) => [system, bias]);
  expect(biases).toEqual(
    expect.arrayContaining([
      ['ensemble', 1.5],
      ['season mean', -2.5],
    ]),
  );
});

test('what is said is held against what comes, five points at a time', () => {
  expect(grades.calibration).toEqual([
    {predicted_from: 10, predictions: 1, predicted_mean: 12, actual_mean: 8},
    {predicted_from: 20, predictions: 1, predicted_mean: 24, actual_mean: 25},
  ]);
});

test('confidence is held against error and wins, ten at a time; a push is neither', () => {
  expect(grades.confidence).toMatchObject([
    {confidence_from: 50, predictions: 1, mae: 4, wins: 0, losses: 0, win_pct: null},
    {confidence_from: 70, predictions: 1, mae: 1, wins: 1, losses: 0, win_pct: 100},
  ]);
});

test('a bet on points wins its odds, a push brings the stake back, and one in one is 21 to 100 %', () => {
  const [ours, mean] = ['ensemble', 'season mean'].map(system =>
    grades['points-market'].find(row => row['system'] === system && row['rule'] === 'recommended'),
  );
  // 1 / (1 + 1.96 squared) at the lower end; (10 / 11 + 0) / 2 of a unit.
  expect(ours).toMatchObject({dates: 1, bets: 2, wins: 1, losses: 0, win_pct: 100, overs: 2});
  expect(Number(ours?.['from_pct'])).toBeCloseTo(20.65, 2);
  expect(Number(ours?.['to_pct'])).toBeCloseTo(100, 6);
  expect(Number(ours?.['return_pct'])).toBeCloseTo(500 / 11, 6);
  // At -110, 110 of 210.
  expect(Number(ours?.['needed_pct'])).toBeCloseTo(1100 / 21, 6);
  // 20 is 2.5 below the line, and 25 came: lost. 8 is the line.
  expect(mean).toMatchObject({bets: 1, wins: 0, losses: 1, win_pct: 0, overs: 0, return_pct: -100});
  // 22 is half a point below: no bet that is recommended.
  const last = grades['points-market'].filter(({system}) => system === 'last 5');
  expect(last).toMatchObject([{rule: 'every line', bets: 1, wins: 0, losses: 1, mae: 3, mae_of_line: 2.5}]);
});

test('threes are bet on by half of the last five, three tenths of the last ten and a fifth of the season', () => {
  // 0.5 * 2.2 + 0.3 * 2 + 0.2 * 2 is 2.1: OVER, and 3 came. 1 is UNDER, and 2 came. (1.2 - 1) / 2 of a unit.
  const [all] = grades['threes-market'].filter(({rule, season}) => rule === 'every line' && season === 'all');
  expect(all).toMatchObject({dates: 1, bets: 2, wins: 1, losses: 1, win_pct: 50, overs: 1});
  // The interval of one in two.
  expect(Number(all?.['from_pct'])).toBeCloseTo(9.45, 2);
  expect(Number(all?.['to_pct'])).toBeCloseTo(90.55, 2);
  expect(Number(all?.['return_pct'])).toBeCloseTo(10, 6);
  // +120 needs 100 of 220, -150 needs 150 of 250.
  expect(Number(all?.['needed_pct'])).toBeCloseTo((100 / 2.2 + 60) / 2, 6);
  expect(Number(all?.['mae'])).toBeCloseTo(0.95, 6);
  expect(Number(all?.['bias'])).toBeCloseTo(-0.95, 6);
  expect(grades['threes-market']).toHaveLength(4);
});
