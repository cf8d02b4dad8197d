-- Größe
SELECT game_date
FROM new_rows WHERE poinst > 100
