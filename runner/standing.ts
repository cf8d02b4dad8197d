/**
 * Where every partition stands by its last receipt: rows of the warehouse for tables; the manifest object of the newest
 * generation, or the receipt beside it, for objects. The ledger is not asked.
 * It does not deal with whether the data is as the receipts say (verify-data.ts).
 */
import {isObserved} from '../planner/fingerprint.ts';
import type {Fingerprint} from '../planner/ledger.ts';
import {
  isReceipt,
  placeOfReceipt,
  type ReceiptBeside,
  readReceipt,
  receiptPlace,
} from './correction-receipt.ts';
import {type Generation, type Store, StoreError} from './store.ts';
import type {LastReceipt, Warehouse} from './warehouse.ts';

/** Where the data of a partition lies. */
export type DataPlace =
  | {readonly kind: 'table'}
  /** It was published in a table that is not there any more: its receipt counts as dropped. */
  | {readonly kind: 'gone-table'}
  | {readonly kind: 'generation'; readonly path: string; readonly generation: Generation}
  | {readonly kind: 'object'; readonly path: string}
  /** Others hold it. */
  | {readonly kind: 'observed'}
  /** Nothing is left of it. */
  | {readonly kind: 'none'};

export interface Standing {
  readonly receipt: LastReceipt;
  readonly place: DataPlace;
}

export interface Standings {
  /** By asset and key. */
  readonly assets: ReadonlyMap<string, ReadonlyMap<string, Standing>>;
  /** By hash: those whose parts were kept. */
  readonly fingerprints: ReadonlyMap<string, Fingerprint>;
  /** Tables that receipts speak of and the warehouse does not hold: such receipts count as dropped. */
  readonly goneTables: ReadonlySet<string>;
  /** Folders of the store whose manifest cannot be read, and objects whose receipt cannot. */
  readonly damaged: readonly {readonly path: string; readonly error: StoreError}[];
}

/** Whether readers may read it. */
export function isPublished({receipt: {kind}}: Standing): boolean {
  return kind !== 'forgotten' && kind !== 'dropped';
}

export async function readStandings({
  warehouse,
  store,
  known,
}: {
  readonly warehouse: Warehouse;
  readonly store: Store;
  /** Fingerprints that are known from elsewhere. */
  readonly known: readonly Fingerprint[];
}): Promise<Standings> {
  const receipts = await warehouse.lastReceipts();
  const tables = [...new Set(receipts.map(({asset}) => asset))];
  const {absent} = await warehouse.recall(undefined, tables);
  const assets = new Map<string, Map<string, Standing>>();
  const fingerprints = new Map(
    [...known, ...(await warehouse.fingerprints())].map(each => [each.hash, each]),
  );
  const observed = new Set(
    receipts.filter(({fingerprint}) => isObservedBy(fingerprints.get(fingerprint))).map(({asset}) => asset),
  );
  const goneTables = new Set(absent.filter(name => !observed.has(name)));
  const put = (standing: Standing): void => {
    const {asset, key, at} = standing.receipt;
    const known = assets.get(asset) ?? new Map<string, Standing>();
    assets.set(asset, known);
    // An asset may have been made elsewhere before, and a path may have been another.
    if ((known.get(key)?.receipt.at ?? 0) <= at)
      known.set(key, {...standing, receipt: {...standing.receipt, ...standing.receipt.carried}});
  };
  for (const receipt of receipts) {
    if (isObservedBy(fingerprints.get(receipt.fingerprint))) {
      put({receipt, place: {kind: 'observed'}});
      continue;
    }
    const standing: Standing = {receipt, place: {kind: 'table'}};
    const isGone = goneTables.has(receipt.asset) && isPublished(standing);
    put(isGone ? {receipt: {...receipt, kind: 'dropped'}, place: {kind: 'gone-table'}} : standing);
  }
  const {standings, damaged} = await storedStandings(store);
  for (const {parts, ...standing} of standings) {
    const {fingerprint: hash} = standing.receipt;
    if (parts !== undefined && !fingerprints.has(hash)) fingerprints.set(hash, {hash, parts});
    put(standing);
  }
  return {assets, fingerprints, goneTables, damaged};
}

function isObservedBy(fingerprint: Fingerprint | undefined): boolean {
  return fingerprint !== undefined && isObserved(fingerprint);
}

type Stored = Standing & {readonly parts: Fingerprint['parts'] | undefined};

async function storedStandings(
  store: Store,
): Promise<{readonly standings: readonly Stored[]; readonly damaged: Standings['damaged']}> {
  const {generations, objects, damaged} = await store.list('');
  const bad = [...damaged];
  const standings: Stored[] = [];
  const folders = new Map(generations.map(({path, generation}) => [path, generation]));
  const there = new Set(objects);
  for (const [path, generation] of folders) {
    if (!there.has(receiptPlace(path))) standings.push(ofGeneration(path, generation, undefined));
  }
  for (const object of objects.filter(isReceipt)) {
    const path = placeOfReceipt(object);
    const receipt = await readReceipt(store, path).catch((error: unknown) => {
      if (!(error instanceof StoreError) || error.kind !== 'damaged') throw error;
      bad.push({path: object, error});
    });
    if (receipt === undefined) continue;
    const generation = folders.get(path);
    if (generation !== undefined) standings.push(ofGeneration(path, generation, receipt));
    else if (!path.endsWith('/') || receipt.kind === 'forgotten' || receipt.kind === 'dropped')
      standings.push(ofObject(path, receipt));
  }
  return {standings, damaged: bad};
}

/** A receipt beside a generation speaks of that one alone. */
function ofGeneration(path: string, generation: Generation, beside: ReceiptBeside | undefined): Stored {
  const {id, objects, parts, ...written} = generation;
  const place = {kind: 'generation', path, generation} as const;
  const times = {arrivedAt: generation.at, publishedAt: generation.at, madeAt: generation.at};
  if (beside === undefined || beside.generation !== id) {
    return {receipt: {...written, kind: 'published', rows: objects.length, ...times}, parts, place};
  }
  const {generation: _, parts: newer, ...receipt} = beside;
  const madeAt = receipt.kind === 'unchanged' ? receipt.at : generation.at;
  return {receipt: {...receipt, ...times, madeAt}, parts: newer, place};
}

/** Of an export nothing tells when it was made before. */
function ofObject(path: string, {generation: _, parts, ...receipt}: ReceiptBeside): Stored {
  const {at} = receipt;
  const place: DataPlace = path.endsWith('/') ? {kind: 'none'} : {kind: 'object', path};
  return {receipt: {...receipt, arrivedAt: at, publishedAt: at, madeAt: at}, parts, place};
}
