/**
 * The warehouse of a project's target, opened for commands that only read it.
 * It does not make one that is not there.
 */
import {type Declared, hasLedger} from '../report/project-ledger.ts';
import {ledgerName} from '../runner/ledger-place.ts';
import {mayHaveWarehouse, openWarehouse, warehouseName} from '../runner/open-warehouse.ts';
import type {Warehouse} from '../runner/warehouse.ts';
import type {Invocation} from './command.ts';
import {waitOf} from './project.ts';
import {Refusal} from './world.ts';

export async function withWarehouse<T>(
  project: Declared,
  {options}: Pick<Invocation, 'options'>,
  use: (warehouse: Warehouse) => Promise<T>,
): Promise<T> {
  const {target} = project.pipeline;
  if (!mayHaveWarehouse(project)) {
    const why = hasLedger(project)
      ? `, and there is a ledger. Put the file back; or, to make everything anew, move '${ledgerName(target.ledger)}' away too.`
      : ` yet; 'gameplan materialize' fills it${options.target === undefined ? ', or --target names another one' : ''}.`;
    throw new Refusal(
      `error: There is no warehouse '${warehouseName(target.warehouse)}' of target '${target.name}'${why}\n`,
    );
  }
  const warehouse = await openWarehouse({...project, waitMs: waitOf(options)});
  try {
    return await use(warehouse);
  } finally {
    await warehouse.close();
  }
}
