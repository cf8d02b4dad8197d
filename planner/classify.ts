/**
 * The state of every partition, from declarations and ledger alone: the one place that decides it, for the command
 * line and every other reader. It does not decide what to do about it (plan.ts).
 */
import {acceptedGames, gapsOn} from './accepted.ts';
import {buildCalendar, type Calendar} from './calendar.ts';
import {digestsOf} from './digest.ts';
import {daySpan, duenessOf, isAfter, isBefore} from './due.ts';
import {fingerprintOf} from './fingerprint.ts';
import {
  type AssetFrame,
  type EdgeFrame,
  type Frame,
  frameOf,
  isSameKey,
  joinAsset,
  seedsOf,
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
import {staleReasons} from './stale.ts';
import {STATES, type State} from './state.ts';
import {ordinalsRead, resolveReads, sumOver} from './window.ts';

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

/** Decides the state of every partition of every asset, with its reasons. */
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
      usesEntry: usesEntry(asset),
    });
    classifyAsset(frame, joined);
  }
  return frame;
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

/** Coverage, windows by games and TypeScript, which is given its games, depend on the games and teams of their date. */
function usesEntry(asset: Asset): boolean {
  if (asset.partitioning.kind !== 'date') return false;
  return (
    asset.covers !== undefined ||
    asset.making.kind === 'files' ||
    asset.making.kind === 'rows' ||
    asset.upstream.some(({window}) => window.kind === 'games')
  );
}

function classifyAsset(frame: Frame, joined: Omit<AssetFrame, 'edges'>): void {
  const edges: EdgeFrame[] = [];
  const asset: AssetFrame = {...joined, edges};
  // Declared before its edges are resolved: a `previous` edge may be the asset's own.
  (frame.assets as Map<AssetName, AssetFrame>).set(asset.asset.name, asset); // filled here alone
  const sameKey = asset.asset.upstream.filter(edge => isSameKey(edge) && edge.required);
  const selfless = sameKey.map(edge => resolveEdge(frame, asset, edge));
  decideExempt(asset, selfless);
  decideAccepted(frame, asset, selfless);
  for (const edge of asset.asset.upstream) edges.push(resolveEdge(frame, asset, edge));
  countGames(asset, frame);
  const ordinals = asset.keys.map((_, ordinal) => ordinal);
  const digests = digestsOf(asset, ordinals);
  asset.digest.hi.set(digests.hi);
  asset.digest.lo.set(digests.lo);
  const pending = notDueThrough(asset, ordinals);
  for (const ordinal of ordinals) {
    const {state, reasons, notes} = decideState(frame, asset, ordinal, pending);
    asset.state[ordinal] = CODE[state];
    if (reasons !== undefined) asset.reasons.set(ordinal, reasons);
    if (notes !== undefined && notes.length > 0) asset.notes.set(ordinal, notes);
  }
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
    isPassedOver: ordinal => upstream.exempt[ordinal] === 1 || upstream.accepted[ordinal] === 1,
  });
  return {edge, upstream, reads, seeds: seedsOf(edge, reads)};
}

/** `asset@key` of an ordinal. */
export function refOf({asset, keys}: AssetFrame, ordinal: number): PartitionRef {
  return `${asset.name}@${keys[ordinal] ?? ''}`;
}

function decideExempt(asset: AssetFrame, sameKey: readonly EdgeFrame[]): void {
  asset.keys.forEach((_, ordinal) => {
    const reason = exemptReason(asset, ordinal, sameKey);
    if (reason === undefined) return;
    asset.exempt[ordinal] = 1;
    asset.reasons.set(ordinal, [reason]);
  });
}

function exemptReason(
  asset: AssetFrame,
  ordinal: number,
  sameKey: readonly EdgeFrame[],
): ExemptReason | undefined {
  const {start, end, skipFirstDays} = asset.asset;
  const span = daySpan(asset, ordinal);
  if (span !== undefined) {
    if (start !== undefined && isBefore(span, start)) return {kind: 'before-start', start};
    if (end !== undefined && isAfter(span, end)) return {kind: 'after-end', end};
    const {calendar} = asset;
    if (skipFirstDays > 0 && calendar !== undefined && asset.asset.partitioning.kind === 'date') {
      const first = calendar.days[calendar.seasonFrom[calendar.seasonOf[ordinal] ?? 0] ?? 0] ?? 0;
      if (span[0] < first + skipFirstDays) return {kind: 'bootstrap', days: skipFirstDays};
    }
  }
  for (const {upstream, reads} of sameKey) {
    const [only] = ordinalsRead(reads, ordinal);
    if (only !== undefined && upstream.exempt[only] === 1) {
      return {kind: 'upstream-exempt', upstream: refOf(upstream, only)};
    }
  }
  return undefined;
}

