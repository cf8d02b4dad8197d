-- How each player comes into the games of the day: whoever last played, this season, for a team that plays today.
-- Formulas: docs/formulas.md.
WITH sides AS (
  SELECT game_date, season, game_id, game_type, home_team AS team, away_team AS opponent, TRUE AS is_home
  FROM games
  WHERE game_status IN ('scheduled', 'final')
  UNION ALL
  SELECT game_date, season, game_id, game_type, away_team AS team, home_team AS opponent, FALSE AS is_home
  FROM games
  WHERE game_status IN ('scheduled', 'final')
),
-- Means so far after each game; they hold nothing of later games, so every key finds its own in the right row.
appearances AS (
  SELECT
    player_id,
    player_name,
    team,
    game_date,
    minutes,
    usage_rate,
    days_between(LAG(game_date) OVER by_game, game_date) = 1 AS is_back_to_back,
    LEAD(game_date) OVER by_game AS next_game_date,
    COUNT(*) OVER so_far AS games_played,
    AVG(points) OVER last_5 AS points_mean_5,
    AVG(points) OVER last_10 AS points_mean_10,
    AVG(usage_rate) OVER so_far AS usage_mean_season,
    AVG(points) OVER so_far AS points_mean_season,
    AVG(minutes) OVER so_far AS minutes_mean_season
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
workload AS (
  SELECT
    players_window.key,
    appearances.player_id,
    COALESCE(COUNTIF(appearances.game_date >= days_after(players_window.key, -7)), 0) AS games_in_7_days,
    SUM(IF(appearances.game_date >= days_after(players_window.key, -7), appearances.minutes, 0)) AS minutes_in_7_days,
    AVG(IF(appearances.game_date >= days_after(players_window.key, -7), appearances.usage_rate, NULL)) AS usage_mean_7_days,
    COUNT(*) AS games_in_14_days,
    SUM(appearances.minutes) AS minutes_in_14_days,
    COALESCE(COUNTIF(appearances.is_back_to_back), 0) AS back_to_backs_in_14_days
  FROM players_window
  JOIN appearances ON appearances.game_date = players_window.upstream_key
  WHERE players_window.upstream_key >= days_after(players_window.key, -14)
  GROUP BY players_window.key, appearances.player_id
),
points_lines AS (
  SELECT game_date, game_id, player_id, line FROM lines WHERE market = 'player_points'
),
-- Each earlier game of the season against today's line, the newest first: 1 over it, -1 under it, 0 on it.
against_line AS (
  SELECT
    points_lines.game_id,
    points_lines.player_id,
    SIGN(players.points - points_lines.line) AS side,
    FIRST_VALUE(SIGN(players.points - points_lines.line)) OVER newest_first AS last_side,
    ROW_NUMBER() OVER newest_first AS nth_last
  FROM points_lines
  JOIN players_window ON players_window.key = points_lines.game_date
  JOIN players ON players.game_date = players_window.upstream_key AND players.player_id = points_lines.player_id
  WINDOW
    newest_first AS (
      PARTITION BY points_lines.game_id, points_lines.player_id
      ORDER BY players.game_date DESC NULLS LAST, players.game_id DESC NULLS LAST
    )
),
line_streaks AS (
  SELECT
    game_id,
    player_id,
    MIN(last_side) * COALESCE(MIN(IF(side <> last_side, nth_last, NULL)) - 1, COUNT(*)) AS prop_streak
  FROM against_line
  GROUP BY game_id, player_id
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
),
guard AS (
  SELECT defense_window.key, defense_window.team, AVG(defense.defensive_rating) AS defensive_rating
  FROM defense_window
  JOIN defense
    ON defense.game_date = defense_window.upstream_key
    AND defense.game_id = defense_window.game_id
    AND defense.team = defense_window.team
  GROUP BY defense_window.key, defense_window.team
),
-- Of each team the first three by points a game and the first three by usage, of those who play in earnest.
ranked AS (
  SELECT
    key,
    player_id,
    team,
    usage_mean_season,
    RANK() OVER (PARTITION BY key, team ORDER BY points_mean_season DESC NULLS LAST) AS by_points,
    RANK() OVER (PARTITION BY key, team ORDER BY usage_mean_season DESC NULLS LAST) AS by_usage
  FROM latest
  WHERE games_played >= 3 AND minutes_mean_season >= 20
),
-- Usage is not known everywhere: without it points alone make a star.
stars AS (
  SELECT key, player_id, team
  FROM ranked
  WHERE by_points <= 3 OR (by_usage <= 3 AND usage_mean_season IS NOT NULL)
),
absent AS (
  SELECT DISTINCT game_id, team, player_id
  FROM injuries
  WHERE status IN ('Out', 'Doubtful') AND player_id IS NOT NULL
),
missed AS (
  SELECT sides.game_id, sides.team, stars.player_id
  FROM sides
  JOIN stars ON stars.key = sides.game_date AND stars.team = sides.team
  JOIN absent
    ON absent.game_id = sides.game_id
    AND absent.team = sides.team
    AND absent.player_id = stars.player_id
),
missed_by_team AS (
  SELECT game_id, team, COUNT(*) AS stars_out
  FROM missed
  GROUP BY game_id, team
),
-- A game that the report has is told by both of its teams, but for those that say that they have not told yet.
told AS (
  SELECT sides.game_id, sides.team, COALESCE(missed_by_team.stars_out, 0) AS stars_out
  FROM sides
  JOIN injuries ON injuries.game_id = sides.game_id
  LEFT JOIN missed_by_team ON missed_by_team.game_id = sides.game_id AND missed_by_team.team = sides.team
  GROUP BY sides.game_id, sides.team, missed_by_team.stars_out
  HAVING COALESCE(COUNTIF(injuries.team = sides.team AND injuries.status = 'Not Yet Submitted'), 0) = 0
)
SELECT
  sides.game_date,
  sides.season,
  sides.game_id,
  sides.game_type,
  latest.player_id,
  latest.player_name,
  sides.team,
  sides.opponent,
  sides.is_home,
  latest.games_played,
  days_between(latest.game_date, sides.game_date) - 1 AS days_of_rest,
  COALESCE(workload.games_in_7_days, 0) AS games_in_7_days,
  COALESCE(workload.games_in_14_days, 0) AS games_in_14_days,
  COALESCE(workload.minutes_in_7_days, 0) AS minutes_in_7_days,
  COALESCE(workload.minutes_in_14_days, 0) AS minutes_in_14_days,
  COALESCE(workload.back_to_backs_in_14_days, 0) AS back_to_backs_in_14_days,
  latest.points_mean_5,
  latest.points_mean_10,
  workload.usage_mean_7_days,
  latest.usage_mean_season,
  points_lines.line AS prop_line,
  CAST(line_streaks.prop_streak AS INT64) AS prop_streak,
  own_attack.pace AS team_pace_10,
  own_attack.offensive_rating AS team_offensive_rating_10,
  own_guard.defensive_rating AS team_defensive_rating_10,
  other_attack.pace AS opponent_pace_10,
  other_attack.offensive_rating AS opponent_offensive_rating_10,
  other_guard.defensive_rating AS opponent_defensive_rating_10,
  own_told.stars_out - IF(missed.player_id IS NULL, 0, 1) AS stars_out,
  other_told.stars_out AS opponent_stars_out
FROM sides
JOIN latest ON latest.key = sides.game_date AND latest.team = sides.team
LEFT JOIN workload ON workload.key = sides.game_date AND workload.player_id = latest.player_id
LEFT JOIN points_lines ON points_lines.game_id = sides.game_id AND points_lines.player_id = latest.player_id
LEFT JOIN line_streaks ON line_streaks.game_id = sides.game_id AND line_streaks.player_id = latest.player_id
LEFT JOIN attack AS own_attack ON own_attack.key = sides.game_date AND own_attack.team = sides.team
LEFT JOIN attack AS other_attack ON other_attack.key = sides.game_date AND other_attack.team = sides.opponent
LEFT JOIN guard AS own_guard ON own_guard.key = sides.game_date AND own_guard.team = sides.team
LEFT JOIN guard AS other_guard ON other_guard.key = sides.game_date AND other_guard.team = sides.opponent
LEFT JOIN told AS own_told ON own_told.game_id = sides.game_id AND own_told.team = sides.team
LEFT JOIN told AS other_told ON other_told.game_id = sides.game_id AND other_told.team = sides.opponent
LEFT JOIN missed
  ON missed.game_id = sides.game_id
  AND missed.team = sides.team
  AND missed.player_id = latest.player_id
