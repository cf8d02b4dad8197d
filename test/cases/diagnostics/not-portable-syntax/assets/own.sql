SELECT game_date, home::TEXT AS a FROM games
