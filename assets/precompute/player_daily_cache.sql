-- What is asked of a player most often, once a day: form, minutes, usage, his team's pace. Three games at least.
-- Formulas: docs/formulas.md.
WITH appearances AS (
  SELECT
    player_id,
    game_date,
    LEAD(game_date) OVER by_game AS next_game_date,
    COUNT(*) OVER so_far AS games_played,
    AVG(points) OVER last_5 AS points_mean_5,
    AVG(points) OVER last_10 AS points_mean_10,
    AVG(points) OVER so_far AS points_mean_season,
    -- From whole numbers, so that equal points give exactly 0: n * sum of squares - square of the sum.
    COUNT(*) OVER last_10 AS n_10,
    SUM(points * points) OVER last_10 AS squares_10,
    SUM(points) OVER last_10 AS points_10,
    AVG(minutes) OVER last_10 AS minutes_mean_10,
    AVG(minutes) OVER so_far AS minutes_mean_season,
    AVG(usage_rate) OVER last_10 AS usage_mean_10,
    AVG(ts_pct) OVER last_10 AS ts_mean_10
  FROM players
  WINDOW
    by_game AS (PARTITION BY season, player_id ORDER BY game_date ASC NULLS LAST, game_id ASC NULLS LAST),
    so_far AS (by_game ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    last_5 AS (by_game ROWS BETWEEN 4 PRECEDING AND CURRENT ROW),
    last_10 AS (by_game ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)
),
-- Of each player the newest row before the key: the one whose next game is not before it.
latest AS (
  SELECT players_window.key, appearances.*
  FROM players_window
  JOIN appearances ON appearances.game_date = players_window.upstream_key
  WHERE appearances.next_game_date IS NULL OR appearances.next_game_date >= players_window.key
),
attack AS (
  SELECT
    offense_window.key,
    offense_window.team,
    AVG(offense.pace) AS pace,
    AVG(offense.offensive_rating) AS offensive_rating
  FROM offense_window
  JOIN offense
    ON offense.game_date = offense_window.upstream_key
    AND offense.game_id = offense_window.game_id
    AND offense.team = offense_window.team
  GROUP BY offense_window.key, offense_window.team
)
SELECT
  context.game_date,
  context.season,
  context.game_id,
  context.game_type,
  context.player_id,
  context.player_name,
  context.team,
  context.opponent,
  context.is_home,
  context.days_of_rest,
  context.games_in_7_days,
  context.minutes_in_7_days,
  context.back_to_backs_in_14_days,
  context.opponent_pace_10,
  context.opponent_defensive_rating_10,
  latest.games_played,
  latest.points_mean_5,
  latest.points_mean_10,
  latest.points_mean_season,
  SQRT(safe_divide(
    latest.n_10 * latest.squares_10 - latest.points_10 * latest.points_10,
    latest.n_10 * (latest.n_10 - 1)
  )) AS points_deviation_10,
  latest.minutes_mean_10,
  latest.minutes_mean_season,
  latest.usage_mean_10,
  latest.ts_mean_10,
  attack.pace AS team_pace_10,
  attack.offensive_rating AS team_offensive_rating_10,
  zones.primary_zone
FROM context
JOIN latest ON latest.key = context.game_date AND latest.player_id = context.player_id
LEFT JOIN attack ON attack.key = context.game_date AND attack.team = context.team
LEFT JOIN zones ON zones.game_date = context.game_date AND zones.player_id = context.player_id
WHERE latest.games_played >= 3
