-- A season's schedule split into dates: a change of one game reaches the dates it touches and no others.
SELECT
  game_date,
  season,
  game_id,
  game_type,
  game_status,
  tipoff_utc,
  home_team_id,
  home_team,
  away_team_id,
  away_team,
  home_score,
  away_score,
  is_neutral_site
FROM schedule
WHERE game_type IN ('regular', 'play_in', 'playoffs', 'cup_final')
