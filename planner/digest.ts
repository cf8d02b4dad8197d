/**
 * The input digest: one 64-bit number for all that a partition reads. A sum of terms, one for each upstream partition,
 * times a factor of the edge, so that a whole window costs one difference of prefix sums that all edges share. Both
 * halves are summed and multiplied for themselves, modulo 2^32: no carry has to be brought over in the inner loop.
 * It does not deal with what a difference means, nor with how it is named (stale.ts).
 */
import type {TeamGames} from './calendar.ts';
import {type AssetFrame, depthAt, isValid} from './frame.ts';
import {factorOf, hexAt, scramble, type Word, words} from './hash.ts';
import type {Words} from './ledger.ts';
import {shownScore} from './quality.ts';
import {type Sequence, spanOf} from './window.ts';

/** The digest of one partition as the frame stands now, as 16 hex digits. */
export function digestAt(asset: AssetFrame, ordinal: number): string {
  return hexAt(digestsOf(asset, [ordinal]), 0);
}

/** The digests of `ordinals` as the frame stands now, in their order: of a cascade what its rows were taken from. */
export function digestsOf(asset: AssetFrame, ordinals: readonly number[]): Words {
  return digestsToDepth(asset, ordinals, ordinal => depthAt(asset, ordinal));
}

/** The digests of all that could be read: of a cascade every source. */
export function triedDigestsOf(asset: AssetFrame, ordinals: readonly number[]): Words {
  return digestsToDepth(asset, ordinals, () => Number.POSITIVE_INFINITY);
}

export function triedDigestAt(asset: AssetFrame, ordinal: number): string {
  return hexAt(triedDigestsOf(asset, [ordinal]), 0);
}

/** The digest where the first so many sources of a cascade are inputs, as 16 hex digits. */
export function digestToDepth(asset: AssetFrame, ordinal: number, depth: number): string {
  return hexAt(
    digestsToDepth(asset, [ordinal], () => depth),
    0,
  );
}

function digestsToDepth(
  asset: AssetFrame,
  all: readonly number[],
  depthOf: (ordinal: number) => number,
): Words {
  const result = words(all.length);
  for (const {sequence, upstream, factor, source} of termsOf(asset)) {
    const {from, to} = sequence;
    // What is past its depth is no input, and counts as no key.
    const ordinals =
      source === undefined ? all : all.map(ordinal => (source < depthOf(ordinal) ? ordinal : -1));
    const span = spanOf(sequence, ordinals);
    // Directly where the stretches together are shorter than the list that holds them, else by sums over it.
    const sums =
      span.reached <= span.end - span.start ? undefined : sumsOf(upstream, sequence, span.start, span.end);
    ordinals.forEach((ordinal, i) => {
      const [start, end] = [from[ordinal] ?? 0, to[ordinal] ?? 0];
      if (end <= start) return;
      const {hi, lo} = sums ?? sumsOf(upstream, sequence, start, end);
      const [first, last] = sums === undefined ? [0, end - start] : [start - span.start, end - span.start];
      addProduct(result, i, (hi[last] ?? 0) - (hi[first] ?? 0), (lo[last] ?? 0) - (lo[first] ?? 0), factor);
    });
  }
  if (asset.entry !== undefined) {
    const {hi, lo} = asset.entry.terms;
    for (const [i, ordinal] of all.entries()) {
      result.hi[i] = (result.hi[i] ?? 0) + (hi[ordinal] ?? 0);
      result.lo[i] = (result.lo[i] ?? 0) + (lo[ordinal] ?? 0);
    }
  }
  addQuality(asset, all, result);
  return result;
}

/** What a query is shown of the quality of its inputs is an input too: a whole number. */
function addQuality(asset: AssetFrame, ordinals: readonly number[], result: Words): void {
  if (!asset.showsQuality) return;
  for (const [i, ordinal] of ordinals.entries()) {
    const term = qualityTerm(asset, ordinal, shownScore(asset, ordinal));
    result.hi[i] = (result.hi[i] ?? 0) + term.hi;
    result.lo[i] = (result.lo[i] ?? 0) + term.lo;
  }
}

function qualityTerm({keyWords: {hi, lo}}: AssetFrame, ordinal: number, score: number): Word {
  const term: Word = {hi: 0, lo: 0};
  scramble(hi[ordinal] ?? 0, lo[ordinal] ?? 0, QUALITY.hi, Math.imul(QUALITY.lo, score + 1), term);
  return term;
}

