SELECT game_date,
  game_id FORM games
