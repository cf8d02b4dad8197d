/**
 * Looks whether a target can be used: who we are for it, what is there, whether it may be written. It writes nothing but
 * probes, which it takes away again. It does not deal with what the tables hold (verify).
 */
import type {Pipeline} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';
import type {Finding} from './finding.ts';

export interface Examined {
  /** Absolute folder of the project. */
  readonly root: string;
  readonly pipeline: Pipeline;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Findings as they come, of what others depend on first. */
export async function* examine(examined: Examined): AsyncGenerator<Finding> {
  const {warehouse, store} = examined.pipeline.target;
  const local = await import('./doctor-local.ts');
  yield await local.examineLedger(examined);
  switch (warehouse.engine) {
    case 'duckdb':
      yield await local.examineFile(examined, warehouse);
      break;
    case 'bigquery': {
      const {examineBigquery} = await import('./doctor-bigquery.ts');
      yield* examineBigquery(examined, warehouse);
      break;
    }
    default:
      unreachable(warehouse);
  }
  switch (store.kind) {
    case 'folder':
      yield await local.examineFolder(examined, store);
      break;
    case 'gcs': {
      const {examineBucket} = await import('./doctor-bucket.ts');
      yield await examineBucket(examined, store);
      break;
    }
    default:
      unreachable(store);
  }
  yield local.examineDisk(examined);
  if (examined.pipeline.alerts.receivers.length > 0) {
    const {examineAlerts} = await import('./doctor-alerts.ts');
    yield* examineAlerts(examined);
  }
}
