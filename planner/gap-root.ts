/**
 * Where a gap begins: a partition waits for an input, which waits for another, back to the one that has a cause of its
 * own. Each partition is traced once. It does not deal with what the cause is (gaps.ts).
 */
import {acceptedGames} from './accepted.ts';
import {isCovered} from './coverage.ts';
import {type AssetFrame, type EdgeFrame, type Frame, isSameKey} from './frame.ts';
import {Marks} from './marks.ts';
import {acceptedReason} from './not-there.ts';
import {findBlocked, type Progress} from './satisfy.ts';
import {CODE} from './state.ts';
import {ordinalsRead} from './window.ts';

export interface Root {
  readonly asset: AssetFrame;
  readonly ordinal: number;
}

const NONE: readonly Root[] = [];

/** Nothing is made while gaps are looked for. */
const AT_REST: Progress = new Map();

export class Roots {
  readonly #frame: Frame;
  /** How much a root's cause explains: what failed says more than what was never tried. */
  readonly #weight: (root: Root) => number;
  /** By ordinal, where it is another partition. */
  readonly #found = new Map<AssetFrame, Root[]>();

  constructor(frame: Frame, weight: (root: Root) => number) {
    this.#frame = frame;
    this.#weight = weight;
  }

  /** Traces the gaps of one asset; those of what it reads were traced before. Ordinals ascend. */
  trace(asset: AssetFrame, ordinals: readonly number[]): void {
    const found: Root[] = [];
    this.#found.set(asset, found);
    const missing = ordinals.filter(ordinal => asset.state[ordinal] === CODE.missing);
    const blocking = this.#blocking(asset, missing);
    for (const ordinal of ordinals) {
      let candidates: readonly Root[];
      if (asset.state[ordinal] === CODE.missing) candidates = blocking(ordinal);
      else if (asset.published[ordinal] === 1) candidates = this.#lackingSameGames(asset, ordinal);
      else candidates = this.#accepting(asset, ordinal);
      const root = this.#heaviest(candidates);
      if (root !== undefined) found[ordinal] = root;
    }
  }

  of(asset: AssetFrame, ordinal: number): Root {
    return this.#found.get(asset)?.[ordinal] ?? {asset, ordinal};
  }

  #heaviest(candidates: readonly Root[]): Root | undefined {
    let best: Root | undefined;
    for (const {asset, ordinal} of candidates) {
      const root = this.of(asset, ordinal);
      if (best === undefined || this.#weight(root) > this.#weight(best)) best = root;
    }
    return best;
  }

  /** The first partition of each edge that keeps one from being made, by the rule of the plan. */
  #blocking(asset: AssetFrame, missing: readonly number[]): (ordinal: number) => readonly Root[] {
    const needed = asset.edges.filter(({edge}) => edge.required || edge.source !== undefined);
    const edges = needed.flatMap(edge => {
      const blocked = findBlocked(asset, [edge], {ordinals: missing, progress: AT_REST, gates: undefined});
      if (!blocked.includes(1)) return [];
      const isBlocked = new Uint8Array(asset.keys.length);
      missing.forEach((ordinal, index) => {
        isBlocked[ordinal] = blocked[index] ?? 0;
      });
      return [{upstream: edge.upstream, isBlocked, marks: new Marks(edge.reads, lackingOf(edge))}];
    });
    if (edges.length === 0) return () => NONE;
    return ordinal =>
      edges.flatMap(({upstream, isBlocked, marks}) => {
        const first = isBlocked[ordinal] === 1 ? marks.first(ordinal) : undefined;
        return first === undefined ? [] : [{asset: upstream, ordinal: first}];
      });
  }

  /** Inputs of the same key that lack one of the games that it lacks. */
  #lackingSameGames(asset: AssetFrame, ordinal: number): readonly Root[] {
    const lacks = new Set(absentOf(asset, ordinal));
    const accepted = acceptedGames(this.#frame, asset, ordinal);
    const open = [...lacks].filter(game => !accepted.has(game));
    const asked = new Set(open.length > 0 ? open : lacks);
    return sameKeyInputs(asset, ordinal).filter(({asset: upstream, ordinal: i}) =>
      absentOf(upstream, i).some(game => asked.has(game)),
    );
  }

  /** Inputs of the same key through which it is accepted; none where it is signed off itself. */
  #accepting(asset: AssetFrame, ordinal: number): readonly Root[] {
    if (acceptedReason(this.#frame, asset, ordinal, []) !== undefined) return [];
    return sameKeyInputs(asset, ordinal).filter(
      ({asset: upstream, ordinal: i}) => upstream.accepted[i] === 1,
    );
  }
}

function sameKeyInputs(asset: AssetFrame, ordinal: number): readonly Root[] {
  return asset.edges
    .filter(({edge}) => (edge.required || edge.source !== undefined) && isSameKey(edge))
    .flatMap(({upstream, reads}) => ordinalsRead(reads, ordinal).map(i => ({asset: upstream, ordinal: i})));
}

/** Marks what of an edge's upstream partitions is not there or not whole, as `satisfy.ts` counts them. */
function lackingOf({edge, upstream}: EdgeFrame): Uint8Array {
  const {published, exempt, accepted, games} = upstream;
  const marks = new Uint8Array(upstream.keys.length);
  for (let i = 0; i < marks.length; i++) {
    if (exempt[i] === 1) continue;
    if (published[i] === 0) marks[i] = accepted[i] === 1 && !isSameKey(edge) ? 0 : 1;
    else if (games === undefined) continue;
    else if (edge.atLeast !== undefined) marks[i] = absentOf(upstream, i).length > 0 ? 1 : 0;
    else marks[i] = isCovered(upstream, i) ? 0 : 1;
  }
  return marks;
}

/** The games that the calendar expects of a published partition and its rows do not hold. */
export function absentOf({asset, record, row, calendar}: AssetFrame, ordinal: number): readonly string[] {
  const recorded = record?.absent.get(row[ordinal] ?? -1);
  if (recorded === undefined || recorded.length === 0 || asset.partitioning.kind !== 'date') return [];
  const played = calendar?.games[ordinal] ?? [];
  return recorded.filter(id => played.some(game => game.id === id));
}
