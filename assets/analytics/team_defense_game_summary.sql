-- What each team allowed in one game: the opponent's row, and what the team's own players did without the ball.
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
own_players AS (
  SELECT
    game_id,
    team,
    SUM(steals) AS steals,
    SUM(blocks) AS blocks,
    SUM(defensive_rebounds) AS defensive_rebounds
  FROM players
  GROUP BY game_id, team
),
allowed AS (
  SELECT
    own.game_date,
    own.season,
    own.game_id,
    own.team_id,
    own.team,
    own.opponent,
    own.is_home,
    other.points,
    other.field_goals_made,
    other.field_goals_attempted,
    other.threes_made,
    other.threes_attempted,
    other.free_throws_attempted,
    other.offensive_rebounds,
    other.assists,
    other.turnovers,
    other.field_goals_attempted + 0.44e0 * other.free_throws_attempted + other.turnovers
      - other.offensive_rebounds AS possessions
  FROM box AS own
  JOIN box AS other ON other.game_id = own.game_id AND other.team = own.opponent
)
SELECT
  allowed.game_date,
  allowed.season,
  allowed.game_id,
  allowed.team_id,
  allowed.team,
  allowed.opponent,
  allowed.is_home,
  allowed.points AS points_allowed,
  allowed.field_goals_made AS field_goals_made_allowed,
  allowed.field_goals_attempted AS field_goals_attempted_allowed,
  allowed.threes_made AS threes_made_allowed,
  allowed.threes_attempted AS threes_attempted_allowed,
  allowed.free_throws_attempted AS free_throws_attempted_allowed,
  allowed.offensive_rebounds AS offensive_rebounds_allowed,
  allowed.assists AS assists_allowed,
  allowed.turnovers AS turnovers_forced,
  own_players.steals,
  own_players.blocks,
  own_players.defensive_rebounds,
  allowed.possessions AS opponent_possessions,
  safe_divide(100 * allowed.points, allowed.possessions) AS defensive_rating,
  zones.paint_attempts AS paint_attempts_allowed,
  zones.paint_makes AS paint_makes_allowed,
  zones.mid_attempts AS mid_attempts_allowed,
  zones.mid_makes AS mid_makes_allowed,
  zones.three_attempts AS three_attempts_allowed,
  zones.three_makes AS three_makes_allowed
FROM allowed
LEFT JOIN own_players ON own_players.game_id = allowed.game_id AND own_players.team = allowed.team
LEFT JOIN zones ON zones.game_id = allowed.game_id AND zones.team = allowed.opponent
