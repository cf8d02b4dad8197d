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
bare AS (
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
-- The first name is what stands before the first space, the surname what follows the last.
unmatched AS (
  SELECT
    bare.*,
    LEFT(compared_name, STRPOS(compared_name || ' ', ' ') - 1) AS first_name,
    RIGHT(compared_name, STRPOS(REVERSE(' ' || compared_name), ' ') - 1) AS surname
  FROM bare
),
known AS (
  SELECT
    season,
    player_id,
    player_name || COALESCE(' (' || last_team || ')', '') AS listed_name,
    compared_name,
    LEFT(compared_name, STRPOS(compared_name || ' ', ' ') - 1) AS first_name,
    RIGHT(compared_name, STRPOS(REVERSE(' ' || compared_name), ' ') - 1) AS surname
  FROM listed
),
-- Some tens of names with some hundreds: every pair is looked at.
likenesses AS (
  SELECT
    unmatched.season,
    unmatched.source,
    unmatched.site,
    unmatched.player_name,
    known.listed_name,
    known.player_id,
    CASE
      WHEN known.compared_name = unmatched.compared_name THEN 1
      WHEN known.surname = unmatched.surname AND LEFT(known.first_name, 1) = LEFT(unmatched.first_name, 1) THEN 2
      WHEN known.first_name = unmatched.first_name AND LEFT(known.surname, 2) = LEFT(unmatched.surname, 2) THEN 3
      WHEN known.surname = unmatched.surname THEN 4
    END AS likeness
  FROM unmatched
  JOIN known ON known.season = unmatched.season
),
ranked AS (
  SELECT
    likenesses.*,
    ROW_NUMBER() OVER (
      PARTITION BY season, source, site, player_name
      ORDER BY likeness ASC NULLS LAST, listed_name ASC NULLS LAST, player_id ASC NULLS LAST
    ) AS nth
  FROM likenesses
  WHERE likeness IS NOT NULL
),
few AS (
  SELECT
    season,
    source,
    site,
    player_name,
    MAX(IF(nth = 1, listed_name, NULL))
      || COALESCE(', ' || MAX(IF(nth = 2, listed_name, NULL)), '')
      || COALESCE(', ' || MAX(IF(nth = 3, listed_name, NULL)), '') AS nearest
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
  few.nearest
FROM unmatched
LEFT JOIN few
  ON few.season = unmatched.season
  AND few.source = unmatched.source
  AND few.site = unmatched.site
  AND few.player_name = unmatched.player_name
