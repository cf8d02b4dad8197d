-- What is said of every player of the day in one row: the ensemble first, and each system's points beside it.
WITH systems AS (
  SELECT
    game_id,
    player_id,
    MAX(IF(system = 'moving_average', predicted_points, NULL)) AS moving_average,
    MAX(IF(system = 'zone_matchup', predicted_points, NULL)) AS zone_matchup,
    MAX(IF(system = 'similarity', predicted_points, NULL)) AS similarity,
    MAX(IF(system = 'regression', predicted_points, NULL)) AS regression
  FROM predictions
  GROUP BY game_id, player_id
),
points_lines AS (
  SELECT game_id, player_id, line, bookmaker, over_odds, under_odds FROM lines WHERE market = 'player_points'
)
SELECT
  ensemble.game_date,
  ensemble.game_id,
  ensemble.player_id,
  ensemble.player_name,
  ensemble.team,
  ensemble.opponent,
  rounded(ensemble.predicted_points, 1) AS predicted_points,
  rounded(ensemble.confidence, 1) AS confidence,
  ensemble.line,
  rounded(ensemble.edge, 1) AS edge,
  ensemble.recommendation,
  points_lines.bookmaker,
  points_lines.over_odds,
  points_lines.under_odds,
  rounded(systems.moving_average, 1) AS moving_average,
  rounded(systems.zone_matchup, 1) AS zone_matchup,
  rounded(systems.similarity, 1) AS similarity,
  rounded(systems.regression, 1) AS regression
FROM predictions AS ensemble
JOIN systems ON systems.game_id = ensemble.game_id AND systems.player_id = ensemble.player_id
-- The odds of the line that was read, not of one that came later.
LEFT JOIN points_lines
  ON points_lines.game_id = ensemble.game_id
  AND points_lines.player_id = ensemble.player_id
  AND points_lines.line = ensemble.line
WHERE ensemble.system = 'ensemble'
ORDER BY ensemble.game_id ASC NULLS LAST, ensemble.team ASC NULLS LAST, ensemble.player_id ASC NULLS LAST
