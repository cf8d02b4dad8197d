-- A player of the injury report whom the league's list does not have under that name.
SELECT game_date, game_id, team, player_name
FROM new_rows
WHERE player_name IS NOT NULL AND player_id IS NULL
