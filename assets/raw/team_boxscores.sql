-- Team totals put together from player rows, of at least five players a team: sums of what was counted. A count that
-- is not known of one player is null. Overtime cannot be told from whole minutes of players: minutes are null.
WITH own AS (
  SELECT
    game_date,
    season,
    game_id,
    team_id,
    team,
    opponent,
    is_home,
    CASE WHEN COUNT(*) = COUNT(points) THEN CAST(SUM(points) AS INT64) END AS points,
    CASE WHEN COUNT(*) = COUNT(rebounds) THEN CAST(SUM(rebounds) AS INT64) END AS rebounds,
    CASE WHEN COUNT(*) = COUNT(offensive_rebounds) THEN CAST(SUM(offensive_rebounds) AS INT64) END AS offensive_rebounds,
    CASE WHEN COUNT(*) = COUNT(defensive_rebounds) THEN CAST(SUM(defensive_rebounds) AS INT64) END AS defensive_rebounds,
    CASE WHEN COUNT(*) = COUNT(assists) THEN CAST(SUM(assists) AS INT64) END AS assists,
    CASE WHEN COUNT(*) = COUNT(steals) THEN CAST(SUM(steals) AS INT64) END AS steals,
    CASE WHEN COUNT(*) = COUNT(blocks) THEN CAST(SUM(blocks) AS INT64) END AS blocks,
    CASE WHEN COUNT(*) = COUNT(turnovers) THEN CAST(SUM(turnovers) AS INT64) END AS turnovers,
    CASE WHEN COUNT(*) = COUNT(fouls) THEN CAST(SUM(fouls) AS INT64) END AS fouls,
    CASE WHEN COUNT(*) = COUNT(field_goals_made) THEN CAST(SUM(field_goals_made) AS INT64) END AS field_goals_made,
    CASE WHEN COUNT(*) = COUNT(field_goals_attempted) THEN CAST(SUM(field_goals_attempted) AS INT64) END AS field_goals_attempted,
    CASE WHEN COUNT(*) = COUNT(threes_made) THEN CAST(SUM(threes_made) AS INT64) END AS threes_made,
    CASE WHEN COUNT(*) = COUNT(threes_attempted) THEN CAST(SUM(threes_attempted) AS INT64) END AS threes_attempted,
    CASE WHEN COUNT(*) = COUNT(free_throws_made) THEN CAST(SUM(free_throws_made) AS INT64) END AS free_throws_made,
    CASE WHEN COUNT(*) = COUNT(free_throws_attempted) THEN CAST(SUM(free_throws_attempted) AS INT64) END AS free_throws_attempted
  FROM players
  GROUP BY game_date, season, game_id, team_id, team, opponent, is_home
  HAVING COUNT(*) >= 5
)
SELECT
  own.game_date,
  own.season,
  own.game_id,
  own.team_id,
  own.team,
  other.team_id AS opponent_team_id,
  own.opponent,
  own.is_home,
  CAST(NULL AS FLOAT64) AS minutes,
  own.points,
  own.rebounds,
  own.offensive_rebounds,
  own.defensive_rebounds,
  own.assists,
  own.steals,
  own.blocks,
  own.turnovers,
  own.fouls,
  own.field_goals_made,
  own.field_goals_attempted,
  own.threes_made,
  own.threes_attempted,
  own.free_throws_made,
  own.free_throws_attempted,
  CAST(own.points - other.points AS FLOAT64) AS plus_minus
FROM own
JOIN own AS other ON other.game_id = own.game_id AND other.team = own.opponent
