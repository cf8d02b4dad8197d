/**
 * Whether what is made by force was edited behind our back: then it is replaced whatever comes of it. Of what is made
 * for any other reason the ledger is believed; `gameplan verify --data` looks at the rest.
 */
import type {AssetFrame} from '../planner/frame.ts';
import {hexAt} from '../planner/hash.ts';
import {ZERO_WORD} from './ledger-row.ts';
import type {Job} from './schedule.ts';
import {type Store, StoreError} from './store.ts';
import {findObjectFault} from './verify-objects.ts';
import type {Warehouse} from './warehouse.ts';
import {tableOf} from './workshop.ts';

/** The keys whose published rows are not those of their version. */
export async function findEdited(
  warehouse: Warehouse,
  asset: AssetFrame,
  items: readonly {readonly job: Job}[],
): Promise<ReadonlySet<string>> {
  const forced = items.filter(({job}) => isForced(job)).map(({job}) => job);
  if (forced.length === 0) return new Set();
  const held = await warehouse.versions({table: tableOf(asset.asset), keys: forced.map(({key}) => key)});
  const edited = forced.filter(
    ({ordinal, key}) => (held?.partitions.get(key)?.version ?? ZERO_WORD) !== hexAt(asset.version, ordinal),
  );
  return new Set(edited.map(({key}) => key));
}

/** Whether the newest generation of a folder is not the one of this version, or not whole. */
export async function isFetchEdited(
  store: Store,
  {job, path, version}: {readonly job: Job; readonly path: string; readonly version: string},
): Promise<boolean> {
  if (!isForced(job)) return false;
  try {
    const generation = await store.findGeneration(path);
    if (generation?.version !== version) return true;
    return (await findObjectFault(store, {kind: 'generation', path, generation}, version)) !== undefined;
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'damaged') return true;
    throw error;
  }
}

function isForced({reasons}: Job): boolean {
  return reasons.some(({kind}) => kind === 'forced');
}
