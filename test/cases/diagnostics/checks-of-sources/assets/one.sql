SELECT game_date FROM new_rows WHERE zz = 1
