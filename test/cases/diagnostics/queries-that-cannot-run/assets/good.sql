SELECT points_window.key AS game_date, CAST(sum(points.points) AS BIGINT) AS points
FROM points_window JOIN points ON points.game_date = points_window.upstream_key
GROUP BY ALL
