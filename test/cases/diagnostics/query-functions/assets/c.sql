SELECT game_date, game_id, points FROM games LIMIT 5
