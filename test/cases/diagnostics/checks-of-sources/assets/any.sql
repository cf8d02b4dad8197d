SELECT game_date FROM new_rowz WHERE _source = 'one'
