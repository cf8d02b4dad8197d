/**
 * Calls TypeScript that returns rows, a partition at a time, and stages what it gives for many partitions together.
 * A partition whose code fails gets its result here; the others go on.
 */
import {type AssetFrame, type EdgeFrame, keyAt} from '../planner/frame.ts';
import {SOURCE_COLUMN} from '../planner/manifest-source.ts';
import {seasonOf} from '../planner/range.ts';
import {ordinalsRead} from '../planner/window.ts';
import type {Input, Partition, Row, StoredObject} from './asset.ts';
import {validKeys} from './inputs.ts';
import {readJson} from './json.ts';
import type {Batch, Job} from './schedule.ts';
import {withTimeout} from './timeout.ts';
import {
  type InputSpec,
  type PartitionSpec,
  type Staged,
  type TableSpec,
  type Warehouse,
  WarehouseError,
} from './warehouse.ts';
import {placeOf, type Stage} from './workshop.ts';

interface StageRequest {
  readonly table: TableSpec;
  readonly partitions: readonly PartitionSpec[];
  readonly inputs: readonly InputSpec[];
}

export async function stageRowsOf(
  stage: Stage,
  {
    warehouse,
    batch,
    request,
    fail,
    source,
  }: {
    warehouse: Warehouse;
    batch: Batch;
    request: StageRequest;
    /** Hears of a partition whose code failed. */
    fail: (ordinal: number, error: unknown) => void;
    /** Which source of a cascade is meant. */
    source: string | undefined;
  },
): Promise<Staged> {
  const {making} = batch.asset.asset;
  if (making.kind !== 'rows') throw new Error(`Internal error: '${batch.asset.asset.name}' returns no rows`);
  const makeRows = await stage.loadRows(making.module);
  const isNamed = batch.asset.asset.columns.some(({name}) => name === SOURCE_COLUMN);
  async function* eachPartition(): AsyncGenerator<readonly Row[]> {
    for (const job of batch.jobs) {
      // To return here would leave the rest without rows, and no rows may be what a partition should have.
      if (stage.cancel.aborted) throw new WarehouseError('cancelled', 'Cancelled.');
      try {
        yield await withTimeout(stage.cancel, batch.asset.asset.timeout, async signal => {
          const made = makeRows({
            partition: partitionOf(batch.asset, job.ordinal),
            source,
            inputs: inputsFor(stage, batch.asset, job),
            signal,
          });
          const rows = listed(isPromise(made) ? await made : await Array.fromAsync(made));
          refuseForeign(batch.asset, job.key, rows);
          return isNamed ? rows.map(row => ({...row, [SOURCE_COLUMN]: source ?? null})) : rows;
        });
      } catch (error) {
        fail(job.ordinal, error);
      }
    }
  }
  return warehouse.stageRows({...request, rows: eachPartition()}, stage.cancel);
}

/** Code without types can return anything; what is no list of rows is this partition's mistake alone. */
function listed(made: unknown): readonly Row[] {
  const isList = Array.isArray(made) && made.every(row => typeof row === 'object' && row !== null);
  if (isList) return made;
  throw new Error("'rows' must return a list of objects, one a row, or yield them one by one.");
}

/** Rows of another key of the same batch would be taken for that partition's own; alone they are found in the audit. */
function refuseForeign({asset}: AssetFrame, key: string, rows: readonly Row[]): void {
  if (asset.partitioning.kind === 'all') return;
  const {column} = asset.partitioning;
  // What is no text is no key either, and is told with its type.
  const foreign = Map.groupBy(
    rows.filter(row => typeof row[column] === 'string' && row[column] !== key),
    row => String(row[column]),
  );
  if (foreign.size === 0) return;
  const found = [...foreign].map(([other, all]) => ({key: other, rows: all.length}));
  throw new Error(foreignMessage(asset.name, [key], found));
}

export function foreignMessage(
  asset: string,
  keys: readonly string[],
  foreign: readonly {key: string; rows: number}[],
): string {
  const some = foreign.slice(0, 3).map(({key, rows}) => `${rows} of '${key}'`);
  const asked = keys.length === 1 ? `'${keys[0]}'` : `${keys.length} keys`;
  return `${asset} was asked for ${asked} and gave rows of other keys: ${some.join(', ')}. Cut the result to the keys in 'partitions'.`;
}

function isPromise<T>(value: Promise<T> | AsyncIterable<unknown>): value is Promise<T> {
  return value instanceof Object && 'then' in value;
}

/** The partition as its code sees it: games that are played, without those postponed or cancelled. */
export function partitionOf(asset: AssetFrame, ordinal: number): Partition {
  const isDate = asset.asset.partitioning.kind === 'date';
  const season = seasonOf(asset, ordinal);
  return {
    key: keyAt(asset, ordinal),
    season: season === '' ? undefined : season,
    games: isDate
      ? (asset.calendar?.games[ordinal] ?? []).map(({id, teams, status}) => ({id, teams, status}))
      : [],
  };
}

/** What each edge reads for one partition. */
export function inputsFor(stage: Stage, asset: AssetFrame, job: Job): Readonly<Record<string, Input>> {
  return Object.fromEntries(
    asset.edges.map(edge => [edge.edge.name, {objects: () => objectsOf(stage, edge, job)}] as const),
  );
}

async function* objectsOf(stage: Stage, edge: EdgeFrame, job: Job): AsyncGenerator<StoredObject> {
  const {upstream, reads} = edge;
  if (upstream.asset.making.kind !== 'files') {
    throw new Error(
      `Internal error: edge '${edge.edge.name}' reads ${upstream.asset.name}, which is a table`,
    );
  }
  const valid = new Set(validKeys(edge, [job.ordinal]));
  const store = stage.store();
  for (const ordinal of ordinalsRead(reads, job.ordinal)) {
    const key = keyAt(upstream, ordinal);
    if (!valid.has(key)) continue;
    const place = placeOf(upstream.asset, key, seasonOf(upstream, ordinal));
    const generation = await store.findGeneration(place);
    if (generation === undefined) {
      throw new Error(
        `${upstream.asset.name}@${key} is recorded, and the store holds nothing at '${place}'; run materialize '${upstream.asset.name}' --dates ${key} --force.`,
      );
    }
    const names = generation.objects.map(({name}) => name).sort();
    for (const name of names) {
      const bytes = await store.read(place, generation.id, name);
      yield storedObject(`${place}${name}`, {name, key, bytes});
    }
  }
}

function storedObject(
  place: string,
  {name, key, bytes}: {name: string; key: string; bytes: Uint8Array},
): StoredObject {
  const text = (): string => new TextDecoder().decode(bytes);
  return {name, key, text, json: schema => readJson(text(), schema, place)};
}
