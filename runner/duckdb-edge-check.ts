/**
 * The checks that look at what staged rows were made from: rows and sums of an edge, and queries of the project's own.
 * It does not deal with rows by themselves (duckdb-check.ts).
 */
import {isEnough} from '../planner/coverage.ts';
import type {Check} from '../planner/pipeline.ts';
import {type Complaint, outOfBounds, percent, rowsOf, sqlNumber} from './duckdb-check.ts';
import {bindKeys, keyCondition} from './duckdb-key.ts';
import {literal, partitionColumn, quoted} from './duckdb-name.ts';
import {keyText, ROWS, type Tally} from './duckdb-scan.ts';
import type {Bound} from './duckdb-session.ts';
import {type Staging, scopeOf} from './duckdb-staging.ts';
import {wrap} from './duckdb-wrap.ts';
import {type InputSpec, WarehouseError} from './warehouse.ts';

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
  staging: Staging,
  check: Check & {kind: 'rows'},
  tallies: ReadonlyMap<string, Tally>,
): Promise<ReadonlyMap<string, Finding>> {
  const {of} = check;
  const upstream = of === undefined ? new Map<string, number>() : await upstreamRows(staging, of.edge);
  const found = new Map<string, Finding>();
  for (const {key} of staging.partitions) {
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
async function upstreamRows(staging: Staging, edge: string): Promise<ReadonlyMap<string, number>> {
  const input = staging.inputs.find(each => each.edge === edge);
  if (input === undefined || input.keys.length === 0) return new Map();
  const {head, bound} = relationOf(staging, input);
  const key = upstreamKey(input);
  const found = await staging.session.rows(
    `${head} SELECT ${key.text}, count(*) FROM ${quoted(edge)}${key.group}`,
    {bound},
  );
  return new Map(found.map(([of, count]) => [String(of), Number(count)]));
}

/** The key of an edge's rows as text, and as what groups them. */
function upstreamKey({table}: InputSpec): {readonly text: string; readonly group: string} {
  const column = partitionColumn(table.partitioning);
  if (column === undefined) return {text: literal('all'), group: ''};
  return {text: `CAST(${quoted(column)} AS VARCHAR)`, group: ` GROUP BY ${quoted(column)}`};
}

/** One edge as a statement of our own reads it. */
function relationOf(staging: Staging, input: InputSpec): {readonly head: string; readonly bound: Bound} {
  const {relations, bound} = scopeOf(staging);
  const end = `_${staging.inputs.indexOf(input)}`;
  const values = Object.fromEntries(Object.entries(bound.values).filter(([name]) => name.endsWith(end)));
  const sql = relations.find(({name}) => name === input.edge)?.sql ?? '';
  return {head: `WITH ${quoted(input.edge)} AS NOT MATERIALIZED (${sql})`, bound: {values}};
}

/** By key: groups whose sums are not those of the edge. Only keys that the edge holds are compared. */
export async function judgeSums(
  staging: Staging,
  check: Check & {kind: 'sum-equals'},
): Promise<ReadonlyMap<string, Finding>> {
  const input = staging.inputs.find(({edge}) => edge === check.edge);
  if (input === undefined || input.keys.length === 0) return new Map();
  const {sql, bound} = sumsStatement(staging, check, input);
  const found = await staging.session.rows(sql, {bound});
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
  staging: Staging,
  {column, edge, to, by, tolerance}: Check & {kind: 'sum-equals'},
  input: InputSpec,
): {readonly sql: string; readonly bound: Bound} {
  const {head, bound} = relationOf(staging, input);
  const groups = by.map((name, i) => ({name: quoted(name), alias: `g${i}`}));
  const side = (key: string, own: string, other: string): string =>
    [
      `${key} AS key`,
      ...groups.map(({name, alias}) => `${name} AS ${alias}`),
      `${own} AS own`,
      `${other} AS other`,
    ].join(', ');
  const {partitioning} = staging.table;
  const own = partitionColumn(partitioning);
  const cut = own === undefined ? '' : ` WHERE ${keyCondition(partitioning, own, 'keys')}`;
  const shown = [
    ...by.map((name, i) => `${literal(name)}, g${i}`),
    `${literal(column)}, own`,
    `${literal(`${edge}.${to}`)}, other`,
  ];
  const aliases = groups.map(({alias}) => `, ${alias}`).join('');
  const near = `abs(own - other) <= greatest(${sqlNumber(tolerance)}, ${RELATIVE} * greatest(abs(own), abs(other)))`;
  const keys = own === undefined ? {values: {}, types: {}} : bindKeys(input.keys);
  return {
    sql: `${head}, gameplan_sides AS (
      SELECT ${side(keyText(staging), quoted(column), 'NULL')}, 1 AS is_own FROM ${ROWS}${cut}
      UNION ALL SELECT ${side(upstreamKey(input).text, 'NULL', quoted(to))}, 0 FROM ${quoted(edge)}
    ), gameplan_sums AS (
      SELECT key${aliases}, sum(own) AS own, sum(other) AS other, sum(is_own) AS owns, count(*) AS rows
      FROM gameplan_sides GROUP BY key${aliases}
    )
    SELECT key, count(*), list(example ORDER BY example)[1:${EXAMPLES}] FROM (
      SELECT key, CAST(json_object(${shown.join(', ')}) AS VARCHAR) AS example FROM gameplan_sums
      WHERE owns = 0 OR owns = rows OR (own IS DISTINCT FROM other AND NOT coalesce(${near}, false))
    ) GROUP BY key ORDER BY key`,
    bound: {values: {...bound.values, ...keys.values}, types: {...keys.types}},
  };
}

/** By key: the rows that a query of the project returns. The inputs must be bound, in the transaction that this runs in. */
export async function judgeCustom(
  staging: Staging,
  check: Check & {kind: 'sql'; readonly text?: string},
): Promise<ReadonlyMap<string, Finding>> {
  const {relations, bound} = scopeOf(staging);
  const {sql, embedded} = wrap({
    before: `SELECT key, count(*), list(example ORDER BY example)[1:${EXAMPLES}] FROM (`,
    relations: [...relations, {name: 'new_rows', sql: `SELECT * FROM ${ROWS}`}],
    select: `${keyText(staging, 'result.')} AS key, CAST(to_json(result) AS VARCHAR) AS example`,
    query: check.text ?? '',
    path: check.query,
    after: ') GROUP BY key ORDER BY key',
  });
  const found = await staging.session.rows(sql, {embedded, bound});
  const asked = new Set(staging.partitions.map(({key}) => key));
  return new Map(
    found.map(([of, count, examples]) => {
      const key = String(of);
      if (!asked.has(key)) throw strayRows(staging, check, key);
      const message = `${Number(count)} ${count === 1n ? 'row is' : 'rows are'} wrong by ${check.query}`;
      return [key, {count: Number(count), message, examples: listed(examples)}];
    }),
  );
}

/** Silence about such rows would be a check that never fails. */
function strayRows({table}: Staging, check: Check & {kind: 'sql'}, key: string): WarehouseError {
  const column = partitionColumn(table.partitioning) ?? 'key';
  return new WarehouseError(
    'query',
    `${check.query}: the check returns rows whose ${column} is ${key}, which is not among the new rows; let it return rows of 'new_rows' alone.`,
  );
}

function listed(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null || !('items' in value) || !Array.isArray(value.items))
    return [];
  return value.items.map(String);
}
