/**
 * Which staged partitions say the same as the published ones, row by row under the table's key.
 * It does not deal with versions: those were compared before, and differ.
 */
import type {Column} from '../planner/pipeline.ts';
import {bindKeys, keyParameter} from './duckdb-key.ts';
import {literal, partitionColumn, quoted, tableName, temporary} from './duckdb-name.ts';
import type {Staging} from './duckdb-staging.ts';
import {NEW_ROWS} from './duckdb-wrap.ts';

/** Of `keys`, those without a difference. Doubles may differ by 1e-9 of the larger; NULL equals NULL. */
export async function findUnchanged(staging: Staging, keys: readonly string[]): Promise<readonly string[]> {
  const {table, catalog, session} = staging;
  if (keys.length === 0) return [];
  const partition = partitionColumn(table.partitioning);
  const side = (from: string): string => {
    const columns = table.columns.map(column => quoted(column.name)).join(', ');
    const cut = partition === undefined ? '' : ` WHERE ${keyParameter(table, 'keys')}`;
    return `SELECT ${columns}, true AS gameplan_held FROM ${from}${cut}`;
  };
  const joined = [...new Set([...(partition === undefined ? [] : [partition]), ...table.key])];
  const same = joined.map(name => `new.${quoted(name)} = old.${quoted(name)}`).join(' AND ');
  const compared = table.columns.filter(column => !joined.includes(column.name)).map(differs);
  const missing = 'new.gameplan_held IS NULL OR old.gameplan_held IS NULL';
  const key =
    partition === undefined
      ? literal('all')
      : `CAST(coalesce(new.${quoted(partition)}, old.${quoted(partition)}) AS VARCHAR)`;
  const found = await session.rows(
    `SELECT DISTINCT ${key} FROM (${side(temporary(NEW_ROWS))}) AS new
     FULL JOIN (${side(tableName(catalog, table.name))}) AS old ON ${same || 'true'}
     WHERE ${[missing, ...compared].join(' OR ')}`,
    partition === undefined ? {} : {bound: bindKeys(keys)},
  );
  const changed = new Set(found.map(row => String(row[0])));
  return keys.filter(each => !changed.has(each));
}

/** Over `new` and `old`: whether a column's values are two. */
export function differs({name, type}: Column): string {
  const [a, b] = [`new.${quoted(name)}`, `old.${quoted(name)}`];
  if (type !== 'float64') return `${a} IS DISTINCT FROM ${b}`;
  // Infinity and NaN are near nothing: DuckDB would find NaN <= NaN to hold.
  const near = `isfinite(${a}) AND isfinite(${b}) AND abs(${a} - ${b}) <= 1e-9::DOUBLE * greatest(abs(${a}), abs(${b}))`;
  return `(${a} IS DISTINCT FROM ${b} AND NOT coalesce(${near}, false))`;
}
