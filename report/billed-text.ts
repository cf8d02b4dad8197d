/**
 * What was billed, as people and programs read it: bytes, time of slots, and what that is in money.
 * It does not deal with an engine that bills nothing: nothing is said of it.
 */

import {bytesText, durationText, number} from '../planner/amount.ts';
import {addBilled, type Billed} from '../planner/billed.ts';
import type {Pipeline} from '../planner/pipeline.ts';
import type {AttemptRecord} from '../runner/ledger-run.ts';

const TIB = 1024 ** 4;

/** USD a TiB; undefined where the target has no price. */
export type Price = number | undefined;

export function priceOf({target: {warehouse}}: Pipeline): Price {
  return warehouse.engine === 'bigquery' ? warehouse.pricePerTib : undefined;
}

export function usdOf(bytes: number, price: number): number {
  return (bytes / TIB) * price;
}

/** `21.30`; what is less than a cent is said to be that. */
export function usdText(usd: number): string {
  if (usd > 0 && usd < 0.01) return '<0.01';
  const [whole = '0', cents = '00'] = usd.toFixed(2).split('.');
  return `${number(Number(whole))}.${cents}`;
}

/** `3.2 GiB billed, 0.02 USD`. */
export function billedText({bytesBilled}: Pick<Billed, 'bytesBilled'>, price: Price): string {
  const money = price === undefined ? '' : `, ${usdText(usdOf(bytesBilled, price))} USD`;
  return `${bytesText(bytesBilled)} billed${money}`;
}

/** `Billed so far: 3.2 GiB, 0.02 USD at 6.25 USD a TiB; 12 min 3 s of slots.` */
export function billedSentence(
  lead: string,
  {bytesBilled, slotMs}: Billed,
  {price, expected}: {readonly price: Price; readonly expected?: number | undefined},
): string {
  const was = expected === undefined ? '' : ` (${bytesText(expected)} expected)`;
  const money =
    price === undefined ? '' : `, ${usdText(usdOf(bytesBilled, price))} USD at ${price} USD a TiB`;
  return `${lead}: ${bytesText(bytesBilled)}${was}${money}; ${durationText(slotMs)} of slots.`;
}

/** Additive changes only. */
export function billedJson({bytesBilled, slotMs}: Billed, price: Price): object {
  return {bytesBilled, slotMs, ...(price === undefined ? {} : {usd: usdOf(bytesBilled, price)})};
}

/** Of a whole run; nothing where the engine bills nothing. */
export function runBilledJson(
  {attempts}: {readonly attempts: readonly AttemptRecord[]},
  price: Price,
): {readonly billed?: object} {
  const billed = addBilled(attempts.map(attempt => attempt.billed));
  return billed === undefined ? {} : {billed: billedJson(billed, price)};
}
