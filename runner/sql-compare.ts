/**
 * Staged rows against the published ones of the same partition, row by row under the table's key, with examples.
 * It does not deal with whether they may be published (sql-audit.ts).
 */
import type {Column} from '../planner/pipeline.ts';
import {type Dialect, type Judged, keyList, type Parameters} from './sql-dialect.ts';
import {differs} from './sql-unchanged.ts';
import {partitionColumn} from './table-key.ts';
import type {RowComparison, RowExample, Value} from './warehouse.ts';

export interface Comparing {
  readonly judged: Judged;
  readonly key: string;
  /** The table as it stands after FROM, and its columns in lower case; undefined: its rows count as none. */
  readonly published: {readonly from: string; readonly columns: ReadonlySet<string>} | undefined;
  /** Examples of each kind. */
  readonly limit: number;
}

/** Doubles may differ by 1e-9 of the larger; NULL equals NULL. */
export async function compareRows(comparing: Comparing): Promise<RowComparison> {
  const {judged, published} = comparing;
  const {table, dialect} = judged;
  const partition = partitionColumn(table.partitioning);
  const joined = [...new Set([...(partition === undefined ? [] : [partition]), ...table.key])];
  // A table that was cut into other partitions holds none of these.
  const isWhole = joined.every(name => published?.columns.has(name.toLowerCase()) === true);
  const held = isWhole ? published : undefined;
  const isHeld = ({name}: Column): boolean => held === undefined || held.columns.has(name.toLowerCase());
  const columns = table.columns.filter(({name}) => !joined.includes(name));
  const both = columns.filter(isHeld);
  const from = joinSql(comparing, held, joined);
  const parameters: Parameters =
    partition === undefined ? {} : {keys: keyList(table.partitioning, [comparing.key])};
  const counted = await judged.query(`SELECT ${countSql(both, dialect)} FROM ${from}`, {parameters});
  const [added, removed, changed, same, ...perColumn] = (counted[0] ?? []).map(Number);
  const examples = await judged.query(
    exampleSql(from, {joined, columns, both, limit: comparing.limit, dialect}),
    {parameters},
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
    examples: examples.map(row => exampleOf(row, joined, columns)),
    newColumns: columns.filter(column => !isHeld(column)).map(({name}) => name),
    oldColumns: [...(held?.columns ?? [])].filter(name => !names.has(name)),
  };
}

function joinSql({judged}: Comparing, held: Comparing['published'], joined: readonly string[]): string {
  const {table, dialect} = judged;
  const {quoted, type: typeOf} = dialect;
  const column = partitionColumn(table.partitioning);
  const cut =
    column === undefined ? '' : ` WHERE ${dialect.keyIn(table.partitioning, quoted(column), 'keys')}`;
  const side = (from: string, valueIn: (column: Column) => string, where: string): string =>
    `(SELECT ${table.columns.map(each => `${valueIn(each)} AS ${quoted(each.name)}`).join(', ')}, true AS gameplan_held FROM ${from}${where})`;
  const isThere = (name: string): boolean => held?.columns.has(name.toLowerCase()) === true;
  const old =
    held === undefined
      ? side(judged.rows, ({name}) => quoted(name), ' WHERE false')
      : side(
          held.from,
          // What was of another type is compared as today's, where it can be.
          ({name, type}) =>
            isThere(name) ? dialect.tryCast(quoted(name), type) : `CAST(NULL AS ${typeOf(type)})`,
          cut,
        );
  const same = joined.map(name => `fresh.${quoted(name)} = held.${quoted(name)}`).join(' AND ');
  const fresh = side(judged.rows, ({name}) => quoted(name), cut);
  return `${fresh} AS fresh FULL JOIN ${old} AS held ON ${same || 'true'}`;
}

const ADDED = 'held.gameplan_held IS NULL';
const REMOVED = 'fresh.gameplan_held IS NULL';
const BOTH = 'fresh.gameplan_held AND held.gameplan_held';

function anyDiffers(columns: readonly Column[], dialect: Dialect): string {
  return columns.length === 0 ? 'false' : `(${columns.map(column => differs(column, dialect)).join(' OR ')})`;
}

function countSql(columns: readonly Column[], dialect: Dialect): string {
  return [
    `countif(${ADDED})`,
    `countif(${REMOVED})`,
    `countif(${BOTH} AND ${anyDiffers(columns, dialect)})`,
    `countif(${BOTH} AND NOT ${anyDiffers(columns, dialect)})`,
    ...columns.map(column => `countif(${BOTH} AND ${differs(column, dialect)})`),
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
    readonly dialect: Dialect;
  },
): string {
  const {joined, columns, both, limit, dialect} = about;
  const {quoted} = dialect;
  const kind = `CASE WHEN ${ADDED} THEN 'added' WHEN ${REMOVED} THEN 'removed' ELSE 'changed' END`;
  const keys = joined.map(name => `coalesce(fresh.${quoted(name)}, held.${quoted(name)})`);
  const values = columns.flatMap(column => [
    `held.${quoted(column.name)}`,
    `fresh.${quoted(column.name)}`,
    both.includes(column) ? differs(column, dialect) : 'false',
  ]);
  const order = keys.length === 0 ? '1' : keys.join(', ');
  const aliased = [kind, ...keys, ...values].map((value, i) => `${value} AS c${i}`).join(', ');
  return `SELECT ${aliased} FROM ${from}
    WHERE ${ADDED} OR ${REMOVED} OR ${anyDiffers(both, dialect)}
    QUALIFY row_number() OVER (PARTITION BY ${kind} ORDER BY ${order}) <= ${limit}
    ORDER BY CASE c0 WHEN 'changed' THEN 1 WHEN 'added' THEN 2 ELSE 3 END, ${keys.map((_, i) => `c${i + 1}`).join(', ') || '1'}`;
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