const QUALITY = factorOf('quality');

/**
 * The score of its inputs that a query was shown, where nothing but that has changed since: then the recorded digest
 * differs from today's by its term alone. Undefined where something else has changed too.
 */
export function shownQuality(asset: AssetFrame, ordinal: number, recorded: Word): number | undefined {
  if (!asset.showsQuality) return undefined;
  const today = digestsOf(asset, [ordinal]);
  const own = qualityTerm(asset, ordinal, shownScore(asset, ordinal));
  for (let score = 0; score <= 100; score++) {
    const term = qualityTerm(asset, ordinal, score);
    const hi = ((today.hi[0] ?? 0) - own.hi + term.hi) >>> 0;
    const lo = ((today.lo[0] ?? 0) - own.lo + term.lo) >>> 0;
    if (hi === recorded.hi >>> 0 && lo === recorded.lo >>> 0) return score;
  }
  return undefined;
}

interface Terms {
  readonly upstream: AssetFrame;
  readonly sequence: Sequence;
  readonly factor: Word;
  /** Rank of the source that reads it, in a cascade. */
  readonly source: number | undefined;
}

function* termsOf({edges}: AssetFrame): Generator<Terms> {
  for (const {edge, upstream, reads, factors} of edges) {
    if (!edge.tracks) continue;
    for (const [index, sequence] of reads.entries()) {
      const factor = factors[index];
      if (factor === undefined)
        throw new Error(`Internal error: edge '${edge.name}' has no factor for a sequence`);
      yield {upstream, sequence, factor, source: edge.source};
    }
  }
}

/** Sums of terms over positions: index i holds those from `start` to `start + i`, the last not meant. */
function sumsOf(upstream: AssetFrame, sequence: Sequence, start: number, end: number): Words {
  const {published, exempt} = upstream;
  const {hi: keyHi, lo: keyLo} = upstream.keyWords;
  const {hi: versionHi, lo: versionLo} = upstream.version;
  const sums = words(end - start + 1);
  const {hi: sumHi, lo: sumLo} = sums;
  const {ordinals, terms: games} = sequence.team ?? {};
  const term: Word = {hi: 0, lo: 0};
  let [hi, lo] = [0, 0];
  for (let position = start; position < end; position++) {
    // every position is within the sequence, and every ordinal within the columns
    const ordinal = ordinals === undefined ? position : (ordinals[position] as number);
    if (published[ordinal] === 1 && exempt[ordinal] !== 1) {
      scramble(
        keyHi[ordinal] as number,
        keyLo[ordinal] as number,
        versionHi[ordinal] as number,
        versionLo[ordinal] as number,
        term,
      );
      hi = (hi + term.hi) | 0;
      lo = (lo + term.lo) | 0;
      if (games !== undefined) {
        hi = (hi + (games.hi[position] as number)) | 0;
        lo = (lo + (games.lo[position] as number)) | 0;
      }
    }
    sumHi[position - start + 1] = hi;
    sumLo[position - start + 1] = lo;
  }
  return sums;
}

function addProduct({hi, lo}: Words, index: number, termHi: number, termLo: number, factor: Word): void {
  hi[index] = (hi[index] ?? 0) + Math.imul(termHi, factor.hi);
  lo[index] = (lo[index] ?? 0) + Math.imul(termLo, factor.lo);
}

/**
 * Digests of whole assets in topological order. The prefix sums of an upstream asset are made once, shared by all edges
 * that read it, and let go after the last of them: at 50 million partitions they are most of the memory.
 */
export class DigestPass {
  readonly #sums = new Map<AssetFrame, Sums>();
  readonly #readers: Map<string, number>;
  #result = words(0);

  /** `readers`: how many edges read each asset, by name. */
  constructor(readers: ReadonlyMap<string, number>) {
    this.#readers = new Map(readers);
  }

  /** By ordinal, in columns that the next call writes over. */
  digestsOf(asset: AssetFrame): Words {
    const result = this.#begun(asset);
    for (const {upstream, sequence, factor, source} of termsOf(asset)) {
      const sums = this.#sumsOver(upstream, sequence);
      if (source === undefined) addStretches(result, sums, sequence, factor);
      else addWithinDepth(result, {asset, source}, {sums, sequence, factor});
    }
    for (const {upstream} of asset.edges) this.#release(upstream);
    if (asset.showsQuality) {
      const all = asset.keys.map((_, ordinal) => ordinal);
      addQuality(asset, all, result);
    }
    return result;
  }

