SELECT g.game_date, g.game_id, g.points FROM games AS g LEFT JOIN before AS b ON b.game_id = g.game_id
