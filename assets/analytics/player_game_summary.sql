-- What each player did in one game, and how much of his team's play ran through him while he was on the floor.
-- Formulas: docs/formulas.md.
WITH games_with_plays AS (
  SELECT DISTINCT game_id FROM plays
),
zones AS (
  SELECT
    game_id,
    player_id,
    COALESCE(COUNTIF(shot_value = 2 AND shot_distance <= 8), 0) AS paint_attempts,
    COALESCE(COUNTIF(shot_value = 2 AND shot_distance <= 8 AND shot_made), 0) AS paint_makes,
    COALESCE(COUNTIF(shot_value = 2 AND shot_distance > 8), 0) AS mid_attempts,
    COALESCE(COUNTIF(shot_value = 2 AND shot_distance > 8 AND shot_made), 0) AS mid_makes,
    COALESCE(COUNTIF(shot_value = 3), 0) AS three_attempts,
    COALESCE(COUNTIF(shot_value = 3 AND shot_made), 0) AS three_makes
  FROM plays
  WHERE shot_value IS NOT NULL
  GROUP BY game_id, player_id
),
points_lines AS (
  SELECT game_id, player_id, line FROM lines WHERE market = 'player_points'
)
SELECT
  box.game_date,
  box.season,
  box.game_id,
  box.player_id,
  box.player_name,
  box.team,
  box.opponent,
  box.is_home,
  box.win,
  box.minutes,
  box.points,
  box.rebounds,
  box.assists,
  box.steals,
  box.blocks,
  box.turnovers,
  box.field_goals_made,
  box.field_goals_attempted,
  box.threes_made,
  box.threes_attempted,
  box.free_throws_made,
  box.free_throws_attempted,
  box.plus_minus,
  safe_divide(box.field_goals_made + 0.5e0 * box.threes_made, box.field_goals_attempted) AS efg_pct,
  safe_divide(box.points, 2 * (box.field_goals_attempted + 0.44e0 * box.free_throws_attempted)) AS ts_pct,
  safe_divide(
    100 * (box.field_goals_attempted + 0.44e0 * box.free_throws_attempted + box.turnovers) * (offense.minutes / 5),
    box.minutes
      * (offense.field_goals_attempted + 0.44e0 * offense.free_throws_attempted + offense.turnovers)
  ) AS usage_rate,
  -- A player without a shot in a game that has its play-by-play took none; without one nobody knows.
  IF(games_with_plays.game_id IS NULL, NULL, COALESCE(zones.paint_attempts, 0)) AS paint_attempts,
  IF(games_with_plays.game_id IS NULL, NULL, COALESCE(zones.paint_makes, 0)) AS paint_makes,
  IF(games_with_plays.game_id IS NULL, NULL, COALESCE(zones.mid_attempts, 0)) AS mid_attempts,
  IF(games_with_plays.game_id IS NULL, NULL, COALESCE(zones.mid_makes, 0)) AS mid_makes,
  IF(games_with_plays.game_id IS NULL, NULL, COALESCE(zones.three_attempts, 0)) AS three_attempts,
  IF(games_with_plays.game_id IS NULL, NULL, COALESCE(zones.three_makes, 0)) AS three_makes,
  points_lines.line AS prop_line,
  box.points - points_lines.line AS prop_margin,
  CASE
    WHEN box.points > points_lines.line THEN 'OVER'
    WHEN box.points < points_lines.line THEN 'UNDER'
    WHEN box.points = points_lines.line THEN 'PUSH'
  END AS prop_result
FROM box
LEFT JOIN offense ON offense.game_id = box.game_id AND offense.team = box.team
LEFT JOIN games_with_plays ON games_with_plays.game_id = box.game_id
LEFT JOIN zones ON zones.game_id = box.game_id AND zones.player_id = box.player_id
LEFT JOIN points_lines ON points_lines.game_id = box.game_id AND points_lines.player_id = box.player_id
