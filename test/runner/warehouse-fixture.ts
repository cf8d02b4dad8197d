/**
 * Tables, checks and stagings in few words, for the tests of warehouses.
 * It does not deal with any engine.
 */
import {randomUUID} from 'node:crypto';
import type {Check, ColumnType, Partitioning} from '../../planner/pipeline.ts';
import type {Row} from '../../runner/asset.ts';
import type {
  AuditResult,
  InputSpec,
  PartitionSpec,
  Receipt,
  Staged,
  StageQuery,
  TableSpec,
  Warehouse,
  WindowSpec,
} from '../../runner/warehouse.ts';

export const never = new AbortController().signal;

const byDate: Partitioning = {kind: 'date', calendar: 'nba', column: 'game_date'};

/** A table partitioned by `game_date` unless told otherwise; columns as `{name: type}`. */
export function table(
  name: string,
  columns: Readonly<Record<string, ColumnType>>,
  key: readonly string[],
  partitioning: Partitioning = byDate,
): TableSpec {
  const declared = Object.entries(columns).map(([column, type]) => ({
    name: column,
    type,
    unit: undefined,
    description: undefined,
  }));
  return {name, columns: declared, key, partitioning};
}

export function dates(...keys: readonly string[]): readonly PartitionSpec[] {
  return keys.map(key => ({key, season: '2023-24'}));
}

export const day = '2024-01-15';
export const every: Readonly<Record<string, ColumnType>> = {
  game_date: 'date',
  yes: 'bool',
  whole: 'int64',
  real: 'float64',
  text: 'string',
  moment: 'timestamp',
};
/** A table with a column of every type. */
export const all = table('raw.all', every, ['whole']);
/** A row of it. */
export const good: Row = {
  game_date: day,
  yes: true,
  whole: 1,
  real: 1.5,
  text: 'Dončić 🏀',
  moment: '2024-01-15T19:30:00Z',
};

/** An edge of the same key. */
export function same(edge: string, upstream: TableSpec, keys: readonly string[]): InputSpec {
  return {edge, table: upstream, keys, window: undefined};
}

export function receipt(asset: string, key: string, more: Partial<Receipt> = {}): Receipt {
  return {
    asset,
    key,
    kind: 'published',
    intent: 'intent-1',
    run: 'run-1',
    version: '00000000000000aa',
    rows: 1,
    fingerprint: 'f'.repeat(64),
    digest: '00000000000000bb',
    expected: null,
    found: null,
    absent: [],
    at: 1_700_000_000_000,
    ...more,
  };
}

const nowhere = {file: {path: 'pipeline.yaml', text: ''}, start: 0, end: 0};

type OwnFields<C> = C extends Check ? Omit<C, 'name' | 'severity' | 'penalty' | 'at'> : never;

export function check(
  name: string,
  fields: OwnFields<Check>,
  severity: 'error' | 'warn' = 'error',
): Check & {text?: string} {
  return {...fields, name, severity, penalty: severity === 'warn' ? 5 : 0, at: nowhere};
}

export function stageRows(
  warehouse: Warehouse,
  spec: TableSpec,
  keys: readonly string[],
  rows: readonly Row[],
  inputs: readonly InputSpec[] = [],
): Promise<Staged> {
  return warehouse.stageRows({table: spec, partitions: dates(...keys), inputs, rows: [rows]}, never);
}

/** Publishes rows as they are, without checks. */
export async function fill(
  warehouse: Warehouse,
  spec: TableSpec,
  keys: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  const staged = await stageRows(warehouse, spec, keys, rows);
  // Each publication has an intent of its own: one that is repeated would be known to be done.
  const intent = randomUUID();
  await warehouse.publish({staged, keys, receipts: keys.map(key => receipt(spec.name, key, {intent}))});
  await warehouse.discard(staged);
}

export function stageQuery(
  warehouse: Warehouse,
  request: Partial<StageQuery> & {table: TableSpec; query: string},
) {
  return warehouse.stageQuery(queryRequest(request), never);
}

export function queryRequest(request: Partial<StageQuery> & {table: TableSpec; query: string}): StageQuery {
  return {queryPath: 'assets/a.sql', partitions: dates('2024-01-15'), inputs: [], ...request};
}

/** An audit without declared checks. */
export function plainAudit(warehouse: Warehouse, staged: Staged): Promise<AuditResult> {
  return warehouse.audit({staged, checks: [], covers: undefined, expected: []});
}

/** A window of pairs: `keys[i]` reads `upstreamKeys[i]`. */
export function pairs(keys: readonly string[], upstreamKeys: readonly string[]): WindowSpec {
  const positions = keys.map((_, i) => i);
  return {
    members: {positions, upstreamKeys, teams: undefined, gameIds: undefined},
    stretches: {keys, from: positions, to: positions.map(i => i + 1)},
  };
}
