/**
 * ASSET@KEY of the command line, and what is said where there is no such partition.
 * It does not read ranges (planner/range-text.ts).
 */
import type {Frame} from '../planner/frame.ts';
import type {LedgerSnapshot} from '../planner/ledger.ts';
import type {AssetName, Pipeline} from '../planner/pipeline.ts';
import {didYouMean} from '../planner/suggest.ts';
import {whereaboutsOf, whereaboutsText} from '../planner/whereabouts.ts';
import {Refusal, UsageError} from './world.ts';

export interface Ref {
  readonly asset: AssetName;
  readonly key: string;
}

export function parseRef(text: string, {assets}: Pipeline): Ref {
  const at = text.lastIndexOf('@');
  if (at <= 0 || at === text.length - 1) throw new UsageError(`'${text}' is no partition: write ASSET@KEY.`);
  const name = text.slice(0, at);
  const asset = [...assets.keys()].find(each => each === name);
  if (asset === undefined)
    throw new UsageError(`No asset named '${name}'.${didYouMean(name, assets.keys())}`);
  return {asset, key: text.slice(at + 1)};
}

/** Which keys there are instead. */
export function noSuchKey({asset, key}: Ref, frame: Frame, ledger: LedgerSnapshot): Refusal {
  const found = frame.assets.get(asset);
  const where = found === undefined ? '' : `: ${whereaboutsText(whereaboutsOf(found, key, {frame, ledger}))}`;
  return new Refusal(`error: '${asset}' has no partition '${key}'${where}.\n`);
}
