-- What was said of each player's points, beside what he scored. Void where he did not play: he scored nothing that any
-- system could have been right about. Games that nobody has results of are not graded; absence there says nothing.
-- Formulas: docs/formulas.md.
WITH constants AS (
  -- Within so many points counts as close and as near, as on the platform that this follows on.
  SELECT 3 AS close_points, 5 AS near_points
),
games AS (
  SELECT DISTINCT game_id FROM results
),
-- A player with the affiliate is not hurt: he did not play. Who is out for no stated reason is out. Nobody requires the
-- report, so a reason may come later.
injured AS (
  SELECT DISTINCT game_id, player_id
  FROM injuries
  WHERE player_id IS NOT NULL AND status IN ('Out', 'Doubtful') AND NOT COALESCE(is_g_league, FALSE)
),
graded AS (
  SELECT
    said.game_date,
    said.season,
    said.game_id,
    said.player_id,
    said.player_name,
    said.team,
    said.opponent,
    said.system,
    said.predicted_points,
    said.confidence,
    said.line,
    said.recommendation,
    results.points AS actual_points,
    said.predicted_points - results.points AS error,
    results.player_id IS NULL AS is_void,
    injured.player_id IS NOT NULL AS was_injured
  FROM said
  JOIN games ON games.game_id = said.game_id
  LEFT JOIN results ON results.game_id = said.game_id AND results.player_id = said.player_id
  LEFT JOIN injured ON injured.game_id = said.game_id AND injured.player_id = said.player_id
)
SELECT
  graded.game_date,
  graded.season,
  graded.game_id,
  graded.player_id,
  graded.player_name,
  graded.team,
  graded.opponent,
  graded.system,
  graded.predicted_points,
  graded.confidence,
  graded.line,
  graded.recommendation,
  graded.actual_points,
  graded.error,
  ABS(graded.error) AS absolute_error,
  -- PASS is neither right nor wrong, and so are points that are the line (a push).
  CASE
    WHEN graded.is_void OR graded.actual_points = graded.line THEN NULL
    WHEN graded.recommendation = 'OVER' THEN graded.actual_points > graded.line
    WHEN graded.recommendation = 'UNDER' THEN graded.actual_points < graded.line
  END AS is_correct,
  ABS(graded.error) <= constants.close_points AS is_within_3,
  ABS(graded.error) <= constants.near_points AS is_within_5,
  graded.is_void,
  CASE
    WHEN graded.is_void AND graded.was_injured THEN 'injury report'
    WHEN graded.is_void THEN 'did not play'
  END AS void_reason
FROM graded
JOIN constants ON TRUE
