/**
 * The state of every partition, from declarations and ledger alone: the one place that decides it, for the command
 * line and every other reader. It does not decide what to do about it (decide.ts).
 */
import {buildCalendar, type Calendar, type Entry} from './calendar.ts';
import {countGames, isCovered} from './coverage.ts';
import {DigestPass} from './digest.ts';
import {fingerprintOf} from './fingerprint.ts';
import {
  type AssetFrame,
  type EdgeFrame,
  type Frame,
  factorsOf,
  frameOf,
  isSameKey,
  isUnasked,
} from './frame.ts';
import {type AssetGraph, buildGraph} from './graph.ts';
import {joinAsset} from './join-asset.ts';
import type {LedgerSnapshot} from './ledger.ts';
import {isExternal} from './making.ts';
import {dueOf, findNotDueUpstream, ownNotDue} from './not-due.ts';
import {decideAccepted, decideExempt} from './not-there.ts';
import {onDemandAssets} from './on-demand.ts';
import type {Asset, AssetName, Pipeline} from './pipeline.ts';
import {Quality, readsQuality} from './quality.ts';
import type {Sources} from './sources.ts';
import {findStale} from './stale.ts';
import {CODE} from './state.ts';
import {resolveReads} from './window.ts';

export interface ClassifyInput {
  readonly pipeline: Pipeline;
  readonly sources: Sources;
  readonly ledger: LedgerSnapshot;
  /** Milliseconds since 1970; read once by the caller. */
  readonly now: number;
}

/** Decides the state of every partition of every asset. */
export function classify(input: ClassifyInput): Frame {
  const {pipeline, sources, ledger, now} = input;
  const calendars = new Map<string, Calendar>();
  for (const declaration of pipeline.calendars.values()) {
    const bounds = {start: pipeline.start, end: pipeline.end, now};
    calendars.set(
      declaration.name,
      buildCalendar(declaration, ledger.calendars.get(declaration.name), bounds),
    );
  }
  const assets = new Map<AssetName, AssetFrame>();
  const graph = buildGraph(pipeline.assets);
  const settling = settlingAssets(pipeline, graph);
  const onDemand = onDemandAssets(pipeline, graph.order);
  const {leases, spending} = ledger;
  const quality = new Quality();
  const frame: Frame = {pipeline, now, calendars, assets, settling, onDemand, quality, leases, spending};
  const pass = new DigestPass(readersOf(pipeline));
  for (const name of graph.order) {
    const asset = pipeline.assets.get(name);
    if (asset === undefined) throw new Error(`Internal error: no asset '${name}'`);
    const calendar =
      asset.partitioning.kind === 'all' ? undefined : calendars.get(asset.partitioning.calendar);
    const joined = joinAsset({
      asset,
      calendar,
      fingerprint: fingerprintOf(asset, sources),
      record: ledger.find(name),
      entry: entryOf(asset, calendar),
      quality: frame.quality,
      showsQuality: readsQuality(asset, sources),
    });
    const edges: EdgeFrame[] = [];
    const found: AssetFrame = {...joined, edges};
    // Declared before its edges are resolved: a `previous` edge may be the asset's own.
    assets.set(name, found);
    classifyAsset(frame, found, edges, pass);
  }
  return frame;
}

/** How many edges read each asset. */
function readersOf({assets}: Pipeline): ReadonlyMap<string, number> {
  const readers = new Map<string, number>();
  for (const {upstream} of assets.values()) {
    for (const edge of upstream) readers.set(edge.upstream, (readers.get(edge.upstream) ?? 0) + 1);
  }
  return readers;
}

/** The calendars' own assets and all that is upstream of them: they come before any game is known. */
function settlingAssets(pipeline: Pipeline, graph: AssetGraph): ReadonlySet<AssetName> {
  const found = new Set<AssetName>();
  for (const {source} of pipeline.calendars.values()) {
    if (source.kind !== 'asset') continue;
    found.add(source.asset);
    for (const upstream of graph.upstreamOf(source.asset)) found.add(upstream);
  }
  return found;
}

