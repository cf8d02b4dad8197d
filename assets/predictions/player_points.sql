-- What four systems, and the ensemble of them, say of a player's points before his game.
-- A system that has nothing to go by has no row; what a system does not know it leaves out, as if it were average.
--   moving_average  his form, adjusted by what speaks for and against him today
--   zone_matchup    the season's mean, moved by how today's defense differs from the league's where he shoots from
--   similarity      the weighted mean of his own games of 90 days that were like today's
--   regression      a line through form and load, fitted once: a plain system that the others are held against
-- Formulas: docs/formulas.md.
WITH constants AS (
  SELECT
    -- moving_average: these four are the old platform's.
    0.5e0 AS weight_5,
    0.3e0 AS weight_10,
    0.2e0 AS weight_season,
    0.5e0 AS at_home,
    -- Shares of his own mean, where the old one took as many points off everybody. Least squares of what the mean alone
    -- missed in the recorded seasons 2021-22 and 2022-23, rounded; the two seasons after give the same within its error.
    -- Fatigue of 85 takes 3.3 % off, 100 nothing. The old one took points off for *high* scores, though 100 is fresh.
    0.22e0 AS by_fatigue,
    -- Positive: fatigue has 15 for a back to back, and who does play then plays for those who rest.
    0.03e0 AS by_back_to_back,
    -- Negative: a week of more usage than the season's is in the last 5 games already, and half of it does not last.
    -0.015e0 AS by_usage,
    -- Not fitted, no recorded season has zones: 1 of the 46.5 percentage points of all shots that go in.
    0.0215e0 AS by_mismatch,
    -- zone_matchup: what goes in of 100 shots of a zone, in the regular seasons 2021-22 and 2022-23.
    57.2e0 AS league_paint_pct,
    41.4e0 AS league_mid_pct,
    35.9e0 AS league_three_pct,
    -- For who has no share of his own: 17.7 of a team's 112.3 points are free throws in those seasons.
    15.8e0 AS league_free_throw_share,
    -- regression: ordinary least squares over the 49,919 player-games of those seasons that have features, rounded.
    0.87e0 AS intercept,
    0.3e0 AS by_mean_10,
    0.665e0 AS by_mean_season,
    0.44e0 AS by_slope,
    0.125e0 AS by_minutes_change,
    0.028e0 AS by_opponent_history,
    0.11e0 AS by_home,
    0.31e0 AS by_second_night,
    -0.103e0 AS by_day_of_rest,
    -1.42e0 AS by_playoffs,
    -- similarity: a game is like today's from 50 of 100 on; three of them at least, as the daily cache asks.
    50 AS least_alike,
    3 AS least_games,
    -- A defense is soft or hard from as many points a game more or less than the league allows: a sixth of a team's spread.
    2e0 AS tier_width,
    -- confidence: games, spread and features are worth 40, 40 and 20 of 100; 20 games are enough, as for shot zones; a
    -- mean below 5 counts as 5; 22 features may be unknown.
    40e0 AS of_sample,
    40e0 AS of_spread,
    20e0 AS of_features,
    20e0 AS full_sample,
    5e0 AS least_mean,
    22e0 AS unsure_features,
    -- OVER and UNDER: chosen, not fitted. Below such an edge the book's margin eats what is right more often than not;
    -- below such a confidence are the first weeks of a season and who plays now and then.
    1.5e0 AS least_edge,
    60e0 AS least_confidence
),
-- Quality caps confidence by tier (docs/trust.md): gold 100, silver 95, bronze 80, poor 60, unusable none.
days AS (
  SELECT
    game_date,
    CASE
      WHEN quality_score >= 95 THEN 100e0
      WHEN quality_score >= 75 THEN 95e0
      WHEN quality_score >= 50 THEN 80e0
      WHEN quality_score >= 25 THEN 60e0
      ELSE 0e0
    END AS cap
  FROM partitions
),
-- What each team allowed on a date, and over the 90 days before each key; the players' points are the teams'.
allowed_on AS (
  SELECT game_date, opponent AS team, SUM(points) AS points, COUNT(DISTINCT game_id) AS games
  FROM history
  GROUP BY game_date, opponent
),
allowed AS (
  SELECT
    history_window.key,
    allowed_on.team,
    SUM(allowed_on.points) AS points,
    SUM(allowed_on.games) AS games
  FROM history_window
  JOIN allowed_on ON allowed_on.game_date = history_window.upstream_key
  GROUP BY history_window.key, allowed_on.team
),
compared AS (
  SELECT
    key,
    team,
    safe_divide(points, games)
      - safe_divide(SUM(points) OVER (PARTITION BY key), SUM(games) OVER (PARTITION BY key)) AS more_than_league
  FROM allowed
),
-- 1 allows more than the league, -1 less, 0 about as much.
defenses AS (
  SELECT
    compared.key,
    compared.team,
    CASE
      WHEN compared.more_than_league >= constants.tier_width THEN 1
      WHEN compared.more_than_league <= -constants.tier_width THEN -1
      ELSE 0
    END AS tier
  FROM compared
  JOIN constants ON TRUE
),
today AS (
  SELECT
    features.*,
    context.games_played,
    days.cap,
    defenses.tier AS opponent_tier,
    COALESCE(features.free_throw_points_share_10, constants.league_free_throw_share) AS free_throw_share,
    lesser_of(features.days_of_rest, 3) AS rest,
    -- Of 22 features that may be unknown, those that are known.
    IF(features.points_slope_10 IS NULL, 0, 1)
      + IF(features.points_z_5 IS NULL, 0, 1)
      + IF(features.minutes_change IS NULL, 0, 1)
      + IF(features.usage_mean_10 IS NULL, 0, 1)
      + IF(features.ts_mean_10 IS NULL, 0, 1)
      + IF(features.rest_advantage IS NULL, 0, 1)
      + IF(features.zone_mismatch IS NULL, 0, 1)
      + IF(features.pace_adjustment IS NULL, 0, 1)
      + IF(features.usage_adjustment IS NULL, 0, 1)
      + IF(features.team_pace_10 IS NULL, 0, 1)
      + IF(features.team_offensive_rating_10 IS NULL, 0, 1)
      + IF(features.team_win_ratio IS NULL, 0, 1)
      + IF(features.opponent_pace_10 IS NULL, 0, 1)
      + IF(features.opponent_defensive_rating_10 IS NULL, 0, 1)
      + IF(features.paint_share_10 IS NULL, 0, 1)
      + IF(features.mid_share_10 IS NULL, 0, 1)
      + IF(features.three_share_10 IS NULL, 0, 1)
      + IF(features.free_throw_points_share_10 IS NULL, 0, 1)
      + IF(features.opponent_paint_pct_vs_league IS NULL, 0, 1)
      + IF(features.opponent_mid_pct_vs_league IS NULL, 0, 1)
      + IF(features.opponent_three_pct_vs_league IS NULL, 0, 1)
      + IF(features.opponent_points_mean IS NULL, 0, 1) AS features_known
  FROM features
  JOIN context ON context.game_id = features.game_id AND context.player_id = features.player_id
  JOIN days ON days.game_date = features.game_date
  LEFT JOIN defenses ON defenses.key = features.game_date AND defenses.team = features.opponent
  JOIN constants ON TRUE
),
-- ---- similarity ----
past AS (
  SELECT
    player_id,
    game_date,
    opponent,
    is_home,
    minutes,
    points,
    previous_date,
    lesser_of(days_between(previous_date, game_date) - 1, 3) AS rest
  FROM (
    SELECT
      player_id,
      game_date,
      opponent,
      is_home,
      minutes,
      points,
      LAG(game_date) OVER (
        PARTITION BY player_id ORDER BY game_date ASC NULLS LAST, game_id ASC NULLS LAST
      ) AS previous_date
    FROM history
  ) AS ordered
),
-- Whole points from 0 to 100, so that the sums are exact: defense 35 (40 the same team), minutes 25, rest 20, place 15.
-- A rest that began before the window is unknown, whatever else is in the batch.
alike AS (
  SELECT
    today.game_id,
    today.player_id,
    past.points,
    CASE
      WHEN past.opponent = today.opponent THEN 40
      WHEN defenses.tier = today.opponent_tier THEN 35
      WHEN ABS(defenses.tier - today.opponent_tier) = 1 THEN 15
      ELSE 0
    END
      + CASE
        WHEN ABS(past.minutes - today.minutes_mean_10) <= 4 THEN 25
        WHEN ABS(past.minutes - today.minutes_mean_10) <= 8 THEN 15
        ELSE 0
      END
      + CASE
        WHEN past.previous_date IS NULL OR past.previous_date < days_after(today.game_date, -90) THEN 0
        WHEN past.rest = today.rest THEN 20
        WHEN ABS(past.rest - today.rest) = 1 THEN 10
        ELSE 0
      END
      + IF(past.is_home = (today.home = 1), 15, 0) AS score,
    -- The last 30 days count three times, the 30 before them twice.
    CASE
      WHEN past.game_date >= days_after(today.game_date, -30) THEN 3
      WHEN past.game_date >= days_after(today.game_date, -60) THEN 2
      ELSE 1
    END AS recency
  FROM today
  JOIN past ON past.player_id = today.player_id
  JOIN history_window
    ON history_window.key = today.game_date
    AND history_window.upstream_key = past.game_date
  LEFT JOIN defenses ON defenses.key = today.game_date AND defenses.team = past.opponent
),
likes AS (
  SELECT
    alike.game_id,
    alike.player_id,
    COUNT(*) AS n,
    SUM(alike.points) AS points,
    SUM(alike.points * alike.points) AS squares,
    safe_divide(SUM(alike.score * alike.recency * alike.points), SUM(alike.score * alike.recency)) AS points_mean
  FROM alike
  JOIN constants ON TRUE
  WHERE alike.score >= constants.least_alike
  GROUP BY alike.game_id, alike.player_id
),
-- ---- the systems ----
-- Points of a zone are shares of attempts times what an attempt is worth in the league.
worth AS (
  SELECT
    today.*,
    weight_5 * today.points_mean_5 + weight_10 * today.points_mean_10 + weight_season * today.points_mean_season AS form,
    safe_divide(
      COALESCE(2 * today.paint_share_10 * today.opponent_paint_pct_vs_league, 0)
        + COALESCE(2 * today.mid_share_10 * today.opponent_mid_pct_vs_league, 0)
        + COALESCE(3 * today.three_share_10 * today.opponent_three_pct_vs_league, 0),
      2 * today.paint_share_10 * league_paint_pct
        + 2 * today.mid_share_10 * league_mid_pct
        + 3 * today.three_share_10 * league_three_pct
    ) AS more_by_zone
  FROM today
  JOIN constants ON TRUE
),
said AS (
  SELECT
    worth.game_date,
    worth.season,
    worth.game_id,
    worth.player_id,
    worth.player_name,
    worth.team,
    worth.opponent,
    worth.cap,
    worth.form
      * (
        1
        - by_fatigue * (100 - worth.fatigue_score) / 100
        + by_back_to_back * worth.back_to_back
        -- As many possessions more as the pace of both teams promises, each worth as much as ever.
        + COALESCE(safe_divide(worth.pace_adjustment, worth.team_pace_10), 0)
        + COALESCE((1 - worth.free_throw_share / 100) * by_mismatch * worth.zone_mismatch, 0)
        + COALESCE(by_usage * worth.usage_adjustment, 0)
      )
      + IF(worth.home = 1, at_home, -at_home) AS moving_average,
    worth.points_mean_season
      * (1 + COALESCE((1 - worth.free_throw_share / 100) * worth.more_by_zone, 0)) AS zone_matchup,
    IF(likes.n >= least_games, likes.points_mean, NULL) AS similarity,
    intercept
      + by_mean_10 * worth.points_mean_10
      + by_mean_season * worth.points_mean_season
      + COALESCE(by_slope * worth.points_slope_10, 0)
      + COALESCE(by_minutes_change * worth.minutes_change, 0)
      + COALESCE(by_opponent_history * (worth.opponent_points_mean - worth.points_mean_season), 0)
      + IF(worth.home = 1, by_home / 2, -by_home / 2)
      + by_second_night * worth.back_to_back
      + COALESCE(by_day_of_rest * lesser_of(worth.days_of_rest, 10), 0)
      + by_playoffs * worth.playoffs AS regression,
    -- The spread is in means of his, so that a star is not the less sure for scoring much; nobody's mean counts below 5.
    of_sample * safe_divide(lesser_of(worth.games_played, full_sample), full_sample)
      + of_spread * (1 - COALESCE(lesser_of(
        safe_divide(worth.points_deviation_10, greater_of(worth.points_mean_10, least_mean)), 1
      ), 1))
      + of_features * safe_divide(worth.features_known, unsure_features) AS confidence,
    -- Of its own games rather than of the season's.
    of_sample * safe_divide(lesser_of(likes.n, full_sample), full_sample)
      + of_spread * (1 - COALESCE(lesser_of(safe_divide(
        SQRT(safe_divide(likes.n * likes.squares - likes.points * likes.points, likes.n * (likes.n - 1))),
        greater_of(safe_divide(likes.points, likes.n), least_mean)
      ), 1), 1))
      + of_features * safe_divide(worth.features_known, unsure_features) AS similarity_confidence,
    -- Without zones it is the season's mean: it has a tenth of its confidence a zone less.
    10e0 * (
      IF(worth.paint_share_10 IS NULL OR worth.opponent_paint_pct_vs_league IS NULL, 1, 0)
        + IF(worth.mid_share_10 IS NULL OR worth.opponent_mid_pct_vs_league IS NULL, 1, 0)
        + IF(worth.three_share_10 IS NULL OR worth.opponent_three_pct_vs_league IS NULL, 1, 0)
    ) AS zones_unknown
  FROM worth
  JOIN constants ON TRUE
  LEFT JOIN likes ON likes.game_id = worth.game_id AND likes.player_id = worth.player_id
),
-- Nobody scores less than nothing, and nobody is surer than the inputs are good.
bounded AS (
  SELECT
    said.game_date,
    said.season,
    said.game_id,
    said.player_id,
    said.player_name,
    said.team,
    said.opponent,
    said.cap,
    greater_of(said.moving_average, 0) AS moving_average,
    greater_of(said.zone_matchup, 0) AS zone_matchup,
    greater_of(said.similarity, 0) AS similarity,
    greater_of(said.regression, 0) AS regression,
    lesser_of(said.confidence, said.cap) AS confidence,
    lesser_of(greater_of(said.confidence - said.zones_unknown, 0), said.cap) AS zone_confidence,
    IF(said.similarity IS NULL, NULL, lesser_of(said.similarity_confidence, said.cap)) AS similarity_confidence
  FROM said
),
-- Weights are confidences, at least 1, so that a mean is there when nothing is sure. What is null weighs nothing.
together AS (
  SELECT
    bounded.*,
    safe_divide(
      greater_of(confidence, 1) * (moving_average + regression)
        + greater_of(zone_confidence, 1) * zone_matchup
        + COALESCE(greater_of(similarity_confidence, 1) * similarity, 0),
      2 * greater_of(confidence, 1) + greater_of(zone_confidence, 1) + COALESCE(greater_of(similarity_confidence, 1), 0)
    ) AS ensemble,
    COALESCE(safe_divide(
      2 * confidence * confidence
        + zone_confidence * zone_confidence
        + COALESCE(similarity_confidence * similarity_confidence, 0),
      2 * confidence + zone_confidence + COALESCE(similarity_confidence, 0)
    ), 0) AS mean_confidence,
    greater_of(
      greater_of(moving_average, regression),
      greater_of(zone_matchup, COALESCE(similarity, zone_matchup))
    ) - lesser_of(
      lesser_of(moving_average, regression),
      lesser_of(zone_matchup, COALESCE(similarity, zone_matchup))
    ) AS disagreement
  FROM bounded
),
systems AS (
  SELECT 'moving_average' AS system
  UNION ALL
  SELECT 'zone_matchup' AS system
  UNION ALL
  SELECT 'similarity' AS system
  UNION ALL
  SELECT 'regression' AS system
  UNION ALL
  SELECT 'ensemble' AS system
),
by_system AS (
  SELECT
    together.game_date,
    together.season,
    together.game_id,
    together.player_id,
    together.player_name,
    together.team,
    together.opponent,
    systems.system,
    CASE systems.system
      WHEN 'moving_average' THEN together.moving_average
      WHEN 'zone_matchup' THEN together.zone_matchup
      WHEN 'similarity' THEN together.similarity
      WHEN 'regression' THEN together.regression
      ELSE together.ensemble
    END AS predicted_points,
    CASE systems.system
      WHEN 'zone_matchup' THEN together.zone_confidence
      WHEN 'similarity' THEN together.similarity_confidence
      -- A point of confidence goes for each point that the systems are apart.
      WHEN 'ensemble' THEN greater_of(together.mean_confidence - together.disagreement, 0)
      ELSE together.confidence
    END AS confidence
  FROM together
  JOIN systems ON TRUE
),
points_lines AS (
  SELECT game_id, player_id, line FROM lines WHERE market = 'player_points'
)
SELECT
  by_system.game_date,
  by_system.season,
  by_system.game_id,
  by_system.player_id,
  by_system.player_name,
  by_system.team,
  by_system.opponent,
  by_system.system,
  by_system.predicted_points,
  by_system.confidence,
  points_lines.line,
  by_system.predicted_points - points_lines.line AS edge,
  CASE
    WHEN points_lines.line IS NULL OR by_system.confidence < constants.least_confidence THEN 'PASS'
    WHEN by_system.predicted_points - points_lines.line >= constants.least_edge THEN 'OVER'
    WHEN by_system.predicted_points - points_lines.line <= -constants.least_edge THEN 'UNDER'
    ELSE 'PASS'
  END AS recommendation
FROM by_system
JOIN constants ON TRUE
LEFT JOIN points_lines ON points_lines.game_id = by_system.game_id AND points_lines.player_id = by_system.player_id
WHERE by_system.predicted_points IS NOT NULL
