/**
 * Which partitions are not due because of their own time, or because of what they need.
 * It does not deal with the rules of one key's time (due.ts).
 */
import {type Dueness, duenessOf} from './due.ts';
import {type AssetFrame, type EdgeFrame, type Frame, refOf} from './frame.ts';
import {Marks} from './marks.ts';
import type {NotDueReason} from './reason.ts';
import {CODE, type State} from './state.ts';
import {ordinalsRead} from './window.ts';

/** Whether each partition of an asset is due. */
export function dueOf(frame: Frame, asset: AssetFrame): (ordinal: number) => Dueness {
  return duenessOf(asset, {now: frame.now, settlesCalendar: frame.settling.has(asset.asset.name)});
}

/**
 * Marks the partitions that wait for an upstream one that is not due; undefined where none can. A season waits so for
 * the same season, and leaves out what else is not due.
 */
export function findNotDueUpstream(asset: AssetFrame): Uint8Array | undefined {
  const edges = waitingEdges(asset).filter(({upstream}) => upstream !== asset);
  if (edges.length === 0) return undefined;
  const waits = new Uint8Array(asset.keys.length);
  for (const {reads, upstream} of edges) new Marks(reads, markState(upstream, 'not-due')).reach(waits);
  return waits;
}

/** The edges over which a partition may be not due because what it needs is not. */
function waitingEdges(asset: AssetFrame): readonly EdgeFrame[] {
  const isDate = asset.asset.partitioning.kind === 'date';
  const hasNotDue = ({stateCounts}: AssetFrame): boolean => (stateCounts[CODE['not-due']] ?? 0) > 0;
  return asset.edges.filter(
    ({edge, upstream}) =>
      edge.required && (isDate || edge.window.kind === 'same') && (upstream === asset || hasNotDue(upstream)),
  );
}

/** The asset's previous key, where it has such an edge and that key is not due. */
export function ownNotDue(asset: AssetFrame, ordinal: number): NotDueReason | undefined {
  for (const {edge, upstream, reads} of asset.edges) {
    if (upstream !== asset || !edge.required || asset.asset.partitioning.kind !== 'date') continue;
    const first = ordinalsRead(reads, ordinal).find(i => asset.state[i] === CODE['not-due']);
    if (first !== undefined) return {kind: 'upstream-not-due', upstream: refOf(asset, first)};
  }
  return undefined;
}

/** A column that marks with 1 the partitions in a state. */
function markState({state}: AssetFrame, wanted: State): Uint8Array {
  const code = CODE[wanted];
  const marks = new Uint8Array(state.length);
  for (let i = 0; i < marks.length; i++) if (state[i] === code) marks[i] = 1;
  return marks;
}

export function notDueReason(frame: Frame, asset: AssetFrame, ordinal: number): NotDueReason | undefined {
  const dueness = dueOf(frame, asset)(ordinal);
  if (dueness.kind === 'not-due') return dueness.because;
  for (const {upstream, reads} of waitingEdges(asset)) {
    const first = ordinalsRead(reads, ordinal).find(i => upstream.state[i] === CODE['not-due']);
    if (first !== undefined) return {kind: 'upstream-not-due', upstream: refOf(upstream, first)};
  }
  return undefined;
}
