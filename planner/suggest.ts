/**
 * Finds the name that a misspelt one was probably meant to be, by edit distance.
 * It does not deal with where the names come from.
 */

/** ` Did you mean 'x'?`, or an empty text where nothing is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = suggest(name, candidates);
  return found === undefined ? '' : ` Did you mean '${found}'?`;
}

/** The nearest candidate within a third of the name's length; of equals the first. */
function suggest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase().slice(0, 200);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = distanceOf(wanted, candidate.toLowerCase(), least);
    if (distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}

/** Optimal string alignment distance (a swap of neighbours is one edit); `limit` or more where it is not less. */
function distanceOf(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let older: number[] = [];
  let previous = Array.from({length: b.length + 1}, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(get(previous, j) + 1, get(row, j - 1) + 1, get(previous, j - 1) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, get(older, j - 2) + 1);
      }
      row.push(cost);
    }
    if (Math.min(...row) >= limit) return limit;
    older = previous;
    previous = row;
  }
  return get(previous, b.length);
}

function get(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
