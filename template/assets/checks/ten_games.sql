-- A match is ten games: what is returned is wrong.
SELECT game_date, home, away, home_games, away_games
FROM new_rows
WHERE home_games + away_games <> 10
