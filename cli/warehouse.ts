/**
 * The warehouse of a project's target, opened for commands that only read it.
 * It does not make one that is not there.
 */
import {existsSync} from 'node:fs';
import path from 'node:path';
import type {Warehouse} from '../runner/warehouse.ts';
import type {Declared} from './project.ts';
import {Refusal, type World} from './world.ts';

/** How long to wait for a warehouse that another process holds, in milliseconds. */
const WAIT_MS = 2_000;

export async function withWarehouse<T>(
  {root, pipeline}: Declared,
  world: Pick<World, 'now'>,
  use: (warehouse: Warehouse) => Promise<T>,
): Promise<T> {
  const {path: file, memoryLimit} = pipeline.target.warehouse;
  const place = path.resolve(root, file);
  if (!existsSync(place)) {
    throw new Refusal(`error: There is no warehouse '${file}' yet; 'gameplan materialize' fills it.\n`);
  }
  const {openDuckdb} = await import('../runner/duckdb.ts');
  const warehouse = await openDuckdb({path: place, memoryLimit, waitMs: WAIT_MS});
  try {
    return await use(warehouse);
  } finally {
    await warehouse.close();
  }
}
