WITH sides AS (
  SELECT game_date, home AS club, away AS opponent, home_games AS games_won, away_games AS games_lost
  FROM results
  UNION ALL
  SELECT game_date, away AS club, home AS opponent, away_games AS games_won, home_games AS games_lost
  FROM results
)
SELECT
  game_date,
  club,
  opponent,
  games_won,
  games_lost,
  CASE WHEN games_won > games_lost THEN 2 WHEN games_won = games_lost THEN 1 ELSE 0 END AS points
FROM sides
