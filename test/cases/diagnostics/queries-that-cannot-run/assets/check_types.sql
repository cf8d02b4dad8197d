SELECT game_date FROM new_rows
WHERE is_home + DATE '2024-01-01' IS NULL
