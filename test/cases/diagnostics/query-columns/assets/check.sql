-- no key
SELECT game_id FROM new_rows WHERE points < 0
