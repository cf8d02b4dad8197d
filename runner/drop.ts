/**
 * Drops the orphans that a plan lists: rows or objects go with a receipt, an asset at a time, then the ledger is told.
 * It does not decide which (planner/decide.ts), nor drop what another slicing left (former.ts); there is no third way in
 * which published rows are deleted.
 */
import {frameOf} from '../planner/frame.ts';
import type {PlannedPartition} from '../planner/plan.ts';
import {writeDown} from './correct.ts';
import {finishUnmade, tellUnmade} from './finish.ts';
import type {Stage} from './workshop.ts';

/** Every one gets an outcome, also those that are skipped because they are protected. Throws where one cannot be dropped. */
export async function dropOrphans(
  stage: Stage,
  orphans: readonly PlannedPartition[],
  about: {
    readonly by: string | undefined;
    readonly why: string | undefined;
    /** Whether the run ends before anything is dropped. */
    readonly isCancelled: boolean;
  },
): Promise<void> {
  const end = (outcome: 'skipped' | 'cancelled', partitions: readonly PlannedPartition[]): void =>
    finishUnmade(
      stage,
      partitions.map(({asset, key, reasons}) => ({asset, key, outcome, reasons})),
    );
  const open = Map.groupBy(
    orphans.filter(({action}) => action === 'drop'),
    ({asset}) => asset,
  );
  end(
    'skipped',
    orphans.filter(({action}) => action !== 'drop'),
  );
  try {
    for (const [name, own] of open) {
      if (about.isCancelled || stage.stop.aborted) break;
      await dropOf(stage, frameOf(stage.frame, name), own, about);
      open.delete(name);
    }
  } finally {
    end('cancelled', [...open.values()].flat());
  }
}

async function dropOf(
  stage: Stage,
  asset: ReturnType<typeof frameOf>,
  orphans: readonly PlannedPartition[],
  {by, why}: {readonly by: string | undefined; readonly why: string | undefined},
): Promise<void> {
  const rows = new Map(asset.orphans.map(({key, row}) => [key, row]));
  const startedAt = stage.clock();
  const items = orphans.map(({key, reasons}) => ({
    key,
    row: rows.get(key) ?? -1,
    reasons,
    inputs: undefined,
  }));
  stage.emit({
    kind: 'batch-started',
    at: startedAt,
    asset: asset.asset.name,
    keys: items.map(({key}) => key),
  });
  for (const outcome of await writeDown(stage, {kind: 'dropped', asset, items, by, why, startedAt}))
    tellUnmade(stage, outcome);
}
