/**
 * The checks that look at what staged rows were made from: rows and sums of an edge, and queries of the project's own.
 * It does not deal with rows by themselves (sql-check.ts).
 */
import {isEnough} from '../planner/coverage.ts';
import type {Check} from '../planner/pipeline.ts';
import {type Complaint, outOfBounds, percent, rowsOf} from './sql-check.ts';
import {type Dialect, type Judged, keyList, keyText, type Parameters} from './sql-dialect.ts';
import type {Tally} from './sql-scan.ts';
import {wrap} from './sql-wrap.ts';
import {partitionColumn} from './table-key.ts';
import {type InputSpec, type Value, WarehouseError} from './warehouse.ts';

/** What such a check says of a partition, with a few wrong rows as JSON. */
export interface Finding extends Complaint {
  readonly examples: readonly string[];
}

/** How many wrong rows of a partition are told. */
export const EXAMPLES = 3;
/** Sums of doubles that were added in another order differ in their last digits. */
const RELATIVE = '1e-9';

/** By key. The inputs must be bound, in the transaction that this runs in. */
export async function judgeRowsOf(
  judged: Judged,
  check: Check & {kind: 'rows'},
  tallies: ReadonlyMap<string, Tally>,
): Promise<ReadonlyMap<string, Finding>> {
  const {of} = check;
  const upstream = of === undefined ? new Map<string, number>() : await upstreamRows(judged, of.edge);
  const found = new Map<string, Finding>();
  for (const {key} of judged.partitions) {
    const rows = tallies.get(key)?.rows ?? 0;
    const complaint = outOfBounds(check, rows) ?? tooFew(of, rows, upstream.get(key));
    if (complaint !== undefined) found.set(key, {...complaint, examples: []});
  }
  return found;
}

/** What the upstream does not hold cannot be compared with; whether it must hold it is the edge's business. */
function tooFew(
  of: (Check & {kind: 'rows'})['of'],
  rows: number,
  upstream: number | undefined,
): Complaint | undefined {
  if (of === undefined || upstream === undefined || isEnough(rows, of.atLeast, upstream)) return undefined;
  const message = `${rowsOf(rows)}, less than ${percent(of.atLeast)} of the ${upstream} of '${of.edge}'`;
  return {count: rows, message};
}

/** Rows of an edge by key of the new rows. */
async function upstreamRows(judged: Judged, edge: string): Promise<ReadonlyMap<string, number>> {
  const input = judged.inputs.find(each => each.edge === edge);
  if (input === undefined || input.keys.length === 0) return new Map();
  const {head, parameters} = relationOf(judged, input);
  const key = upstreamKey(input, judged.dialect);
  const found = await judged.query(
    `${head} SELECT ${key.text}, count(*) FROM ${judged.dialect.quoted(edge)}${key.group}`,
    {parameters},
  );
  return new Map(found.map(([of, count]) => [String(of), Number(count)]));
}

/** The key of an edge's rows as text, and as what groups them. */
function upstreamKey(
  {table}: InputSpec,
  {literal, quoted, type}: Dialect,
): {readonly text: string; readonly group: string} {
  const column = partitionColumn(table.partitioning);
  if (column === undefined) return {text: literal('all'), group: ''};
  return {text: `CAST(${quoted(column)} AS ${type('string')})`, group: ` GROUP BY ${quoted(column)}`};
}

/** One edge as a statement of our own reads it. */
function relationOf(
  judged: Judged,
  input: InputSpec,
): {readonly head: string; readonly parameters: Parameters} {
  const {relations, parameters} = judged.scope();
  const end = `_${judged.inputs.indexOf(input)}`;
  const own = Object.fromEntries(Object.entries(parameters).filter(([name]) => name.endsWith(end)));
  const sql = relations.find(({name}) => name === input.edge)?.sql ?? '';
  return {head: `WITH ${judged.dialect.relation(input.edge, sql)}`, parameters: own};
}

/** By key: groups whose sums are not those of the edge. Only keys that the edge holds are compared. */
export async function judgeSums(
  judged: Judged,
  check: Check & {kind: 'sum-equals'},
): Promise<ReadonlyMap<string, Finding>> {
  const input = judged.inputs.find(({edge}) => edge === check.edge);
  if (input === undefined || input.keys.length === 0) return new Map();
  const {sql, parameters} = sumsStatement(judged, check, input);
  const found = await judged.query(sql, {parameters});
  const groups = check.by.length === 0 ? '' : ` by ${check.by.join(', ')}`;
  return new Map(
    found.map(([key, count, examples]) => {
      const wrong = Number(count);
      const sums = `${wrong} ${wrong === 1 ? 'sum' : 'sums'} of ${check.column}${groups}`;
      const message = `${sums} ${wrong === 1 ? 'is' : 'are'} not ${wrong === 1 ? 'that' : 'those'} of ${check.to} in '${check.edge}'`;
      return [String(key), {count: wrong, message, examples: listed(examples)}];
    }),
  );
}

