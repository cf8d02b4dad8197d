-- A team that plays twice on a date: one of the two games was moved and left behind.
SELECT a.game_date, a.team, a.game_id, b.game_id AS other_game_id
FROM (
  SELECT game_date, game_id, home_team AS team FROM new_rows WHERE game_status IN ('scheduled', 'final')
  UNION ALL
  SELECT game_date, game_id, away_team AS team FROM new_rows WHERE game_status IN ('scheduled', 'final')
) AS a
JOIN (
  SELECT game_date, game_id, home_team AS team FROM new_rows WHERE game_status IN ('scheduled', 'final')
  UNION ALL
  SELECT game_date, game_id, away_team AS team FROM new_rows WHERE game_status IN ('scheduled', 'final')
) AS b ON b.game_date = a.game_date AND b.team = a.team
WHERE a.game_id < b.game_id
