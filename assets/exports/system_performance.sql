-- Each system's record: of every season, and of all of them in the rows whose season is `all`.
WITH graded AS (
  SELECT
    season,
    system,
    game_date,
    recommendation,
    is_void,
    error,
    absolute_error,
    IF(is_within_3, 1, IF(is_within_3 IS NULL, NULL, 0)) AS within_3,
    IF(is_within_5, 1, IF(is_within_5 IS NULL, NULL, 0)) AS within_5,
    IF(is_correct, 1, IF(is_correct IS NULL, NULL, 0)) AS won
  FROM grades
),
spans AS (
  SELECT season AS span, graded.* FROM graded
  UNION ALL
  SELECT 'all' AS span, graded.* FROM graded
)
SELECT
  system,
  span AS season,
  MIN(game_date) AS first_game_date,
  MAX(game_date) AS last_game_date,
  COUNT(error) AS graded,
  COALESCE(COUNTIF(is_void), 0) AS voids,
  rounded(AVG(absolute_error), 3) AS mae,
  rounded(AVG(error), 3) AS bias,
  rounded(AVG(within_3), 3) AS within_3_share,
  rounded(AVG(within_5), 3) AS within_5_share,
  COUNT(won) AS bets,
  COALESCE(COUNTIF(won = 1), 0) AS wins,
  COALESCE(COUNTIF(won = 0), 0) AS losses,
  rounded(AVG(won), 3) AS win_rate,
  rounded(AVG(IF(recommendation = 'OVER', won, NULL)), 3) AS over_win_rate,
  rounded(AVG(IF(recommendation = 'UNDER', won, NULL)), 3) AS under_win_rate
FROM spans
GROUP BY system, span
ORDER BY system ASC NULLS LAST, span ASC NULLS LAST
