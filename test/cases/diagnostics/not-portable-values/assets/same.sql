SELECT
  game_date,
  safe_divide(points, 0) + minutes / 48 + 0.44e0 AS a,
  CAST(ROUND(minutes) AS INT64) AS b,
  GREATEST(COALESCE(points, 0), 1) + greater_of(points, 2) + lesser_of(points, 3) AS c,
  COALESCE(COUNTIF(points > 1) OVER w, 0) + COUNTIF(points IS NOT NULL) OVER w + ROW_NUMBER() OVER w AS d,
  'a' || home || CAST(points AS STRING) AS e,
  EXTRACT(YEAR FROM days_after(game_date, 1)) + DENSE_RANK() OVER (ORDER BY points ASC NULLS FIRST, home NULLS LAST) AS f
FROM games AS games
WHERE home IN (SELECT home FROM games UNION DISTINCT SELECT home FROM games)
WINDOW w AS (PARTITION BY home ORDER BY game_date NULLS LAST)
QUALIFY ROW_NUMBER() OVER w = 1
ORDER BY points
