-- DuckDB has no SAFE_CAST.
SELECT game_date, SAFE_CAST(home AS STRING) AS a FROM games
