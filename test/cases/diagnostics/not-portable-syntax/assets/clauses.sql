WITH counted AS MATERIALIZED (
  SELECT DISTINCT ON (home) game_date, home, count(*) FILTER (WHERE points > 1) OVER () AS n, * EXCLUDE (game_date, home)
  FROM games
),
more AS (
  SELECT game_date, COUNT(*) AS games, COUNT(*) AS hash, 2 * points AS twice, twice + 1 AS again
  FROM games NATURAL JOIN counted
  WHERE twice > 2
  GROUP BY game_date
  HAVING again > 1
)
SELECT more.game_date, counted.n, more.games, more.hash
FROM more SEMI JOIN games ON games.game_date = more.game_date, counted, (VALUES (1)) AS v(x)
UNION
SELECT game_date, 1, 2, 3 FROM (FROM games)
ORDER BY ALL
