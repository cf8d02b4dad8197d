SELECT game_date, points FROM points JOIN recent_window ON key = game_date JOIN recent USING (player)
