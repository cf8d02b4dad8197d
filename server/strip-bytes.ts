/**
 * Where each partition of a plan stands, as the bytes of strip-format.ts.
 * It decides no state (planner/classify.ts).
 */
import type {AssetFrame} from '../planner/frame.ts';
import {OUTCOMES} from '../planner/ledger.ts';
import type {Planned} from '../planner/plan.ts';
import {ACTIONS, type Action} from '../planner/state.ts';
import {TIER_FROM} from '../planner/tier.ts';
import {STRIP} from './strip-format.ts';

/** By asset, upstream first. */
export function stripBytes({frame, progress}: Planned): ReadonlyMap<string, Uint8Array> {
  return new Map(
    [...frame.assets].map(([name, asset]) => [
      name,
      bytesOf(asset, {held: frame.leases.get(name), planned: progress.get(name)}),
    ]),
  );
}

const isFailure = Uint8Array.from(
  [false, ...OUTCOMES.map(each => each === 'failed' || each === 'quarantined')],
  Number,
);

function bytesOf(
  asset: AssetFrame,
  {
    held,
    planned,
  }: {readonly held: ReadonlyMap<string, string> | undefined; readonly planned: Uint8Array | undefined},
): Uint8Array {
  const {state, row, record, ordinalOf, published} = asset;
  const bytes = state.slice();
  const {score} = asset.quality.scoresOf(asset);
  const outcomes = record?.outcome;
  for (let ordinal = 0; ordinal < bytes.length; ordinal++) {
    let flags = 0;
    if (isFailure[outcomes?.[row[ordinal] ?? -1] ?? 0] === 1) flags |= STRIP.failed;
    if (published[ordinal] === 1 && (score[ordinal] ?? 100) < TIER_FROM.silver) flags |= STRIP.lowQuality;
    if (planned?.[ordinal] === 1) flags |= STRIP.planned;
    bytes[ordinal] = (bytes[ordinal] ?? 0) | flags;
  }
  for (const key of held?.keys() ?? []) {
    const ordinal = ordinalOf.get(key);
    if (ordinal !== undefined) bytes[ordinal] = (bytes[ordinal] ?? 0) | STRIP.running;
  }
  return bytes;
}

/** What a plan does with each partition: 0, or 1 and the index of its action. */
export function actionBytes({plan, frame}: Planned): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const {asset, key, action} of plan.partitions) {
    const own = frame.assets.get(asset);
    const ordinal = own?.ordinalOf.get(key);
    if (own === undefined || ordinal === undefined || action === undefined) continue;
    const bytes = found.get(asset) ?? new Uint8Array(own.keys.length);
    found.set(asset, bytes);
    bytes[ordinal] = 1 + codeOf(action);
  }
  return found;
}

function codeOf(action: Action): number {
  return ACTIONS.indexOf(action);
}
