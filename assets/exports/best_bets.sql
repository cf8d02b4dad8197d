-- The day's recommendations of the ensemble, the strongest first: by points of edge, weighted by confidence.
WITH bets AS (
  SELECT
    game_date,
    game_id,
    player_id,
    player_name,
    team,
    opponent,
    recommendation,
    line,
    predicted_points,
    edge,
    confidence,
    rounded(ABS(edge) * confidence / 100, 6) AS strength
  FROM predictions
  WHERE system = 'ensemble' AND recommendation IN ('OVER', 'UNDER')
),
-- Of the systems that speak of him, those on the ensemble's side of the line.
voices AS (
  SELECT
    bets.game_id,
    bets.player_id,
    COUNT(*) AS systems,
    COALESCE(COUNTIF(SIGN(systems.predicted_points - bets.line) = SIGN(bets.edge)), 0) AS systems_agreeing
  FROM bets
  JOIN predictions AS systems ON systems.game_id = bets.game_id AND systems.player_id = bets.player_id
  WHERE systems.system <> 'ensemble'
  GROUP BY bets.game_id, bets.player_id
),
points_lines AS (
  SELECT game_id, player_id, line, bookmaker, over_odds, under_odds FROM lines WHERE market = 'player_points'
)
SELECT
  ROW_NUMBER() OVER (ORDER BY bets.strength DESC NULLS LAST, bets.player_id ASC NULLS LAST) AS bet_rank,
  bets.game_date,
  bets.game_id,
  bets.player_id,
  bets.player_name,
  bets.team,
  bets.opponent,
  bets.recommendation,
  bets.line,
  rounded(bets.predicted_points, 1) AS predicted_points,
  rounded(bets.edge, 1) AS edge,
  rounded(bets.confidence, 1) AS confidence,
  voices.systems,
  voices.systems_agreeing,
  points_lines.bookmaker,
  IF(bets.recommendation = 'OVER', points_lines.over_odds, points_lines.under_odds) AS odds
FROM bets
LEFT JOIN voices ON voices.game_id = bets.game_id AND voices.player_id = bets.player_id
-- The odds of the line that was read, not of one that came later.
LEFT JOIN points_lines
  ON points_lines.game_id = bets.game_id
  AND points_lines.player_id = bets.player_id
  AND points_lines.line = bets.line
ORDER BY bet_rank ASC NULLS LAST
