/**
 * Which staged partitions say the same as the published ones, row by row under the table's key.
 * It does not deal with versions: those were compared before, and differ.
 */
import type {Column} from '../planner/pipeline.ts';
import {type Dialect, type Judged, keyList} from './sql-dialect.ts';
import {partitionColumn} from './table-key.ts';

/**
 * Of `keys`, those without a difference from what `published` (a table as it stands after FROM) holds. Doubles may differ
 * by 1e-9 of the larger; NULL equals NULL.
 */
export async function findUnchanged(
  judged: Judged,
  published: string,
  keys: readonly string[],
): Promise<readonly string[]> {
  const {table, dialect} = judged;
  const {quoted} = dialect;
  if (keys.length === 0) return [];
  const partition = partitionColumn(table.partitioning);
  const side = (from: string): string => {
    const columns = table.columns.map(column => quoted(column.name)).join(', ');
    const cut =
      partition === undefined ? '' : ` WHERE ${dialect.keyIn(table.partitioning, quoted(partition), 'keys')}`;
    return `SELECT ${columns}, true AS gameplan_held FROM ${from}${cut}`;
  };
  const joined = [...new Set([...(partition === undefined ? [] : [partition]), ...table.key])];
  const same = joined.map(name => `fresh.${quoted(name)} = held.${quoted(name)}`).join(' AND ');
  const compared = table.columns
    .filter(column => !joined.includes(column.name))
    .map(column => differs(column, dialect));
  const missing = 'fresh.gameplan_held IS NULL OR held.gameplan_held IS NULL';
  const key =
    partition === undefined
      ? dialect.literal('all')
      : `CAST(coalesce(fresh.${quoted(partition)}, held.${quoted(partition)}) AS ${dialect.type('string')})`;
  const found = await judged.query(
    `SELECT DISTINCT ${key} FROM (${side(judged.rows)}) AS fresh
     FULL JOIN (${side(published)}) AS held ON ${same || 'true'}
     WHERE ${[missing, ...compared].join(' OR ')}`,
    partition === undefined ? {} : {parameters: {keys: keyList(table.partitioning, keys)}},
  );
  const changed = new Set(found.map(row => String(row[0])));
  return keys.filter(each => !changed.has(each));
}

/** Over `fresh` and `held`: whether a column's values are two. */
export function differs({name, type}: Column, {quoted, finite, number}: Dialect): string {
  const [a, b] = [`fresh.${quoted(name)}`, `held.${quoted(name)}`];
  if (type !== 'float64') return `${a} IS DISTINCT FROM ${b}`;
  // Infinity and NaN are near nothing: DuckDB would find NaN <= NaN to hold.
  const near = `${finite(a)} AND ${finite(b)} AND abs(${a} - ${b}) <= ${number(1e-9)} * greatest(abs(${a}), abs(${b}))`;
  return `(${a} IS DISTINCT FROM ${b} AND NOT coalesce(${near}, false))`;
}
