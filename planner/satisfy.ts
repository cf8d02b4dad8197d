/**
 * May it run? Judges every edge of a partition by what is there, what is planned and what has failed in this run.
 * One rule for the plan and for the run that follows it.
 */
import {CODE, isCovered, refOf, SHARE_SLACK} from './classify.ts';
import type {AssetFrame, EdgeFrame} from './frame.ts';
import type {Asset, AssetName} from './pipeline.ts';
import type {Note, WaitReason} from './reason.ts';
import {ordinalsRead, sumOver} from './window.ts';

/** What a run makes of a partition: 0 nothing, 1 planned and not ended, 2 ended well, 3 ended without being made. */
export const PROGRESS = {none: 0, planned: 1, done: 2, failed: 3} as const;
export type Progress = ReadonlyMap<AssetName, Uint8Array>;

export interface Verdict {
  /** Empty: it may run. */
  readonly waits: readonly WaitReason[];
  readonly notes: readonly Note[];
}

/** Judges `ordinals` together, so that each window costs a difference of prefix sums. */
export function judge(
  asset: AssetFrame,
  ordinals: readonly number[],
  progress: Progress,
): readonly Verdict[] {
  const waits: WaitReason[][] = ordinals.map(() => []);
  const notes: Note[][] = ordinals.map(() => []);
  for (const edge of asset.edges) {
    if (edge.edge.required) judgeRequired(asset, edge, ordinals, progress, waits);
    noteEdge(edge, ordinals, progress, notes);
  }
  return ordinals.map((_, index) => ({waits: waits[index] ?? [], notes: notes[index] ?? []}));
}

/** How one upstream partition counts: left out of both sides, or so many held of so many expected. */
interface Share {
  readonly expected: number;
  readonly held: number;
  /** Not there, or not enough of it where the edge asks for all. */
  readonly lacking: boolean;
}

const LEFT_OUT: Share = {expected: 0, held: 0, lacking: false};

function shareOf(downstream: Asset, upstream: AssetFrame, i: number, stage: number): Share {
  const isPublished = upstream.published[i] === 1;
  if (upstream.exempt[i] === 1) return LEFT_OUT;
  // A gap that was tried in this run and did not fill is still signed off.
  if (upstream.accepted[i] === 1 && !isPublished && stage !== PROGRESS.planned) return LEFT_OUT;
  const isNotDue = upstream.state[i] === CODE['not-due'] && !isPublished;
  if (isNotDue && downstream.partitioning.kind !== 'date') return LEFT_OUT;
  const expected = upstream.expected[i] ?? 0;
  if (stage === PROGRESS.planned) return {expected, held: expected, lacking: false};
  const isThere = isPublished && stage !== PROGRESS.failed;
  return {
    expected,
    held: isThere ? (upstream.held[i] ?? 0) : 0,
    lacking: !isThere || !isCovered(upstream, i),
  };
}

function judgeRequired(
  downstream: AssetFrame,
  edge: EdgeFrame,
  ordinals: readonly number[],
  progress: Progress,
  waits: WaitReason[][],
): void {
  const {upstream, reads} = edge;
  const stages = progress.get(upstream.asset.name);
  const shareAt = (i: number): Share => shareOf(downstream.asset, upstream, i, stages?.[i] ?? PROGRESS.none);
  const {atLeast} = edge.edge;
  // An asset's own previous key changes while its keys are judged one after another: no sums over it.
  const sums = (of: (share: Share) => number): Float64Array =>
    upstream.asset === downstream.asset
      ? Float64Array.from(ordinals, ordinal =>
          ordinalsRead(reads, ordinal).reduce((sum, i) => sum + of(shareAt(i)), 0),
        )
      : sumOver(
          reads,
          Float64Array.from(upstream.keys, (_, i) => of(shareAt(i))),
          ordinals,
        );
  if (atLeast === undefined) {
    const lacking = sums(share => (share.lacking ? 1 : 0));
    ordinals.forEach((ordinal, index) => {
      if ((lacking[index] ?? 0) > 0) waits[index]?.push(lackingReason(edge, ordinal, shareAt, progress));
    });
    return;
  }
  const expected = sums(share => share.expected);
  const held = sums(share => share.held);
  ordinals.forEach((ordinal, index) => {
    const [need, have] = [expected[index] ?? 0, held[index] ?? 0];
    if (have >= atLeast * need - SHARE_SLACK) return;
    const first = ordinalsRead(reads, ordinal).find(i => shareAt(i).held < shareAt(i).expected);
    waits[index]?.push({
      kind: 'upstream-partial',
      upstream: refOf(upstream, first ?? 0),
      held: have,
      expected: need,
      atLeast,
    });
  });
}

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
    return {kind: 'upstream-failed', upstream: ref};
  if (upstream.published[first] === 0)
    return {kind: 'upstream-missing', upstream: ref, count: lacking.length};
  return {
    kind: 'upstream-partial',
    upstream: ref,
    held: upstream.held[first] ?? 0,
    expected: upstream.expected[first] ?? 0,
    atLeast: upstream.asset.covers?.atLeast ?? 1,
  };
}

/** Says what is read although it is stale, and which accepted gap a `previous` edge passed over. */
function noteEdge(edge: EdgeFrame, ordinals: readonly number[], progress: Progress, notes: Note[][]): void {
  const {upstream, reads} = edge;
  const stages = progress.get(upstream.asset.name);
  const isStale = Float64Array.from(upstream.state, (code, i) =>
    code === CODE.stale && (stages?.[i] ?? PROGRESS.none) === PROGRESS.none ? 1 : 0,
  );
  const stale = sumOver(reads, isStale, ordinals);
  ordinals.forEach((ordinal, index) => {
    if ((stale[index] ?? 0) > 0) {
      const all = ordinalsRead(reads, ordinal).filter(i => isStale[i] === 1);
      const upstreamRef = refOf(upstream, all[0] ?? 0);
      notes[index]?.push({kind: 'built-on-stale', upstream: upstreamRef, count: all.length});
    }
    if (edge.edge.window.kind === 'previous') {
      const passed = passedOver(edge, ordinal);
      if (passed !== undefined)
        notes[index]?.push({kind: 'previous-passed-over', upstream: refOf(upstream, passed)});
    }
  });
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
