-- Of each player, game and market the one line that everything else speaks of: the preferred book's, and of the lines
-- of that book the one whose two sides are priced closest to even. The others of a book are alternate lines.
-- Formulas: docs/formulas.md.
WITH priced AS (
  SELECT
    game_date,
    season,
    game_id,
    player_id,
    player_name,
    market,
    bookmaker,
    line,
    over_odds,
    under_odds,
    CASE bookmaker
      WHEN 'draftkings' THEN 1
      WHEN 'fanduel' THEN 2
      WHEN 'betmgm' THEN 3
      WHEN 'caesars' THEN 4
      WHEN 'williamhill_us' THEN 4  -- as the-odds-api still calls Caesars
      ELSE 5
    END AS place,
    -- The chance that a price stands for: 100 of 250 at +150, 150 of 250 at -150. Null with one side alone.
    ABS(
      IF(over_odds < 0, safe_divide(-over_odds, 100 - over_odds), safe_divide(100, 100 + over_odds))
      - IF(under_odds < 0, safe_divide(-under_odds, 100 - under_odds), safe_divide(100, 100 + under_odds))
    ) AS unevenness
  FROM props
  WHERE player_id IS NOT NULL
),
ranked AS (
  SELECT
    priced.*,
    ROW_NUMBER() OVER (
      PARTITION BY game_id, player_id, market
      ORDER BY
        IF(unevenness IS NULL, 1, 0) ASC NULLS LAST,
        place ASC NULLS LAST,
        bookmaker ASC NULLS LAST,
        unevenness ASC NULLS LAST,
        line ASC NULLS LAST
    ) AS nth
  FROM priced
),
offers AS (
  SELECT game_id, player_id, market, COUNT(DISTINCT bookmaker) AS books
  FROM priced
  GROUP BY game_id, player_id, market
)
SELECT
  ranked.game_date,
  ranked.season,
  ranked.game_id,
  ranked.player_id,
  ranked.player_name,
  ranked.market,
  ranked.line,
  ranked.bookmaker,
  ranked.over_odds,
  ranked.under_odds,
  offers.books
FROM ranked
JOIN offers
  ON offers.game_id = ranked.game_id
  AND offers.player_id = ranked.player_id
  AND offers.market = ranked.market
WHERE ranked.nth = 1
