-- How each team comes into the games of the day: rest, load, form. Nothing of the day itself but who plays whom.
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
workload AS (
  SELECT
    games_window.key,
    sides.team,
    MAX(sides.game_date) AS last_game_date,
    COALESCE(COUNTIF(sides.game_date >= days_after(games_window.key, -7)), 0) AS games_in_7_days,
    COALESCE(COUNTIF(sides.game_date >= days_after(games_window.key, -14)), 0) AS games_in_14_days
  FROM games_window
  JOIN sides ON sides.game_date = games_window.upstream_key
  WHERE games_window.upstream_key < games_window.key
  GROUP BY games_window.key, sides.team
),
-- The Cup final counts in no record, so it is no game of the season here.
results AS (
  SELECT
    season,
    team,
    game_date,
    game_id,
    win,
    ROW_NUMBER() OVER by_game AS game_number,
    ROW_NUMBER() OVER (
      PARTITION BY season, team, win ORDER BY game_date ASC NULLS LAST, game_id ASC NULLS LAST
    ) AS nth_of_result
  FROM offense
  WHERE SUBSTR(game_id, 3, 1) <> '6'
  WINDOW by_game AS (PARTITION BY season, team ORDER BY game_date ASC NULLS LAST, game_id ASC NULLS LAST)
),
-- A run of equal results is where both numbers grow together: their difference names it.
form AS (
  SELECT
    season,
    team,
    game_date,
    win,
    game_number,
    IF(win, nth_of_result, game_number - nth_of_result) AS wins,
    ROW_NUMBER() OVER (
      PARTITION BY season, team, win, game_number - nth_of_result ORDER BY game_number ASC NULLS LAST
    ) AS run_length,
    LEAD(game_date) OVER (PARTITION BY season, team ORDER BY game_number ASC NULLS LAST) AS next_game_date
  FROM results
),
-- Of each team the newest row before the key: the one whose next game is not before it.
latest AS (
  SELECT offense_window.key, form.team, form.game_number, form.wins, form.win, form.run_length
  FROM offense_window
  JOIN form ON form.game_date = offense_window.upstream_key
  WHERE form.next_game_date IS NULL OR form.next_game_date >= offense_window.key
),
rested AS (
  SELECT
    sides.*,
    days_between(workload.last_game_date, sides.game_date) - 1 AS days_of_rest,
    COALESCE(workload.games_in_7_days, 0) AS games_in_7_days,
    COALESCE(workload.games_in_14_days, 0) AS games_in_14_days
  FROM sides
  JOIN partitions ON partitions.game_date = sides.game_date
  LEFT JOIN workload ON workload.key = sides.game_date AND workload.team = sides.team
),
-- Bookmakers agree to within a point or so; their mean is what the market thinks. The margin is told for the home team.
market AS (
  SELECT game_id, AVG(home_spread) AS home_spread, AVG(total) AS total
  FROM lines
  GROUP BY game_id
),
-- A game that the report has is told by both of its teams, but for those that say that they have not told yet.
told AS (
  SELECT
    sides.game_id,
    sides.team,
    COALESCE(COUNTIF(injuries.team = sides.team AND injuries.status = 'Not Yet Submitted'), 0) AS missing,
    COALESCE(COUNTIF(
      injuries.team = sides.team AND injuries.status = 'Out' AND NOT COALESCE(injuries.is_g_league, FALSE)
    ), 0) AS players_out
  FROM sides
  JOIN injuries ON injuries.game_id = sides.game_id
  GROUP BY sides.game_id, sides.team
)
SELECT
  own.game_date,
  own.season,
  own.game_id,
  own.game_type,
  own.team,
  own.opponent,
  own.is_home,
  own.days_of_rest,
  COALESCE(own.days_of_rest = 0, FALSE) AS is_back_to_back,
  own.days_of_rest - other.days_of_rest AS rest_advantage,
  own.games_in_7_days,
  own.games_in_14_days,
  COALESCE(latest.game_number, 0) + 1 AS game_number,
  COALESCE(latest.wins, 0) AS wins,
  COALESCE(latest.game_number - latest.wins, 0) AS losses,
  safe_divide(latest.wins, latest.game_number) AS win_ratio,
  COALESCE(IF(latest.win, latest.run_length, -latest.run_length), 0) AS streak,
  IF(own.is_home, market.home_spread, -market.home_spread) AS spread,
  market.total,
  IF(told.missing = 0, told.players_out, NULL) AS players_out
FROM rested AS own
JOIN rested AS other ON other.game_id = own.game_id AND other.team = own.opponent
LEFT JOIN latest ON latest.key = own.game_date AND latest.team = own.team
LEFT JOIN market ON market.game_id = own.game_id
LEFT JOIN told ON told.game_id = own.game_id AND told.team = own.team
