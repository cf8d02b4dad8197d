SELECT game_date, game_id, points FROM games
