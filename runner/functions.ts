/**
 * The functions that a query may call under the same name on every warehouse, defined for each engine.
 * It does not deal with creating them (each engine does) nor with fingerprints, which take the texts from here.
 */
import {googleCalls} from '../planner/google-tokens.ts';
import type {Target} from '../planner/pipeline.ts';

/** An engine that has definitions here. */
export type LibraryEngine = Target['warehouse']['engine'];

/** What `CREATE FUNCTION name` is followed by: parameters, `AS`, body. A changed text makes the queries that call it stale. */
interface Definition {
  readonly duckdb: string;
  /** `builtin`: BigQuery's own function of that name means the same. */
  readonly bigquery: string;
}

const BUILTIN = 'builtin';

/** By name in lower case. */
const LIBRARY: Readonly<Record<string, Definition>> = {
  /** A ratio; null where the divisor is 0, where either side is null and where finite sides give no finite number. */
  safe_divide: {
    duckdb:
      '(a, b) AS CASE WHEN isfinite(CAST(a AS DOUBLE)) AND isinf(CAST(a AS DOUBLE) / nullif(CAST(b AS DOUBLE), 0)) ' +
      'THEN NULL ELSE CAST(a AS DOUBLE) / nullif(CAST(b AS DOUBLE), 0) END',
    bigquery: BUILTIN,
  },
  /** Days from `a` to `b`: positive when `b` is later. */
  days_between: {
    duckdb: "(a, b) AS date_diff('day', CAST(a AS DATE), CAST(b AS DATE))",
    bigquery: '(a ANY TYPE, b ANY TYPE) AS (DATE_DIFF(CAST(b AS DATE), CAST(a AS DATE), DAY))',
  },
  /** The date `n` days after `d`. */
  days_after: {
    duckdb: '(d, n) AS CAST(d AS DATE) + CAST(n AS INTEGER)',
    bigquery: '(d ANY TYPE, n ANY TYPE) AS (DATE_ADD(CAST(d AS DATE), INTERVAL CAST(n AS INT64) DAY))',
  },
  /** The season that holds a date, such as `2024-25`; seasons roll over on July 1. */
  season_of: {
    duckdb:
      "(d) AS CAST(year(CAST(d AS DATE) - INTERVAL 6 MONTH) AS VARCHAR) || '-' || " +
      'right(CAST(year(CAST(d AS DATE) + INTERVAL 6 MONTH) AS VARCHAR), 2)',
    bigquery:
      "(d ANY TYPE) AS (CONCAT(CAST(EXTRACT(YEAR FROM DATE_SUB(CAST(d AS DATE), INTERVAL 6 MONTH)) AS STRING), '-', " +
      'SUBSTR(CAST(EXTRACT(YEAR FROM DATE_ADD(CAST(d AS DATE), INTERVAL 6 MONTH)) AS STRING), -2)))',
  },
  /** The day of the week: 1 is Monday, 7 is Sunday (ISO 8601). */
  weekday_of: {
    duckdb: '(d) AS CAST(isodow(CAST(d AS DATE)) AS BIGINT)',
    bigquery: '(d ANY TYPE) AS (MOD(EXTRACT(DAYOFWEEK FROM CAST(d AS DATE)) + 5, 7) + 1)',
  },
  /** The Monday of the week that holds a date. */
  week_start: {
    duckdb: "(d) AS CAST(date_trunc('week', CAST(d AS DATE)) AS DATE)",
    bigquery: '(d ANY TYPE) AS (DATE_TRUNC(CAST(d AS DATE), ISOWEEK))',
  },
  /** The first day of the month that holds a date. */
  month_start: {
    duckdb: "(d) AS CAST(date_trunc('month', CAST(d AS DATE)) AS DATE)",
    bigquery: '(d ANY TYPE) AS (DATE_TRUNC(CAST(d AS DATE), MONTH))',
  },
  /** The date of a moment on the clocks of a zone such as `America/New_York`. */
  date_in_zone: {
    duckdb: "(t, zone) AS CAST(timezone(zone, timezone('UTC', CAST(t AS TIMESTAMP))) AS DATE)",
    bigquery: '(t ANY TYPE, zone ANY TYPE) AS (DATE(CAST(t AS TIMESTAMP), zone))',
  },
  /** The greater of two; null where either is null. */
  greater_of: {
    duckdb: '(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE greatest(a, b) END',
    bigquery: '(a ANY TYPE, b ANY TYPE) AS (GREATEST(a, b))',
  },
  /** The lesser of two; null where either is null. Not for NaN, which BigQuery prefers to any number. */
  lesser_of: {
    duckdb: '(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE least(a, b) END',
    bigquery: '(a ANY TYPE, b ANY TYPE) AS (LEAST(a, b))',
  },
  /** Rounded to `n` decimal places, halves away from zero. */
  rounded: {
    duckdb: '(x, n) AS round(CAST(x AS DOUBLE) * pow(10, n)) / pow(10, n)',
    bigquery: '(x ANY TYPE, n ANY TYPE) AS (ROUND(CAST(x AS FLOAT64) * POW(10, n)) / POW(10, n))',
  },
  /** A whole number from 0 to 2^60 - 1 that a text always gives: the first 60 bits of its MD5. */
  hash_of: {
    duckdb: "(x) AS CAST('0x' || substr(md5(x), 1, 15) AS BIGINT)",
    bigquery: "(x STRING) AS (CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5(x)), 1, 15)) AS INT64))",
  },
};

/** The library of an engine: name in lower case to its definition. */
export function functionsOf(engine: LibraryEngine): ReadonlyMap<string, string> {
  return new Map(Object.entries(LIBRARY).map(([name, definition]) => [name, definition[engine]]));
}

/** The statements that BigQuery needs in front of a query: one for each function that it calls. Empty: none. */
export function temporaryFunctions(query: string): string {
  const called = googleCalls(query);
  return Object.entries(LIBRARY)
    .filter(([name, {bigquery}]) => called.has(name) && bigquery !== BUILTIN)
    .map(([name, {bigquery}]) => `CREATE TEMP FUNCTION ${name}${bigquery};\n`)
    .join('');
}
