/**
 * Looks at objects that lie where a fetch would put its own, or at another place, without a manifest that names them.
 * Their bytes are read once, for their hashes; nothing is copied. It does not take anything over (adopt.ts).
 */
import type {AssetFrame} from '../planner/frame.ts';
import {PLAIN_TRUST} from '../planner/ledger.ts';
import {seasonOf} from '../planner/range.ts';
import {type Found, type Looked, NOTHING, type Surveying, type Wanted} from './adoption.ts';
import {receiptPlace} from './correction-receipt.ts';
import {sha256Of} from './generation.ts';
import {versionOfObjects} from './object-version.ts';
import type {SeenObject, Store} from './store.ts';
import {placeAt, placeOf} from './workshop.ts';

/** Partitions whose objects are read at once. */
const AT_ONCE = 16;

export async function surveyFolders(
  {store, request}: Surveying,
  asset: AssetFrame,
  wanted: readonly Wanted[],
): Promise<Looked> {
  const places = wanted.map(each => {
    const season = seasonOf(asset, each.ordinal);
    const own = placeOf(asset.asset, each.key, season);
    return {...each, own, folder: request.from === undefined ? own : placeAt(request.from, each.key, season)};
  });
  const seen = await store.look(places.map(({folder}) => folder));
  const found: Found[] = [];
  const refused: {key: Wanted['key']; because: string}[] = [];
  const absent: Wanted['key'][] = [];
  for (let from = 0; from < places.length; from += AT_ONCE) {
    const some = places.slice(from, from + AT_ONCE).map(async ({own, folder, ...each}) => {
      const receipt = receiptPlace(own);
      const objects = (seen.get(folder) ?? []).filter(({name}) => `${folder}${name}` !== receipt);
      if (objects.length > 0) return {...each, objects: await Promise.all(objects.map(read(store, folder)))};
      return {...each, isFetched: (await store.findGeneration(own)) !== undefined};
    });
    for (const each of await Promise.all(some)) {
      if ('objects' in each) found.push({...each, result: resultOf(each.objects), despite: undefined});
      else if (each.isFetched) refused.push({key: each.key, because: FETCHED});
      else absent.push(each.key);
    }
  }
  return {...NOTHING, found, refused, absent};
}

const FETCHED =
  "it was fetched by gameplan, and the ledger does not know it; 'gameplan ledger rebuild' reads what the store holds";

function read(store: Store, folder: string) {
  return async ({name}: SeenObject): Promise<NonNullable<Found['objects']>[number]> => {
    const place = `${folder}${name}`;
    const bytes = (await store.find(place)) ?? new Uint8Array();
    return {name, place, size: bytes.byteLength, sha256: sha256Of(bytes)};
  };
}

/** Which games the objects hold is not known. */
function resultOf(objects: NonNullable<Found['objects']>): Found['result'] {
  const version = versionOfObjects(objects.map(({name, sha256}) => ({name, bytes: sha256})));
  const made = {coverage: undefined, trust: PLAIN_TRUST, warnings: []};
  return {outcome: 'succeeded', version, rows: objects.length, ...made};
}
