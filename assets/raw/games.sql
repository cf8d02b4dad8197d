-- A season's schedule split into dates: a change of one game reaches the dates it touches and no others.
SELECT
  schedule.game_date,
  schedule.season,
  schedule.game_id,
  schedule.game_type,
  schedule.game_status,
  schedule.tipoff_utc,
  schedule.home_team_id,
  schedule.home_team,
  schedule.away_team_id,
  schedule.away_team,
  schedule.home_score,
  schedule.away_score,
  schedule.is_neutral_site
FROM schedule
JOIN partitions ON partitions.game_date = schedule.game_date
WHERE schedule.game_type IN ('regular', 'play_in', 'playoffs', 'cup_final')
