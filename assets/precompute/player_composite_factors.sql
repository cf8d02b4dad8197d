-- What speaks for and against a player today, apart from his form. Fatigue: 100 is fresh. Formulas: docs/formulas.md.
WITH parts AS (
  SELECT
    player.game_date,
    player.season,
    player.game_id,
    player.player_id,
    player.player_name,
    player.team,
    player.opponent,
    team.is_back_to_back,
    team.rest_advantage,
    team.win_ratio AS team_win_ratio,
    100
      - IF(player.days_of_rest = 0, 15, 0)
      + IF(player.days_of_rest >= 3, 5, 0)
      - IF(player.games_in_7_days >= 4, 10, 0)
      - IF(player.minutes_in_7_days > 240, 10, 0)
      - IF(COALESCE(safe_divide(player.minutes_in_7_days, player.games_in_7_days), 0) > 35, 8, 0)
      - CASE
        WHEN player.back_to_backs_in_14_days >= 2 THEN 12
        WHEN player.back_to_backs_in_14_days = 1 THEN 5
        ELSE 0
      END AS fatigue,
    (
      shots.paint_share_10 * defense.paint_pct_vs_league
      + shots.mid_share_10 * defense.mid_pct_vs_league
      + shots.three_share_10 * defense.three_pct_vs_league
    ) / 100 AS zone_mismatch,
    (player.opponent_pace_10 - player.team_pace_10) / 2 AS pace,
    (player.usage_mean_7_days - player.usage_mean_season) / 2 AS usage
  FROM players AS player
  JOIN teams AS team ON team.game_id = player.game_id AND team.team = player.team
  LEFT JOIN shots ON shots.game_date = player.game_date AND shots.player_id = player.player_id
  LEFT JOIN defense ON defense.game_date = player.game_date AND defense.team = player.opponent
),
clamped AS (
  SELECT
    game_date,
    season,
    game_id,
    player_id,
    player_name,
    team,
    opponent,
    is_back_to_back,
    rest_advantage,
    team_win_ratio,
    CASE WHEN fatigue > 100 THEN 100 WHEN fatigue < 0 THEN 0 ELSE fatigue END AS fatigue_score,
    zone_mismatch,
    CASE WHEN pace > 3 THEN 3 WHEN pace < -3 THEN -3 ELSE pace END AS pace_adjustment,
    CASE WHEN usage > 3 THEN 3 WHEN usage < -3 THEN -3 ELSE usage END AS usage_adjustment
  FROM parts
)
SELECT
  clamped.*,
  -- The sum of the parts that are known; `parts_known` tells a reader what it rests on.
  IF(
    zone_mismatch IS NULL AND pace_adjustment IS NULL AND usage_adjustment IS NULL,
    NULL,
    COALESCE(zone_mismatch, 0) + COALESCE(pace_adjustment, 0) + COALESCE(usage_adjustment, 0)
  ) AS composite_adjustment,
  IF(zone_mismatch IS NULL, 0, 1) + IF(pace_adjustment IS NULL, 0, 1) + IF(usage_adjustment IS NULL, 0, 1)
    AS parts_known
FROM clamped
