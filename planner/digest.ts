/**
 * The input digest: one 64-bit number for all that a partition reads. A sum of mixed terms, so that a whole window
 * costs one difference of prefix sums.
 * It does not deal with what a difference means (classify.ts) or how it is named (stale.ts).
 */
import {entryTerm} from './calendar.ts';
import {type AssetFrame, type EdgeFrame, isValid} from './frame.ts';
import {add, mix, subtract, type Word, words} from './hash.ts';
import type {Words} from './ledger.ts';

/** The digests of `ordinals` as the frame stands now, in their order. */
export function digestsOf(asset: AssetFrame, ordinals: readonly number[]): Words {
  const result = words(ordinals.length);
  const total: Word = {hi: 0, lo: 0};
  const addTo = (i: number, hi: number, lo: number): void => {
    total.hi = result.hi[i] ?? 0;
    total.lo = result.lo[i] ?? 0;
    add(total, hi, lo);
    result.hi[i] = total.hi;
    result.lo[i] = total.lo;
  };
  for (const edge of asset.edges) {
    if (edge.edge.tracks) addEdge(edge, ordinals, addTo);
  }
  if (asset.usesEntry && asset.calendar !== undefined) {
    const {calendar} = asset;
    ordinals.forEach((ordinal, i) => {
      const term = entryTerm(calendar, ordinal);
      addTo(i, term.hi, term.lo);
    });
  }
  return result;
}

type AddTo = (index: number, hi: number, lo: number) => void;

function addEdge(frame: EdgeFrame, ordinals: readonly number[], addTo: AddTo): void {
  const {reads, upstream} = frame;
  if (reads.kind === 'span') {
    const identity = (position: number): number => position;
    const span = {length: upstream.keys.length, ordinalAt: identity, seed: frame.seed};
    addRanges(upstream, span, ordinals, i => [reads.from[i] ?? 0, reads.to[i] ?? 0], addTo);
    return;
  }
  const byTeam = new Map<number, {index: number; from: number; to: number}[]>();
  ordinals.forEach((ordinal, index) => {
    for (const {team, from, to} of reads.segments(ordinal)) {
      const list = byTeam.get(team);
      if (list === undefined) byTeam.set(team, [{index, from, to}]);
      else list.push({index, from, to});
    }
  });
  for (const [team, segments] of byTeam) {
    const own = reads.teams[team]?.ordinals ?? new Int32Array();
    const seed = frame.teamSeeds[team] ?? frame.seed;
    const sequence = {length: own.length, ordinalAt: (position: number) => own[position] ?? 0, seed};
    const at = (i: number): readonly [number, number] => [segments[i]?.from ?? 0, segments[i]?.to ?? 0];
    const indices = segments.map((_, i) => i);
    addRanges(upstream, sequence, indices, at, (i, hi, lo) => addTo(segments[i]?.index ?? 0, hi, lo));
  }
}

/** Positions of a list of upstream ordinals: the identity, or the dates of one team's games. */
interface Sequence {
  readonly length: number;
  ordinalAt(position: number): number;
  readonly seed: Word;
}

const term: Word = {hi: 0, lo: 0};

/** Puts the term of a position into `term`; zero where the partition is not there. */
function termAt(upstream: AssetFrame, sequence: Sequence, position: number): void {
  const ordinal = sequence.ordinalAt(position);
  if (!isValid(upstream, ordinal)) {
    term.hi = 0;
    term.lo = 0;
    return;
  }
  const {keyWords, version} = upstream;
  mix(
    sequence.seed,
    keyWords.hi[ordinal] ?? 0,
    keyWords.lo[ordinal] ?? 0,
    version.hi[ordinal] ?? 0,
    version.lo[ordinal] ?? 0,
    term,
  );
}

/** Adds to each of `items` the sum over its range: by prefix sums, or directly where the ranges are fewer. */
function addRanges(
  upstream: AssetFrame,
  sequence: Sequence,
  items: readonly number[],
  rangeOf: (item: number) => readonly [from: number, to: number],
  addTo: AddTo,
): void {
  let reached = 0;
  let lowest = sequence.length;
  let highest = 0;
  for (const item of items) {
    const [from, to] = rangeOf(item);
    if (to <= from) continue;
    reached += to - from;
    lowest = Math.min(lowest, from);
    highest = Math.max(highest, to);
  }
  if (reached === 0) return;
  if (reached <= highest - lowest) {
    items.forEach((item, index) => {
      const [from, to] = rangeOf(item);
      for (let position = from; position < to; position++) {
        termAt(upstream, sequence, position);
        addTo(index, term.hi, term.lo);
      }
    });
    return;
  }
  const prefix = prefixTerms(upstream, sequence, lowest, highest);
  const total: Word = {hi: 0, lo: 0};
  items.forEach((item, index) => {
    const [from, to] = rangeOf(item);
    if (to <= from) return;
    total.hi = prefix.hi[to - lowest] ?? 0;
    total.lo = prefix.lo[to - lowest] ?? 0;
    subtract(total, prefix.hi[from - lowest] ?? 0, prefix.lo[from - lowest] ?? 0);
    addTo(index, total.hi, total.lo);
  });
}

function prefixTerms(upstream: AssetFrame, sequence: Sequence, from: number, to: number): Words {
  const prefix = words(to - from + 1);
  const total: Word = {hi: 0, lo: 0};
  for (let position = from; position < to; position++) {
    termAt(upstream, sequence, position);
    add(total, term.hi, term.lo);
    prefix.hi[position - from + 1] = total.hi;
    prefix.lo[position - from + 1] = total.lo;
  }
  return prefix;
}
