SELECT game_date FROM new_rows WHERE b / d > 1
