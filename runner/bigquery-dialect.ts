/**
 * BigQuery's way of writing what engines write differently (sql-dialect.ts).
 * It does not deal with names of tables (bigquery-name.ts).
 */
import {withoutGoogleEnd} from '../planner/google-tokens.ts';
import type {Column} from '../planner/pipeline.ts';
import {bigqueryType, literal, quoted} from './bigquery-name.ts';
import type {Dialect} from './sql-dialect.ts';

export const bigqueryDialect: Dialect = {
  quoted,
  literal,
  type: bigqueryType,
  number: value =>
    Number.isSafeInteger(value) ? String(value) : `CAST(${literal(String(value))} AS FLOAT64)`,
  tryCast: (value, type) => `SAFE_CAST(${value} AS ${bigqueryType(type)})`,
  finite: value => `NOT (IS_INF(${value}) OR IS_NAN(${value}))`,
  matches: (value, pattern) => `REGEXP_CONTAINS(${value}, ${literal(`^(?:${pattern})$`)})`,
  newest: value => `UNIX_MILLIS(TIMESTAMP(MAX(${value})))`,
  rowJson: alias => `TO_JSON_STRING(${alias})`,
  objectJson: pairs =>
    `TO_JSON_STRING(STRUCT(${pairs.map(([name, value]) => `${value} AS ${quoted(name)}`).join(', ')}))`,
  firstOf: (value, count) => `TO_JSON_STRING(ARRAY_AGG(${value} ORDER BY ${value} LIMIT ${count}))`,
  version: versionSum,
  keyIn: (_, value, parameter) => `${value} IN UNNEST(@${parameter})`,
  openEnded: withoutGoogleEnd,
  relation: (name, sql) => `${quoted(name)} AS (${sql})`,
};

/** The sum of the fingerprints of rows, so that their order is nothing to it. A sum of INT64 would overflow. */
function versionSum(columns: readonly Column[]): string {
  // A column that changes its name or type alone must change the hash.
  const names = literal(JSON.stringify(columns.map(({name, type}) => [name, type])));
  const values = columns.map(({name}, i) => `${quoted(name)} AS c${i}`);
  const row = `TO_JSON_STRING(STRUCT(${[`${names} AS gameplan_columns`, ...values].join(', ')}))`;
  return `SUM(CAST(FARM_FINGERPRINT(${row}) AS NUMERIC))`;
}
