/**
 * DuckDB's way of writing what engines write differently (sql-dialect.ts).
 * It does not deal with names of tables (duckdb-name.ts).
 */
import type {Column} from '../planner/pipeline.ts';
import {keyCondition} from './duckdb-key.ts';
import {duckdbType, literal, quoted} from './duckdb-name.ts';
import type {Dialect} from './sql-dialect.ts';

const SKIPPED_OR_SEMICOLON =
  /[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|(\$\w*\$)[\s\S]*?\1|;/g;

export const duckdbDialect: Dialect = {
  quoted,
  literal,
  type: duckdbType,
  number: value =>
    Number.isSafeInteger(value) ? String(value) : `CAST(${literal(String(value))} AS DOUBLE)`,
  tryCast: (value, type) => `TRY_CAST(${value} AS ${duckdbType(type)})`,
  finite: value => `isfinite(${value})`,
  matches: (value, pattern) => `regexp_full_match(${value}, ${literal(pattern)})`,
  newest: value => `epoch_ms(CAST(max(${value}) FILTER (isfinite(${value})) AS TIMESTAMP))`,
  rowJson: alias => `CAST(to_json(${alias}) AS VARCHAR)`,
  objectJson: pairs =>
    `CAST(json_object(${pairs.map(([name, value]) => `${literal(name)}, ${value}`).join(', ')}) AS VARCHAR)`,
  firstOf: (value, count) => `CAST(to_json(list(${value} ORDER BY ${value})[1:${count}]) AS VARCHAR)`,
  version: versionSum,
  keyIn: keyCondition,
  openEnded: query => query.replaceAll(SKIPPED_OR_SEMICOLON, token => (token === ';' ? ' ' : token)),
  // Inlined: a table that is read twice is better scanned twice with its own filters than copied whole.
  relation: (name, sql) => `${quoted(name)} AS NOT MATERIALIZED (${sql})`,
};

/** The sum of the hashes of rows, so that their order is nothing to it. */
export function versionSum(columns: readonly Column[]): string {
  // A row of zeros would hash to zero and add nothing, and a column that changes its name alone would hash the same.
  const names = literal(JSON.stringify(columns.map(({name, type}) => [name, type])));
  return `sum(hash(${[names, ...columns.map(({name}) => quoted(name))].join(', ')}))`;
}
