-- Everybody who played in a season: under which name, and for whom last.
WITH appearances AS (
  SELECT
    season,
    player_id,
    player_name,
    team,
    game_date,
    COUNT(*) OVER (PARTITION BY season, player_id) AS games,
    MIN(game_date) OVER (PARTITION BY season, player_id) AS first_game_date,
    ROW_NUMBER() OVER (
      PARTITION BY season, player_id ORDER BY game_date DESC NULLS LAST, game_id DESC NULLS LAST
    ) AS nth_last
  FROM boxscores
)
SELECT
  season,
  player_id,
  player_name,
  team AS last_team,
  games,
  first_game_date,
  game_date AS last_game_date
FROM appearances
WHERE nth_last = 1
