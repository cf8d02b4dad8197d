/**
 * May it run? Judges every edge of a partition by what is there, what is planned and what has failed in this run.
 * One rule for the plan and for the run that follows it.
 */

import {isCovered, isEnough} from './coverage.ts';
import {type AssetFrame, type EdgeFrame, expectedAt, heldAt, isSameKey, isValid, refOf} from './frame.ts';
import {Marks} from './marks.ts';
import type {Asset, AssetName} from './pipeline.ts';
import type {Quality} from './quality.ts';
import type {Note, WaitReason} from './reason.ts';
import {CODE} from './state.ts';
import {ordinalsRead, sumOver} from './window.ts';

/**
 * What a run makes of a partition: 0 nothing, 1 planned and not ended, 2 ended well, 3 ended without being made, 4 to be
 * made if a better source fails, and not asked for.
 */
export const PROGRESS = {none: 0, planned: 1, done: 2, failed: 3, onDemand: 4} as const;
export type Progress = ReadonlyMap<AssetName, Uint8Array>;

export interface Verdict {
  /** Empty: it may run. */
  readonly waits: readonly WaitReason[];
  readonly notes: readonly Note[];
}

/** Judges `ordinals` together, so that each window costs a difference of prefix sums. Without `gates` none is kept. */
export function judge(
  asset: AssetFrame,
  ordinals: readonly number[],
  progress: Progress,
  gates: Quality | undefined,
): readonly Verdict[] {
  const found = ordinals.map((): {waits: WaitReason[]; notes: Note[]} => ({waits: [], notes: []}));
  for (const edge of asset.edges) {
    if (edge.edge.required) {
      const judged = judgeRequired(asset, edge, ordinals, progress);
      found.forEach(({waits}, index) => {
        if (judged.isBlocked(index)) waits.push(judged.reason(index));
      });
    }
    noteEdge(edge, ordinals, progress, (index, note) => found[index]?.notes.push(note));
  }
  for (const judged of wholeVerdicts(asset, ordinals, progress, gates)) {
    found.forEach(({waits}, index) => {
      // What is not there at all is told by its edge.
      if (waits.length === 0 && judged.isBlocked(index)) waits.push(judged.reason(index));
    });
  }
  return found;
}

/** Whether there may be anything to note of a partition that runs. */
export function canNote({edges}: AssetFrame, progress: Progress): boolean {
  return edges.some(
    edge => edge.edge.window.kind === 'previous' || findStaleLeft(edge, progress) !== undefined,
  );
}

/** Marks with 1, by place in `ordinals`, what an edge keeps from running. `judge` says why. */
export function findBlocked(
  asset: AssetFrame,
  edges: readonly EdgeFrame[],
  {
    ordinals,
    progress,
    gates,
  }: {
    readonly ordinals: readonly number[];
    readonly progress: Progress;
    readonly gates: Quality | undefined;
  },
): Uint8Array {
  const blocked = new Uint8Array(ordinals.length);
  for (const edge of edges) {
    if (!edge.edge.required) continue;
    const judged = judgeRequired(asset, edge, ordinals, progress);
    for (let index = 0; index < blocked.length; index++) if (judged.isBlocked(index)) blocked[index] = 1;
  }
  for (const judged of wholeVerdicts(asset, ordinals, progress, gates))
    for (let index = 0; index < blocked.length; index++) if (judged.isBlocked(index)) blocked[index] = 1;
  return blocked;
}

/** How one upstream partition counts: left out of both sides, or so many held of so many expected. */
interface Share {
  readonly expected: number;
  readonly held: number;
  /** Not there, or not enough of it where the edge asks for all. */
  readonly lacking: boolean;
}

const LEFT_OUT: Share = {expected: 0, held: 0, lacking: false};
const WHOLE: Share = {expected: 1, held: 1, lacking: false};
const ABSENT: Share = {expected: 1, held: 0, lacking: true};

