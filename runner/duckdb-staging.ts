/**
 * New rows that nobody reads yet: the temporary tables of one connection, with the keys and inputs they were asked for.
 * It does not deal with judging them (duckdb-audit.ts) nor with publishing (duckdb-publish.ts).
 */
import {createTemporary} from './duckdb-append.ts';
import {keyType} from './duckdb-name.ts';
import type {Session} from './duckdb-session.ts';
import {
  inputRelations,
  keysName,
  PARTITIONS,
  partitionsRelation,
  type Relation,
  windowName,
} from './duckdb-wrap.ts';
import {type InputSpec, type PartitionSpec, type TableSpec, WarehouseError} from './warehouse.ts';

export interface Staging {
  readonly session: Session;
  /** The warehouse's own catalog. */
  readonly catalog: string;
  readonly table: TableSpec;
  readonly partitions: readonly PartitionSpec[];
  readonly inputs: readonly InputSpec[];
  /** Whether the inputs' keys are bound on this connection. */
  inputsBound: boolean;
}

/** Binds the keys to be made as a temporary table. */
export async function bindPartitions(staging: Staging): Promise<void> {
  await createTemporary(staging.session, PARTITIONS, [
    {
      name: 'key',
      type: keyType(staging.table.partitioning),
      values: staging.partitions.map(({key}) => key),
    },
    {name: 'season', type: 'string', values: staging.partitions.map(({season}) => season)},
  ]);
}

/** Binds the keys and windows of every edge, once. */
export async function bindInputs(staging: Staging): Promise<void> {
  if (staging.inputsBound) return;
  for (const [index, input] of staging.inputs.entries()) await bindInput(staging, input, index);
  staging.inputsBound = true;
}

async function bindInput({session, table}: Staging, input: InputSpec, index: number): Promise<void> {
  const upstream = keyType(input.table.partitioning);
  if (input.table.partitioning.kind !== 'all' && input.keys.length > 0) {
    await createTemporary(session, keysName(index), [{name: 'key', type: upstream, values: input.keys}]);
  }
  if (input.window === undefined) return;
  const {key, upstreamKey, team, gameId} = input.window;
  await createTemporary(session, windowName(index), [
    {name: 'key', type: keyType(table.partitioning), values: key},
    {name: 'upstream_key', type: upstream, values: upstreamKey},
    ...(team === undefined ? [] : [{name: 'team', type: 'string' as const, values: team}]),
    ...(gameId === undefined ? [] : [{name: 'game_id', type: 'string' as const, values: gameId}]),
  ]);
}

/** All that a query of this staging may read, without the new rows. Refuses a name that stands for two things. */
export function relations({catalog, table, inputs}: Staging): readonly Relation[] {
  const all = [
    partitionsRelation(table),
    ...inputs.flatMap((input, index) => inputRelations(catalog, input, index)),
  ];
  const seen = new Set<string>();
  for (const {name} of all) {
    if (seen.has(name.toLowerCase())) {
      throw new WarehouseError(
        'query',
        `${table.name} would read two things named '${name}'; rename one edge.`,
      );
    }
    seen.add(name.toLowerCase());
  }
  return all;
}
