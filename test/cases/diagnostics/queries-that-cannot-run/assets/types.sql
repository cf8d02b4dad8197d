SELECT game_date, sum(player) AS points FROM points GROUP BY game_date