function shareOf(downstream: Asset, {edge, upstream}: EdgeFrame, i: number, stage: number): Share {
  const isPublished = upstream.published[i] === 1;
  if (upstream.exempt[i] === 1) return LEFT_OUT;
  // A gap that was tried in this run and did not fill is still signed off. A window does without it; what needs it on
  // its own key has nothing to be made from.
  if (upstream.accepted[i] === 1 && !isPublished && stage !== PROGRESS.planned)
    return isSameKey(edge) ? ABSENT : LEFT_OUT;
  const isNotDue = upstream.state[i] === CODE['not-due'] && !isPublished;
  if (isNotDue && downstream.partitioning.kind !== 'date') return LEFT_OUT;
  const isThere = isPublished && stage !== PROGRESS.failed;
  if (upstream.games === undefined) return isThere || stage === PROGRESS.planned ? WHOLE : ABSENT;
  const expected = expectedAt(upstream, i);
  if (stage === PROGRESS.planned) return {expected, held: expected, lacking: false};
  return {
    expected,
    held: isThere ? heldAt(upstream, i) : 0,
    lacking: !isThere || !isCovered(upstream, i),
  };
}

/** A verdict over one edge by place in the judged ordinals; `reason` only of what is blocked. */
interface EdgeVerdict {
  isBlocked(index: number): boolean;
  reason(index: number): WaitReason;
}

function judgeRequired(
  downstream: AssetFrame,
  edge: EdgeFrame,
  ordinals: readonly number[],
  progress: Progress,
): EdgeVerdict {
  const {upstream, reads} = edge;
  const stages = progress.get(upstream.asset.name);
  const shares: Share[] = [];
  const shareAt = (i: number): Share => {
    shares[i] ??= shareOf(downstream.asset, edge, i, stages?.[i] ?? PROGRESS.none);
    return shares[i];
  };
  const {atLeast} = edge.edge;
  if (atLeast === undefined) {
    const lacking = sumOver(reads, i => (shareAt(i).lacking ? 1 : 0), ordinals);
    return {
      isBlocked: index => (lacking[index] ?? 0) > 0,
      reason: index => lackingReason(edge, ordinals[index] ?? 0, shareAt, progress),
    };
  }
  const expected = sumOver(reads, i => shareAt(i).expected, ordinals);
  const held = sumOver(reads, i => shareAt(i).held, ordinals);
  return {
    isBlocked: index => !isEnough(held[index] ?? 0, atLeast, expected[index] ?? 0),
    reason: index => {
      const read = ordinalsRead(reads, ordinals[index] ?? 0);
      const first = read.find(i => shareAt(i).held < shareAt(i).expected) ?? 0;
      if (read.length === 1 && stages?.[first] === PROGRESS.failed)
        return {kind: 'upstream-failed', upstream: refOf(upstream, first), count: 1};
      return {
        kind: 'upstream-partial',
        upstream: refOf(upstream, first),
        parts: read.length,
        held: held[index] ?? 0,
        expected: expected[index] ?? 0,
        atLeast,
        count: 1,
      };
    },
  };
}

/** What is judged over all edges together. */
function wholeVerdicts(
  asset: AssetFrame,
  ordinals: readonly number[],
  progress: Progress,
  gates: Quality | undefined,
): readonly EdgeVerdict[] {
  return [
    ...(asset.asset.cascade === undefined ? [] : [judgeSources(asset, ordinals, progress)]),
    ...(asset.asset.gate === undefined || gates === undefined
      ? []
      : [judgeGate(asset, asset.asset.gate, {ordinals, progress, gates})]),
  ];
}

/** Where something that is read is yet to be made in this run, its score is not known: it is judged again after that. */
function judgeGate(
  asset: AssetFrame,
  gate: number,
  {
    ordinals,
    progress,
    gates,
  }: {readonly ordinals: readonly number[]; readonly progress: Progress; readonly gates: Quality},
): EdgeVerdict {
  const isOpen = (ordinal: number): boolean =>
    asset.edges.some(({upstream, reads}) => {
      const stages = progress.get(upstream.asset.name);
      return (
        stages?.includes(PROGRESS.planned) === true &&
        ordinalsRead(reads, ordinal).some(i => stages[i] === PROGRESS.planned)
      );
    });
  return {
    isBlocked: index => {
      const ordinal = ordinals[index] ?? 0;
      return gates.inputsAt(asset, ordinal) < gate && !isOpen(ordinal);
    },
    reason: index => {
      const ordinal = ordinals[index] ?? 0;
      const weakest = gates.weakestOf(asset, ordinal);
      const upstream = refOf(weakest.asset, weakest.ordinal);
      return {kind: 'gate', score: gates.inputsAt(asset, ordinal), gate, upstream, count: 1};
    },
  };
}

/**
 * A cascade runs as soon as one of its sources is there or may come; what was tried in this run and failed is an answer
 * too, which the cascade records. Only where there is nothing to turn to does it wait, for its best source.
 */
