/**
 * The input digest: one 64-bit number for all that a partition reads. A sum of mixed terms, so that a whole window
 * costs one difference of prefix sums.
 * It does not deal with what a difference means (classify.ts) or how it is named (stale.ts).
 */
import {entryTerm} from './calendar.ts';
import {type AssetFrame, isValid} from './frame.ts';
import {add, mix, subtract, type Word, words} from './hash.ts';
import type {Words} from './ledger.ts';
import {ordinalAt, type Sequence} from './window.ts';

/** The digests of `ordinals` as the frame stands now, in their order. */
export function digestsOf(asset: AssetFrame, ordinals: readonly number[]): Words {
  const result = words(ordinals.length);
  for (const {edge, reads, upstream, seeds} of asset.edges) {
    if (!edge.tracks) continue;
    reads.forEach((sequence, index) => {
      const seed = seeds[index];
      if (seed === undefined)
        throw new Error(`Internal error: edge '${edge.name}' has no seed for a sequence`);
      addSequence({upstream, sequence, seed}, ordinals, result);
    });
  }
  const {calendar} = asset;
  if (asset.usesEntry && calendar !== undefined) {
    ordinals.forEach((ordinal, i) => {
      const entry = entryTerm(calendar, ordinal);
      addAt(result, i, entry.hi, entry.lo);
    });
  }
  return result;
}

/** Adds modulo 2^64 to one row of a column. */
function addAt({hi, lo}: Words, index: number, addHi: number, addLo: number): void {
  const sum = (lo[index] ?? 0) + addLo;
  lo[index] = sum;
  hi[index] = (hi[index] ?? 0) + addHi + (sum > 0xffffffff ? 1 : 0);
}

interface Terms {
  readonly upstream: AssetFrame;
  readonly sequence: Sequence;
  readonly seed: Word;
}

const term: Word = {hi: 0, lo: 0};

/** Puts the term of a position into `term`; zero where the partition is not there. */
function termAt({upstream, sequence, seed}: Terms, position: number): void {
  const ordinal = ordinalAt(sequence, position);
  if (!isValid(upstream, ordinal)) {
    term.hi = 0;
    term.lo = 0;
    return;
  }
  const {keyWords, version} = upstream;
  mix(
    seed,
    keyWords.hi[ordinal] ?? 0,
    keyWords.lo[ordinal] ?? 0,
    version.hi[ordinal] ?? 0,
    version.lo[ordinal] ?? 0,
    term,
  );
}

/** Adds to each row the sum over its stretch: by prefix sums, or directly where the stretches are shorter. */
function addSequence(terms: Terms, ordinals: readonly number[], result: Words): void {
  const {from, to} = terms.sequence;
  let reached = 0;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = 0;
  for (const ordinal of ordinals) {
    const length = (to[ordinal] ?? 0) - (from[ordinal] ?? 0);
    if (length <= 0) continue;
    reached += length;
    lowest = Math.min(lowest, from[ordinal] ?? 0);
    highest = Math.max(highest, to[ordinal] ?? 0);
  }
  if (reached === 0) return;
  if (reached <= highest - lowest) addEach(terms, ordinals, result);
  else addDifferences(terms, ordinals, {result, lowest, highest});
}

function addEach(terms: Terms, ordinals: readonly number[], result: Words): void {
  const {from, to} = terms.sequence;
  ordinals.forEach((ordinal, i) => {
    const end = to[ordinal] ?? 0;
    for (let position = from[ordinal] ?? 0; position < end; position++) {
      termAt(terms, position);
      addAt(result, i, term.hi, term.lo);
    }
  });
}

function addDifferences(
  terms: Terms,
  ordinals: readonly number[],
  {result, lowest, highest}: {readonly result: Words; readonly lowest: number; readonly highest: number},
): void {
  const {from, to} = terms.sequence;
  const prefix = words(highest - lowest + 1);
  const total: Word = {hi: 0, lo: 0};
  for (let position = lowest; position < highest; position++) {
    termAt(terms, position);
    add(total, term.hi, term.lo);
    prefix.hi[position - lowest + 1] = total.hi;
    prefix.lo[position - lowest + 1] = total.lo;
  }
  ordinals.forEach((ordinal, i) => {
    const start = from[ordinal] ?? 0;
    const end = to[ordinal] ?? 0;
    if (end <= start) return;
    total.hi = prefix.hi[end - lowest] ?? 0;
    total.lo = prefix.lo[end - lowest] ?? 0;
    subtract(total, prefix.hi[start - lowest] ?? 0, prefix.lo[start - lowest] ?? 0);
    addAt(result, i, total.hi, total.lo);
  });
}
