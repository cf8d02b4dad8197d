/**
 * Calls TypeScript that returns rows, a partition at a time, and stages what it gives for many partitions together.
 * A partition whose code fails gets its result here; the others go on.
 */
import {type AssetFrame, type EdgeFrame, keyAt} from '../planner/frame.ts';
import {SOURCE_COLUMN} from '../planner/manifest-source.ts';
import {seasonOf} from '../planner/range.ts';
import {ordinalsRead} from '../planner/window.ts';
import type {Partition, Row} from './asset.ts';
import {SiteError} from './asset-error.ts';
import type {CodeTools} from './code-host.ts';
import type {PlainObject} from './code-protocol.ts';
import {validKeys} from './inputs.ts';
import type {Batch, Job} from './schedule.ts';
import type {Store} from './store.ts';
import {type Staged, type StageRequest, type Warehouse, WarehouseError} from './warehouse.ts';
import {placeOf, type Stage} from './workshop.ts';

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
  const isNamed = batch.asset.asset.columns.some(({name}) => name === SOURCE_COLUMN);
  async function* eachPartition(): AsyncGenerator<readonly Row[]> {
    for (const job of batch.jobs) {
      // To return here would leave the rest without rows, and no rows may be what a partition should have.
      if (stage.cancel.aborted) throw new WarehouseError('cancelled', 'Cancelled.');
      const tools = toolsFor(stage, batch.asset, job);
      try {
        for await (const rows of stage.code.rows(batch.asset.asset, source, tools, stage.cancel)) {
          requireRows(rows);
          refuseForeign(batch.asset, job.key, rows);
          yield isNamed ? rows.map(row => ({...row, [SOURCE_COLUMN]: source ?? null})) : rows;
        }
      } catch (error) {
        // What it gave before is staged and not published: only partitions without a result are.
        fail(job.ordinal, error);
      }
    }
  }
  return warehouse.stageRows({...request, rows: eachPartition()}, stage.cancel);
}

/** Code without types can return anything; what is no list of rows is this partition's mistake alone. */
function requireRows(rows: readonly unknown[]): void {
  if (rows.every(row => typeof row === 'object' && row !== null && !Array.isArray(row))) return;
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

/** The partition as its code sees it: games that are played, without those postponed or cancelled. */
function partitionOf(asset: AssetFrame, ordinal: number): Partition {
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

/** What code is given for one partition. A table's code asks no site and puts nothing. */
export function toolsFor(
  stage: Stage,
  asset: AssetFrame,
  job: Job,
  about: Partial<Pick<CodeTools, 'site' | 'put' | 'asOf'>> = {},
): CodeTools {
  const {name} = asset.asset;
  const message = `${name} declares no site; give it 'site:' to fetch over HTTP.`;
  return {
    partition: partitionOf(asset, job.ordinal),
    asOf: undefined,
    site: () => ({get: url => Promise.reject(new SiteError(message, {url}))}),
    put: () => Promise.reject(new Error(`Internal error: ${name} puts no objects`)),
    inputs: Object.fromEntries(
      asset.edges.map(edge => [edge.edge.name, () => objectsOf(stage, edge, job)] as const),
    ),
    ...about,
  };
}

async function* objectsOf(stage: Stage, edge: EdgeFrame, job: Job): AsyncGenerator<PlainObject> {
  const {upstream, reads} = edge;
  const {kind} = upstream.asset.making;
  if (kind !== 'files' && kind !== 'external-objects') {
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
    if (kind === 'external-objects') {
      yield* foreignObjects(store, place, key);
      continue;
    }
    const generation = await store.findGeneration(place);
    if (generation === undefined) {
      throw new Error(
        `${upstream.asset.name}@${key} is recorded, and the store holds nothing at '${place}'; run materialize '${upstream.asset.name}' --dates ${key} --force.`,
      );
    }
    const names = generation.objects.map(({name}) => name).sort();
    for (const name of names) {
      const bytes = await store.read(place, generation.id, name);
      yield {place: `${place}${name}`, name, key, bytes};
    }
  }
}

/** What others put below a folder, as it lies there now. */
async function* foreignObjects(store: Store, place: string, key: string): AsyncGenerator<PlainObject> {
  for (const {name} of (await store.look([place])).get(place) ?? []) {
    const bytes = await store.find(`${place}${name}`);
    // What went meanwhile is told by the next observation.
    if (bytes !== undefined) yield {place: `${place}${name}`, name, key, bytes};
  }
}
