-- Points that the shots do not make: a source has put zeros, or another game's counts, into one of the columns.
SELECT game_date, game_id, team, points, field_goals_made, threes_made, free_throws_made
FROM new_rows
WHERE points <> 2 * field_goals_made + threes_made + free_throws_made
