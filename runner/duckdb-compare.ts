/**
 * Staged rows against the published ones of the same partition, row by row under the table's key, with examples.
 * It does not deal with whether they may be published (duckdb-audit.ts).
 */
import type {Column} from '../planner/pipeline.ts';
import {bindKeys, keyParameter} from './duckdb-key.ts';
import {duckdbType, partitionColumn, quoted, tableName, temporary} from './duckdb-name.ts';
import {runQuery} from './duckdb-read.ts';
import type {Staging} from './duckdb-staging.ts';
import {type Shape, shapeOf} from './duckdb-table.ts';
import {differs} from './duckdb-unchanged.ts';
import {NEW_ROWS} from './duckdb-wrap.ts';
import type {RowComparison, RowExample, Value} from './warehouse.ts';

export interface Comparing {
  readonly staging: Staging;
  readonly key: string;
  /** False: the rows that the table may hold count as none. */
  readonly isPublished: boolean;
  /** Examples of each kind. */
  readonly limit: number;
}

/** Doubles may differ by 1e-9 of the larger; NULL equals NULL. */
export async function compareRows(comparing: Comparing): Promise<RowComparison> {
  const {staging} = comparing;
  const {session, catalog, table} = staging;
  const shape = comparing.isPublished ? await shapeOf(session, catalog, table.name) : undefined;
  const partition = partitionColumn(table.partitioning);
  const joined = [...new Set([...(partition === undefined ? [] : [partition]), ...table.key])];
  // A table that was cut into other partitions holds none of these.
  const held = shape !== undefined && joined.every(name => shape.has(name.toLowerCase())) ? shape : undefined;
  const isHeld = ({name}: Column): boolean => held === undefined || held.has(name.toLowerCase());
  const columns = table.columns.filter(({name}) => !joined.includes(name));
  const both = columns.filter(isHeld);
  const from = joinSql(comparing, held, joined);
  const bound = partition === undefined ? {} : {bound: bindKeys([comparing.key])};
  const counted = await runQuery(session, `SELECT ${countSql(both)} FROM ${from}`, bound);
  const [added, removed, changed, same, ...perColumn] = (counted.rows[0] ?? []).map(Number);
  const examples = await runQuery(
    session,
    exampleSql(from, {joined, columns, both, limit: comparing.limit}),
    bound,
  );
  const names = new Set(table.columns.map(({name}) => name.toLowerCase()));
  return {
    added: added ?? 0,
    removed: removed ?? 0,
    changed: changed ?? 0,
    same: same ?? 0,
    columns: Object.fromEntries(
      both.map(({name}, i) => [name, perColumn[i] ?? 0] as const).filter(([, n]) => n > 0),
    ),
    examples: examples.rows.map(row => exampleOf(row, joined, columns)),
    newColumns: columns.filter(column => !isHeld(column)).map(({name}) => name),
    oldColumns: [...(held?.keys() ?? [])].filter(name => !names.has(name)),
  };
}

function joinSql({staging}: Comparing, held: Shape | undefined, joined: readonly string[]): string {
  const {table, catalog} = staging;
  const cut =
    partitionColumn(table.partitioning) === undefined ? '' : ` WHERE ${keyParameter(table, 'keys')}`;
  const side = (from: string, valueIn: (column: Column) => string, where: string): string =>
    `(SELECT ${table.columns.map(column => `${valueIn(column)} AS ${quoted(column.name)}`).join(', ')}, true AS gameplan_held FROM ${from}${where})`;
  const isThere = (name: string): boolean => held?.has(name.toLowerCase()) === true;
  const old =
    held === undefined
      ? side(temporary(NEW_ROWS), ({name}) => quoted(name), ' WHERE false')
      : side(
          tableName(catalog, table.name),
          // What was of another type is compared as today's, where it can be.
          ({name, type}) =>
            isThere(name)
              ? `TRY_CAST(${quoted(name)} AS ${duckdbType(type)})`
              : `CAST(NULL AS ${duckdbType(type)})`,
          cut,
        );
  const same = joined.map(name => `new.${quoted(name)} = old.${quoted(name)}`).join(' AND ');
  const fresh = side(temporary(NEW_ROWS), ({name}) => quoted(name), cut);
  return `${fresh} AS new FULL JOIN ${old} AS old ON ${same || 'true'}`;
}

const ADDED = 'old.gameplan_held IS NULL';
const REMOVED = 'new.gameplan_held IS NULL';
const BOTH = 'new.gameplan_held AND old.gameplan_held';

function anyDiffers(columns: readonly Column[]): string {
  return columns.length === 0 ? 'false' : `(${columns.map(differs).join(' OR ')})`;
}

function countSql(columns: readonly Column[]): string {
  return [
    `count_if(${ADDED})`,
    `count_if(${REMOVED})`,
    `count_if(${BOTH} AND ${anyDiffers(columns)})`,
    `count_if(${BOTH} AND NOT ${anyDiffers(columns)})`,
    ...columns.map(column => `count_if(${BOTH} AND ${differs(column)})`),
  ].join(', ');
}

/** Changed rows first, then added, then removed; by key, so that two looks show the same. */
function exampleSql(
  from: string,
  about: {
    readonly joined: readonly string[];
    readonly columns: readonly Column[];
    readonly both: readonly Column[];
    readonly limit: number;
  },
): string {
  const {joined, columns, both, limit} = about;
  const kind = `CASE WHEN ${ADDED} THEN 'added' WHEN ${REMOVED} THEN 'removed' ELSE 'changed' END`;
  const keys = joined.map(name => `coalesce(new.${quoted(name)}, old.${quoted(name)})`);
  const values = columns.flatMap(column => [
    `old.${quoted(column.name)}`,
    `new.${quoted(column.name)}`,
    both.includes(column) ? differs(column) : 'false',
  ]);
  const order = keys.length === 0 ? '1' : keys.join(', ');
  const aliased = [kind, ...keys, ...values].map((value, i) => `${value} AS c${i}`).join(', ');
  return `SELECT ${aliased} FROM ${from}
    WHERE ${ADDED} OR ${REMOVED} OR ${anyDiffers(both)}
    QUALIFY row_number() OVER (PARTITION BY ${kind} ORDER BY ${order}) <= ${limit}
    ORDER BY array_position(['changed', 'added', 'removed'], c0), ${keys.map((_, i) => `c${i + 1}`).join(', ') || '1'}`;
}

function exampleOf(row: readonly Value[], joined: readonly string[], columns: readonly Column[]): RowExample {
  const kind = row[0] === 'added' || row[0] === 'removed' ? row[0] : 'changed';
  const key = Object.fromEntries(joined.map((name, i) => [name, row[i + 1] ?? null]));
  const values = columns.map(({name}, i) => {
    const at = 1 + joined.length + 3 * i;
    return {name, was: row[at] ?? null, is: row[at + 1] ?? null, differs: row[at + 2] === true};
  });
  const shown = kind === 'changed' ? values.filter(value => value.differs) : values;
  return {kind, key, columns: shown.map(({name, was, is}) => ({name, was, is}))};
}
