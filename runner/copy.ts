/**
 * Opens the target that partitions are carried from, for as long as a copy lasts. It is only read.
 * It does not deal with the target that they are carried to (execute.ts).
 */
import type {Frame} from '../planner/frame.ts';
import {Carrier} from './carry.ts';
import {mayHaveWarehouse, warehouseName} from './open-warehouse.ts';
import {refuseOtherWarehouse} from './same-warehouse.ts';
import {openTarget, type TargetOptions} from './target.ts';
import {type Warehouse, WarehouseError} from './warehouse.ts';

export interface OpenSource {
  readonly carrier: Carrier;
  close(): Promise<void>;
}

/** `frame`: the whole of it, as its ledger was read. The warehouse is opened when rows are first asked for. */
export function openSource(options: TargetOptions, frame: Frame): OpenSource {
  const {target} = options.pipeline;
  const opened = openTarget(options);
  let warehouse: Promise<Warehouse> | undefined;
  const open = async (): Promise<Warehouse> => {
    if (!mayHaveWarehouse(options))
      throw new WarehouseError(
        'unreadable',
        `There is no warehouse '${warehouseName(target.warehouse)}' of target '${target.name}', of which its ledger has partitions published. Put the file back.`,
      );
    const found = await opened.warehouse();
    await refuseOtherWarehouse({...opened, pipeline: options.pipeline}, found, frame);
    return found;
  };
  const carrier = new Carrier({
    name: target.name,
    frame,
    warehouse: () => (warehouse ??= open()),
    store: () => opened.store(),
  });
  return {carrier, close: () => opened.close()};
}