function judgeSources(asset: AssetFrame, ordinals: readonly number[], progress: Progress): EdgeVerdict {
  const edges = asset.edges.filter(({edge}) => edge.source !== undefined);
  const ranks = Map.groupBy(edges, ({edge}) => edge.source ?? 0);
  const isAbsent = ({upstream, reads}: EdgeFrame, ordinal: number): boolean => {
    const stages = progress.get(upstream.asset.name);
    return ordinalsRead(reads, ordinal).some(
      i => !isValid(upstream, i) && (stages?.[i] === undefined || !COMING.has(stages[i])),
    );
  };
  return {
    isBlocked: index =>
      [...ranks.values()].every(own => own.some(edge => isAbsent(edge, ordinals[index] ?? 0))),
    reason: index => {
      const ordinal = ordinals[index] ?? 0;
      const absent = edges.filter(edge => isAbsent(edge, ordinal));
      const [first] = absent;
      if (first === undefined) throw new Error('Internal error: a cascade waits for nothing');
      const i = ordinalsRead(first.reads, ordinal)[0] ?? 0;
      return {kind: 'upstream-missing', upstream: refOf(first.upstream, i), count: absent.length};
    },
  };
}

const COMING: ReadonlySet<number> = new Set([PROGRESS.planned, PROGRESS.onDemand, PROGRESS.failed]);

/** Names the first partition that is not there, and how many there are. */
function lackingReason(
  {upstream, reads}: EdgeFrame,
  ordinal: number,
  shareAt: (i: number) => Share,
  progress: Progress,
): WaitReason {
  const lacking = ordinalsRead(reads, ordinal).filter(i => shareAt(i).lacking);
  const first = lacking[0] ?? 0;
  const ref = refOf(upstream, first);
  if (progress.get(upstream.asset.name)?.[first] === PROGRESS.failed)
    return {kind: 'upstream-failed', upstream: ref, count: 1};
  if (upstream.published[first] === 0)
    return {kind: 'upstream-missing', upstream: ref, count: lacking.length};
  return {
    kind: 'upstream-partial',
    upstream: ref,
    parts: 1,
    held: heldAt(upstream, first),
    expected: expectedAt(upstream, first),
    atLeast: upstream.asset.covers?.atLeast ?? 1,
    count: 1,
  };
}

/** Says what is read although it is stale, and which accepted gap a `previous` edge passed over. */
function noteEdge(
  edge: EdgeFrame,
  ordinals: readonly number[],
  progress: Progress,
  note: (index: number, note: Note) => void,
): void {
  const {upstream, reads} = edge;
  const stale = findStaleLeft(edge, progress);
  if (stale !== undefined) {
    const marks = new Marks(reads, stale);
    ordinals.forEach((ordinal, index) => {
      const found = marks.within(ordinal);
      if (found === undefined) return;
      note(index, {kind: 'built-on-stale', upstream: refOf(upstream, found.first), count: found.count});
    });
  }
  if (edge.edge.window.kind !== 'previous') return;
  ordinals.forEach((ordinal, index) => {
    const passed = passedOver(edge, ordinal);
    if (passed !== undefined) note(index, {kind: 'previous-passed-over', upstream: refOf(upstream, passed)});
  });
}

/** Marks what is stale upstream and not made in this run; undefined where nothing is. */
function findStaleLeft({upstream}: EdgeFrame, progress: Progress): Uint8Array | undefined {
  if ((upstream.stateCounts[CODE.stale] ?? 0) === 0) return undefined;
  const {state} = upstream;
  const stages = progress.get(upstream.asset.name);
  const marks = new Uint8Array(state.length);
  for (let i = 0; i < state.length; i++) {
    if (state[i] === CODE.stale && (stages?.[i] ?? PROGRESS.none) === PROGRESS.none) marks[i] = 1;
  }
  return marks.includes(1) ? marks : undefined;
}

/** The nearest accepted gap between a key and the previous one that it reads. */
function passedOver({upstream, reads, edge}: EdgeFrame, ordinal: number): number | undefined {
  const read = ordinalsRead(reads, ordinal)[0] ?? ordinal;
  const {calendar} = upstream;
  const floor =
    edge.crossesSeasons || calendar === undefined
      ? 0
      : (calendar.seasonFrom[calendar.seasonOf[ordinal] ?? 0] ?? 0);
  for (let i = ordinal - 1; i >= floor && (i > read || read === ordinal); i--) {
    if (upstream.accepted[i] === 1) return i;
  }
  return undefined;
}
