/**
 * Keeps what a batch may not publish where people can read it.
 * It does not decide what may not be published (make-table.ts).
 */
import type {Result} from './finish.ts';
import type {Job} from './schedule.ts';
import type {Audit, Staged, Warehouse} from './warehouse.ts';
import type {Stage} from './workshop.ts';

/** Of the jobs that were judged, those whose result is `quarantined`. */
export async function holdBack(
  stage: Stage,
  {
    warehouse,
    staged,
    results,
  }: {
    readonly warehouse: Warehouse;
    readonly staged: Staged;
    readonly results: ReadonlyMap<number, Result>;
  },
  judged: readonly {readonly job: Job; readonly audit: Audit}[],
): Promise<void> {
  const partitions = judged.flatMap(({job, audit: {rows, violations}}) => {
    const result = results.get(job.ordinal);
    return result?.outcome === 'quarantined' ? [{key: job.key, rows, violations, error: result.error}] : [];
  });
  if (partitions.length > 0)
    await warehouse.holdBack({staged, run: stage.run, at: stage.clock(), partitions});
}
