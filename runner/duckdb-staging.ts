/**
 * New rows that nobody reads yet: the temporary tables of one connection, with the keys and inputs they were asked for.
 * It does not deal with judging them (duckdb-audit.ts) nor with publishing (duckdb-publish.ts).
 */
import {QUALITY_COLUMN} from '../planner/quality.ts';
import {unreachable} from '../planner/unreachable.ts';
import {refuseOtherThanDate} from './column-value.ts';
import {createTemporary} from './duckdb-append.ts';
import {duckdbType, quoted, tableName, temporary} from './duckdb-name.ts';
import {
  inputSql,
  keysName,
  MEMBERS,
  NEW_ROWS,
  PARTITIONS,
  partitionsRelation,
  STRETCHES,
  windowName,
  windowRelation,
} from './duckdb-relations.ts';
import type {Session} from './duckdb-session.ts';
import {isReadable, type Shape, shapeOf} from './duckdb-table.ts';
import type {Relation, Scope} from './sql-dialect.ts';
import {keyType, partitionColumn} from './table-key.ts';
import {type InputSpec, type StageRequest, WarehouseError} from './warehouse.ts';

/** How an edge is cut to its keys. Every way reads the same rows. */
type Cut =
  /** Nothing to cut: no keys, or an upstream that is one partition. */
  | {readonly kind: 'none'}
  /** The table holds no other key between the bounds: a filter that skips blocks and keeps the scan plain. */
  | {readonly kind: 'range'; readonly from: string; readonly to: string}
  /** A join with the keys. */
  | {readonly kind: 'keys'};

export interface Staging extends StageRequest {
  readonly session: Session;
  /** The warehouse's own catalog. */
  readonly catalog: string;
  /** What is known of the tables that are read. */
  readonly shapes: {
    /** Those that have their declared columns. */
    readonly readable: Set<string>;
    /** Those of this staging that nobody has looked at, or that lacked some when someone did. */
    readonly unseen: ReadonlySet<string>;
    /** The columns of those that lack some. */
    readonly found: Map<string, Shape>;
  };
  /** How the inputs are bound on this connection, by index; undefined before they are. */
  cuts: readonly Cut[] | undefined;
  windowsBound: boolean;
  /** Whether the new rows are published ones: a view, and no table of their own. */
  isPublished: boolean;
}

/** Binds the keys to be made as a temporary table. */
export async function bindPartitions({session, table, partitions}: Staging): Promise<void> {
  await createTemporary(session, PARTITIONS, [
    {name: 'key', type: keyType(table.partitioning), values: partitions.map(({key}) => key)},
    {name: 'season', type: 'string', values: partitions.map(({season}) => season)},
    {name: QUALITY_COLUMN, type: 'int64', values: partitions.map(({quality}) => quality ?? null)},
  ]);
}

/** Lets the published rows of the partitions stand for new ones, in the columns that are declared now. */
export async function bindPublished(staging: Staging): Promise<void> {
  const {session, catalog, table, partitions} = staging;
  staging.isPublished = true;
  const shape = await shapeOf(session, catalog, table.name);
  const column = partitionColumn(table.partitioning);
  const where =
    column === undefined ? undefined : `${quoted(column)} IN (SELECT key FROM ${temporary(PARTITIONS)})`;
  const keys = shape === undefined ? [] : partitions.map(({key}) => key);
  const own = {edge: NEW_ROWS, table, keys, window: undefined};
  const found = shape === undefined || isReadable(shape, table) ? undefined : shape;
  await session.run(
    `CREATE OR REPLACE TEMP VIEW ${quoted(NEW_ROWS)} AS ${inputSql(catalog, own, where, found)}`,
  );
}

/**
 * Binds the keys of every edge for statements of the same transaction: a range is only sure to hold no other key as
 * long as nothing is published in between. Statements may look at no edge but those that are read.
 */
export async function bindInputs(
  staging: Staging,
  isRead: (input: InputSpec) => boolean = () => true,
): Promise<void> {
  const cuts: Cut[] = [];
  for (const [index, input] of staging.inputs.entries())
    cuts.push(isRead(input) ? await bindKeysOf(staging, input, index) : {kind: 'none'});
  staging.cuts = cuts;
}

/** An upstream whose declaration changed is read as it stands, in the columns that are declared now. */
async function lookAt({session, catalog, shapes}: Staging, {table, keys}: InputSpec): Promise<void> {
  const {readable, unseen, found} = shapes;
  if (keys.length === 0 || !unseen.has(table.name)) return;
  const shape = await shapeOf(session, catalog, table.name);
  if (shape === undefined) return;
  const column = partitionColumn(table.partitioning);
  if (column !== undefined && !shape.has(column.toLowerCase())) {
    throw new WarehouseError(
      'query',
      `${table.name} holds its key in another column than '${column}' until one of its partitions is made again: materialize it first.`,
    );
  }
  if (isReadable(shape, table)) {
    readable.add(table.name);
    found.delete(table.name);
  } else found.set(table.name, shape);
}

