/**
 * The functions that every shipped query may call under the same name on every warehouse, as definitions in DuckDB's SQL.
 * It does not deal with creating them (each engine does) nor with fingerprints, which take the texts from here.
 */

/** Name in lower case to its definition: parameters, `AS`, body. A changed text makes the queries that call it stale. */
export const functionLibrary: ReadonlyMap<string, string> = new Map([
  /** A ratio; null where the divisor is 0 or either side is null. */
  ['safe_divide', '(a, b) AS CAST(a AS DOUBLE) / nullif(CAST(b AS DOUBLE), 0)'],
  /** Days from `a` to `b`: positive when `b` is later. */
  ['days_between', "(a, b) AS date_diff('day', CAST(a AS DATE), CAST(b AS DATE))"],
  /** The date `n` days after `d`. */
  ['days_after', '(d, n) AS CAST(d AS DATE) + CAST(n AS INTEGER)'],
  /** The season that holds a date, such as `2024-25`; seasons roll over on July 1. */
  [
    'season_of',
    "(d) AS CAST(year(CAST(d AS DATE) - INTERVAL 6 MONTH) AS VARCHAR) || '-' || " +
      'right(CAST(year(CAST(d AS DATE) + INTERVAL 6 MONTH) AS VARCHAR), 2)',
  ],
]);