/**
 * Coverage, windows by games and TypeScript, which is given its games, depend on the games and teams of their date;
 * every date that is made here on its season, which `partitions` tells a query.
 */
function entryOf(asset: Asset, calendar: Calendar | undefined): Entry | undefined {
  if (asset.partitioning.kind !== 'date' || calendar === undefined) return undefined;
  if (isExternal(asset.making.kind)) return undefined;
  const usesGames =
    asset.covers !== undefined ||
    asset.making.kind === 'files' ||
    asset.making.kind === 'rows' ||
    asset.upstream.some(({window}) => window.kind === 'games');
  return usesGames ? calendar.entry : calendar.seasonEntry;
}

function classifyAsset(frame: Frame, asset: AssetFrame, edges: EdgeFrame[], pass: DigestPass): void {
  const sameKey = asset.asset.upstream
    .filter(edge => isSameKey(edge) && edge.required)
    .map(edge => resolveEdge(frame, asset, edge));
  decideExempt(asset, sameKey);
  decideAccepted(frame, asset, sameKey);
  for (const edge of asset.asset.upstream) edges.push(resolveEdge(frame, asset, edge));
  countGames(asset, frame);
  decideStates(frame, asset, findStale(asset, pass.digestsOf(asset)));
}

function resolveEdge(
  frame: Frame,
  asset: AssetFrame,
  edge: AssetFrame['asset']['upstream'][number],
): EdgeFrame {
  const upstream = frameOf(frame, edge.upstream);
  const calendar = asset.calendar ?? upstream.calendar;
  const reads = resolveReads(edge, {
    downstream: asset.asset.partitioning,
    upstream: upstream.asset.partitioning,
    calendar,
    downstreamCount: asset.keys.length,
    upstreamCount: upstream.keys.length,
    passedOver: edge.window.kind === 'previous' ? passedOver(upstream) : undefined,
  });
  return {edge, upstream, reads, factors: factorsOf(edge, reads)};
}

function passedOver({exempt, accepted}: AssetFrame): ((ordinal: number) => boolean) | undefined {
  if (!exempt.includes(1) && !accepted.includes(1)) return undefined;
  return ordinal => exempt[ordinal] === 1 || accepted[ordinal] === 1;
}

/** The rules in their order; the first that holds decides. `reasonsAt` names the same rule. */
function decideStates(frame: Frame, asset: AssetFrame, stale: Uint8Array): void {
  const {state, stateCounts, published, exempt, accepted, games} = asset;
  const dueness = dueOf(frame, asset);
  const waits = findNotDueUpstream(asset);
  const unpublished = (ordinal: number): number => {
    if (accepted[ordinal] === 1) return CODE.accepted;
    if (isUnasked(frame, asset, ordinal)) return CODE.exempt;
    if (dueness(ordinal).kind === 'not-due') return CODE['not-due'];
    // The asset's own previous key was decided just before.
    const isWaiting = waits?.[ordinal] === 1 || ownNotDue(asset, ordinal) !== undefined;
    return isWaiting ? CODE['not-due'] : CODE.missing;
  };
  // Mostly everything is published, up to date and covered.
  const isAllFresh =
    games === undefined && !published.includes(0) && !stale.includes(1) && !exempt.includes(1);
  if (isAllFresh) {
    state.fill(CODE.fresh);
    stateCounts[CODE.fresh] = state.length;
    return;
  }
  for (let ordinal = 0; ordinal < state.length; ordinal++) {
    let code = CODE.exempt;
    if (exempt[ordinal] !== 1) {
      if (published[ordinal] !== 1) code = unpublished(ordinal);
      else if (stale[ordinal] === 1) code = CODE.stale;
      else code = games === undefined || isCovered(asset, ordinal) ? CODE.fresh : CODE.partial;
    }
    state[ordinal] = code;
    stateCounts[code] = (stateCounts[code] ?? 0) + 1;
  }
}
