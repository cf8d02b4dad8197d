/**
 * The state of every partition, from declarations and ledger alone: the one place that decides it, for the command
 * line and every other reader. It does not decide what to do about it (plan.ts).
 */
import {acceptedGames, gapsOn, hasGaps} from './accepted.ts';
import {buildCalendar, type Calendar, type Entry} from './calendar.ts';
import {dayOf} from './day.ts';
import {DigestPass} from './digest.ts';
import {type Dueness, daySpan, duenessOf} from './due.ts';
import {fingerprintOf} from './fingerprint.ts';
import {
  type AssetFrame,
  type EdgeFrame,
  expectedAt,
  type Frame,
  factorsOf,
  frameOf,
  heldAt,
  isSameKey,
  joinAsset,
  setGames,
  stateAt,
} from './frame.ts';
import {type AssetGraph, buildGraph} from './graph.ts';
import type {LedgerSnapshot} from './ledger.ts';
import type {Asset, AssetName, Pipeline} from './pipeline.ts';
import type {
  AcceptedReason,
  ExemptReason,
  MissingReason,
  NotDueReason,
  Note,
  PartitionRef,
  Reason,
} from './reason.ts';
import type {Sources} from './sources.ts';
import {findStale, staleReasons} from './stale.ts';
import {STATES, type State} from './state.ts';
import {unreachable} from './unreachable.ts';
import {Marks, ordinalsRead, type Reads, resolveReads} from './window.ts';

export interface ClassifyInput {
  readonly pipeline: Pipeline;
  readonly sources: Sources;
  readonly ledger: LedgerSnapshot;
  /** Milliseconds since 1970; read once by the caller. */
  readonly now: number;
}

export const CODE = Object.fromEntries(STATES.map((state, code) => [state, code])) as Readonly<
  Record<State, number>
>; // every state is there by construction

/** Shares are compared with this slack: 90 % of 10 games is 9. */
export const SHARE_SLACK = 1e-9;

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
  const frame: Frame = {pipeline, now, calendars, assets, settling};
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
 * every date on its season, which `partitions` tells a query.
 */
