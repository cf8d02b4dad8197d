-- nights_window says which nights (upstream_key) are read for each night that is made (key).
SELECT
  nights_window.key AS game_date,
  nights.club,
  COUNT(*) AS nights_played,
  SUM(nights.points) AS points,
  safe_divide(SUM(nights.games_won), SUM(nights.games_won + nights.games_lost)) AS games_won_share
FROM nights_window
JOIN nights ON nights.game_date = nights_window.upstream_key
GROUP BY nights_window.key, nights.club
