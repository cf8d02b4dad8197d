/**
 * Compares what receipts say with the data itself: versions of rows as they lie in tables, hashes of objects.
 * Nothing is changed, and the ledger is not asked.
 */
import type {Meant} from '../planner/asked.ts';
import {type AssetFrame, type Frame, frameOf} from '../planner/frame.ts';
import {isExternal} from '../planner/making.ts';
import type {Pipeline} from '../planner/pipeline.ts';
import type {DataDifference, DataFault} from './data-fault.ts';
import {lookAt} from './observe.ts';
import {isPublished, type Standing, type Standings} from './standing.ts';
import type {Store} from './store.ts';
import {findObjectFault} from './verify-objects.ts';
import {tableFaults} from './verify-tables.ts';
import type {Warehouse} from './warehouse.ts';

export interface VerifiedData {
  readonly agree: number;
  /** By asset, then key. */
  readonly differences: readonly DataDifference[];
  /** Folders and receipts in the store that cannot be read, each with its mend. */
  readonly damaged: readonly {readonly path: string; readonly message: string}[];
}

export interface DataRequest {
  readonly pipeline: Pipeline;
  readonly warehouse: Warehouse;
  readonly store: Store;
  readonly standings: Standings;
  readonly isMeant: Meant;
  /** Also what the engine says that nobody touched since it was published. */
  readonly readsAll: boolean;
  /** What is declared, with the keys that there are. */
  readonly frame: Frame;
}

/** Partitions of objects that are read at once. */
const AT_ONCE = 8;

export async function verifyData(request: DataRequest): Promise<VerifiedData> {
  const {pipeline, standings, isMeant} = request;
  const differences: DataDifference[] = [];
  let agree = 0;
  const names = new Set<string>([...standings.assets.keys(), ...pipeline.assets.keys()]);
  for (const asset of [...names].sort()) {
    const faults = [...(await faultsOf(request, asset))].filter(([key]) => isMeant(asset, key));
    for (const [key, fault] of faults.sort(([one], [other]) => (one < other ? -1 : 1))) {
      if (fault === undefined) agree++;
      else differences.push({asset, key, fault});
    }
  }
  return {
    agree,
    differences,
    damaged: standings.damaged.map(({path, error: {message}}) => ({path, message})),
  };
}

/** By key: every published partition, undefined where nothing is wrong with it, and keys that nobody published. */
async function faultsOf(
  {pipeline, warehouse, store, standings: {assets, fingerprints}, isMeant, frame, readsAll}: DataRequest,
  name: string,
): Promise<ReadonlyMap<string, DataFault | undefined>> {
  const standings = assets.get(name) ?? new Map<string, Standing>();
  const declared = [...pipeline.assets.values()].find(asset => asset.name === name);
  if (!isMeant(name)) return new Map();
  const faults = new Map(await tableFaults(warehouse, {name, declared, standings, fingerprints, readsAll}));
  const observed = [...standings].filter(
    ([key, standing]) => standing.place.kind === 'observed' && isPublished(standing) && isMeant(name, key),
  );
  if (observed.length > 0) {
    const asset = declared === undefined ? undefined : frameOf(frame, declared.name);
    for (const [key, fault] of await sourceFaults({warehouse, store}, asset, new Map(observed)))
      faults.set(key, fault);
  }
  const objects = [...standings].filter(
    ([key, standing]) =>
      isMeant(name, key) &&
      isPublished(standing) &&
      (standing.place.kind === 'generation' || standing.place.kind === 'object'),
  );
  for (let from = 0; from < objects.length; from += AT_ONCE) {
    const some = objects.slice(from, from + AT_ONCE);
    const found = await Promise.all(
      some.map(([, each]) => findObjectFault(store, each.place, each.receipt.version)),
    );
    some.forEach(([key], index) => {
      faults.set(key, found[index]);
    });
  }
  return faults;
}

/** What others make is looked at anew. */
async function sourceFaults(
  around: Pick<DataRequest, 'warehouse' | 'store'>,
  asset: AssetFrame | undefined,
  standings: ReadonlyMap<string, Standing>,
): Promise<ReadonlyMap<string, DataFault | undefined>> {
  const keys = [...standings.keys()];
  if (asset === undefined || !isExternal(asset.asset.making.kind))
    return new Map(keys.map(key => [key, {kind: 'not-judged'}]));
  const known = keys.filter(key => asset.ordinalOf.has(key));
  const seen = await lookAt(around, asset, known);
  return new Map(
    known.map((key): [string, DataFault | undefined] => {
      const found = seen.get(key);
      if (found === undefined) return [key, {kind: 'source-gone'}];
      return [
        key,
        found.version === standings.get(key)?.receipt.version ? undefined : {kind: 'source-changed'},
      ];
    }),
  );
}
