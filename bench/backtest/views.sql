-- What the grades are counted from, over the tables of a filled project. Baselines know games before the day alone.
-- Bounds of a share of `wins` in `n`, by Wilson (1927), 95 %: `side` is -1 for the lower, 1 for the upper one.
CREATE OR REPLACE TEMP MACRO wilson(wins, n, side) AS (
  wins / n + 1.959964 ^ 2 / (2 * n)
  + side * 1.959964 * sqrt(wins / n * (1 - wins / n) / n + 1.959964 ^ 2 / (4 * n * n))
) / (1 + 1.959964 ^ 2 / n);

-- What a unit brings where the bet is won, at American odds.
CREATE OR REPLACE TEMP MACRO profit(odds) AS
  CASE WHEN odds > 0 THEN odds / 100 WHEN odds < 0 THEN 100 / -odds END;

CREATE OR REPLACE TEMP VIEW form AS
SELECT
  season, game_date, game_id, player_id, threes_made,
  count(*) OVER season_to_date AS games_before,
  avg(points) OVER season_to_date AS points_season,
  avg(points) OVER last_5 AS points_5,
  count(threes_made) OVER season_to_date AS threes_games,
  avg(threes_made) OVER season_to_date AS threes_season,
  avg(threes_made) OVER last_5 AS threes_5,
  avg(threes_made) OVER last_10 AS threes_10
FROM analytics.player_game_summary
WINDOW
  season_to_date AS (
    PARTITION BY season, player_id ORDER BY game_date, game_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ),
  last_5 AS (PARTITION BY season, player_id ORDER BY game_date, game_id ROWS BETWEEN 5 PRECEDING AND 1 PRECEDING),
  last_10 AS (PARTITION BY season, player_id ORDER BY game_date, game_id ROWS BETWEEN 10 PRECEDING AND 1 PRECEDING);

-- Predictions on players who played; the baselines on the same games of the same players as the ensemble.
CREATE OR REPLACE TEMP VIEW graded AS
SELECT
  season, game_date, game_id, player_id, system, predicted_points, confidence, line, recommendation, actual_points
FROM predictions.accuracy
WHERE NOT is_void
UNION ALL
SELECT
  said.season, said.game_date, said.game_id, said.player_id, baseline.system, baseline.points, NULL, said.line,
  -- The edge that the systems ask for; a mean has no confidence.
  CASE
    WHEN baseline.points - said.line >= 1.5 THEN 'OVER'
    WHEN baseline.points - said.line <= -1.5 THEN 'UNDER'
    ELSE 'PASS'
  END,
  said.actual_points
FROM predictions.accuracy AS said
JOIN form ON form.game_id = said.game_id AND form.player_id = said.player_id
CROSS JOIN LATERAL (
  VALUES ('season mean', form.points_season), ('last 5', form.points_5)
) AS baseline (system, points)
WHERE said.system = 'ensemble' AND NOT said.is_void AND baseline.points IS NOT NULL;

-- A bet is one side of one line. `rule` says which lines were bet on: those recommended, or every one of them.
CREATE OR REPLACE TEMP VIEW points_bets AS
SELECT graded.*, offer.over_odds, offer.under_odds, bet.rule, bet.side
FROM graded
LEFT JOIN analytics.player_lines AS offer
  ON offer.game_id = graded.game_id AND offer.player_id = graded.player_id AND offer.market = 'player_points'
CROSS JOIN LATERAL (
  VALUES
    ('recommended', CASE WHEN graded.recommendation IN ('OVER', 'UNDER') THEN graded.recommendation END),
    ('every line', CASE
      WHEN graded.predicted_points > graded.line THEN 'OVER'
      WHEN graded.predicted_points < graded.line THEN 'UNDER'
    END)
) AS bet (rule, side)
WHERE graded.line IS NOT NULL AND bet.side IS NOT NULL;

-- The form of points, told of threes: .5 of the last 5, .3 of the last 10, .2 of the season. Three games at least.
CREATE OR REPLACE TEMP VIEW threes AS
SELECT
  offer.season, offer.game_date, offer.line, offer.over_odds, offer.under_odds,
  form.threes_made AS actual,
  0.5 * form.threes_5 + 0.3 * form.threes_10 + 0.2 * form.threes_season AS predicted
FROM analytics.player_lines AS offer
JOIN form ON form.game_id = offer.game_id AND form.player_id = offer.player_id
WHERE offer.market = 'player_threes' AND form.threes_games >= 3 AND form.threes_made IS NOT NULL;
