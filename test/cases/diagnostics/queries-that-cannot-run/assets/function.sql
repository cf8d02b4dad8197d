SELECT game_date, summ(points) AS points
FROM points
GROUP BY game_date
