-- How each system did on a date. Errors are added up as millionths of a point: sums of whole numbers do not depend on
-- their order, and a mean error near 0 keeps its digits. Formulas: docs/formulas.md.
WITH constants AS (
  SELECT
    1000000 AS parts,
    -- High is a confidence of 70 and more, a step above the 60 that a recommendation needs.
    70e0 AS high_confidence
),
counted AS (
  SELECT
    graded.game_date,
    graded.season,
    graded.system,
    COUNT(*) AS predictions,
    COALESCE(COUNTIF(graded.is_void), 0) AS voids,
    SUM(CAST(ROUND(graded.absolute_error * constants.parts) AS INT64)) AS absolute_errors,
    SUM(CAST(ROUND(graded.error * constants.parts) AS INT64)) AS errors,
    COALESCE(COUNTIF(graded.is_within_3), 0) AS within_3,
    COALESCE(COUNTIF(graded.is_within_5), 0) AS within_5,
    -- Of players who played; a push is among them, and is neither won nor lost.
    COALESCE(COUNTIF(graded.recommendation <> 'PASS' AND NOT graded.is_void), 0) AS recommendations,
    COALESCE(COUNTIF(graded.is_correct), 0) AS wins,
    COALESCE(COUNTIF(NOT graded.is_correct), 0) AS losses,
    COALESCE(COUNTIF(graded.is_correct AND graded.recommendation = 'OVER'), 0) AS over_wins,
    COALESCE(COUNTIF(NOT graded.is_correct AND graded.recommendation = 'OVER'), 0) AS over_losses,
    COALESCE(COUNTIF(
      graded.recommendation <> 'PASS' AND NOT graded.is_void AND graded.confidence >= constants.high_confidence
    ), 0) AS high_confidence_recommendations,
    COALESCE(COUNTIF(graded.is_correct AND graded.confidence >= constants.high_confidence), 0) AS high_confidence_wins,
    COALESCE(COUNTIF(NOT graded.is_correct AND graded.confidence >= constants.high_confidence), 0)
      AS high_confidence_losses
  FROM graded
  JOIN constants ON TRUE
  GROUP BY graded.game_date, graded.season, graded.system
)
-- Of nothing there is no share: null, never 0.
SELECT
  counted.game_date,
  counted.season,
  counted.system,
  counted.predictions,
  counted.voids,
  safe_divide(safe_divide(counted.absolute_errors, constants.parts), counted.predictions - counted.voids) AS mae,
  safe_divide(safe_divide(counted.errors, constants.parts), counted.predictions - counted.voids) AS bias,
  safe_divide(counted.within_3, counted.predictions - counted.voids) AS within_3_share,
  safe_divide(counted.within_5, counted.predictions - counted.voids) AS within_5_share,
  counted.recommendations,
  counted.wins,
  counted.losses,
  safe_divide(counted.wins, counted.wins + counted.losses) AS win_rate,
  safe_divide(counted.over_wins, counted.over_wins + counted.over_losses) AS over_win_rate,
  safe_divide(
    counted.wins - counted.over_wins,
    counted.wins - counted.over_wins + counted.losses - counted.over_losses
  ) AS under_win_rate,
  counted.high_confidence_recommendations,
  safe_divide(
    counted.high_confidence_wins,
    counted.high_confidence_wins + counted.high_confidence_losses
  ) AS high_confidence_win_rate
FROM counted
JOIN constants ON TRUE
