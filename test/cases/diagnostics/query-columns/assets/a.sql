/* one is misspelt */
SELECT game_date, game_id, points AS pionts FROM games
