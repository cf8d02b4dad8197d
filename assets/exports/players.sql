-- Every player's newest season in one row: what he did in it, how he ended against his lines, and his last games.
WITH numbered AS (
  SELECT
    players.*,
    -- True shooting is of games whose attempts are known.
    IF(field_goals_attempted IS NULL, NULL, points) AS points_of_attempts,
    MAX(season) OVER (PARTITION BY player_id) AS newest_season,
    ROW_NUMBER() OVER (PARTITION BY player_id ORDER BY game_date DESC NULLS LAST, game_id DESC NULLS LAST) AS nth_last
  FROM players
),
newest AS (
  SELECT * FROM numbered WHERE season = newest_season
),
seasons AS (
  SELECT
    player_id,
    COUNT(*) AS games,
    COALESCE(COUNTIF(win), 0) AS wins,
    AVG(minutes) AS minutes_mean,
    AVG(points) AS points_mean,
    AVG(rebounds) AS rebounds_mean,
    AVG(assists) AS assists_mean,
    AVG(threes_made) AS threes_mean,
    AVG(usage_rate) AS usage_mean,
    safe_divide(
      SUM(points_of_attempts),
      2 * (SUM(field_goals_attempted) + 0.44e0 * SUM(IF(field_goals_attempted IS NULL, NULL, free_throws_attempted)))
    ) AS ts_pct,
    MAX(points) AS points_most,
    COALESCE(COUNTIF(prop_result = 'OVER'), 0) AS overs,
    COALESCE(COUNTIF(prop_result = 'UNDER'), 0) AS unders,
    COALESCE(COUNTIF(prop_result = 'PUSH'), 0) AS pushes
  FROM newest
  GROUP BY player_id
),
form AS (
  SELECT
    player_id,
    AVG(IF(nth_last <= 5, points, NULL)) AS points_mean_5,
    AVG(points) AS points_mean_10,
    AVG(IF(nth_last <= 5, minutes, NULL)) AS minutes_mean_5,
    MAX(IF(nth_last = 1, CAST(points AS STRING), NULL))
      || COALESCE(', ' || MAX(IF(nth_last = 2, CAST(points AS STRING), NULL)), '')
      || COALESCE(', ' || MAX(IF(nth_last = 3, CAST(points AS STRING), NULL)), '')
      || COALESCE(', ' || MAX(IF(nth_last = 4, CAST(points AS STRING), NULL)), '')
      || COALESCE(', ' || MAX(IF(nth_last = 5, CAST(points AS STRING), NULL)), '') AS last_5_points
  FROM newest
  WHERE nth_last <= 10
  GROUP BY player_id
)
SELECT
  newest.player_id,
  newest.player_name,
  newest.team,
  newest.season,
  seasons.games,
  seasons.wins,
  rounded(seasons.minutes_mean, 1) AS minutes_mean,
  rounded(seasons.points_mean, 1) AS points_mean,
  rounded(seasons.rebounds_mean, 1) AS rebounds_mean,
  rounded(seasons.assists_mean, 1) AS assists_mean,
  rounded(seasons.threes_mean, 1) AS threes_mean,
  rounded(seasons.usage_mean, 1) AS usage_mean,
  rounded(seasons.ts_pct, 3) AS ts_pct,
  seasons.points_most,
  seasons.overs,
  seasons.unders,
  seasons.pushes,
  newest.game_date AS last_game_date,
  newest.opponent AS last_opponent,
  rounded(form.points_mean_5, 1) AS points_mean_5,
  rounded(form.points_mean_10, 1) AS points_mean_10,
  rounded(form.minutes_mean_5, 1) AS minutes_mean_5,
  form.last_5_points
FROM newest
JOIN seasons ON seasons.player_id = newest.player_id
JOIN form ON form.player_id = newest.player_id
WHERE newest.nth_last = 1
ORDER BY newest.player_name ASC NULLS LAST, newest.player_id ASC NULLS LAST
