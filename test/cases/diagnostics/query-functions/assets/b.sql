SELECT game_date, game_id, points FROM games
UNION ALL
SELECT game_date, game_id, points FROM read_parquet('other.parquet')