  /** What the calendar entries add alone. */
  #begun({keys, entry}: AssetFrame): Words {
    if (this.#result.lo.length !== keys.length) this.#result = words(keys.length);
    const {hi, lo} = this.#result;
    if (entry === undefined) {
      hi.fill(0);
      lo.fill(0);
    } else {
      hi.set(entry.terms.hi);
      lo.set(entry.terms.lo);
    }
    return this.#result;
  }

  #sumsOver(upstream: AssetFrame, {team}: Sequence): Words {
    let sums = this.#sums.get(upstream);
    if (sums === undefined) {
      sums = {all: sumsOf(upstream, WHOLE, 0, upstream.keys.length), byTeam: new Map()};
      this.#sums.set(upstream, sums);
    }
    if (team === undefined) return sums.all;
    let own = sums.byTeam.get(team);
    if (own === undefined) {
      own = pickSums(sums.all, upstream, team);
      sums.byTeam.set(team, own);
    }
    return own;
  }

  #release(upstream: AssetFrame): void {
    const left = (this.#readers.get(upstream.asset.name) ?? 0) - 1;
    this.#readers.set(upstream.asset.name, left);
    if (left <= 0) this.#sums.delete(upstream);
  }
}

interface Sums {
  readonly all: Words;
  readonly byTeam: Map<TeamGames, Words>;
}

/** Prefix sums over the games of a team, from those over all dates. */
function pickSums(all: Words, upstream: AssetFrame, {ordinals, terms}: TeamGames): Words {
  const sums = words(ordinals.length + 1);
  for (let i = 0; i < ordinals.length; i++) {
    const ordinal = ordinals[i] ?? 0;
    const [hi, lo] = isValid(upstream, ordinal) ? [terms.hi[i] ?? 0, terms.lo[i] ?? 0] : [0, 0];
    sums.hi[i + 1] = (sums.hi[i] ?? 0) + (all.hi[ordinal + 1] ?? 0) - (all.hi[ordinal] ?? 0) + hi;
    sums.lo[i + 1] = (sums.lo[i] ?? 0) + (all.lo[ordinal + 1] ?? 0) - (all.lo[ordinal] ?? 0) + lo;
  }
  return sums;
}

/** All ordinals in order. */
const WHOLE: Sequence = {
  team: undefined,
  from: new Int32Array(),
  to: new Int32Array(),
  isSteady: true,
  isSame: false,
};

/** The same of an edge of a cascade's source: only for partitions of which that source is an input. */
function addWithinDepth(
  result: Words,
  {asset, source}: {readonly asset: AssetFrame; readonly source: number},
  {sums, sequence, factor}: {readonly sums: Words; readonly sequence: Sequence; readonly factor: Word},
): void {
  for (let i = 0; i < result.lo.length; i++) {
    if (source >= depthAt(asset, i)) continue;
    const [first, last] = sequence.isSame ? [i, i + 1] : [sequence.from[i] ?? 0, sequence.to[i] ?? 0];
    if (last <= first) continue;
    addProduct(
      result,
      i,
      (sums.hi[last] ?? 0) - (sums.hi[first] ?? 0),
      (sums.lo[last] ?? 0) - (sums.lo[first] ?? 0),
      factor,
    );
  }
}

/** The inner loop of planning: everything in it is a whole number of 32 bits, and nothing is made. */
function addStretches(result: Words, sums: Words, {from, to, isSame}: Sequence, factor: Word): void {
  const {hi: sumHi, lo: sumLo} = sums;
  const {hi, lo} = result;
  const {hi: factorHi, lo: factorLo} = factor;
  for (let i = 0; i < lo.length; i++) {
    // i is within all columns, and both ends within the sums
    const first = isSame ? i : (from[i] as number);
    const last = isSame ? i + 1 : (to[i] as number);
    if (last <= first) continue;
    const termHi = ((sumHi[last] as number) - (sumHi[first] as number)) | 0;
    const termLo = ((sumLo[last] as number) - (sumLo[first] as number)) | 0;
    hi[i] = ((hi[i] as number) + Math.imul(termHi, factorHi)) | 0;
    lo[i] = ((lo[i] as number) + Math.imul(termLo, factorLo)) | 0;
  }
}
