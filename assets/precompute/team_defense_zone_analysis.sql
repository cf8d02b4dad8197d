-- Where each team's defense of its last 15 games was better or worse than the league's of the last 30 days.
-- Totals run over the games with play-by-play; `zone_games` says how many these were. Formulas: docs/formulas.md.
WITH own AS (
  SELECT
    games_window.key,
    games.season,
    games.team,
    COUNT(*) AS games_played,
    COUNT(games.paint_attempts_allowed) AS zone_games,
    AVG(games.defensive_rating) AS defensive_rating_15,
    SUM(games.paint_attempts_allowed) AS paint_attempts_allowed,
    SUM(games.paint_makes_allowed) AS paint_makes_allowed,
    SUM(games.mid_attempts_allowed) AS mid_attempts_allowed,
    SUM(games.mid_makes_allowed) AS mid_makes_allowed,
    SUM(games.three_attempts_allowed) AS three_attempts_allowed,
    SUM(games.three_makes_allowed) AS three_makes_allowed
  FROM games_window
  JOIN games
    ON games.game_date = games_window.upstream_key
    AND games.game_id = games_window.game_id
    AND games.team = games_window.team
  GROUP BY games_window.key, games.season, games.team
),
league_wide AS (
  SELECT
    league_window.key,
    safe_divide(100 * SUM(league.paint_makes_allowed), SUM(league.paint_attempts_allowed)) AS paint_pct,
    safe_divide(100 * SUM(league.mid_makes_allowed), SUM(league.mid_attempts_allowed)) AS mid_pct,
    safe_divide(100 * SUM(league.three_makes_allowed), SUM(league.three_attempts_allowed)) AS three_pct
  FROM league_window
  JOIN league ON league.game_date = league_window.upstream_key
  GROUP BY league_window.key
),
compared AS (
  SELECT
    own.*,
    safe_divide(100 * own.paint_makes_allowed, own.paint_attempts_allowed) AS paint_pct_allowed,
    safe_divide(100 * own.mid_makes_allowed, own.mid_attempts_allowed) AS mid_pct_allowed,
    safe_divide(100 * own.three_makes_allowed, own.three_attempts_allowed) AS three_pct_allowed,
    safe_divide(100 * own.paint_makes_allowed, own.paint_attempts_allowed) - league_wide.paint_pct
      AS paint_pct_vs_league,
    safe_divide(100 * own.mid_makes_allowed, own.mid_attempts_allowed) - league_wide.mid_pct
      AS mid_pct_vs_league,
    safe_divide(100 * own.three_makes_allowed, own.three_attempts_allowed) - league_wide.three_pct
      AS three_pct_vs_league
  FROM own
  LEFT JOIN league_wide ON league_wide.key = own.key
)
SELECT
  key AS game_date,
  season,
  team,
  games_played AS games,
  zone_games,
  CASE
    WHEN zone_games >= 15 THEN 'full'
    WHEN zone_games >= 8 THEN 'fair'
    WHEN zone_games >= 1 THEN 'thin'
    ELSE 'none'
  END AS sample_tier,
  defensive_rating_15,
  paint_attempts_allowed,
  paint_makes_allowed,
  2 * paint_makes_allowed AS paint_points_allowed,
  paint_pct_allowed,
  paint_pct_vs_league,
  mid_attempts_allowed,
  mid_makes_allowed,
  2 * mid_makes_allowed AS mid_points_allowed,
  mid_pct_allowed,
  mid_pct_vs_league,
  three_attempts_allowed,
  three_makes_allowed,
  3 * three_makes_allowed AS three_points_allowed,
  three_pct_allowed,
  three_pct_vs_league,
  -- Least allowed against the league is strongest. Unknown as soon as one zone is.
  CASE
    WHEN paint_pct_vs_league <= mid_pct_vs_league AND paint_pct_vs_league <= three_pct_vs_league THEN 'paint'
    WHEN mid_pct_vs_league <= paint_pct_vs_league AND mid_pct_vs_league <= three_pct_vs_league THEN 'mid'
    WHEN three_pct_vs_league <= paint_pct_vs_league AND three_pct_vs_league <= mid_pct_vs_league THEN 'three'
  END AS strongest_zone,
  CASE
    WHEN paint_pct_vs_league >= mid_pct_vs_league AND paint_pct_vs_league >= three_pct_vs_league THEN 'paint'
    WHEN mid_pct_vs_league >= paint_pct_vs_league AND mid_pct_vs_league >= three_pct_vs_league THEN 'mid'
    WHEN three_pct_vs_league >= paint_pct_vs_league AND three_pct_vs_league >= mid_pct_vs_league THEN 'three'
  END AS weakest_zone
FROM compared
