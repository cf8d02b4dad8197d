-- reads what it should not
WITH own AS (SELECT * FROM gmaes)
SELECT p.game_date, g.game_id, g.points
FROM partitions AS p
JOIN games AS g ON g.game_date = p.game_date
JOIN recent_window AS w ON w.key = p.game_date
JOIN games_window AS gw ON gw.key = p.game_date
JOIN raw.games AS direct ON direct.game_id = g.game_id
JOIN mart.nothing AS nothing ON nothing.game_id = g.game_id
JOIN own ON own.game_id = g.game_id
