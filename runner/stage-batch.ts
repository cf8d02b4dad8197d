/**
 * Stages the rows of a batch, from whatever makes them: code, a query, or the sources of a cascade.
 * It does not deal with judging or publishing them (make-table.ts).
 */
import type {Try} from '../planner/coverage-event.ts';
import type {Trust} from '../planner/ledger.ts';
import type {Bill} from './bill.ts';
import {stageCarried} from './carry-rows.ts';
import {stageCascade} from './cascade.ts';
import {failureOf} from './failure.ts';
import type {Result} from './finish.ts';
import {specsOf} from './inputs.ts';
import {stageRowsOf} from './make-rows.ts';
import type {Batch} from './schedule.ts';
import {errorText, withTimeout} from './timeout.ts';
import type {AuditResult, Staged, StageQuery, Warehouse} from './warehouse.ts';
import {queryOf, type Stage} from './workshop.ts';

export interface StagedBatch {
  readonly staged: Staged;
  /** The jobs whose rows were staged: others have a result, or were put back. */
  readonly batch: Batch;
  /** What an audit by the asset's checks found, where there was one already. */
  readonly audited: AuditResult | undefined;
  /** Of a cascade, by ordinal. */
  readonly taken: ReadonlyMap<number, Taken>;
}

/** What a cascade took for one partition. */
export interface Taken {
  readonly trust: Trust;
  /** Rows that stand in for those that no source has. */
  readonly standsIn: boolean;
}

/** What staging found out before anything was judged: results of partitions that failed, and the record of tries. */
export interface Staging {
  readonly results: Map<number, Result>;
  /** By ordinal. */
  readonly tries: Map<number, readonly Try[]>;
  /** Of all stagings but the one that is given back. */
  readonly bill: Bill;
}

/**
 * New rows aside; a partition whose code fails gets its result. Undefined where nothing was staged. The caller discards
 * them.
 */
export async function stageBatch(
  stage: Stage,
  warehouse: Warehouse,
  batch: Batch,
  staging: Staging,
): Promise<StagedBatch | undefined> {
  const {asset} = batch.asset;
  if (stage.carry !== undefined) return stageCarried(stage, warehouse, stage.carry, {batch, ...staging});
  if (asset.cascade !== undefined) return stageCascade(stage, warehouse, {batch, ...staging});
  const ordinals = batch.jobs.map(({ordinal}) => ordinal);
  const request = specsOf(batch.asset, ordinals);
  const {making} = asset;
  const {results} = staging;
  let staged: Staged;
  if (making.kind === 'rows') {
    const outcome = (): 'cancelled' | 'failed' => (stage.cancel.aborted ? 'cancelled' : 'failed');
    const fail = (ordinal: number, error: unknown): void =>
      void results.set(ordinal, {outcome: outcome(), failure: failureOf(error), error: errorText(error)});
    staged = await stageRowsOf(stage, {warehouse, batch, request, fail, source: undefined});
  } else if (making.kind === 'sql') {
    staged = await stageQueryOf(stage, warehouse, {
      timeout: asset.timeout,
      request: {...request, ...queryOf(stage.sources, making.query)},
    });
  } else throw new Error(`Internal error: '${asset.name}' has no table`);
  const jobs = batch.jobs.filter(({ordinal}) => !results.has(ordinal));
  return {staged, batch: {...batch, jobs}, audited: undefined, taken: new Map()};
}

/** A query under its asset's timeout. */
export function stageQueryOf(
  stage: Stage,
  warehouse: Warehouse,
  {timeout, request}: {readonly timeout: number; readonly request: StageQuery},
): Promise<Staged> {
  return withTimeout(stage.cancel, timeout, async signal => {
    const staged = await warehouse.stageQuery({...request, timeoutMs: timeout}, signal);
    // Nobody waits for it any more, so nobody else would give its rows back.
    if (signal.aborted) await warehouse.discard(staged);
    return staged;
  });
}
