/**
 * How much each published partition can be trusted: a score from 0 to 100, from what the ledger records of it and, over
 * every required edge, of what it needs. Computed when it is asked for and never stored, so that a repair which yields
 * the same rows still raises everything that reads it.
 * It does not deal with what lowered a score (quality-issue.ts).
 */

import {canonicalQuery} from './canonical.ts';
import {type AssetFrame, type EdgeFrame, expectedAt, heldAt, isValid, trustAt} from './frame.ts';
import type {Trust} from './ledger.ts';
import {hasTable} from './making.ts';
import {Marks} from './marks.ts';
import type {Asset} from './pipeline.ts';
import type {Sources} from './sources.ts';
import {CODE} from './state.ts';
import {ordinalsRead, sumOver} from './window.ts';

/** Scores of one asset's partitions, by ordinal. */
export interface Scores {
  /** NaN where nothing is published. */
  readonly own: Float64Array;
  /** The least of what it needs; 100 where it needs nothing. Also of what is not published. */
  readonly inputs: Float64Array;
  /** The same over the tracked edges alone, which is what a query is shown: what it does not track changes nothing. */
  readonly shown: Float64Array;
  /** The lesser of both; NaN where nothing is published. */
  readonly score: Float64Array;
}

/** How many games each partition of an upstream asset stands for, what those lack of 100 each, and which lack any. */
interface Weighed {
  readonly weights: Float64Array;
  readonly losses: Float64Array;
  readonly lossy: Uint8Array;
}

/** Scores of the partitions of one frame. What a run brings forward is told by `forget`. */
export class Quality {
  readonly #known = new Map<AssetFrame, Scores>();
  /** For what is partitioned by date, and for what is not. */
  readonly #weighed = {date: new Map<AssetFrame, Weighed>(), other: new Map<AssetFrame, Weighed>()};

  /** Something was published: what was worked out before may be another now. */
  forget(): void {
    this.#known.clear();
    this.#weighed.date.clear();
    this.#weighed.other.clear();
  }

  scoresOf(asset: AssetFrame): Scores {
    const known = this.#known.get(asset);
    if (known !== undefined) return known;
    const all = asset.keys.map((_, ordinal) => ordinal);
    const own = ownScores(asset);
    const inputs = new Float64Array(all.length).fill(100);
    const shown = inputs.slice();
    for (const edge of asset.edges) {
      if (!bounds(edge) || edge.upstream === asset) continue;
      const {lossy} = this.#weighedOf(asset, edge.upstream);
      if (!lossy.includes(1)) continue;
      const reached = new Uint8Array(all.length);
      new Marks(edge.reads, lossy).reach(reached);
      const lowered = all.filter(ordinal => reached[ordinal] === 1);
      const means = this.#means(asset, edge, lowered);
      lower(inputs, lowered, means);
      if (edge.edge.tracks) lower(shown, lowered, means);
    }
    const scores: Scores = {own, inputs, shown, score: new Float64Array(all.length)};
    this.#known.set(asset, scores);
    for (const ordinal of all) {
      this.#boundByItself(asset, ordinal, scores);
      scores.score[ordinal] = Math.min(own[ordinal] ?? Number.NaN, inputs[ordinal] ?? 100);
      const source = this.#sourceScore(asset, ordinal);
      if (source < (scores.score[ordinal] ?? 0)) scores.score[ordinal] = source;
    }
    return scores;
  }

  scoreAt(asset: AssetFrame, ordinal: number): number {
    return this.scoresOf(asset).score[ordinal] ?? Number.NaN;
  }

  /** The score of what a partition needs, from 0 to 100. */
  inputsAt(asset: AssetFrame, ordinal: number): number {
    return this.scoresOf(asset).inputs[ordinal] ?? 100;
  }

  /** The same, as a query is shown it. */
  shownAt(asset: AssetFrame, ordinal: number): number {
    return this.scoresOf(asset).shown[ordinal] ?? 100;
  }

  /** What an edge gives one partition: the mean over its window; undefined where it holds nothing that counts. */
  edgeAt(asset: AssetFrame, edge: EdgeFrame, ordinal: number): number | undefined {
    const [mean = Number.NaN] = this.#means(asset, edge, [ordinal]);
    return Number.isNaN(mean) ? undefined : mean;
  }

