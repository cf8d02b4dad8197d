/**
 * The input digest: one 64-bit number for all that a partition reads. A sum of terms, one for each upstream partition,
 * times a factor of the edge, so that a whole window costs one difference of prefix sums that all edges share.
 * It does not deal with what a difference means (classify.ts) or how it is named (stale.ts).
 */
import {type AssetFrame, type EdgeFrame, isValid} from './frame.ts';
import {type Factor, factorOf, hexAt, scramble, upperProduct, type Word, words} from './hash.ts';
import type {Words} from './ledger.ts';
import {ordinalAt, type Sequence, spanOf} from './window.ts';

/** The digest of one partition as the frame stands now, as 16 hex digits. */
export function digestAt(asset: AssetFrame, ordinal: number): string {
  return hexAt(digestsOf(asset, [ordinal]), 0);
}

/** The digests of `ordinals` as the frame stands now, in their order. */
export function digestsOf(asset: AssetFrame, ordinals: readonly number[]): Words {
  const result = words(ordinals.length);
  for (const {sequence, upstream, factor} of termsOf(asset)) {
    const {from, to} = sequence;
    const span = spanOf(sequence, ordinals);
    // Directly where the stretches together are shorter than the list that holds them, else by sums over it.
    const sums =
      span.reached <= span.end - span.start ? undefined : sumsOf(upstream, sequence, span.start, span.end);
    ordinals.forEach((ordinal, i) => {
      const [start, end] = [from[ordinal] ?? 0, to[ordinal] ?? 0];
      if (end <= start) return;
      const {hi, lo} = sums ?? sumsOf(upstream, sequence, start, end);
      const [first, last] = sums === undefined ? [0, end - start] : [start - span.start, end - span.start];
      addProduct(result, i, difference(hi, lo, first, last), factor);
    });
  }
  const {calendar} = asset;
  if (asset.usesEntry && calendar !== undefined) {
    ordinals.forEach((ordinal, i) => {
      scratch.hi = calendar.entryTerms.hi[ordinal] ?? 0;
      scratch.lo = calendar.entryTerms.lo[ordinal] ?? 0;
      addProduct(result, i, scratch, ENTRY_FACTOR);
    });
  }
  return result;
}

const ENTRY_FACTOR = factorOf('calendar entry');

interface Terms {
  readonly upstream: AssetFrame;
  readonly sequence: Sequence;
  readonly factor: Factor;
}

function* termsOf({edges}: AssetFrame): Generator<Terms> {
  for (const edge of edges) {
    if (!edge.edge.tracks) continue;
    for (const sequence of edge.reads)
      yield {upstream: edge.upstream, sequence, factor: edgeFactor(edge, sequence)};
  }
}

function edgeFactor({edge}: EdgeFrame, {team}: Sequence): Factor {
  const text = team === undefined ? `edge ${edge.name}` : `edge ${edge.name} team ${team.team}`;
  let factor = factors.get(text);
  if (factor === undefined) {
    factor = factorOf(text);
    factors.set(text, factor);
  }
  return factor;
}

/** Few names are used by many edges. */
const factors = new Map<string, Factor>();

const scratch: Word = {hi: 0, lo: 0};

/** Sums of terms over positions: index i holds those from `start` to `start + i`, the last not meant. */
function sumsOf(upstream: AssetFrame, sequence: Sequence, start: number, end: number): Words {
  const {keyWords, version} = upstream;
  const sums = words(end - start + 1);
  const term: Word = {hi: 0, lo: 0};
  let [hi, lo] = [0, 0];
  for (let position = start; position < end; position++) {
    const ordinal = ordinalAt(sequence, position);
    if (isValid(upstream, ordinal)) {
      scramble(
        keyWords.hi[ordinal] ?? 0,
        keyWords.lo[ordinal] ?? 0,
        version.hi[ordinal] ?? 0,
        version.lo[ordinal] ?? 0,
        term,
      );
      const sum = lo + term.lo;
      hi = (hi + term.hi + (sum > 0xffffffff ? 1 : 0)) >>> 0;
      lo = sum >>> 0;
    }
    sums.hi[position - start + 1] = hi;
    sums.lo[position - start + 1] = lo;
  }
  return sums;
}

