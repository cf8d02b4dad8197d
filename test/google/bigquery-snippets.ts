/**
 * GoogleSQL in small pieces with what comes of each, for the server's translation and for the reference evaluator.
 * It does not deal with who runs them.
 */

/** One value as text, and what it must be. */
export const VALUES: readonly (readonly [string, string | null])[] = [
  // https://cloud.google.com/bigquery/docs/reference/standard-sql/operators
  ['7 / 2', '3.5'],
  ['SAFE_DIVIDE(1, 0)', null],
  ['DIV(7, 2)', '3'],
  ['MOD(7, 3)', '1'],
  ['0.1 + 0.2', '0.30000000000000004'],
  ["'a' || 'b'", 'ab'],
  ["CONCAT('a', NULL)", null],
  ['1 IS DISTINCT FROM NULL', 'true'],
  ['NULL IS NOT DISTINCT FROM NULL', 'true'],
  ['2 IN UNNEST([1, 2, 3])', 'true'],
  ['[10, 20, 30][OFFSET(1)]', '20'],
  ['[10, 20, 30][ORDINAL(1)]', '10'],
  ['STRUCT(1 AS a, 2 AS b).b', '2'],
  // https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_functions
  ['CAST(2.5 AS INT64)', '3'],
  ['CAST(-2.5 AS INT64)', '-3'],
  ["SAFE_CAST('x' AS INT64)", null],
  ["SAFE_CAST('12' AS INT64)", '12'],
  ["SAFE_CAST('1.5' AS INT64)", null],
  ['CAST(1.0 AS STRING)', '1'],
  ["CAST(NUMERIC '1.50' AS STRING)", '1.5'],
  ['CAST(TRUE AS STRING)', 'true'],
  ["CAST(DATE '2024-01-15' AS STRING)", '2024-01-15'],
  ["CAST('2024-01-15' AS DATE) = DATE '2024-01-15'", 'true'],
  // https://cloud.google.com/bigquery/docs/reference/standard-sql/date_functions
  ["DATE_DIFF('2024-03-01', '2024-02-01', DAY)", '29'],
  ["DATE_DIFF(DATE '2024-01-07', DATE '2024-01-06', WEEK)", '1'],
  ["DATE_DIFF(DATE '2024-01-08', DATE '2024-01-07', WEEK)", '0'],
  ["DATE_ADD(DATE '2024-02-28', INTERVAL 2 DAY)", '2024-03-01'],
  ["DATE_SUB('2024-03-31', INTERVAL 1 MONTH)", '2024-02-29'],
  ["DATE_TRUNC(DATE '2024-01-17', MONTH)", '2024-01-01'],
  ["DATE_TRUNC(DATE '2024-01-17', WEEK)", '2024-01-14'],
  ["EXTRACT(DAYOFWEEK FROM DATE '2024-01-14')", '1'],
  ["EXTRACT(YEAR FROM DATE '2024-01-14')", '2024'],
  ["FORMAT_DATE('%Y%m%d', DATE '2024-01-14')", '20240114'],
  ["UNIX_DATE(DATE '1970-01-31')", '30'],
  ["ARRAY_LENGTH(GENERATE_DATE_ARRAY('2024-01-01', '2024-01-31'))", '31'],
  ["UNIX_MILLIS(TIMESTAMP '2024-01-01 00:00:01+00')", '1704067201000'],
  ['UNIX_MICROS(TIMESTAMP_MILLIS(5))', '5000'],
  ["TIMESTAMP_DIFF(TIMESTAMP '2024-01-01 01:59:00+00', TIMESTAMP '2024-01-01 00:00:00+00', HOUR)", '1'],
  // https://cloud.google.com/bigquery/docs/reference/standard-sql/string_functions
  ["REGEXP_CONTAINS('raw.games', r'^raw\\.')", 'true'],
  ["REGEXP_EXTRACT('2023-24', r'-(\\d+)')", '24'],
  ["REGEXP_EXTRACT('abc', r'\\d+')", null],
  ["SPLIT('a,b', ',')[OFFSET(1)]", 'b'],
  ["SUBSTR('abcdef', 2, 3)", 'bcd'],
  ['"it\'s"', "it's"],
  ["'''x'''", 'x'],
  ["'a\\nb'", 'a\nb'],
  // https://cloud.google.com/bigquery/docs/reference/standard-sql/json_functions
  ['JSON_VALUE(\'{"a": {"b": 5}}\', \'$.a.b\')', '5'],
  ["JSON_VALUE('{\"a\": null}', '$.a')", null],
  ["TO_JSON_STRING(STRUCT(1 AS a, 'x' AS b, CAST(NULL AS INT64) AS c))", '{"a":1,"b":"x","c":null}'],
  ['TO_JSON_STRING([1, 2])', '[1,2]'],
  // https://cloud.google.com/bigquery/docs/reference/standard-sql/mathematical_functions
  ['GREATEST(1, NULL)', null],
  ['LEAST(3, 1, 2)', '1'],
  ['ROUND(2.5)', '3'],
  ['ROUND(-1.25, 1)', '-1.3'],
  ['IF(NULL, 1, 2)', '2'],
  ['IFNULL(NULL, 4)', '4'],
  ["IS_INF(CAST('inf' AS FLOAT64))", 'true'],
  ["IS_NAN(CAST('nan' AS FLOAT64))", 'true'],
  ['FARM_FINGERPRINT(NULL)', null],
];

