/**
 * The receipt of a correction of objects: what lies beside a partition's objects once someone forgot, marked or dropped
 * it, or a fetch gave the same again. It speaks of the generation that was the newest then; a later one voids it.
 * It does not deal with tables: their receipts are rows of the warehouse (duckdb-publish.ts).
 */
import type {Fingerprint} from '../planner/ledger.ts';
import type {Guard, Store} from './store.ts';
import type {Receipt} from './warehouse.ts';

/** With the parts of its fingerprint. */
export type ObjectReceipt = Receipt & {readonly parts?: Fingerprint['parts'] | undefined};

type CorrectionReceipt = ObjectReceipt & {readonly generation: string | null};

/** Where the receipt lies that is no object of its own: beside an export, or in the folder of a fetch. */
export function receiptPlace(place: string): string {
  return place.endsWith('/') ? `${place}receipt.json` : `${place}.receipt.json`;
}

/** The receipt first, as the commit; then, of what was dropped, the objects go. */
export async function writeCorrection(
  store: Store,
  place: string,
  receipt: ObjectReceipt,
  guard: Guard,
): Promise<void> {
  const newest = place.endsWith('/') ? await store.findGeneration(place) : undefined;
  const written: CorrectionReceipt = {...receipt, generation: newest?.id ?? null};
  const bytes = new TextEncoder().encode(`${JSON.stringify(written)}\n`);
  await store.replace(receiptPlace(place), bytes, guard);
  if (receipt.kind === 'dropped') await store.drop(place);
}

/** The receipt that an intent left at a place; what a kill kept from being dropped is dropped now. */
export async function findCorrection(
  store: Store,
  place: string,
  intent: string,
): Promise<Receipt | undefined> {
  const bytes = await store.find(receiptPlace(place));
  if (bytes === undefined) return undefined;
  const receipt = JSON.parse(new TextDecoder().decode(bytes)) as CorrectionReceipt; // written above, or by an export
  if (receipt.intent !== intent) return undefined;
  if (receipt.kind === 'dropped') await store.drop(place);
  return receipt;
}
