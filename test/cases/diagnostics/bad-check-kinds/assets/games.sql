SELECT p.game_date, s.game_id, 1 AS points
FROM partitions AS p
JOIN schedule AS s ON s.game_date = p.game_date
