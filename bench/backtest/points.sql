-- Points over whole seasons, a row a season and system.
SELECT
  season,
  system,
  count(*)::INT AS predictions,
  avg(abs(predicted_points - actual_points)) AS mae,
  avg(predicted_points - actual_points) AS bias,
  100 * avg((abs(predicted_points - actual_points) <= 3)::INT) AS within_3_pct,
  100 * avg((abs(predicted_points - actual_points) <= 5)::INT) AS within_5_pct
FROM graded
GROUP BY season, system
ORDER BY season, mae
