-- Where each player of the season shoots from, over his last 10 and 20 games. The last N games that he played lie
-- somewhere in the season to date and nowhere nearer. Attempts and makes run over the games with play-by-play.
-- Formulas: docs/formulas.md.
WITH appearances AS (
  SELECT
    season,
    player_id,
    player_name,
    team,
    game_date,
    LEAD(game_date) OVER by_game AS next_game_date,
    COUNT(*) OVER so_far AS games_played,
    COUNT(paint_attempts) OVER last_10 AS zone_games_10,
    SUM(paint_attempts) OVER last_10 AS paint_attempts_10,
    SUM(paint_makes) OVER last_10 AS paint_makes_10,
    SUM(mid_attempts) OVER last_10 AS mid_attempts_10,
    SUM(mid_makes) OVER last_10 AS mid_makes_10,
    SUM(three_attempts) OVER last_10 AS three_attempts_10,
    SUM(three_makes) OVER last_10 AS three_makes_10,
    COUNT(paint_attempts) OVER last_20 AS zone_games_20,
    SUM(paint_attempts) OVER last_20 AS paint_attempts_20,
    SUM(paint_makes) OVER last_20 AS paint_makes_20,
    SUM(mid_attempts) OVER last_20 AS mid_attempts_20,
    SUM(mid_makes) OVER last_20 AS mid_makes_20,
    SUM(three_attempts) OVER last_20 AS three_attempts_20,
    SUM(three_makes) OVER last_20 AS three_makes_20
  FROM games
  WINDOW
    by_game AS (PARTITION BY season, player_id ORDER BY game_date ASC NULLS LAST, game_id ASC NULLS LAST),
    so_far AS (by_game ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    last_10 AS (by_game ROWS BETWEEN 9 PRECEDING AND CURRENT ROW),
    last_20 AS (by_game ROWS BETWEEN 19 PRECEDING AND CURRENT ROW)
),
shares AS (
  SELECT
    season,
    player_id,
    player_name,
    team,
    game_date,
    next_game_date,
    games_played,
    zone_games_10,
    zone_games_20,
    safe_divide(100 * paint_attempts_10, paint_attempts_10 + mid_attempts_10 + three_attempts_10) AS paint_share_10,
    safe_divide(100 * mid_attempts_10, paint_attempts_10 + mid_attempts_10 + three_attempts_10) AS mid_share_10,
    safe_divide(100 * three_attempts_10, paint_attempts_10 + mid_attempts_10 + three_attempts_10) AS three_share_10,
    safe_divide(100 * paint_makes_10, paint_attempts_10) AS paint_pct_10,
    safe_divide(100 * mid_makes_10, mid_attempts_10) AS mid_pct_10,
    safe_divide(100 * three_makes_10, three_attempts_10) AS three_pct_10,
    safe_divide(100 * paint_attempts_20, paint_attempts_20 + mid_attempts_20 + three_attempts_20) AS paint_share_20,
    safe_divide(100 * mid_attempts_20, paint_attempts_20 + mid_attempts_20 + three_attempts_20) AS mid_share_20,
    safe_divide(100 * three_attempts_20, paint_attempts_20 + mid_attempts_20 + three_attempts_20) AS three_share_20,
    safe_divide(100 * paint_makes_20, paint_attempts_20) AS paint_pct_20,
    safe_divide(100 * mid_makes_20, mid_attempts_20) AS mid_pct_20,
    safe_divide(100 * three_makes_20, three_attempts_20) AS three_pct_20
  FROM appearances
)
-- Of each player the newest row before the key: the one whose next game is not before it.
SELECT
  games_window.key AS game_date,
  shares.season,
  shares.player_id,
  shares.player_name,
  shares.team,
  shares.games_played,
  shares.zone_games_10,
  shares.zone_games_20,
  shares.paint_share_10,
  shares.mid_share_10,
  shares.three_share_10,
  shares.paint_pct_10,
  shares.mid_pct_10,
  shares.three_pct_10,
  shares.paint_share_20,
  shares.mid_share_20,
  shares.three_share_20,
  shares.paint_pct_20,
  shares.mid_pct_20,
  shares.three_pct_20,
  CASE
    WHEN shares.paint_share_10 IS NULL THEN NULL
    WHEN shares.paint_share_10 >= 40 AND shares.paint_share_10 >= shares.three_share_10 THEN 'paint'
    WHEN shares.three_share_10 >= 40 THEN 'three'
    WHEN shares.mid_share_10 >= 35 THEN 'mid'
    ELSE 'balanced'
  END AS primary_zone
FROM games_window
JOIN shares ON shares.game_date = games_window.upstream_key
WHERE shares.next_game_date IS NULL OR shares.next_game_date >= games_window.key
