SELECT game_date, box.poinst AS points
FROM box