  /**
   * What pulls the inputs of a partition down most, back to where it comes from: the partition whose own rows are the
   * trouble, or that is not there.
   */
  weakestOf(asset: AssetFrame, ordinal: number): {readonly asset: AssetFrame; readonly ordinal: number} {
    let [worst, loss]: [{asset: AssetFrame; ordinal: number} | undefined, number] = [undefined, 0];
    const least = this.inputsAt(asset, ordinal);
    for (const edge of asset.edges.filter(bounds)) {
      if ((this.edgeAt(asset, edge, ordinal) ?? 100) > least) continue;
      const {losses} = this.#weighedOf(asset, edge.upstream);
      for (const i of ordinalsRead(edge.reads, ordinal)) {
        const lost = losses[i] ?? 0;
        if (lost > loss) [worst, loss] = [{asset: edge.upstream, ordinal: i}, lost];
      }
    }
    if (worst === undefined) return {asset, ordinal};
    const {own, inputs} = this.scoresOf(worst.asset);
    const isRoot = (own[worst.ordinal] ?? 0) <= (inputs[worst.ordinal] ?? 100);
    return isRoot || !isValid(worst.asset, worst.ordinal)
      ? worst
      : this.weakestOf(worst.asset, worst.ordinal);
  }

  /** The mean over each window, weighted by games: absent ones count 0, those signed off or exempt do not count. */
  #means(asset: AssetFrame, {upstream, reads}: EdgeFrame, ordinals: readonly number[]): Float64Array {
    const {weights, losses} = this.#weighedOf(asset, upstream);
    const weight = sumOver(reads, i => weights[i] ?? 0, ordinals);
    const loss = sumOver(reads, i => losses[i] ?? 0, ordinals);
    return Float64Array.from(ordinals, (_, i) => {
      const whole = weight[i] ?? 0;
      // Sums of many parts differ from their mean in the last digits.
      return whole === 0 ? Number.NaN : Math.round(1e9 * (100 - (loss[i] ?? 0) / whole)) / 1e9;
    });
  }

  /** What each partition of an upstream asset counts for the reader. */
  #weighedOf(downstream: AssetFrame, upstream: AssetFrame): Weighed {
    const known = this.#weighed[downstream.asset.partitioning.kind === 'date' ? 'date' : 'other'];
    const found = known.get(upstream);
    if (found !== undefined) return found;
    const {score} = this.scoresOf(upstream);
    const count = upstream.keys.length;
    const weighed = {
      weights: new Float64Array(count),
      losses: new Float64Array(count),
      lossy: new Uint8Array(count),
    };
    for (let i = 0; i < count; i++) {
      const weight = weightOf(downstream, upstream, i);
      const loss = weight * (100 - heldScore(upstream, score, i));
      weighed.weights[i] = weight;
      weighed.losses[i] = loss;
      if (loss > 0) weighed.lossy[i] = 1;
    }
    known.set(upstream, weighed);
    return weighed;
  }

  /** The asset's own previous key, whose score was found just before. */
  #boundByItself(asset: AssetFrame, ordinal: number, {inputs, shown, score}: Scores): void {
    for (const edge of asset.edges) {
      if (edge.upstream !== asset || !bounds(edge)) continue;
      for (const i of ordinalsRead(edge.reads, ordinal)) {
        if (i >= ordinal) continue;
        const held = heldScore(asset, score, i);
        inputs[ordinal] = Math.min(inputs[ordinal] ?? 100, held);
        if (edge.edge.tracks) shown[ordinal] = Math.min(shown[ordinal] ?? 100, held);
      }
    }
  }

  /** The least score of the tables that a cascade took rows from; of objects the rows themselves tell. */
  #sourceScore(asset: AssetFrame, ordinal: number): number {
    const {cascade} = asset.asset;
    if (cascade === undefined || asset.published[ordinal] === 0) return 100;
    const used = new Set(trustAt(asset, ordinal).sources.map(({name}) => name));
    let least = 100;
    for (const edge of asset.edges) {
      const source = edge.edge.source === undefined ? undefined : cascade.sources[edge.edge.source];
      if (source === undefined || !used.has(source.name)) continue;
      if (hasTable(edge.upstream.asset.making.kind))
        least = Math.min(least, this.edgeAt(asset, edge, ordinal) ?? 100);
    }
    return least;
  }
}

