/**
 * Reasons, notes and ranges in the words of the command line.
 * It does not deal with where they are shown.
 */
import type {Note, Reason} from '../planner/reason.ts';
import {noteSentence, sentence} from '../planner/sentence.ts';
import {keyOrderOf} from '../report/frame-view.ts';
import {fitRanges, mergeRanges} from '../report/ranges.ts';
import type {View} from './reader.ts';
import type {Said} from './schema/common.ts';

export function reasonsSaid(reasons: readonly Reason[], now: number): Said[] {
  return reasons.map(reason => ({kind: reason.kind, text: sentence(reason, now)}));
}

export function notesSaid(notes: readonly Note[]): Said[] {
  return notes.map(note => ({kind: note.kind, text: noteSentence(note)}));
}

const WIDTH = 400;

/** Keys as people write them: `2024-01-15..2024-01-19, 2024-02-01`, cut where they are too many. */
export function rangesSaid(
  {planned: {frame}}: Pick<View, 'planned'>,
  asset: string,
  keys: readonly string[],
): string {
  return fitRanges(mergeRanges(keys, orderIn(frame)(asset)), WIDTH);
}

/** Partitions of one asset: as people write their keys, and all of them as the command line takes `ASSET@RANGE`. */
export function partitionsSaid(
  view: Pick<View, 'planned'>,
  asset: string,
  keys: readonly string[],
): {readonly asset: string; readonly count: number; readonly ranges: string; readonly partitions: string} {
  const range = mergeRanges(keys, orderIn(view.planned.frame)(asset)).join(',').replaceAll(' … ', '..');
  return {asset, count: keys.length, ranges: rangesSaid(view, asset, keys), partitions: `${asset}@${range}`};
}

const orders = new WeakMap<View['planned']['frame'], ReturnType<typeof keyOrderOf>>();

/** The order of an asset's keys, worked out once for a frame. */
export function orderIn(frame: View['planned']['frame']): ReturnType<typeof keyOrderOf> {
  const known = orders.get(frame) ?? keyOrderOf(frame);
  orders.set(frame, known);
  return known;
}