/** Into a word that the next call writes over. */
function difference(hi: Uint32Array, lo: Uint32Array, first: number, last: number): Word {
  const low = (lo[last] ?? 0) - (lo[first] ?? 0);
  scratch.lo = low >>> 0;
  scratch.hi = ((hi[last] ?? 0) - (hi[first] ?? 0) - (low < 0 ? 1 : 0)) >>> 0;
  return scratch;
}

function addProduct({hi, lo}: Words, index: number, word: Word, factor: Factor): void {
  const sum = (lo[index] ?? 0) + (Math.imul(word.lo, factor.lo) >>> 0);
  lo[index] = sum;
  hi[index] = (hi[index] ?? 0) + upperProduct(word.hi, word.lo, factor) + (sum > 0xffffffff ? 1 : 0);
}

/**
 * Digests of whole assets in topological order. The prefix sums of an upstream asset are made once, shared by all edges
 * that read it, and let go after the last of them: at 50 million partitions they are most of the memory.
 */
export class DigestPass {
  readonly #sums = new Map<AssetFrame, Words>();
  readonly #readers: Map<string, number>;

  /** `readers`: how many edges read each asset, by name. */
  constructor(readers: ReadonlyMap<string, number>) {
    this.#readers = new Map(readers);
  }

  digestsOf(asset: AssetFrame): Words {
    const result = words(asset.keys.length);
    for (const {upstream, sequence, factor} of termsOf(asset)) {
      if (sequence.team === undefined) addStretches(result, this.#sumsOf(upstream), sequence, factor);
      else {
        const length = sequence.team.ordinals.length;
        addStretches(result, sumsOf(upstream, sequence, 0, length), sequence, factor);
      }
    }
    const {calendar} = asset;
    if (asset.usesEntry && calendar !== undefined) {
      const {hi, lo} = calendar.entryTerms;
      for (let i = 0; i < result.lo.length; i++) {
        scratch.hi = hi[i] ?? 0;
        scratch.lo = lo[i] ?? 0;
        addProduct(result, i, scratch, ENTRY_FACTOR);
      }
    }
    for (const {upstream} of asset.edges) this.#release(upstream);
    return result;
  }

  #sumsOf(upstream: AssetFrame): Words {
    let sums = this.#sums.get(upstream);
    if (sums === undefined) {
      sums = sumsOf(upstream, {team: undefined, from: NOTHING, to: NOTHING}, 0, upstream.keys.length);
      this.#sums.set(upstream, sums);
    }
    return sums;
  }

  #release(upstream: AssetFrame): void {
    const left = (this.#readers.get(upstream.asset.name) ?? 0) - 1;
    this.#readers.set(upstream.asset.name, left);
    if (left <= 0) this.#sums.delete(upstream);
  }
}

const NOTHING = new Int32Array();

/** The inner loop of planning: everything in it is a number, and no word is made. */
function addStretches(result: Words, sums: Words, {from, to}: Sequence, factor: Factor): void {
  const {hi: sumHi, lo: sumLo} = sums;
  const {hi: resultHi, lo: resultLo} = result;
  const {hi: factorHi, lo: factorLo, lo0, lo1} = factor;
  const count = resultLo.length;
  for (let i = 0; i < count; i++) {
    const first = from[i] as number; // i is within all three
    const last = to[i] as number;
    if (last <= first) continue;
    const low = (sumLo[last] as number) - (sumLo[first] as number);
    const hi = ((sumHi[last] as number) - (sumHi[first] as number) - (low < 0 ? 1 : 0)) | 0;
    const lo = low | 0;
    // As `upperProduct`, which is not called here for its speed.
    const a0 = lo & 0xffff;
    const a1 = lo >>> 16;
    const middle1 = Math.imul(a0, lo1);
    const middle2 = Math.imul(a1, lo0);
    const carry = ((Math.imul(a0, lo0) >>> 16) + (middle1 & 0xffff) + (middle2 & 0xffff)) >>> 16;
    const upper = Math.imul(a1, lo1) + (middle1 >>> 16) + (middle2 >>> 16) + carry;
    const sum = (resultLo[i] as number) + (Math.imul(lo, factorLo) >>> 0);
    resultLo[i] = sum;
    resultHi[i] =
      (resultHi[i] as number) +
      upper +
      Math.imul(hi, factorLo) +
      Math.imul(lo, factorHi) +
      (sum > 0xffffffff ? 1 : 0);
  }
}
