/**
 * Places in a column of numbers that never falls, by bisection.
 * It does not deal with what the numbers mean.
 */

/** The first index whose value is not below `value`; the length where none is. */
export function lowerBound(rising: Int32Array, value: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rising[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