/** Both sides are added up in one pass over their union, so that a group of one side alone is seen too. */
export function sumsStatement(
  judged: Judged,
  {column, edge, to, by, tolerance}: Check & {kind: 'sum-equals'},
  input: InputSpec,
): {readonly sql: string; readonly parameters: Parameters} {
  const {dialect, rows} = judged;
  const {quoted} = dialect;
  const {head, parameters} = relationOf(judged, input);
  const groups = by.map((name, i) => ({name: quoted(name), alias: `g${i}`}));
  const side = (key: string, own: string, other: string): string =>
    [
      `${key} AS key`,
      ...groups.map(({name, alias}) => `${name} AS ${alias}`),
      `${own} AS own`,
      `${other} AS other`,
    ].join(', ');
  const {partitioning} = judged.table;
  const own = partitionColumn(partitioning);
  const cut = own === undefined ? '' : ` WHERE ${dialect.keyIn(partitioning, quoted(own), 'keys')}`;
  const shown = dialect.objectJson([
    ...by.map((name, i) => [name, `g${i}`] as const),
    [column, 'own'],
    [`${edge}.${to}`, 'other'],
  ]);
  const aliases = groups.map(({alias}) => `, ${alias}`).join('');
  const near = `abs(own - other) <= greatest(${dialect.number(tolerance)}, ${RELATIVE} * greatest(abs(own), abs(other)))`;
  const keys: Parameters = own === undefined ? {} : {keys: keyList(partitioning, input.keys)};
  return {
    sql: `${head}, gameplan_sides AS (
      SELECT ${side(keyText(judged), quoted(column), 'NULL')}, 1 AS is_own FROM ${rows}${cut}
      UNION ALL SELECT ${side(upstreamKey(input, dialect).text, 'NULL', quoted(to))}, 0 FROM ${quoted(edge)}
    ), gameplan_sums AS (
      SELECT key${aliases}, sum(own) AS own, sum(other) AS other, sum(is_own) AS owns, count(*) AS sides
      FROM gameplan_sides GROUP BY key${aliases}
    )
    SELECT key, count(*), ${dialect.firstOf('example', EXAMPLES)} FROM (
      SELECT key, ${shown} AS example FROM gameplan_sums
      WHERE owns = 0 OR owns = sides OR (own IS DISTINCT FROM other AND NOT coalesce(${near}, false))
    ) GROUP BY key ORDER BY key`,
    parameters: {...parameters, ...keys},
  };
}

/** By key: the rows that a query of the project returns. The inputs must be bound, in the transaction that this runs in. */
export async function judgeCustom(
  judged: Judged,
  check: Check & {kind: 'sql'; readonly text?: string},
): Promise<ReadonlyMap<string, Finding>> {
  const {dialect} = judged;
  const {relations, parameters} = judged.scope();
  const {sql, embedded} = wrap(dialect, {
    before: `SELECT key, count(*), ${dialect.firstOf('example', EXAMPLES)} FROM (`,
    relations: [...relations, {name: 'new_rows', sql: `SELECT * FROM ${judged.rows}`}],
    select: `${keyText(judged, 'result.')} AS key, ${dialect.rowJson('result')} AS example`,
    query: check.text ?? '',
    path: check.query,
    after: ') GROUP BY key ORDER BY key',
  });
  const found = await judged.query(sql, {embedded, parameters});
  const asked = new Set(judged.partitions.map(({key}) => key));
  return new Map(
    found.map(([of, count, examples]) => {
      const key = String(of);
      if (!asked.has(key)) throw strayRows(judged, check, key);
      const message = `${Number(count)} ${Number(count) === 1 ? 'row is' : 'rows are'} wrong by ${check.query}`;
      return [key, {count: Number(count), message, examples: listed(examples)}];
    }),
  );
}

/** Silence about such rows would be a check that never fails. */
function strayRows({table}: Judged, check: Check & {kind: 'sql'}, key: string): WarehouseError {
  const column = partitionColumn(table.partitioning) ?? 'key';
  return new WarehouseError(
    'query',
    `${check.query}: the check returns rows whose ${column} is ${key}, which is not among the new rows; let it return rows of 'new_rows' alone.`,
  );
}

function listed(value: Value | undefined): readonly string[] {
  const items: unknown = typeof value === 'string' ? JSON.parse(value) : [];
  return Array.isArray(items) ? items.map(String) : [];
}
