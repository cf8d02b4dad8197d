/**
 * The receipt of a correction of objects: what lies beside a partition's objects once someone forgot, marked or dropped
 * it, or a fetch gave the same again. It speaks of the generation that was the newest then; a later one voids it.
 * It does not deal with tables: their receipts are rows of the warehouse (duckdb-publish.ts).
 */

import {z} from 'zod';
import type {Fingerprint} from '../planner/ledger.ts';
import {type Guard, type Store, StoreError} from './store.ts';
import type {Receipt} from './warehouse.ts';

/** With the parts of its fingerprint. */
export type ObjectReceipt = Receipt & {readonly parts?: Fingerprint['parts'] | undefined};

/** With the generation that it speaks of; null: of none. */
export type ReceiptBeside = ObjectReceipt & {readonly generation: string | null};

const receiptShape = z.object({
  asset: z.string(),
  key: z.string(),
  /** That of an export says nothing: it was published. */
  kind: z.enum(['published', 'unchanged', 'forgotten', 'marked', 'dropped']).default('published'),
  intent: z.string(),
  run: z.string(),
  version: z.string(),
  rows: z.number().default(0),
  fingerprint: z.string(),
  parts: z.record(z.string(), z.string()).optional(),
  digest: z.string(),
  tried: z.string().optional(),
  entry: z.string().optional(),
  expected: z.number().nullable().default(null),
  found: z.number().nullable().default(null),
  absent: z.array(z.string()).default([]),
  at: z.number(),
  carried: z.object({publishedAt: z.number(), madeAt: z.number()}).optional(),
  by: z.string().optional(),
  why: z.string().optional(),
  generation: z.string().nullable().default(null),
});

const NAME = 'receipt.json';

/** Whether an object at a fixed place is the receipt of others. */
export function isReceipt(object: string): boolean {
  return object.endsWith(`/${NAME}`) || object.endsWith(`.${NAME}`);
}

/** The place that a receipt lies beside. */
export function placeOfReceipt(object: string): string {
  return object.slice(0, -NAME.length).replace(/\.$/, '');
}

/** Where the receipt lies that is no object of its own: beside an export, or in the folder of a fetch. */
export function receiptPlace(place: string): string {
  return place.endsWith('/') ? `${place}${NAME}` : `${place}.${NAME}`;
}

/** The receipt first, as the commit; then, of what was dropped, the objects go. */
export async function writeCorrection(
  store: Store,
  place: string,
  receipt: ObjectReceipt,
  guard: Guard,
): Promise<void> {
  const newest = place.endsWith('/') ? await store.findGeneration(place) : undefined;
  const written: ReceiptBeside = {...receipt, generation: newest?.id ?? null};
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
  const receipt = await readReceipt(store, place);
  if (receipt?.intent !== intent) return undefined;
  if (receipt.kind === 'dropped') await store.drop(place);
  return receipt;
}

/** The receipt beside objects; undefined where there is none. Throws a `StoreError` where it is damaged. */
export async function readReceipt(store: Store, place: string): Promise<ReceiptBeside | undefined> {
  const bytes = await store.find(receiptPlace(place));
  if (bytes === undefined) return undefined;
  try {
    return receiptShape.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new StoreError(
      'damaged',
      `The receipt '${receiptPlace(place)}' is damaged. Remove it and make that partition again with --force.`,
      {cause},
    );
  }
}
