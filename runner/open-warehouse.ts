/**
 * The one way to a target's warehouse, whatever its engine; the engine's own code is loaded only then.
 * It does not deal with when it is opened and let go (target.ts, door.ts).
 */
import {resolve} from 'node:path';
import type {Pipeline} from '../planner/pipeline.ts';
import type {Warehouse} from './warehouse.ts';

export interface WarehouseOptions {
  /** Absolute folder of the project. */
  readonly root: string;
  readonly pipeline: Pipeline;
  /** Whose it has to be, or becomes where it is nobody's: the pipeline's, unless anyone's will do. */
  readonly owner?: 'pipeline' | 'anyone';
  /** How long to wait for what another process holds. Milliseconds. */
  readonly waitMs: number;
}

/** Throws a `WarehouseError`. */
export async function openWarehouse(options: WarehouseOptions): Promise<Warehouse> {
  const {root, pipeline, owner = 'pipeline', waitMs} = options;
  const {path, memoryLimit} = pipeline.target.warehouse;
  const {openDuckdb} = await import('./duckdb.ts');
  const place = path === ':memory:' ? path : resolve(root, path);
  return openDuckdb({
    path: place,
    pipeline: owner === 'pipeline' ? pipeline.name : undefined,
    memoryLimit,
    waitMs,
  });
}

/** Its file, where it is one. */
export function warehouseFile({root, pipeline}: Pick<WarehouseOptions, 'root' | 'pipeline'>): string {
  return resolve(root, pipeline.target.warehouse.path);
}
