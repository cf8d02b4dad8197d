-- What each team did with the ball in one game. 0.44e0: the share of free throws that end a possession.
-- Formulas: docs/formulas.md.
WITH zones AS (
  SELECT
    game_id,
    team,
    COALESCE(COUNTIF(shot_value = 2 AND shot_distance <= 8), 0) AS paint_attempts,
    COALESCE(COUNTIF(shot_value = 2 AND shot_distance <= 8 AND shot_made), 0) AS paint_makes,
    COALESCE(COUNTIF(shot_value = 2 AND shot_distance > 8), 0) AS mid_attempts,
    COALESCE(COUNTIF(shot_value = 2 AND shot_distance > 8 AND shot_made), 0) AS mid_makes,
    COALESCE(COUNTIF(shot_value = 3), 0) AS three_attempts,
    COALESCE(COUNTIF(shot_value = 3 AND shot_made), 0) AS three_makes
  FROM plays
  WHERE shot_value IS NOT NULL
  GROUP BY game_id, team
),
counted AS (
  SELECT
    own.*,
    other.points AS opponent_points,
    own.field_goals_attempted + 0.44e0 * own.free_throws_attempted + own.turnovers - own.offensive_rebounds
      AS possessions
  FROM box AS own
  LEFT JOIN box AS other ON other.game_id = own.game_id AND other.team = own.opponent
)
SELECT
  counted.game_date,
  counted.season,
  counted.game_id,
  counted.team_id,
  counted.team,
  counted.opponent,
  counted.is_home,
  counted.points,
  counted.opponent_points,
  counted.points - counted.opponent_points AS margin,
  counted.points > counted.opponent_points AS win,
  counted.minutes,
  -- Recorded team minutes are rounded sums, so a game without overtime may show 236 or 244.
  CASE WHEN counted.minutes < 252 THEN 0 ELSE CAST(ROUND((counted.minutes - 240) / 25) AS INT64) END
    AS overtime_periods,
  counted.field_goals_made,
  counted.field_goals_attempted,
  counted.threes_made,
  counted.threes_attempted,
  counted.free_throws_made,
  counted.free_throws_attempted,
  counted.offensive_rebounds,
  counted.rebounds,
  counted.assists,
  counted.turnovers,
  counted.possessions,
  safe_divide(100 * counted.points, counted.possessions) AS offensive_rating,
  safe_divide(counted.possessions * 48, counted.minutes / 5) AS pace,
  safe_divide(counted.field_goals_made + 0.5e0 * counted.threes_made, counted.field_goals_attempted) AS efg_pct,
  safe_divide(counted.points, 2 * (counted.field_goals_attempted + 0.44e0 * counted.free_throws_attempted))
    AS ts_pct,
  zones.paint_attempts,
  zones.paint_makes,
  zones.mid_attempts,
  zones.mid_makes,
  zones.three_attempts,
  zones.three_makes
FROM counted
LEFT JOIN zones ON zones.game_id = counted.game_id AND zones.team = counted.team
