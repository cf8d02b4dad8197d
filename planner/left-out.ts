/**
 * What a request leaves out although something that it asks for hangs on it: stale partitions upstream of that, however
 * far up, and missing ones that are waited for. The plan stands as it is; this tells what it does not do.
 */

import {type AssetFrame, frameOf, isValid, keyAt, refOf, stateAt} from './frame.ts';
import {buildGraph} from './graph.ts';
import {markRead} from './marks.ts';
import type {AssetName} from './pipeline.ts';
import type {Planned, PlanRequest} from './plan.ts';
import {isInRange} from './range.ts';
import type {PartitionRef} from './reason.ts';
import {PROGRESS} from './satisfy.ts';
import {matches} from './select.ts';
import {CODE} from './state.ts';
import {isOnlyRedefined} from './want.ts';
import {ordinalsRead, type Reads, sumOver} from './window.ts';

export interface LeftOut {
  readonly state: 'stale' | 'missing';
  readonly count: number;
  /** The first in topological order, then by key. */
  readonly first: PartitionRef;
  /** Assets asked for that hang on these, without those that others of them are made from. */
  readonly readers: readonly AssetName[];
  /** Which parts of the request leave them out. */
  readonly because: readonly Restriction[];
}

export type Restriction = 'selection' | 'range' | 'only';

/** At most one entry for each state; none where the request is for everything. */
export function findLeftOut(planned: Planned): readonly LeftOut[] {
  const {request} = planned;
  if (request === undefined) return [];
  const {selection, only, range} = request;
  const isWhole = selection === undefined && only === undefined;
  if (isWhole && Object.values(range).every(part => part === undefined)) return [];
  const stale = upstreamOfAsked(planned, request, notAsked(planned, request, 'stale'));
  const missing = waitedFor(planned, notAsked(planned, request, 'missing'));
  return [...entry(planned, request, 'stale', stale), ...entry(planned, request, 'missing', missing)];
}

/** Marks by asset and ordinal; assets without any are not in it. */
type Marks = Map<AssetName, Uint8Array>;

function markOf(marks: Marks, asset: AssetName, length: number): Uint8Array {
  let own = marks.get(asset);
  if (own === undefined) {
    own = new Uint8Array(length);
    marks.set(asset, own);
  }
  return own;
}

/**
 * Partitions in a state that are not asked for. Fetches that no plan would make again are not left out by this one.
 */
function notAsked({frame}: Planned, request: PlanRequest, state: LeftOut['state']): Marks {
  const found: Marks = new Map();
  for (const asset of frame.assets.values()) {
    if (!asset.state.includes(CODE[state])) continue;
    const own = asset.state.map((code, i) => {
      const isOpen = code === CODE[state] && restrictionsOn(asset, i, request).length > 0;
      return isOpen && !(state === 'stale' && isOnlyRedefined(asset, i)) ? 1 : 0;
    });
    if (own.includes(1)) found.set(asset.asset.name, own);
  }
  return found;
}

interface Found {
  readonly marks: Marks;
  readonly readers: ReadonlySet<AssetName>;
}

function upstreamOfAsked(planned: Planned, request: PlanRequest, stale: Marks): Found {
  const {frame, progress} = planned;
  const within = assetsFrom(planned, stale);
  const [asked, reached]: [Marks, Marks] = [new Map(), new Map()];
  for (const asset of [...frame.assets.values()].reverse()) {
    const {name} = asset.asset;
    if (!within.has(name)) continue;
    const own = markOf(reached, name, asset.keys.length);
    const isThere = (i: number): boolean => isReadable(asset, i, progress);
    const ownAsked = own.map((_, i) =>
      isThere(i) && restrictionsOn(asset, i, request).length === 0 ? 1 : 0,
    );
    asked.set(name, ownAsked);
    own.forEach((mark, i) => {
      own[i] = isThere(i) ? mark | (ownAsked[i] ?? 0) : 0;
    });
    for (const {upstream, reads} of asset.edges) {
      if (upstream === asset) spreadBack(reads, own, isThere);
    }
    for (const {upstream, reads} of asset.edges) {
      if (upstream === asset || !within.has(upstream.asset.name)) continue;
      markRead(reads, own, markOf(reached, upstream.asset.name, upstream.keys.length));
    }
  }
  const marks: Marks = new Map();
  for (const [name, own] of stale) marks.set(name, both(own, reached.get(name)));
  return {marks, readers: readersOf(planned, asked, reached, marks)};
}

/** What marked keys read of their own asset is marked too: from the last key back, as they read earlier ones. */
function spreadBack(reads: Reads, own: Uint8Array, isThere: (ordinal: number) => boolean): void {
  for (let i = own.length - 1; i >= 0; i--) {
    if (own[i] === 0) continue;
    for (const read of ordinalsRead(reads, i)) if (isThere(read)) own[read] = 1;
  }
}

