/**
 * A correction of the ledger before it is made: what it speaks of and the cone that follows, as text and as JSON.
 * It does not deal with whether it may be made (planner/correction.ts).
 */

import {counted, number} from '../planner/amount.ts';
import type {ConePart} from '../planner/cone.ts';
import type {CorrectionKind, Left} from '../planner/correction.ts';
import type {AssetName, PartitionKey} from '../planner/pipeline.ts';
import {partJson} from '../report/plan-json.ts';
import {fitRanges, type KeyOrder, mergeRanges} from '../report/ranges.ts';
import {visible, wrap} from '../report/text.ts';
import type {Paint} from './paint.ts';
import {printCone} from './print-cone.ts';

export interface CorrectionView {
  readonly kind: CorrectionKind;
  readonly asset: AssetName;
  readonly keys: readonly PartitionKey[];
  /** How many others are meant and stay as they are. */
  readonly left: number;
  readonly cone: readonly ConePart[];
  readonly by: string;
  readonly why: string;
}

/** Ends with a line break. */
export function printCorrection(
  {kind, asset, keys, left, cone, by, why}: CorrectionView,
  keyOrder: (asset: string) => KeyOrder,
  {width, paint}: {readonly width: number; readonly paint: Paint},
): string {
  const verb = kind === 'forget' ? 'Forget' : 'Mark as fresh';
  const rest = left === 0 ? '' : `; ${number(left)} more stay as they are`;
  const head = `${verb} ${counted(keys.length, 'partition')} of ${paint.name(asset)}${rest}`;
  return `${[
    head,
    `  ${fitRanges(mergeRanges(keys, keyOrder(asset)), width - 2)}`,
    ...wrap(visible(`${by}: ${why}`), width - 2).map(line => `  ${line}`),
    '',
    ...(kind === 'forget'
      ? printCone(cone, keyOrder, {width, paint})
      : ['Their rows and versions stay, so nothing downstream becomes stale.']),
  ].join('\n')}\n`;
}

/** What a correction makes of a partition. */
export const CORRECTED: Readonly<Record<CorrectionKind, string>> = {
  forget: 'forgotten',
  mark: 'marked as fresh',
};

/** Partitions to which a correction does not apply, with cause and mend. `verb`: `forgotten`. Ends with a line break. */
export function printLeft(verb: string, asset: string, left: readonly Left[]): string {
  const shown = left.slice(0, 5);
  const lines = shown.map(
    ({key, because}) => `error: ${asset}@${key} cannot be ${verb}: ${visible(because)}.`,
  );
  const more = left.length - shown.length;
  return `${[...lines, ...(more > 0 ? [`and ${number(more)} more.`] : [])].join('\n')}\n`;
}

/** Version 1; additive changes only. `run` is null where nothing was written. */
export function correctionJson({cone, ...view}: CorrectionView, run: string | undefined): object {
  return {
    version: 1,
    ...view,
    downstream: cone.map(partJson),
    run: run ?? null,
  };
}
