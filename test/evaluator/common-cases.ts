/**
 * Calls of every function that the portability lint lets pass, over a few rows with nulls: both engines must agree.
 * What they give is not written down: the reference evaluator says it.
 */

/** Five rows: keys, whole numbers, doubles, texts and truths, each with a null. */
export const COMMON_ROWS = `(
  SELECT 1 AS k, 1 AS n, 0.25e0 AS x, 2.5e0 AS y, 'a' AS s, TRUE AS b
  UNION ALL SELECT 2, 3, -0.5e0, 0e0, 'Bc', FALSE
  UNION ALL SELECT 3, CAST(NULL AS INT64), CAST(NULL AS FLOAT64), 7e0, CAST(NULL AS STRING), CAST(NULL AS BOOL)
  UNION ALL SELECT 4, 7, 0.75e0, -1e0, 'é', TRUE
  UNION ALL SELECT 5, 7, 0e0, 2.5e0, '', TRUE
) AS t`;

export const SCALARS: readonly string[] = [
  ...['IF(b, n, k)', 'IF(NULL, 1, 2)', 'IFNULL(n, 9)', 'NULLIF(k, 2)', 'COALESCE(n, k)', 'EXISTS(SELECT 1)'],
  ...[
    'ABS(x)',
    'SIGN(x)',
    'ROUND(y)',
    'ROUND(x, 1)',
    'ROUND(-y)',
    'FLOOR(x)',
    'CEIL(x)',
    'CEILING(x)',
    'TRUNC(y)',
  ],
  ...['SQRT(ABS(x))', 'CBRT(x)', 'EXP(x)', 'LN(k)', 'LOG10(k)', 'POW(x, 2)', 'POW(0, 0)', 'POWER(k, 2)'],
  ...[
    'MOD(n, 3)',
    'MOD(-n, 3)',
    'ACOS(x)',
    'ASIN(x)',
    'ATAN(x)',
    'ATAN2(x, y)',
    'COS(x)',
    'SIN(x)',
    'TAN(x)',
  ],
  ...['GREATEST(k, 2)', 'LEAST(k, 2)', "CONCAT('a', 'b')", "s || 'x'", 'LOWER(s)', 'UPPER(s)', 'LENGTH(s)'],
  ...["LENGTH('a🏀')", "TRIM(' a ')", "TRIM('xax', 'x')", "LTRIM('  a')", "RTRIM('a  ')", "LPAD(s, 4, 'xy')"],
  ...["RPAD(s, 4, 'xy')", "LEFT('abc', k)", "RIGHT('abc', k)", "SUBSTR('abcdef', k)", "SUBSTR('abcdef', -k)"],
  ...[
    "SUBSTR('abcdef', k, 2)",
    "SUBSTRING('abcdef', 2, 2)",
    "REPLACE('aXbX', 'X', 'y')",
    'REPEAT(s, k)',
    'REVERSE(s)',
  ],
  ...["STARTS_WITH('abc', s)", "ENDS_WITH('abc', 'bc')", "STRPOS('abc', s)", 'CHR(k + 64)', 'CHR(92)'],
  ...["TRANSLATE('abc', 'ab', 'xy')", "ARRAY_LENGTH(SPLIT('a,b,c', ','))", "ARRAY_LENGTH(SPLIT(s, ','))"],
  ...[
    'CAST(k AS STRING)',
    "CAST('12' AS INT64)",
    "CAST('1.5' AS FLOAT64)",
    'CAST(b AS STRING)',
    'CAST(b AS INT64)',
  ],
  ...[
    'CAST(k AS BOOL)',
    "CAST('2024-01-15' AS DATE)",
    "CAST(DATE '2024-01-15' AS STRING)",
    'CAST(ROUND(y) AS INT64)',
  ],
  ...['year', 'isoyear', 'quarter', 'month', 'day', 'dayofyear'].map(
    part => `EXTRACT(${part.toUpperCase()} FROM DATE '2024-12-30')`,
  ),
  ...['hour', 'minute', 'second'].map(
    part => `EXTRACT(${part.toUpperCase()} FROM TIMESTAMP '2024-12-30 10:20:30')`,
  ),
  ...[
    "s IN ('a', NULL)",
    'n BETWEEN 1 AND 3',
    'b AND n > 1',
    'NOT b',
    'n IS DISTINCT FROM k',
    "s LIKE '_'",
    "s < 'b'",
  ],
];

export const AGGREGATES: readonly string[] = [
  ...[
    'COUNT(*)',
    'COUNT(n)',
    'COUNT(DISTINCT n)',
    'SUM(n)',
    'SUM(x)',
    'AVG(n)',
    'AVG(x)',
    'MIN(s)',
    'MAX(s)',
  ],
  ...[
    'MIN(b)',
    'ANY_VALUE(1)',
    'COALESCE(COUNTIF(b), 0)',
    'COALESCE(COUNTIF(b AND NULL), 0)',
    'SUM(IF(k > 9, n, NULL))',
  ],
  ...[
    'STDDEV(x)',
    'STDDEV_POP(x)',
    'STDDEV_SAMP(x)',
    'VARIANCE(x)',
    'VAR_POP(x)',
    'VAR_SAMP(x)',
    'STDDEV(IF(k = 1, n, NULL))',
  ],
  ...['CORR(x, y)', 'COVAR_POP(x, y)', 'COVAR_SAMP(x, y)', 'BIT_AND(n)', 'BIT_OR(n)', 'BIT_XOR(n)'],
  ...["STRING_AGG(s, ',' ORDER BY k ASC NULLS LAST)", 'ARRAY_LENGTH(ARRAY_AGG(k))'],
];

/** Over `w`, which is the rows in the order of `k`. */
export const WINDOWED: readonly string[] = [
  ...[
    'ROW_NUMBER() OVER w',
    'RANK() OVER v',
    'DENSE_RANK() OVER v',
    'PERCENT_RANK() OVER v',
    'CUME_DIST() OVER v',
  ],
  ...[
    'NTILE(3) OVER w',
    'LAG(n) OVER w',
    'LEAD(n, 2) OVER w',
    'LEAD(n, 1, 0) OVER w',
    'FIRST_VALUE(n) OVER w',
  ],
  ...[
    'LAST_VALUE(n) OVER w',
    'NTH_VALUE(n, 2) OVER w',
    'FIRST_VALUE(n IGNORE NULLS) OVER w',
    'SUM(n) OVER w',
    'AVG(x) OVER w',
  ],
  'COUNT(*) OVER (w ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)',
  'MIN(n) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)',
];
