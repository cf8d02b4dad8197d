SELECT
  game_date,
  game_date + INTERVAL 1 DAY AS a,
  date_diff('day', game_date, game_date) AS b,
  date_trunc('month', game_date) AS c,
  EXTRACT(DOW FROM game_date) + EXTRACT(WEEK FROM game_date) + year(game_date) AS d,
  points / points AS e,
  GREATEST(points, 1) + LEAST(points, 2) AS f,
  CONCAT(home, 'x') AS g,
  0.44 * points AS h,
  CAST(minutes AS INT64) AS i,
  CAST(safe_divide(points, 2) AS BIGINT) AS j,
  ROW_NUMBER() OVER (PARTITION BY home ORDER BY points, home DESC NULLS LAST) AS k,
  CAST(minutes AS STRING) AS l,
  md5(home) AS m,
  string_split(home, ',')[1] AS n,
  SUM(minutes) OVER (ORDER BY game_date ASC NULLS LAST RANGE BETWEEN INTERVAL 7 DAYS PRECEDING AND CURRENT ROW) AS o,
  (SELECT COUNTIF(points > 1) FROM games) AS p,
  list_sum([1, 2]) AS q,
  (SELECT points FROM games ORDER BY minutes LIMIT 1) AS r
FROM games
ORDER BY points
