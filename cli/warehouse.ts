/**
 * The warehouse of a project's target, opened for commands that only read it.
 * It does not make one that is not there.
 */
import {existsSync} from 'node:fs';
import path from 'node:path';
import type {Warehouse} from '../runner/warehouse.ts';
import type {Invocation} from './command.ts';
import {type Declared, ledgerPath, waitOf} from './project.ts';
import {Refusal} from './world.ts';

export async function withWarehouse<T>(
  project: Declared,
  {options}: Pick<Invocation, 'options'>,
  use: (warehouse: Warehouse) => Promise<T>,
): Promise<T> {
  const {root, pipeline} = project;
  const {path: file, memoryLimit} = pipeline.target.warehouse;
  const place = path.resolve(root, file);
  if (!existsSync(place)) {
    const why = existsSync(ledgerPath(project))
      ? `, and there is a ledger. Put the file back; or, to make everything anew, move '${pipeline.target.ledger}' away too.`
      : " yet; 'gameplan materialize' fills it.";
    throw new Refusal(`error: There is no warehouse '${file}'${why}\n`);
  }
  const {openDuckdb} = await import('../runner/duckdb.ts');
  const warehouse = await openDuckdb({
    path: place,
    pipeline: pipeline.name,
    memoryLimit,
    waitMs: waitOf(options),
  });
  try {
    return await use(warehouse);
  } finally {
    await warehouse.close();
  }
}
