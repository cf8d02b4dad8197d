-- What was said of a game that was played, and has no grade. A game that was put off after it was spoken of has none.
SELECT said.game_date, said.game_id, said.player_id, said.system
FROM said
JOIN (SELECT DISTINCT game_id FROM results) AS played ON played.game_id = said.game_id
LEFT JOIN new_rows
  ON new_rows.game_id = said.game_id
  AND new_rows.player_id = said.player_id
  AND new_rows.system = said.system
WHERE new_rows.game_id IS NULL
