-- 'a'::TEXT and "x" in a comment are nothing
SELECT
  game_date,
  points::TEXT AS a,
  "home" AS b,
  'it''s' || E'\n' || '\d' || $$x$$ AS c,
  points // 2 + points % 3 AS d,
  CAST(2 ** 3 ^ 2 AS BIGINT) AS e,
  [home, home][1] AS f,
  {'a': home}['a'] AS g,
  1_000 AS h,
  home ~ 'x' OR home ILIKE 'x' OR home GLOB 'x*' OR points == 1 AS i,
  CAST(TRY_CAST(home AS DOUBLE) AS VARCHAR) AS j,
  home SIMILAR TO 'x' AS k
FROM games
