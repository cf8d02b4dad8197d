-- Points against the preferred book's line, a row a rule and system. A unit on each bet, at that book's own odds.
WITH settled AS (
  SELECT
    *,
    CASE WHEN actual_points <> line THEN (actual_points > line) = (side = 'OVER') END AS won,
    CASE WHEN side = 'OVER' THEN over_odds ELSE under_odds END AS odds
  FROM points_bets
)
SELECT
  rule,
  system,
  count(DISTINCT game_date)::INT AS dates,
  count(*)::INT AS bets,
  count(*) FILTER (won)::INT AS wins,
  count(*) FILTER (NOT won)::INT AS losses,
  100 * count(*) FILTER (won) / count(won) AS win_pct,
  100 * wilson(count(*) FILTER (won), count(won), -1) AS from_pct,
  100 * wilson(count(*) FILTER (won), count(won), 1) AS to_pct,
  count(*) FILTER (side = 'OVER')::INT AS overs,
  -- What must be won at these odds for nothing to be lost.
  100 * avg(1 / (1 + profit(odds))) AS needed_pct,
  100 * avg(CASE WHEN won THEN profit(odds) WHEN NOT won THEN -1 ELSE 0 END) AS return_pct,
  avg(abs(predicted_points - actual_points)) AS mae,
  avg(abs(line - actual_points)) AS mae_of_line
FROM settled
GROUP BY rule, system
ORDER BY rule DESC, win_pct DESC