function entryOf(asset: Asset, calendar: Calendar | undefined): Entry | undefined {
  if (asset.partitioning.kind !== 'date' || calendar === undefined) return undefined;
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

/** `asset@key` of an ordinal. */
export function refOf({asset, keys}: AssetFrame, ordinal: number): PartitionRef {
  return `${asset.name}@${keys[ordinal] ?? ''}`;
}

function decideExempt(asset: AssetFrame, sameKey: readonly EdgeFrame[]): void {
  const own = ownExemption(asset);
  const passing = sameKey.filter(({upstream}) => upstream.exempt.includes(1));
  if (own === undefined && passing.length === 0) return;
  for (let ordinal = 0; ordinal < asset.keys.length; ordinal++) {
    if (own?.(ordinal) !== undefined || passedExemption(passing, ordinal) !== undefined)
      asset.exempt[ordinal] = 1;
  }
}

/** Why a partition is declared not to exist, by the asset's own start, end and first days; undefined where it has none. */
function ownExemption(asset: AssetFrame): ((ordinal: number) => ExemptReason | undefined) | undefined {
  const {start, end, skipFirstDays, partitioning} = asset.asset;
  const {calendar} = asset;
  if (calendar === undefined) return undefined;
  const skips = partitioning.kind === 'date' ? skipFirstDays : 0;
  if (start === undefined && end === undefined && skips === 0) return undefined;
  const [startDay, endDay] = [dayOf(start ?? ''), dayOf(end ?? '')];
  return ordinal => {
    const [first, last] = daySpan(asset, ordinal) ?? [0, 0];
    if (start !== undefined && last < startDay) return {kind: 'before-start', start};
    if (end !== undefined && first > endDay) return {kind: 'after-end', end};
    if (skips === 0) return undefined;
    const opening = calendar.days[calendar.seasonFrom[calendar.seasonOf[ordinal] ?? 0] ?? 0] ?? 0;
    return first < opening + skips ? {kind: 'bootstrap', days: skips} : undefined;
  };
}

function passedExemption(sameKey: readonly EdgeFrame[], ordinal: number): ExemptReason | undefined {
  for (const {upstream, reads} of sameKey) {
    const only = onlyRead(reads, ordinal);
    if (upstream.exempt[only] === 1) return {kind: 'upstream-exempt', upstream: refOf(upstream, only)};
  }
  return undefined;
}

/** The one upstream ordinal of a same-key edge. */
function onlyRead([sequence]: Reads, ordinal: number): number {
  return sequence?.from[ordinal] ?? -1;
}

function decideAccepted(frame: Frame, asset: AssetFrame, sameKey: readonly EdgeFrame[]): void {
  const passing = sameKey.filter(({upstream}) => upstream.accepted.includes(1));
  if (passing.length === 0 && !hasGaps(frame, asset)) return;
  for (let ordinal = 0; ordinal < asset.keys.length; ordinal++) {
    if (asset.exempt[ordinal] === 1 || asset.published[ordinal] === 1) continue;
    if (acceptedReason(frame, asset, ordinal, passing) !== undefined) asset.accepted[ordinal] = 1;
  }
}

function acceptedReason(
  frame: Frame,
  asset: AssetFrame,
  ordinal: number,
  sameKey: readonly EdgeFrame[],
): AcceptedReason | undefined {
  const gaps = gapsOn(frame, asset, asset.keys[ordinal] ?? '');
  const signed = new Set(gaps.flatMap(gap => gap.games));
  const games = asset.asset.partitioning.kind === 'date' ? (asset.calendar?.games[ordinal] ?? []) : [];
  const isWhole = games.length > 0 && games.every(game => signed.has(game.id));
  const gap = gaps.find(candidate => candidate.games.length === 0 || isWhole);
  if (gap !== undefined) {
    return {kind: 'accepted-gap', reason: gap.reason, by: gap.acceptedBy, on: gap.acceptedOn};
  }
  for (const {upstream, reads} of sameKey) {
    const only = onlyRead(reads, ordinal);
    if (upstream.accepted[only] === 1) return {kind: 'upstream-accepted', upstream: refOf(upstream, only)};
  }
  return undefined;
}

/** What the rows hold of what the calendar expects, accepted games left out; nothing where no games are counted. */
function countGames(asset: AssetFrame, frame: Frame): void {
  const {covers, partitioning} = asset.asset;
  const {record} = asset;
  if (partitioning.kind !== 'date' || (covers === undefined && record?.hasCoverage !== true)) return;
  for (let ordinal = 0; ordinal < asset.keys.length; ordinal++) {
    const row = asset.row[ordinal] ?? -1;
    const isRecorded = asset.published[ordinal] === 1 && (record?.expected[row] ?? -1) >= 0;
    if (covers === undefined && !isRecorded) continue;
    const games = asset.calendar?.games[ordinal] ?? [];
    const absent = isRecorded ? record?.absent.get(row) : games.map(({id}) => id);
    if (absent === undefined || absent.length === 0) {
      setGames(asset, ordinal, games.length, games.length);
      continue;
    }
    const lacking = new Set(absent);
    const accepted = acceptedGames(frame, asset, ordinal);
    const held = games.filter(({id}) => !lacking.has(id)).length;
    setGames(
      asset,
      ordinal,
      held + games.filter(({id}) => lacking.has(id) && !accepted.has(id)).length,
      held,
    );
  }
}

/** Whether a published partition holds enough of its games. */
export function isCovered(asset: AssetFrame, ordinal: number): boolean {
  const share = asset.asset.covers?.atLeast ?? 1;
  return heldAt(asset, ordinal) >= share * expectedAt(asset, ordinal) - SHARE_SLACK;
}

/** The rules in their order; the first that holds decides. `reasonsAt` names the same rule. */
function decideStates(frame: Frame, asset: AssetFrame, stale: Uint8Array): void {
  const {state, stateCounts, published, exempt, accepted, games} = asset;
  const dueness = dueOf(frame, asset);
  const waits = findNotDueUpstream(asset);
  const unpublished = (ordinal: number): number => {
    if (accepted[ordinal] === 1) return CODE.accepted;
    if (dueness(ordinal).kind === 'not-due') return CODE['not-due'];
    // The asset's own previous key was decided just before.
    const isWaiting = waits?.[ordinal] === 1 || ownNotDue(asset, ordinal) !== undefined;
    return isWaiting ? CODE['not-due'] : CODE.missing;
  };
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

/** Whether each partition of an asset is due. */
export function dueOf(frame: Frame, asset: AssetFrame): (ordinal: number) => Dueness {
  return duenessOf(asset, {now: frame.now, settlesCalendar: frame.settling.has(asset.asset.name)});
}

/**
 * Marks the dates that wait for an upstream partition that is not due; undefined where none can. A season or `all`
 * leaves those out.
 */
function findNotDueUpstream(asset: AssetFrame): Uint8Array | undefined {
  const edges = waitingEdges(asset).filter(({upstream}) => upstream !== asset);
  if (edges.length === 0) return undefined;
  const waits = new Uint8Array(asset.keys.length);
  for (const {reads, upstream} of edges) new Marks(reads, markState(upstream, 'not-due')).reach(waits);
  return waits;
}

/** The edges over which a partition may be not due because what it needs is not. */
function waitingEdges(asset: AssetFrame): readonly EdgeFrame[] {
  if (asset.asset.partitioning.kind !== 'date') return [];
  const hasNotDue = ({stateCounts}: AssetFrame): boolean => (stateCounts[CODE['not-due']] ?? 0) > 0;
  return asset.edges.filter(
    ({edge, upstream}) => edge.required && (upstream === asset || hasNotDue(upstream)),
  );
}

/** The asset's previous key, where it has such an edge and that key is not due. */
function ownNotDue(asset: AssetFrame, ordinal: number): NotDueReason | undefined {
  for (const {edge, upstream, reads} of asset.edges) {
    if (upstream !== asset || !edge.required || asset.asset.partitioning.kind !== 'date') continue;
    const first = ordinalsRead(reads, ordinal).find(i => asset.state[i] === CODE['not-due']);
    if (first !== undefined) return {kind: 'upstream-not-due', upstream: refOf(asset, first)};
  }
  return undefined;
}

/** A column that marks with 1 the partitions in a state. */
export function markState({state}: AssetFrame, wanted: State): Uint8Array {
  const code = CODE[wanted];
  const marks = new Uint8Array(state.length);
  for (let i = 0; i < marks.length; i++) if (state[i] === code) marks[i] = 1;
  return marks;
}

/** Why a partition is in the state that `classify` gave it; empty where it is fresh. */
export function reasonsAt(frame: Frame, asset: AssetFrame, ordinal: number): readonly Reason[] {
  const state = stateAt(asset, ordinal);
  switch (state) {
    case 'fresh':
    case 'orphan':
      return [];
    case 'stale':
      return staleReasons(asset, ordinal);
    case 'partial':
      return [partialReason(frame, asset, ordinal)];
    case 'exempt':
      return listed(ownExemption(asset)?.(ordinal) ?? passedExemption(sameKeyEdges(asset), ordinal));
    case 'accepted':
      return listed(acceptedReason(frame, asset, ordinal, sameKeyEdges(asset)));
    case 'not-due':
      return listed(notDueReason(frame, asset, ordinal));
    case 'missing':
      return missingReasons(asset, ordinal);
    default:
      return unreachable(state);
  }
}

/** What there is to note about a partition's state. */
export function stateNotes(frame: Frame, asset: AssetFrame, ordinal: number): readonly Note[] {
  if (asset.state[ordinal] !== CODE.missing) return [];
  const dueness = dueOf(frame, asset)(ordinal);
  return dueness.kind === 'due' && dueness.overdue ? [{kind: 'schedule-not-final'}] : [];
}

function listed(reason: Reason | undefined): readonly Reason[] {
  if (reason === undefined) throw new Error('Internal error: a state without its reason');
  return [reason];
}

function sameKeyEdges(asset: AssetFrame): readonly EdgeFrame[] {
  return asset.edges.filter(({edge}) => edge.required && isSameKey(edge));
}

function notDueReason(frame: Frame, asset: AssetFrame, ordinal: number): NotDueReason | undefined {
  const dueness = dueOf(frame, asset)(ordinal);
  if (dueness.kind === 'not-due') return dueness.because;
  for (const {upstream, reads} of waitingEdges(asset)) {
    const first = ordinalsRead(reads, ordinal).find(i => upstream.state[i] === CODE['not-due']);
    if (first !== undefined) return {kind: 'upstream-not-due', upstream: refOf(upstream, first)};
  }
  return undefined;
}

function partialReason(frame: Frame, asset: AssetFrame, ordinal: number): Reason {
  const accepted = acceptedGames(frame, asset, ordinal);
  const absent = (asset.record?.absent.get(asset.row[ordinal] ?? -1) ?? []).filter(
    game => !accepted.has(game),
  );
  return {
    kind: 'below-coverage',
    found: heldAt(asset, ordinal),
    expected: expectedAt(asset, ordinal),
    absent,
  };
}

function missingReasons({record, row}: AssetFrame, ordinal: number): readonly Reason[] {
  const index = row[ordinal] ?? -1;
  const why: MissingReason = {kind: (record?.lostAt[index] ?? 0) > 0 ? 'forgotten' : 'never-materialized'};
  const tried = lastTrouble(record, index);
  return tried === undefined ? [why] : [why, tried];
}

/** What the last attempt left, if it did not succeed. */
export function lastTrouble(record: AssetFrame['record'], row: number): Reason | undefined {
  if (record === undefined || row < 0) return undefined;
  const outcome = record.outcome[row] ?? 0;
  const error = record.errors.get(row) ?? '';
  if (outcome === FAILED) return {kind: 'last-attempt-failed', error};
  return outcome === QUARANTINED ? {kind: 'last-attempt-quarantined', error} : undefined;
}

// Codes of `AssetRecord.outcome`: one more than the index into OUTCOMES.
const FAILED = 4;
const QUARANTINED = 5;
