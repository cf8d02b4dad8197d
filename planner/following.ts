/**
 * Which partitions read something that the plan makes, and what: they are made too if it comes out another.
 * It does not deal with what they want by themselves (want.ts).
 */

import type {Deciding} from './deciding.ts';
import {type AssetFrame, depthAt, type EdgeFrame, isSameKey, refOf} from './frame.ts';
import {Marks} from './marks.ts';
import type {AssetName} from './pipeline.ts';
import type {Reason} from './reason.ts';
import {PROGRESS} from './satisfy.ts';
import {wasTried} from './tried.ts';
import {ordinalsRead} from './window.ts';

/** What a partition follows: so many planned ones of an upstream asset, from the first on. */
export interface Followed {
  readonly upstream: AssetFrame;
  readonly first: number;
  readonly count: number;
}

export class Following {
  readonly #asset: AssetFrame;
  readonly #progress: ReadonlyMap<AssetName, Uint8Array>;
  /** Of the edges over which something planned may be read. */
  readonly #marks: readonly {readonly edge: EdgeFrame; readonly marks: Marks}[];
  /** Marks what reads a planned partition over a tracked edge, and over any. */
  readonly #reached: Uint8Array;
  readonly #possible: Uint8Array;
  readonly #readsItself: boolean;

  constructor({asset, progress}: Deciding) {
    this.#asset = asset;
    this.#progress = progress;
    this.#marks = asset.edges.flatMap(edge => {
      const stages = progress.get(edge.upstream.asset.name);
      const isOf = edge.edge.tracks || isPassing(edge);
      if (!isOf || edge.upstream === asset || stages === undefined) return [];
      return stages.includes(PROGRESS.planned) ? [{edge, marks: new Marks(edge.reads, stages)}] : [];
    });
    this.#readsItself = asset.edges.some(({upstream}) => upstream === asset);
    this.#reached = new Uint8Array(asset.keys.length);
    for (const {edge, marks} of this.#marks)
      if (edge.edge.tracks) reachOver(asset, edge, marks, this.#reached);
    const others = this.#marks.filter(({edge}) => !edge.edge.tracks);
    this.#possible = others.length > 0 ? this.#reached.slice() : this.#reached;
    for (const {marks} of others) marks.reach(this.#possible);
  }

  /** The first ordinal from this one on that may follow; the number of keys where none does. */
  next(ordinal: number): number {
    if (this.#readsItself) return Math.min(ordinal, this.#possible.length);
    const found = this.#marks.length === 0 ? -1 : this.#possible.indexOf(1, ordinal);
    return found === -1 ? this.#possible.length : found;
  }

  isFollowing(ordinal: number): boolean {
    const asset = this.#asset;
    if (asset.accepted[ordinal] === 1 && !wasTried(asset, ordinal)) return this.find(ordinal) !== undefined;
    return this.#reached[ordinal] === 1 || this.#findOwn(ordinal) !== undefined;
  }

  reason(ordinal: number): Reason | undefined {
    const found = this.find(ordinal);
    if (found === undefined) return undefined;
    return {kind: 'upstream-planned', upstream: refOf(found.upstream, found.first), count: found.count};
  }

  /** The first edge over which a planned partition is read, with the first of those and how many there are. */
  find(ordinal: number): Followed | undefined {
    const asset = this.#asset;
    // A gap that was never tried here follows only what it needs on the same key.
    const isPassingOnly = asset.accepted[ordinal] === 1 && !wasTried(asset, ordinal);
    for (const {edge, marks} of this.#marks) {
      if (isPassingOnly ? !isPassing(edge) && edge.edge.source === undefined : !edge.edge.tracks) continue;
      if (!isInput(asset, edge, ordinal)) continue;
      const found = marks.within(ordinal);
      if (found === undefined) continue;
      return {upstream: edge.upstream, ...found};
    }
    return isPassingOnly ? undefined : this.#findOwn(ordinal);
  }

  /** The asset's own previous key, which is decided one after another. */
  #findOwn(ordinal: number): Followed | undefined {
    if (!this.#readsItself) return undefined;
    const stages = this.#progress.get(this.#asset.asset.name);
    for (const {edge, upstream, reads} of this.#asset.edges) {
      if (upstream !== this.#asset || !edge.tracks) continue;
      const first = ordinalsRead(reads, ordinal).find(i => stages?.[i] === PROGRESS.planned);
      if (first !== undefined) return {upstream, first, count: 1};
    }
    return undefined;
  }
}

/** A source below those that its rows were taken from is no input of what is published. */
function isInput(asset: AssetFrame, {edge}: EdgeFrame, ordinal: number): boolean {
  return edge.source === undefined || edge.source < depthAt(asset, ordinal);
}

function reachOver(asset: AssetFrame, edge: EdgeFrame, marks: Marks, into: Uint8Array): void {
  if (edge.edge.source === undefined || edge.edge.source === 0) {
    marks.reach(into);
    return;
  }
  const reached = new Uint8Array(into.length);
  marks.reach(reached);
  for (let ordinal = reached.indexOf(1); ordinal >= 0; ordinal = reached.indexOf(1, ordinal + 1))
    if (isInput(asset, edge, ordinal)) into[ordinal] = 1;
}

/** Whether an edge passes exempt and accepted down on its key. */
export function isPassing({edge}: EdgeFrame): boolean {
  return edge.required && isSameKey(edge);
}