function decideAccepted(frame: Frame, asset: AssetFrame, sameKey: readonly EdgeFrame[]): void {
  asset.keys.forEach((_, ordinal) => {
    if (asset.exempt[ordinal] === 1 || asset.published[ordinal] === 1) return;
    const reason = acceptedReason(frame, asset, ordinal, sameKey);
    if (reason === undefined) return;
    asset.accepted[ordinal] = 1;
    asset.reasons.set(ordinal, [reason]);
  });
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
    const [only] = ordinalsRead(reads, ordinal);
    if (only !== undefined && upstream.accepted[only] === 1) {
      return {kind: 'upstream-accepted', upstream: refOf(upstream, only)};
    }
  }
  return undefined;
}

/** What the rows hold of what the calendar expects, accepted games left out; whole partitions without coverage. */
function countGames(asset: AssetFrame, frame: Frame): void {
  const {covers, partitioning} = asset.asset;
  const isDate = partitioning.kind === 'date';
  const byGames = covers !== undefined && isDate;
  for (let ordinal = 0; ordinal < asset.keys.length; ordinal++) {
    const row = asset.row[ordinal] ?? -1;
    const isRecorded = isDate && asset.published[ordinal] === 1 && (asset.record?.expected[row] ?? -1) >= 0;
    if (!byGames && !isRecorded) {
      asset.expected[ordinal] = 1;
      asset.held[ordinal] = asset.published[ordinal] ?? 0;
      continue;
    }
    const games = asset.calendar?.games[ordinal] ?? [];
    const absent = new Set(isRecorded ? asset.record?.absent.get(row) : games.map(({id}) => id));
    const accepted = absent.size === 0 ? absent : acceptedGames(frame, asset, ordinal);
    const held = games.filter(({id}) => !absent.has(id)).length;
    asset.held[ordinal] = held;
    asset.expected[ordinal] = held + games.filter(({id}) => absent.has(id) && !accepted.has(id)).length;
  }
}

/** Whether a published partition holds enough of its games. */
export function isCovered(asset: AssetFrame, ordinal: number): boolean {
  const expected = asset.expected[ordinal] ?? 0;
  const share = asset.asset.covers?.atLeast ?? 1;
  return (asset.held[ordinal] ?? 0) >= share * expected - SHARE_SLACK;
}

/**
 * By edge that a date waits for: how many partitions of its window are not due. A season or `all` leaves those out.
 * The asset's own `previous` edge is not among them: its keys are decided one after another.
 */
function notDueThrough(
  asset: AssetFrame,
  ordinals: readonly number[],
): readonly (readonly [EdgeFrame, Float64Array])[] {
  if (asset.asset.partitioning.kind !== 'date') return [];
  return asset.edges
    .filter(({edge, upstream}) => edge.required && upstream !== asset)
    .map(edge => {
      const quantity = Float64Array.from(edge.upstream.state, code => (code === CODE['not-due'] ? 1 : 0));
      return [edge, sumOver(edge.reads, quantity, ordinals)] as const;
    });
}

interface Decision {
  readonly state: State;
  /** Undefined: those that were written before stand. */
  readonly reasons?: readonly Reason[];
  readonly notes?: readonly Note[];
}

/** The rules in their order; the first that holds decides. */
function decideState(
  frame: Frame,
  asset: AssetFrame,
  ordinal: number,
  pending: ReturnType<typeof notDueThrough>,
): Decision {
  if (asset.exempt[ordinal] === 1) return {state: 'exempt'};
  if (asset.published[ordinal] === 1) {
    const stale = staleReasons(asset, ordinal);
    if (stale.length > 0) return {state: 'stale', reasons: stale};
    if (isCovered(asset, ordinal)) return {state: 'fresh'};
    return {state: 'partial', reasons: [partialReason(frame, asset, ordinal)]};
  }
  if (asset.accepted[ordinal] === 1) return {state: 'accepted'};
  const settlesCalendar = frame.settling.has(asset.asset.name);
  const dueness = duenessOf(asset, ordinal, {now: frame.now, settlesCalendar});
  if (dueness.kind === 'not-due') return {state: 'not-due', reasons: [dueness.because]};
  const waiting = upstreamNotDue(asset, ordinal, pending);
  if (waiting !== undefined) return {state: 'not-due', reasons: [waiting]};
  const notes: readonly Note[] = dueness.overdue ? [{kind: 'schedule-not-final'}] : [];
  return {state: 'missing', reasons: missingReasons(asset, ordinal), notes};
}

function upstreamNotDue(
  asset: AssetFrame,
  ordinal: number,
  pending: ReturnType<typeof notDueThrough>,
): NotDueReason | undefined {
  const isNotDue = (upstream: AssetFrame, candidate: number): boolean =>
    upstream.state[candidate] === CODE['not-due'];
  for (const {edge, upstream, reads} of asset.edges) {
    if (!edge.required) continue;
    const isOwn = upstream === asset;
    const count = isOwn ? 1 : (pending.find(([known]) => known.edge === edge)?.[1][ordinal] ?? 0);
    if (count === 0) continue;
    const first = ordinalsRead(reads, ordinal).find(candidate => isNotDue(upstream, candidate));
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
    found: asset.held[ordinal] ?? 0,
    expected: asset.expected[ordinal] ?? 0,
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
