-- Grades of players who did not play, and players who played without one.
SELECT game_date, game_id, player_id, system
FROM new_rows
WHERE is_void <> (actual_points IS NULL)
  OR is_void <> (error IS NULL)
  OR is_void <> (void_reason IS NOT NULL)
  OR (is_correct IS NOT NULL AND recommendation = 'PASS')
