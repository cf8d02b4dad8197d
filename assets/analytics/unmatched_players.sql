-- Who is named somewhere and not on the league's list, with the names on it that he may go by there.
WITH named AS (
  SELECT season, 'player_boxscores' AS source, _source AS site, player_name, game_date, game_id
  FROM boxscores
  WHERE player_id < 0
  UNION ALL
  SELECT season, 'player_props' AS source, _source AS site, player_name, game_date, game_id
  FROM props
  WHERE player_id IS NULL
  UNION ALL
  -- The league's own report; a team that has not told yet is nobody.
  SELECT season, 'injury_report' AS source, 'nba' AS site, player_name, game_date, game_id
  FROM injuries
  WHERE player_id IS NULL AND player_name IS NOT NULL
),
plain AS (
  SELECT
    season,
    source,
    site,
    player_name,
    REPLACE(REPLACE(REPLACE(LOWER(player_name), '.', ''), CHR(39), ''), '-', ' ') AS plain_name,
    COUNT(*) AS row_count,
    COUNT(DISTINCT game_id) AS games,
    MIN(game_date) AS first_game_date,
    MAX(game_date) AS last_game_date
  FROM named
  GROUP BY season, source, site, player_name
),
unmatched AS (
  SELECT
    plain.*,
    CASE
      WHEN ENDS_WITH(plain_name, ' iii') THEN LEFT(plain_name, LENGTH(plain_name) - 4)
      WHEN ENDS_WITH(plain_name, ' jr') OR ENDS_WITH(plain_name, ' sr') OR ENDS_WITH(plain_name, ' ii')
        OR ENDS_WITH(plain_name, ' iv') THEN LEFT(plain_name, LENGTH(plain_name) - 3)
      ELSE plain_name
    END AS compared_name
  FROM plain
),
-- Some tens of names with some hundreds: every pair is looked at. The surname is what follows the last space.
likenesses AS (
  SELECT
    unmatched.season,
    unmatched.source,
    unmatched.site,
    unmatched.player_name,
    listed.player_name || COALESCE(' (' || listed.last_team || ')', '') AS listed_name,
    listed.player_id,
    edit_distance(unmatched.compared_name, listed.compared_name) AS letters_apart
  FROM unmatched
  JOIN listed ON listed.season = unmatched.season
  WHERE
    RIGHT(listed.compared_name, STRPOS(REVERSE(' ' || listed.compared_name), ' ') - 1)
      = RIGHT(unmatched.compared_name, STRPOS(REVERSE(' ' || unmatched.compared_name), ' ') - 1)
    OR edit_distance(unmatched.compared_name, listed.compared_name) <= 3
),
ranked AS (
  SELECT
    likenesses.*,
    ROW_NUMBER() OVER (
      PARTITION BY season, source, site, player_name
      ORDER BY letters_apart ASC NULLS LAST, listed_name ASC NULLS LAST, player_id ASC NULLS LAST
    ) AS nth
  FROM likenesses
),
few AS (
  SELECT
    season,
    source,
    site,
    player_name,
    MAX(IF(nth = 1, listed_name, NULL))
      || COALESCE(', ' || MAX(IF(nth = 2, listed_name, NULL)), '')
      || COALESCE(', ' || MAX(IF(nth = 3, listed_name, NULL)), '') AS nearest,
    MIN(letters_apart) AS letters_apart
  FROM ranked
  WHERE nth <= 3
  GROUP BY season, source, site, player_name
)
SELECT
  unmatched.season,
  unmatched.source,
  unmatched.site,
  unmatched.player_name,
  unmatched.row_count,
  unmatched.games,
  unmatched.first_game_date,
  unmatched.last_game_date,
  few.nearest,
  few.letters_apart
FROM unmatched
LEFT JOIN few
  ON few.season = unmatched.season
  AND few.source = unmatched.source
  AND few.site = unmatched.site
  AND few.player_name = unmatched.player_name
