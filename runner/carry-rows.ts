/**
 * Stages the rows of a batch as another target holds them, a page at a time.
 * It does not deal with judging or publishing them (make-table.ts): they are new rows like any others.
 */
import type {Carrier} from './carry.ts';
import {isStandIn} from './carry.ts';
import {specsOf} from './inputs.ts';
import type {Batch} from './schedule.ts';
import type {StagedBatch, Staging, Taken} from './stage-batch.ts';
import type {Warehouse} from './warehouse.ts';
import {type Stage, tableOf} from './workshop.ts';

/** A partition whose rows are not those of its ledger there gets its result. Undefined where none is left. */
export async function stageCarried(
  stage: Stage,
  warehouse: Warehouse,
  carry: Carrier,
  {batch, results}: Staging & {readonly batch: Batch},
): Promise<StagedBatch | undefined> {
  const {asset} = batch.asset;
  const table = tableOf(asset);
  const refused = carry.refusals(
    batch.asset,
    batch.jobs.map(({ordinal}) => ordinal),
  );
  const odd = await carry.odd(
    table,
    asset.name,
    batch.jobs.map(({key}) => key),
  );
  for (const {ordinal, key} of batch.jobs) {
    const error = refused.get(key) ?? odd.get(key);
    if (error !== undefined) results.set(ordinal, {outcome: 'failed', error});
  }
  const jobs = batch.jobs.filter(({ordinal}) => !results.has(ordinal));
  if (jobs.length === 0) return undefined;
  const ordinals = jobs.map(({ordinal}) => ordinal);
  const staged = await warehouse.stageRows(
    {
      ...specsOf(batch.asset, ordinals),
      rows: carry.rows(
        table,
        jobs.map(({key}) => key),
        stage.cancel,
      ),
    },
    stage.cancel,
  );
  const taken = new Map(
    jobs.flatMap(({ordinal, key}): [number, Taken][] => {
      const {trust} = carry.factsOf(asset.name, key);
      return asset.cascade === undefined ? [] : [[ordinal, {trust, standsIn: isStandIn(asset, trust)}]];
    }),
  );
  return {staged, batch: {...batch, jobs}, audited: undefined, taken};
}
