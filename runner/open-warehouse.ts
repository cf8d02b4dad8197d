/**
 * The one way to a target's warehouse, whatever its engine; the engine's own code is loaded only then.
 * It does not deal with when it is opened and let go (target.ts, door.ts).
 */
import {existsSync} from 'node:fs';
import {resolve} from 'node:path';
import type {Pipeline, WarehouseTarget} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';
import {NO_TRACE, type Trace} from './trace.ts';
import type {Warehouse} from './warehouse.ts';

export interface WarehouseOptions {
  /** Absolute folder of the project. */
  readonly root: string;
  readonly pipeline: Pipeline;
  /** Whose it has to be, or becomes where it is nobody's: the pipeline's, unless anyone's will do. */
  readonly owner?: 'pipeline' | 'anyone';
  /** How long to wait for what another process holds. Milliseconds. */
  readonly waitMs: number;
  /** For labels of what is done there; undefined outside of runs. */
  readonly run?: string | undefined;
  /** Hears of jobs, where the engine has such. */
  readonly trace?: Trace;
}

type Place = Pick<WarehouseOptions, 'root' | 'pipeline'>;

/** Throws a `WarehouseError`. */
export async function openWarehouse(options: WarehouseOptions): Promise<Warehouse> {
  const {root, pipeline, owner = 'pipeline', waitMs} = options;
  const {warehouse} = pipeline.target;
  switch (warehouse.engine) {
    case 'duckdb': {
      const {openDuckdb} = await import('./duckdb.ts');
      const {path, memoryLimit} = warehouse;
      return openDuckdb({
        path: path === ':memory:' ? path : resolve(root, path),
        pipeline: owner === 'pipeline' ? pipeline.name : undefined,
        memoryLimit,
        waitMs,
      });
    }
    case 'bigquery': {
      const {connectBigquery} = await import('./bigquery-open.ts');
      const named = owner === 'pipeline' ? pipeline.name : undefined;
      const {run = 'none', trace = NO_TRACE} = options;
      return connectBigquery({root, pipeline, warehouse, owner: named, run, trace});
    }
    default:
      return unreachable(warehouse);
  }
}

/** Its file; undefined where it is none. */
export function warehouseFile({root, pipeline}: Place): string | undefined {
  const {warehouse} = pipeline.target;
  return warehouse.engine === 'duckdb' ? resolve(root, warehouse.path) : undefined;
}

/** Whether there is one to be opened: what is no file says so itself. */
export function mayHaveWarehouse(place: Place): boolean {
  const file = warehouseFile(place);
  return file === undefined || existsSync(file);
}

/** As messages call it. */
export function warehouseName(warehouse: WarehouseTarget): string {
  return warehouse.engine === 'duckdb'
    ? warehouse.path
    : `${warehouse.project}.${warehouse.datasetPrefix}* in BigQuery`;
}