/** Queries with their rows. `nba.games` holds games a, b and c, of 100, 90 and 80 points. */
export const QUERIES: readonly (readonly [string, readonly (readonly unknown[])[]])[] = [
  // In brackets it has a WITH and an order of its own.
  [
    'WITH a AS (SELECT 1 AS n) (WITH b AS (SELECT n FROM a UNION ALL SELECT 2) SELECT n FROM b ORDER BY n DESC)',
    [[2], [1]],
  ],
  ['SELECT x FROM UNNEST([2, NULL, 1]) AS x ORDER BY x', [[null], [1], [2]]],
  ['SELECT x FROM UNNEST([2, NULL, 1]) AS x ORDER BY x DESC', [[2], [1], [null]]],
  [
    'SELECT x, n FROM UNNEST(["a", "b"]) AS x WITH OFFSET AS n ORDER BY n',
    [
      ['a', 0],
      ['b', 1],
    ],
  ],
  ['SELECT ARRAY_LENGTH(ARRAY_AGG(x ORDER BY x LIMIT 2)) FROM UNNEST([3, 1, 2]) AS x', [[2]]],
  [
    'SELECT ARRAY_AGG(x IGNORE NULLS ORDER BY x DESC LIMIT 1)[OFFSET(0)] FROM UNNEST([3, NULL, 4]) AS x',
    [[4]],
  ],
  [
    'SELECT COUNTIF(x > 1), COUNT(DISTINCT x), LOGICAL_OR(x = 3), ANY_VALUE(1) FROM UNNEST([1, 2, 2]) AS x',
    [[2, 2, false, 1]],
  ],
  ['SELECT * EXCEPT (b) FROM (SELECT 1 AS a, 2 AS b, 3 AS c)', [[1, 3]]],
  ['SELECT * REPLACE (a + 1 AS a) FROM (SELECT 1 AS a, 2 AS b)', [[2, 2]]],
  ['(SELECT 1 AS x UNION ALL SELECT 1) EXCEPT DISTINCT SELECT 2', [[1]]],
  ['SELECT 1 AS x UNION DISTINCT SELECT 1', [[1]]],
  ['SELECT x FROM UNNEST([1, 2, 3]) AS x WHERE TRUE QUALIFY ROW_NUMBER() OVER (ORDER BY x DESC) = 1', [[3]]],
  [
    'SELECT x, LAG(x) OVER w FROM UNNEST([1, 2]) AS x WINDOW w AS (ORDER BY x) ORDER BY 1',
    [
      [1, null],
      [2, 1],
    ],
  ],
  ['WITH t AS (SELECT 1 AS key, 2 AS value) SELECT t.key, t.value FROM t', [[1, 2]]],
  [
    'SELECT a.x, b.x FROM (SELECT 1 AS x) AS a FULL JOIN (SELECT 2 AS x) AS b ON a.x = b.x ORDER BY 1',
    [
      [null, 2],
      [1, null],
    ],
  ],
  [
    'SELECT SUM(CAST(FARM_FINGERPRINT(TO_JSON_STRING(STRUCT(x AS a))) AS NUMERIC)) IS NULL FROM UNNEST([1, 2]) AS x',
    [[false]],
  ],
  [
    'SELECT g.game_id FROM `league.nba.games` AS g JOIN `league`.`nba`.`games` AS h ON h.game_id = g.game_id WHERE g.points > 90',
    [['a']],
  ],
  ['SELECT `games`.`game_id` FROM nba.games WHERE games.points = 80', [['c']]],
  ['SELECT COUNT(*) FROM nba.games, UNNEST([1, 2]) AS n', [[6]]],
  ['SELECT s.v FROM (SELECT STRUCT(5 AS v) AS s)', [[5]]],
  [
    'SELECT (SELECT MAX(points) FROM nba.games) - 1, EXISTS(SELECT 1 FROM nba.games WHERE points = 80)',
    [[99, true]],
  ],
  [
    'SELECT CASE WHEN points > 95 THEN "many" ELSE "few" END, COUNT(*) FROM nba.games GROUP BY 1 ORDER BY 1',
    [
      ['few', 2],
      ['many', 1],
    ],
  ],
  ['-- a comment\nSELECT /* another */ 1 # and one', [[1]]],
];

