/**
 * Partition keys as people read them: neighbours in the calendar merge into `2022-04-13 … 2022-06-16`.
 * It does not deal with which keys exist: their order is an argument.
 */
import {number} from '../planner/amount.ts';

/** Position of each key among the keys that its calendar knows. */
export type KeyOrder = ReadonlyMap<string, number>;

/** Merged ranges, in order. A key that the calendar does not know stands alone. */
export function mergeRanges(keys: readonly string[], order: KeyOrder): readonly string[] {
  const sorted = keys.toSorted();
  const ranges: {from: string; to: string; length: number}[] = [];
  for (const key of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && isNext(last.to, key, order)) {
      last.to = key;
      last.length += 1;
    } else ranges.push({from: key, to: key, length: 1});
  }
  // Two neighbours are no shorter as a range, and hide that nothing lies between them.
  return ranges.flatMap(({from, to, length}) => {
    if (length === 1) return [from];
    return length === 2 ? [from, to] : [`${from} … ${to}`];
  });
}

function isNext(key: string, next: string, order: KeyOrder): boolean {
  const at = order.get(key);
  return at !== undefined && order.get(next) === at + 1;
}

/** As many ranges as fit into `width`, and how many more there are. At least one is shown. */
export function fitRanges(ranges: readonly string[], width: number): string {
  const whole = ranges.join(', ');
  if (whole.length <= width) return whole;
  let shown = 1;
  const text = (amount: number) =>
    `${ranges.slice(0, amount).join(', ')} and ${number(ranges.length - amount)} more`;
  while (shown + 1 < ranges.length && text(shown + 1).length <= width) shown += 1;
  return ranges.length === 1 ? whole : text(shown);
}
