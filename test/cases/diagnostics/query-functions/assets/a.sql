SELECT game_date, game_id, points + random() AS points
FROM games
WHERE game_date < current_date AND now() > TIMESTAMP '2024-01-01'
