/**
 * Partitions marked with 1, and which windows hold some: asked for all keys at once, or for one.
 * It does not deal with what a mark means.
 */
import {lowerBound} from './bisect.ts';
import {ordinalAt, type Reads} from './window.ts';

/** Sets `into[ordinal]` to 1 for every upstream ordinal that a key with a mark reads: the way up, where sums go down. */
export function markRead(reads: Reads, marks: Uint8Array, into: Uint8Array): void {
  for (const sequence of reads) {
    const length = sequence.team === undefined ? into.length : sequence.team.ordinals.length;
    // How many more stretches begin than end at a position.
    const steps = new Int32Array(length + 1);
    for (let i = 0; i < marks.length; i++) {
      const [from, to] = [sequence.from[i] ?? 0, sequence.to[i] ?? 0];
      if (marks[i] === 0 || to <= from) continue;
      steps[from] = (steps[from] ?? 0) + 1;
      steps[to] = (steps[to] ?? 0) - 1;
    }
    let open = 0;
    for (let position = 0; position < length; position++) {
      open += steps[position] ?? 0;
      if (open > 0) into[ordinalAt(sequence, position)] = 1;
    }
  }
}

/** Upstream ordinals that are marked with 1, so that windows over them can be asked cheaply. */
export class Marks {
  readonly #reads: Reads;
  readonly #marked: Uint8Array;
  /** By sequence: how many are marked before each position. */
  readonly #before: readonly Int32Array[];
  /** By sequence: the first marked position from each on. */
  readonly #next: Int32Array[] = [];

  constructor(reads: Reads, marked: Uint8Array) {
    this.#reads = reads;
    this.#marked = marked;
    this.#before = reads.map(sequence => {
      if (sequence.team === undefined) return countBefore(marked);
      const {ordinals} = sequence.team;
      const before = new Int32Array(ordinals.length + 1);
      for (let i = 0; i < ordinals.length; i++)
        before[i + 1] = (before[i] ?? 0) + (marked[ordinals[i] ?? 0] === 1 ? 1 : 0);
      return before;
    });
  }

  /** Sets `into[key]` to 1 for every key whose window holds a marked ordinal. */
  reach(into: Uint8Array): void {
    this.#reads.forEach(({team, from, to, isSteady}, index) => {
      const before = this.#before[index] ?? NO_POSITIONS;
      let [start, end] = [0, into.length];
      if (team === undefined && isSteady) {
        // Only keys whose windows lie between the outermost marks matter.
        const first = this.#marked.indexOf(1);
        if (first === -1) return;
        start = lowerBound(to, first + 1);
        end = lowerBound(from, this.#marked.lastIndexOf(1) + 1);
      }
      for (let i = start; i < end; i++) {
        if ((before[to[i] ?? 0] ?? 0) > (before[from[i] ?? 0] ?? 0)) into[i] = 1;
      }
    });
  }

  /** The first marked ordinal in the window of a key, and how many there are, each once; undefined where none is. */
  within(key: number): {readonly first: number; readonly count: number} | undefined {
    const [only, second] = this.#reads;
    if (only !== undefined && second === undefined && only.team === undefined) {
      const [before = NO_POSITIONS] = this.#before;
      const [start, end] = [only.from[key] ?? 0, only.to[key] ?? 0];
      const count = (before[end] ?? 0) - (before[start] ?? 0);
      return count === 0 ? undefined : {first: this.#following(0)[start] ?? 0, count};
    }
    const all = this.all(key);
    const [first] = all;
    return first === undefined ? undefined : {first, count: all.length};
  }

  /** The first marked ordinal in the window of a key; undefined where none is. */
  first(key: number): number | undefined {
    let first: number | undefined;
    this.#reads.forEach((sequence, index) => {
      const [start, end] = [sequence.from[key] ?? 0, sequence.to[key] ?? 0];
      const before = this.#before[index] ?? NO_POSITIONS;
      if ((before[end] ?? 0) === (before[start] ?? 0)) return;
      const found = ordinalAt(sequence, this.#following(index)[start] ?? 0);
      first = Math.min(first ?? found, found);
    });
    return first;
  }

  /** Every marked ordinal in the window of a key, once each, ascending. */
  all(key: number): readonly number[] {
    const found: number[] = [];
    this.#reads.forEach((sequence, index) => {
      const before = this.#before[index] ?? NO_POSITIONS;
      const [start, end] = [sequence.from[key] ?? 0, sequence.to[key] ?? 0];
      let left = (before[end] ?? 0) - (before[start] ?? 0);
      if (left <= 0) return;
      if (sequence.team === undefined) {
        const next = this.#following(index);
        for (let i = next[start] ?? end; left > 0; left--) {
          found.push(i);
          i = next[i + 1] ?? end;
        }
        return;
      }
      for (let position = start; left > 0; position++) {
        const ordinal = ordinalAt(sequence, position);
        if (this.#marked[ordinal] !== 1) continue;
        found.push(ordinal);
        left--;
      }
    });
    return this.#reads.length <= 1 ? found : [...new Set(found)].sort((a, b) => a - b);
  }

  #following(index: number): Int32Array {
    const known = this.#next[index];
    if (known !== undefined) return known;
    const sequence = this.#reads[index];
    const length = sequence?.team?.ordinals.length ?? this.#marked.length;
    const next = new Int32Array(length + 1);
    let following = length;
    for (let i = length; i >= 0; i--) {
      if (sequence !== undefined && i < length && this.#marked[ordinalAt(sequence, i)] === 1) following = i;
      next[i] = following;
    }
    this.#next[index] = next;
    return next;
  }
}

/** How many are marked before each position. Mostly few are, close together: the rest is zero, or all of them. */
function countBefore(marked: Uint8Array): Int32Array {
  const before = new Int32Array(marked.length + 1);
  const first = marked.indexOf(1);
  if (first < 0) return before;
  const last = marked.lastIndexOf(1);
  let count = 0;
  for (let i = first; i <= last; i++) {
    before[i] = count;
    if (marked[i] === 1) count++;
  }
  return before.fill(count, last + 1);
}

const NO_POSITIONS = new Int32Array();
