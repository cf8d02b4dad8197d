-- The 37 features of a player before a game, and nothing of the game itself. Formulas: docs/formulas.md.
WITH appearances AS (
  SELECT
    player_id,
    game_date,
    LEAD(game_date) OVER by_game AS next_game_date,
    COUNT(*) OVER so_far AS n,
    SUM(points) OVER so_far AS points_season,
    SUM(points * points) OVER so_far AS squares_season,
    AVG(minutes) OVER last_5 AS minutes_mean_5,
    AVG(minutes) OVER so_far AS minutes_mean_season,
    SUM(free_throws_made) OVER last_10 AS free_throw_points_10,
    SUM(IF(free_throws_made IS NULL, NULL, points)) OVER last_10 AS points_with_free_throws_10,
    nth,
    COUNT(*) OVER last_10 AS n_10,
    SUM(points) OVER last_10 AS points_10,
    SUM(nth) OVER last_10 AS nths_10,
    SUM(nth * nth) OVER last_10 AS nth_squares_10,
    SUM(nth * points) OVER last_10 AS nth_points_10
  FROM (
    SELECT
      season,
      player_id,
      game_date,
      points,
      minutes,
      free_throws_made,
      ROW_NUMBER() OVER (PARTITION BY season, player_id ORDER BY game_date ASC NULLS LAST, game_id ASC NULLS LAST) AS nth
    FROM players
  ) AS numbered
  WINDOW
    by_game AS (PARTITION BY season, player_id ORDER BY nth ASC NULLS LAST),
    so_far AS (by_game ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    last_5 AS (by_game ROWS BETWEEN 4 PRECEDING AND CURRENT ROW),
    last_10 AS (by_game ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)
),
-- All from whole numbers, so that the same games give the same digits whatever else is in the batch.
trends AS (
  SELECT
    player_id,
    game_date,
    next_game_date,
    minutes_mean_5 - minutes_mean_season AS minutes_change,
    safe_divide(100 * free_throw_points_10, points_with_free_throws_10) AS free_throw_points_share_10,
    safe_divide(
      n_10 * nth_points_10 - nths_10 * points_10,
      n_10 * nth_squares_10 - nths_10 * nths_10
    ) AS points_slope_10,
    SQRT(safe_divide(n * squares_season - points_season * points_season, n * (n - 1))) AS points_deviation_season
  FROM appearances
),
-- Of each player the newest row before the key: the one whose next game is not before it.
latest AS (
  SELECT players_window.key, trends.*
  FROM players_window
  JOIN trends ON trends.game_date = players_window.upstream_key
  WHERE trends.next_game_date IS NULL OR trends.next_game_date >= players_window.key
),
meetings AS (
  SELECT cache.game_date, cache.player_id, AVG(head_to_head.points) AS points_mean, COUNT(*) AS games
  FROM cache
  JOIN head_to_head
    ON head_to_head.player_id = cache.player_id
    AND head_to_head.opponent = cache.opponent
  JOIN head_to_head_window
    ON head_to_head_window.key = cache.game_date
    AND head_to_head_window.upstream_key = head_to_head.game_date
  GROUP BY cache.game_date, cache.player_id
)
SELECT
  cache.game_date,
  cache.season,
  cache.game_id,
  cache.player_id,
  cache.player_name,
  cache.team,
  cache.opponent,
  -- form
  cache.points_mean_5,
  cache.points_mean_10,
  cache.points_mean_season,
  cache.points_deviation_10,
  cache.points_mean_5 - cache.points_mean_season AS recent_trend,
  latest.points_slope_10,
  safe_divide(cache.points_mean_5 - cache.points_mean_season, latest.points_deviation_season) AS points_z_5,
  cache.minutes_mean_10,
  latest.minutes_change,
  cache.usage_mean_10,
  cache.ts_mean_10,
  -- load
  cache.games_in_7_days,
  cache.minutes_in_7_days,
  cache.back_to_backs_in_14_days,
  cache.days_of_rest,
  factors.rest_advantage,
  IF(factors.is_back_to_back, 1, 0) AS back_to_back,
  factors.fatigue_score,
  -- game
  IF(cache.is_home, 1, 0) AS home,
  IF(cache.game_type = 'playoffs', 1, 0) AS playoffs,
  factors.zone_mismatch,
  factors.pace_adjustment,
  factors.usage_adjustment,
  cache.team_pace_10,
  cache.team_offensive_rating_10,
  factors.team_win_ratio,
  cache.opponent_pace_10,
  cache.opponent_defensive_rating_10,
  -- shots
  shots.paint_share_10,
  shots.mid_share_10,
  shots.three_share_10,
  latest.free_throw_points_share_10,
  defense.paint_pct_vs_league AS opponent_paint_pct_vs_league,
  defense.mid_pct_vs_league AS opponent_mid_pct_vs_league,
  defense.three_pct_vs_league AS opponent_three_pct_vs_league,
  -- history
  meetings.points_mean AS opponent_points_mean,
  COALESCE(meetings.games, 0) AS opponent_games
FROM cache
JOIN factors ON factors.game_id = cache.game_id AND factors.player_id = cache.player_id
JOIN latest ON latest.key = cache.game_date AND latest.player_id = cache.player_id
LEFT JOIN shots ON shots.game_date = cache.game_date AND shots.player_id = cache.player_id
LEFT JOIN defense ON defense.game_date = cache.game_date AND defense.team = cache.opponent
LEFT JOIN meetings ON meetings.game_date = cache.game_date AND meetings.player_id = cache.player_id
