SELECT game_date, p, yy AS x FROM b