/** Whether an edge hands its score down. */
export function bounds({edge}: EdgeFrame): boolean {
  return edge.required;
}

function lower(scores: Float64Array, ordinals: readonly number[], to: Float64Array): void {
  ordinals.forEach((ordinal, i) => {
    const score = to[i] ?? 100;
    if (score < (scores[ordinal] ?? 100)) scores[ordinal] = score;
  });
}

function heldScore(upstream: AssetFrame, score: Float64Array, i: number): number {
  return isValid(upstream, i) ? (score[i] ?? 0) : 0;
}

/** How many games a partition stands for; 0 where it does not count. */
export function weightOf(downstream: AssetFrame, upstream: AssetFrame, i: number): number {
  const isPublished = upstream.published[i] === 1;
  if (upstream.exempt[i] === 1 || (upstream.accepted[i] === 1 && !isPublished)) return 0;
  const isLeftOut = upstream.state[i] === CODE['not-due'] && !isPublished;
  if (isLeftOut && downstream.asset.partitioning.kind !== 'date') return 0;
  if (upstream.games !== undefined) return expectedAt(upstream, i);
  if (upstream.asset.partitioning.kind !== 'date') return 1;
  const games = upstream.calendar?.games[i]?.length ?? 0;
  return games === 0 ? 1 : games;
}

/** Of what is published: the ceiling of its sources, times the share of its games, less what checks warned of. */
function ownScores(asset: AssetFrame): Float64Array {
  const own = new Float64Array(asset.keys.length).fill(Number.NaN);
  for (let i = 0; i < own.length; i++) if (isValid(asset, i)) own[i] = ownScore(asset, i);
  return own;
}

/** What a published partition scores of itself. */
export function ownScore(asset: AssetFrame, ordinal: number): number {
  const {warned} = trustAt(asset, ordinal);
  const games = {held: heldAt(asset, ordinal), expected: expectedAt(asset, ordinal)};
  return scoreFrom(ceilingAt(asset, ordinal), games, warned);
}

export function scoreFrom(
  ceiling: number,
  {held, expected}: {readonly held: number; readonly expected: number},
  warned: Trust['warned'],
): number {
  const coverage = expected === 0 ? 1 : Math.min(1, held / expected);
  const penalty = warned.reduce((sum, each) => sum + each.penalty, 0);
  return Math.max(0, ceiling * coverage - penalty);
}

/** As the sources are declared today; of one that is declared no more as it was when its rows were taken. */
function ceilingAt(asset: AssetFrame, ordinal: number): number {
  const {sources, ceiling} = trustAt(asset, ordinal);
  const declared = asset.asset.cascade?.sources;
  if (declared === undefined || sources.length === 0) return ceiling;
  return Math.min(
    ...sources.map(({name}) => declared.find(source => source.name === name)?.quality ?? ceiling),
  );
}

/** The column of `partitions` that holds the score of a partition's inputs, as a whole number. */
export const QUALITY_COLUMN = 'quality_score';

/** What its query is shown of the quality of a partition's inputs. */
export function shownScore(asset: AssetFrame, ordinal: number): number {
  return Math.floor(asset.quality.shownAt(asset, ordinal));
}

/** Whether a query of an asset names it. */
export function readsQuality({making, cascade}: Asset, {queries}: Pick<Sources, 'queries'>): boolean {
  const paths = [
    ...('query' in making ? [making.query] : []),
    ...(cascade?.sources ?? []).flatMap(({query}) => query ?? []),
  ];
  return paths.some(path => namesQuality(queries.get(path)?.text ?? ''));
}

export function namesQuality(query: string): boolean {
  // Most queries need not be looked at twice.
  return query.toLowerCase().includes(QUALITY_COLUMN) && /\bquality_score\b/.test(canonicalQuery(query));
}