/** What is not GoogleSQL is refused with its place, although DuckDB would take it. */
export const MISTAKES: readonly (readonly [string, string])[] = [
  ['SELECT 1/0', 'division by zero'],
  ['SELECT x::INT64 FROM (SELECT 1 AS x)', 'Syntax error: Unexpected ":" at [1:9]'],
  ['SELECT * EXCLUDE (points) FROM nba.games', 'Syntax error: Unexpected "(" at [1:10]'],
  ['SELECT CAST(1 AS DOUBLE)', 'Type not found: DOUBLE at [1:18]'],
  ['SELECT\n  list_sum([1])', 'Function not found: list_sum at [2:3]'],
  ['SELECT absent FROM nba.games', 'Unrecognized name: absent at [1:8]'],
  ['SELECT g.absent FROM nba.games AS g', 'Name absent not found inside g at [1:8]'],
  ['SELECT 1 UNION SELECT 2', 'Syntax error: Expected keyword ALL or keyword DISTINCT at [1:16]'],
  [
    'SELECT 1 UNION ALL SELECT 1 EXCEPT DISTINCT SELECT 2',
    'Syntax error: Different set operations cannot be used in the same query without using parentheses for grouping at [1:29]',
  ],
  ['SELECT 1 AS rows', 'Syntax error: Unexpected keyword ROWS at [1:13]'],
  ['SELECT * FROM games', 'Table "games" must be qualified with a dataset (e.g. dataset.table) at [1:15]'],
  ["SELECT 'x", 'Syntax error: Unclosed string literal at [1:8]'],
  ['SELECT @absent', "Query parameter 'absent' not found at [1:8]"],
  ['SELEC 1', 'Syntax error: Unexpected identifier "SELEC" at [1:1]'],
  ['SELECT (1', 'Syntax error: Unexpected end of statement at [1:10]'],
];

/** One query for all values: a row each. */
export function valuesQuery(): string {
  const list = VALUES.map(([text], i) => `STRUCT(${i} AS i, CAST(${text} AS STRING) AS v)`);
  return `SELECT r.i, r.v FROM UNNEST([${list.join(', ')}]) AS r ORDER BY r.i`;
}
