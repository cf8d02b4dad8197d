-- A plain moving average of threes against the preferred book's line: each season, and all.
WITH bets AS (
  SELECT threes.*, bet.rule, bet.side
  FROM threes
  CROSS JOIN LATERAL (
    VALUES
      ('every line', CASE WHEN predicted > line THEN 'OVER' WHEN predicted < line THEN 'UNDER' END),
      ('half a three', CASE WHEN predicted - line >= 0.5 THEN 'OVER' WHEN predicted - line <= -0.5 THEN 'UNDER' END)
  ) AS bet (rule, side)
  WHERE bet.side IS NOT NULL
), settled AS (
  SELECT
    *,
    CASE WHEN actual <> line THEN (actual > line) = (side = 'OVER') END AS won,
    CASE WHEN side = 'OVER' THEN over_odds ELSE under_odds END AS odds
  FROM bets
)
SELECT
  rule,
  coalesce(season, 'all') AS season,
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
  avg(abs(predicted - actual)) AS mae,
  avg(abs(line - actual)) AS mae_of_line,
  avg(predicted - actual) AS bias
FROM settled
GROUP BY GROUPING SETS ((rule, season), (rule))
ORDER BY rule, season = 'all', season
