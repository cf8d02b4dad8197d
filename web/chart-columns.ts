/**
 * Long rows of values as a chart draws them: by columns that are wide enough to be seen, with what must not be hidden.
 * Pure; it does not deal with elements (parts/line-chart.tsx, parts/stacked-bars.tsx).
 */

export type Values = readonly (number | null)[];

/** Places of the values in each column: [from, to), none empty. */
export interface Column {
  readonly from: number;
  readonly to: number;
}

/** At most `most` columns of values as even as they go; one a value where there is room. */
export function columnsOf(length: number, most: number): readonly Column[] {
  const count = Math.max(0, Math.min(length, Math.floor(most)));
  return Array.from({length: count}, (_, column) => ({
    from: Math.floor((column * length) / count),
    to: Math.floor(((column + 1) * length) / count),
  }));
}

/** Of the values in a column; undefined where all are null. */
export interface Extent {
  readonly least: number;
  readonly most: number;
  readonly mean: number;
}

export function extentOf(values: Values, {from, to}: Column): Extent | undefined {
  let [least, most, sum, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let at = from; at < to; at++) {
    const value = values[at];
    if (value === null || value === undefined) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
    sum += value;
    count++;
  }
  return count === 0 ? undefined : {least, most, mean: sum / count};
}

/** A line's runs of neighbours, without the columns that hold nothing: a line over a hole would hide it. */
export function runsOf<T>(
  columns: readonly (T | undefined)[],
): readonly (readonly (readonly [number, T])[])[] {
  const runs: (readonly [number, T])[][] = [];
  let last = -2;
  for (const [index, column] of columns.entries()) {
    if (column === undefined) continue;
    if (index !== last + 1) runs.push([]);
    runs.at(-1)?.push([index, column]);
    last = index;
  }
  return runs;
}

/** Round values for the axis, the least at or below `from` and the last at or above `to`. */
export function ticksOf(from: number, to: number, about = 4): readonly number[] {
  const span = to > from ? to - from : Math.max(1, Math.abs(to));
  const rough = span / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find(each => each * power >= rough) ?? 10);
  const first = Math.floor(from / step);
  const last = Math.ceil((to > from ? to : from + span) / step);
  return Array.from({length: last - first + 1}, (_, tick) => Number(((first + tick) * step).toPrecision(12)));
}

/** How often each of `kinds` values occurs in each column. */
export function countsOf(
  values: readonly number[],
  columns: readonly Column[],
  kinds: readonly number[],
): readonly (readonly number[])[] {
  const placeOf = new Map(kinds.map((kind, place) => [kind, place]));
  return columns.map(({from, to}) => {
    const counts = kinds.map(() => 0);
    for (let at = from; at < to; at++) {
      const place = placeOf.get(values[at] ?? Number.NaN);
      if (place !== undefined) counts[place] = (counts[place] ?? 0) + 1;
    }
    return counts;
  });
}

/** Half of the values are at most this; undefined where there are none. */
export function medianOf(values: Values): number | undefined {
  const sorted = values.filter(value => value !== null).toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** The place of the least (or the most) value; undefined where all are null. */
export function placeOfLeast(values: Values, sign: 1 | -1 = 1): number | undefined {
  let found: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [at, value] of values.entries()) {
    if (value === null || sign * value >= least) continue;
    least = sign * value;
    found = at;
  }
  return found;
}
