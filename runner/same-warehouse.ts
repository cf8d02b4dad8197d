/**
 * Whether the warehouse is the one that the ledger speaks of: a file that was deleted, replaced or set back holds
 * less than what is called published, and would be read as if it held it all. It does not look at rows.
 */
import type {Frame} from '../planner/frame.ts';
import {isExternal} from '../planner/making.ts';
import {ledgerName} from './ledger-place.ts';
import {warehouseName} from './open-warehouse.ts';
import {type Warehouse, WarehouseError} from './warehouse.ts';
import {isTable, type Workshop} from './workshop.ts';

/** Throws a `WarehouseError` that names what is gone. */
export async function refuseOtherWarehouse(
  {ledger, pipeline}: Pick<Workshop, 'ledger' | 'pipeline'>,
  warehouse: Warehouse,
  {assets}: Frame,
): Promise<void> {
  const held = [...assets.values()].filter(
    ({asset, published, orphans}) =>
      isTable(asset) && !isExternal(asset.making.kind) && (published.includes(1) || orphans.length > 0),
  );
  if (held.length === 0) return;
  const tables = held.map(({asset}) => asset.name);
  const run = ledger.lastRunThatPublished(tables);
  const {hasRun, absent} = await warehouse.recall(run, tables);
  if (hasRun && absent.length === 0) return;
  const what = hasRun
    ? `holds no table ${absent.map(name => `'${name}'`).join(', ')}, of which the ledger has partitions published`
    : `knows nothing of run ${run}, which published into it: it was deleted, replaced or set back`;
  const {warehouse: place} = pipeline.target;
  const path = ledgerName(pipeline.target.ledger);
  const mend =
    place.engine === 'duckdb'
      ? `Put the file back; or, to make everything anew, move it and the ledger '${path}' away.`
      : `Point the target at the datasets that it had; or, to make everything anew, move the ledger '${path}' away.`;
  throw new WarehouseError('unreadable', `The warehouse '${warehouseName(place)}' ${what}. ${mend}`);
}