async function bindKeysOf(staging: Staging, input: InputSpec, index: number): Promise<Cut> {
  const {keys, table} = input;
  await lookAt(staging, input);
  if (keys.length === 0 || partitionColumn(table.partitioning) === undefined) return {kind: 'none'};
  const type = keyType(table.partitioning);
  if (type === 'date') keys.forEach(refuseOtherThanDate);
  const range = bounds(keys);
  if (range !== undefined) {
    const [from, to] = range;
    if (from === to || (await holdsOnly(staging, input, from, to))) return {kind: 'range', from, to};
  }
  await createTemporary(staging.session, keysName(index), [{name: 'key', type, values: keys}]);
  return {kind: 'keys'};
}

/** Undefined where this engine's order of text (UTF-8) and ours (UTF-16) might differ. */
function bounds(keys: readonly string[]): readonly [string, string] | undefined {
  if (keys.length > 1 && !keys.every(key => /^[ -~]*$/.test(key))) return undefined;
  const sorted = keys.toSorted();
  return [sorted[0] ?? '', sorted.at(-1) ?? ''];
}

/** Whether the table has no key between the bounds that is not among the input's. */
async function holdsOnly(
  {session, catalog}: Staging,
  {table, keys}: InputSpec,
  from: string,
  to: string,
): Promise<boolean> {
  const column = quoted(partitionColumn(table.partitioning) ?? '');
  const type = duckdbType(keyType(table.partitioning));
  const held = await session.rows(
    `SELECT DISTINCT CAST(${column} AS VARCHAR) FROM (SELECT DISTINCT ${column} FROM ${tableName(catalog, table.name)}
     WHERE ${column} BETWEEN CAST($from AS ${type}) AND CAST($to AS ${type}))`,
    {bound: {values: {from, to}}},
  );
  const known = new Set(keys);
  return held.every(([key]) => known.has(String(key)));
}

/**
 * Binds the window relations, once. Outside of any transaction: of rows that are not committed yet the optimizer knows
 * no numbers, and joins them in an order that took five times as long (measured on a window of 365 days).
 * Stretches are laid over members in the engine: the relation has a row for each pair, which never leaves it.
 */
export async function bindWindows(staging: Staging): Promise<void> {
  if (staging.windowsBound) return;
  staging.windowsBound = true;
  const {session, table, inputs} = staging;
  for (const [index, {window, table: upstream}] of inputs.entries()) {
    if (window === undefined) continue;
    const {positions, upstreamKeys, teams, gameIds} = window.members;
    const {keys, from, to} = window.stretches;
    await createTemporary(session, MEMBERS, [
      {name: 'position', type: 'int64', values: positions},
      {name: 'upstream_key', type: keyType(upstream.partitioning), values: upstreamKeys},
      ...(teams === undefined ? [] : [{name: 'team', type: 'string' as const, values: teams}]),
      ...(gameIds === undefined ? [] : [{name: 'game_id', type: 'string' as const, values: gameIds}]),
    ]);
    await createTemporary(session, STRETCHES, [
      {name: 'key', type: keyType(table.partitioning), values: keys},
      {name: 'first', type: 'int64', values: from},
      {name: 'past', type: 'int64', values: to},
    ]);
    await session.run(`CREATE OR REPLACE TEMP TABLE ${quoted(windowName(index))} AS
      SELECT key, members.* EXCLUDE (position)
      FROM (SELECT key, unnest(range(first, past)) AS position FROM ${temporary(STRETCHES)})
      JOIN ${temporary(MEMBERS)} AS members USING (position)`);
  }
}

/** All that a query may read, without the new rows; the inputs must be bound. Refuses a name that stands for two things. */
export function scopeOf({catalog, table, partitions, inputs, cuts, shapes}: Staging): Scope {
  const showsQuality = partitions.some(({quality}) => quality !== undefined);
  const relations: Relation[] = [partitionsRelation(table, showsQuality)];
  const values: Record<string, string> = {};
  for (const [index, input] of inputs.entries()) {
    const cut = cuts?.[index] ?? {kind: 'none'};
    const where = condition(input, index, cut);
    const shape = shapes.found.get(input.table.name);
    relations.push({name: input.edge, sql: inputSql(catalog, input, where, shape)});
    if (input.window !== undefined) relations.push(windowRelation(input.edge, index));
    if (cut.kind === 'range') Object.assign(values, {[`from_${index}`]: cut.from, [`to_${index}`]: cut.to});
  }
  const seen = new Set<string>();
  for (const {name} of relations) {
    if (seen.has(name.toLowerCase())) {
      throw new WarehouseError(
        'query',
        `${table.name} would read two things named '${name}'; rename one edge.`,
      );
    }
    seen.add(name.toLowerCase());
  }
  return {relations, parameters: values};
}

function condition({table}: InputSpec, index: number, cut: Cut): string | undefined {
  const column = quoted(partitionColumn(table.partitioning) ?? '');
  const type = duckdbType(keyType(table.partitioning));
  switch (cut.kind) {
    case 'none':
      return undefined;
    case 'range':
      return `${column} BETWEEN CAST($from_${index} AS ${type}) AND CAST($to_${index} AS ${type})`;
    case 'keys':
      return `${column} IN (SELECT key FROM ${temporary(keysName(index))})`;
    default:
      return unreachable(cut);
  }
}
