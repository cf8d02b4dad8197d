-- A team whose players' points do not make up its own: a player's row is missing or wrong.
SELECT
  new_rows.game_date,
  new_rows.game_id,
  new_rows.team,
  SUM(new_rows.points) AS of_players,
  MAX(offense.points) AS of_team
FROM new_rows
JOIN offense ON offense.game_id = new_rows.game_id AND offense.team = new_rows.team
GROUP BY new_rows.game_date, new_rows.game_id, new_rows.team
HAVING SUM(new_rows.points) <> MAX(offense.points)
