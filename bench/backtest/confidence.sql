-- Whether a surer ensemble is nearer and more often right. Wins are of the side of every line that it has.
SELECT
  (10 * floor(least(graded.confidence, 99) / 10))::INT AS confidence_from,
  count(*)::INT AS predictions,
  avg(abs(graded.predicted_points - graded.actual_points)) AS mae,
  -- What is said of stars is further off in points: a share of the points that are meant tells more.
  100 * avg(abs(graded.predicted_points - graded.actual_points)) / avg(graded.predicted_points) AS mae_pct_of_predicted,
  count(*) FILTER (bets.won)::INT AS wins,
  count(*) FILTER (NOT bets.won)::INT AS losses,
  100 * count(*) FILTER (bets.won) / nullif(count(bets.won), 0) AS win_pct
FROM graded
LEFT JOIN (
  SELECT
    game_id, player_id,
    CASE WHEN actual_points <> line THEN (actual_points > line) = (side = 'OVER') END AS won
  FROM points_bets
  WHERE rule = 'every line' AND system = 'ensemble'
) AS bets USING (game_id, player_id)
WHERE graded.system = 'ensemble'
GROUP BY confidence_from
ORDER BY confidence_from