/** The marked assets and all downstream of them: no way from a run to a mark leads elsewhere. */
function assetsFrom({frame}: Planned, marks: Marks): ReadonlySet<AssetName> {
  const found = new Set(marks.keys());
  for (const {asset, edges} of frame.assets.values())
    if (edges.some(({upstream}) => found.has(upstream.asset.name))) found.add(asset.name);
  return found;
}

/** Whether those that read it find it, as it stands or as this plan makes it. */
function isReadable(asset: AssetFrame, ordinal: number, progress: Planned['progress']): boolean {
  return progress.get(asset.asset.name)?.[ordinal] === PROGRESS.planned || isValid(asset, ordinal);
}

function both(a: Uint8Array, b: Uint8Array | undefined): Uint8Array {
  return a.map((mark, i) => mark & (b?.[i] ?? 0));
}

/** Assets with a partition that is asked for and hangs on a mark, followed down again over what was reached. */
function readersOf({frame}: Planned, asked: Marks, reached: Marks, marks: Marks): ReadonlySet<AssetName> {
  const readers = new Set<AssetName>();
  const hanging: Marks = new Map();
  for (const asset of frame.assets.values()) {
    const {name} = asset.asset;
    const ordinals = [...(reached.get(name) ?? [])].flatMap((mark, i) => (mark === 1 ? [i] : []));
    const own = new Uint8Array(asset.keys.length);
    for (const {upstream, reads} of asset.edges) {
      const above = hanging.get(upstream.asset.name);
      if (above === undefined) continue;
      const sums = sumOver(reads, i => above[i] ?? 0, ordinals);
      ordinals.forEach((ordinal, index) => {
        if ((sums[index] ?? 0) > 0) own[ordinal] = 1;
      });
    }
    // A mark counts for those that read it, and not for its own asset alone.
    const all = own.map((mark, i) => mark | (marks.get(name)?.[i] ?? 0));
    for (const {upstream, reads} of asset.edges) {
      if (upstream !== asset) continue;
      for (const i of ordinals) if (ordinalsRead(reads, i).some(read => all[read] === 1)) all[i] = own[i] = 1;
    }
    if (all.includes(1)) hanging.set(name, all);
    if (own.some((mark, i) => mark === 1 && asked.get(name)?.[i] === 1)) readers.add(name);
  }
  return readers;
}

/** What waiting partitions need and lack. */
function waitedFor({plan, frame}: Planned, missing: Marks): Found {
  const marks: Marks = new Map();
  const readers = new Set<AssetName>();
  if (missing.size === 0) return {marks, readers};
  const waiting = plan.actions.wait === 0 ? [] : plan.partitions.filter(({action}) => action === 'wait');
  for (const {asset, key} of waiting) {
    const found = frameOf(frame, asset);
    const ordinal = found.ordinalOf.get(key) ?? -1;
    for (const {edge, upstream, reads} of found.edges) {
      const lacking = missing.get(upstream.asset.name);
      if (!edge.required || lacking === undefined) continue;
      for (const i of ordinalsRead(reads, ordinal)) {
        if (lacking[i] !== 1) continue;
        markOf(marks, upstream.asset.name, upstream.keys.length)[i] = 1;
        readers.add(asset);
      }
    }
  }
  return {marks, readers};
}

function entry(
  {frame}: Planned,
  request: PlanRequest,
  state: LeftOut['state'],
  {marks, readers}: Found,
): readonly LeftOut[] {
  let first: PartitionRef | undefined;
  let count = 0;
  const because = new Set<Restriction>();
  for (const asset of frame.assets.values()) {
    marks.get(asset.asset.name)?.forEach((mark, i) => {
      if (mark === 0) return;
      count++;
      first ??= refOf(asset, i);
      for (const restriction of restrictionsOn(asset, i, request)) because.add(restriction);
    });
  }
  if (first === undefined) return [];
  const {upstreamOf} = buildGraph(frame.pipeline.assets);
  const inner = new Set([...readers].flatMap(reader => upstreamOf(reader)));
  return [
    {
      state,
      count,
      first,
      readers: [...readers].filter(reader => !inner.has(reader)),
      because: RESTRICTIONS.filter(restriction => because.has(restriction)),
    },
  ];
}

const RESTRICTIONS: readonly Restriction[] = ['selection', 'range', 'only'];

/** Empty: asked for. */
function restrictionsOn(
  asset: AssetFrame,
  ordinal: number,
  {selection, range, only}: PlanRequest,
): readonly Restriction[] {
  const {name} = asset.asset;
  const isSelected =
    selection === undefined ||
    matches(selection, {
      asset: name,
      state: stateAt(asset, ordinal),
      score: () => asset.quality.scoreAt(asset, ordinal),
    });
  return [
    ...(isSelected ? [] : (['selection'] as const)),
    ...(isInRange(asset, ordinal, range) ? [] : (['range'] as const)),
    ...(only === undefined || only.get(name)?.has(keyAt(asset, ordinal)) === true ? [] : (['only'] as const)),
  ];
}
