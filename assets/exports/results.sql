-- How the day's predictions turned out, a player in one row: the ensemble's grade, and by how much each system was off.
WITH systems AS (
  SELECT
    game_id,
    player_id,
    MAX(IF(system = 'moving_average', error, NULL)) AS moving_average_error,
    MAX(IF(system = 'zone_matchup', error, NULL)) AS zone_matchup_error,
    MAX(IF(system = 'similarity', error, NULL)) AS similarity_error,
    MAX(IF(system = 'regression', error, NULL)) AS regression_error
  FROM grades
  GROUP BY game_id, player_id
)
SELECT
  ensemble.game_date,
  ensemble.game_id,
  ensemble.player_id,
  ensemble.player_name,
  ensemble.team,
  ensemble.opponent,
  rounded(ensemble.predicted_points, 1) AS predicted_points,
  ensemble.actual_points,
  rounded(ensemble.error, 1) AS error,
  ensemble.is_within_3,
  ensemble.is_within_5,
  ensemble.line,
  ensemble.recommendation,
  ensemble.is_correct,
  rounded(ensemble.confidence, 1) AS confidence,
  ensemble.is_void,
  ensemble.void_reason,
  rounded(systems.moving_average_error, 1) AS moving_average_error,
  rounded(systems.zone_matchup_error, 1) AS zone_matchup_error,
  rounded(systems.similarity_error, 1) AS similarity_error,
  rounded(systems.regression_error, 1) AS regression_error
FROM grades AS ensemble
JOIN systems ON systems.game_id = ensemble.game_id AND systems.player_id = ensemble.player_id
WHERE ensemble.system = 'ensemble'
ORDER BY ensemble.game_id ASC NULLS LAST, ensemble.team ASC NULLS LAST, ensemble.player_id ASC NULLS LAST
