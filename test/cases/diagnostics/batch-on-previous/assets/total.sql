SELECT sum(points) AS points FROM games
