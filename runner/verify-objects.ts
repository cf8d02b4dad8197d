/**
 * Reads the objects of a partition and says whether they are those of its receipt.
 * It does not deal with tables (verify-tables.ts).
 */
import type {DataFault} from './data-fault.ts';
import {versionOf} from './make-export.ts';
import type {DataPlace} from './standing.ts';
import {type Store, StoreError} from './store.ts';

/** Undefined: nothing is wrong, or there are no objects. `version`: that of an export. */
export async function findObjectFault(
  store: Store,
  place: DataPlace,
  version: string,
): Promise<DataFault | undefined> {
  if (place.kind === 'object') {
    const {path: object} = place;
    const bytes = await store.find(object);
    if (bytes === undefined) return {kind: 'object-gone', object};
    return versionOf(bytes) === version ? undefined : {kind: 'object-changed', object};
  }
  if (place.kind !== 'generation') return undefined;
  const {path, generation} = place;
  for (const {name, place: elsewhere} of generation.objects) {
    const object = elsewhere ?? `${path}${generation.id}/${name}`;
    const isThere = await isWhole(store, {path, generation: generation.id, name, object});
    if (isThere !== true) return {kind: isThere === 'gone' ? 'object-gone' : 'object-changed', object};
  }
  return undefined;
}

async function isWhole(
  store: Store,
  about: {readonly path: string; readonly generation: string; readonly name: string; readonly object: string},
): Promise<boolean | 'gone'> {
  try {
    await store.read(about.path, about.generation, about.name);
    return true;
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'damaged') throw error;
    return (await store.find(about.object)) === undefined ? 'gone' : false;
  }
}
