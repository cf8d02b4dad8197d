/**
 * The rows of one source of a cascade, staged: of objects by the asset's own code, of tables by a query.
 * It does not deal with which source is asked (cascade.ts).
 */
import {type AssetFrame, isValid, keyAt, refOf} from '../planner/frame.ts';
import {SOURCE_COLUMN} from '../planner/manifest-source.ts';
import type {Asset, Source} from '../planner/pipeline.ts';
import {ordinalsRead} from '../planner/window.ts';
import {FAILURE_EVENTS, type Failure, failureIn, failureOf} from './failure.ts';
import {specsOf} from './inputs.ts';
import {stageRowsOf} from './make-rows.ts';
import type {Batch} from './schedule.ts';
import {stageQueryOf} from './stage-batch.ts';
import {StoreError} from './store.ts';
import {errorText, isEveryones} from './timeout.ts';
import {type Staged, type Warehouse, WarehouseError} from './warehouse.ts';
import {isTable, queryOf, type Stage} from './workshop.ts';

interface Failed {
  readonly failure: Failure;
  readonly error: string;
}

export interface SourceRows {
  /** Undefined where nothing could be staged. */
  readonly staged: Staged | undefined;
  /** By ordinal. */
  readonly failed: ReadonlyMap<number, Failed>;
}

/**
 * Stages what a source has for the jobs of a batch. A partition whose code fails is told of; what fails for a batch of
 * several throws, so that the batch can be halved.
 */
export async function stageSource(
  stage: Stage,
  warehouse: Warehouse,
  {batch, rank}: {readonly batch: Batch; readonly rank: number},
): Promise<SourceRows> {
  const {asset} = batch.asset;
  const source = sourceAt(asset, rank);
  const ordinals = batch.jobs.map(({ordinal}) => ordinal);
  const request = specsOf(
    batch.asset,
    ordinals,
    edge => edge.source === undefined || source.edges.includes(edge.name),
  );
  const failed = new Map<number, Failed>();
  const tableEdge = batch.asset.edges.find(
    ({edge, upstream}) => edge.source === rank && isTable(upstream.asset),
  );
  try {
    if (source.query === undefined && tableEdge === undefined) {
      const fail = (ordinal: number, error: unknown): void => {
        if (isOfMachine(error)) throw error;
        failed.set(ordinal, {failure: failureOf(error), error: errorText(error)});
      };
      return {
        staged: await stageRowsOf(stage, {warehouse, batch, request, fail, source: source.name}),
        failed,
      };
    }
    const hasColumn = asset.columns.some(({name}) => name === SOURCE_COLUMN);
    const staged = await stageQueryOf(stage, warehouse, {
      timeout: asset.timeout,
      request: {
        ...request,
        ...textOf(stage, warehouse, asset, source),
        constants: hasColumn ? {[SOURCE_COLUMN]: source.name} : {},
      },
    });
    return {staged, failed};
  } catch (error) {
    const [only, second] = batch.jobs;
    const isOfSource = !isEveryones(error) && !isOfMachine(error) && !stage.cancel.aborted;
    if (!isOfSource || only === undefined || second !== undefined) throw error;
    failed.set(only.ordinal, {failure: failureOf(error), error: errorText(error)});
    return {staged: undefined, failed};
  }
}

/**
 * What store or warehouse could not do says nothing of a source. A lower one in its place would stay for good: nothing
 * that was read is another one the next time.
 */
function isOfMachine(error: unknown): boolean {
  if (error instanceof StoreError) return error.kind !== 'damaged';
  return error instanceof WarehouseError && error.kind !== 'query' && error.kind !== 'statement';
}

/** The source's own query, or one that takes the rows of its table as they are. */
function textOf(
  stage: Stage,
  warehouse: Warehouse,
  asset: Asset,
  {name, edges, query}: Source,
): {query: string; queryPath: string} {
  if (query !== undefined) return queryOf(stage.sources, query);
  const columns = asset.columns.map(column => column.name).filter(column => column !== SOURCE_COLUMN);
  return {
    query: warehouse.queryOf(edges[0] ?? '', columns),
    queryPath: `The source '${name}' of ${asset.name}`,
  };
}

function sourceAt({name, cascade}: Asset, rank: number): Source {
  const source = cascade?.sources[rank];
  if (source === undefined) throw new Error(`Internal error: '${name}' has no source ${rank}`);
  return source;
}

/** Why a source has nothing to be read for a partition; undefined where it has. */
export function whyAbsent(
  stage: Stage,
  {edges}: AssetFrame,
  {ordinal, rank}: {readonly ordinal: number; readonly rank: number},
): {readonly failure: Failure; readonly detail: string} | undefined {
  for (const {edge, upstream, reads} of edges) {
    if (edge.source !== rank) continue;
    const absent = ordinalsRead(reads, ordinal).find(i => !isValid(upstream, i));
    if (absent === undefined) continue;
    const told = lastFailure(stage, upstream, absent);
    return told ?? {failure: 'error', detail: `${refOf(upstream, absent)} is not there`};
  }
  return undefined;
}

/** What the log last heard of a partition that is not there, or of what it needs in turn. */
function lastFailure(
  stage: Stage,
  asset: AssetFrame,
  ordinal: number,
): {readonly failure: Failure; readonly detail: string} | undefined {
  const kinds = Object.values(FAILURE_EVENTS);
  const about = {assets: [asset.asset.name], key: keyAt(asset, ordinal)};
  const [last] = stage.ledger.events({...about, kinds, limit: 1});
  if (last !== undefined)
    return {failure: failureIn(last.kind), detail: `${refOf(asset, ordinal)}: ${last.detail}`};
  for (const {edge, upstream, reads} of asset.edges) {
    const absent = ordinalsRead(reads, ordinal).find(i => !isValid(upstream, i));
    const found = !edge.required || absent === undefined ? undefined : lastFailure(stage, upstream, absent);
    if (found !== undefined) return found;
  }
  return undefined;
}
