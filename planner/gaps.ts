/**
 * Finds every gap of a frame: partitions that are missing, partial or accepted, and games that published ones lack.
 * It decides no state (classify.ts), and prints nothing.
 */
import {acceptancesOf, acceptedGames} from './accepted.ts';
import {chooseOrdinals} from './asked.ts';
import {dayOf, instantOf} from './day.ts';
import {fellDueAt, isTooLate} from './due.ts';
import {type AssetFrame, expectedAt, type Frame, heldAt, isSameKey, refOf, stateAt} from './frame.ts';
import type {AbsentGames, Gap, GapCause} from './gap.ts';
import {absentOf, type Root, Roots} from './gap-root.ts';
import type {PlanRequest} from './plan.ts';
import {CODE} from './state.ts';
import {lastTrouble} from './state-reason.ts';

/** Of what the request asks for; assets in topological order, then by key. */
export function findGaps(frame: Frame, request: PlanRequest): readonly Gap[] {
  const finder = new GapFinder(frame);
  const gaps: Gap[] = [];
  // What is not asked for is traced all the same: it may be a root.
  for (const asset of frame.assets.values()) {
    const ordinals = gapOrdinals(asset);
    finder.roots.trace(asset, ordinals);
    const chosen = ordinals.length === 0 ? undefined : chooseOrdinals(asset, request);
    for (const ordinal of ordinals) if (chosen?.[ordinal] !== 0) gaps.push(finder.gapAt(asset, ordinal));
  }
  return gaps;
}

/** The gap at one partition; undefined where there is none. */
export function gapAt(frame: Frame, asset: AssetFrame, ordinal: number): Gap | undefined {
  const finder = new GapFinder(frame);
  for (const each of frame.assets.values()) {
    const ordinals = gapOrdinals(each);
    finder.roots.trace(each, ordinals);
    if (each === asset) return ordinals.includes(ordinal) ? finder.gapAt(asset, ordinal) : undefined;
  }
  return undefined;
}

/** The games that a partition lacks: of one that is not there, all that it should hold. */
export function absentGames(frame: Frame, asset: AssetFrame, ordinal: number): AbsentGames | undefined {
  if (!countsGames(asset)) return undefined;
  const isPublished = asset.published[ordinal] === 1;
  const absent = isPublished
    ? absentOf(asset, ordinal)
    : (asset.calendar?.games[ordinal] ?? []).map(({id}) => id);
  if (!isPublished && asset.accepted[ordinal] === 1) return {open: [], accepted: absent};
  const signed = acceptedGames(frame, asset, ordinal);
  return {
    open: absent.filter(game => !signed.has(game)),
    accepted: absent.filter(game => signed.has(game)),
  };
}

function countsGames({asset}: AssetFrame): boolean {
  return asset.covers !== undefined && asset.partitioning.kind === 'date';
}

/** Ascending: what is missing or accepted, and what is published without some of its games. */
function gapOrdinals(asset: AssetFrame): readonly number[] {
  const {state, stateCounts, published, exempt} = asset;
  const mayLack = asset.games !== undefined;
  const isWhole = (stateCounts[CODE.missing] ?? 0) + (stateCounts[CODE.accepted] ?? 0) === 0;
  if (isWhole && !mayLack) return [];
  const found: number[] = [];
  for (let i = 0; i < state.length; i++) {
    const code = state[i];
    if (code === CODE.missing || code === CODE.accepted) found.push(i);
    else if (mayLack && published[i] === 1 && exempt[i] === 0 && lacksGames(asset, i)) found.push(i);
  }
  return found;
}

function lacksGames(asset: AssetFrame, ordinal: number): boolean {
  return absentOf(asset, ordinal).length > 0 || openAt(asset, ordinal) > 0;
}

/**
 * How many games a published partition lacks that nobody signed off: also those that the calendar has gained since its
 * rows were counted, of which nobody knows yet which they are.
 */
function openAt(asset: AssetFrame, ordinal: number): number {
  return countsGames(asset) ? Math.max(0, expectedAt(asset, ordinal) - heldAt(asset, ordinal)) : 0;
}

const UNTRIED: GapCause = {kind: 'untried'};
const FORGOTTEN: GapCause = {kind: 'forgotten'};
const TOO_LATE: GapCause = {kind: 'too-late'};
const GAMES_ABSENT: GapCause = {kind: 'games-absent'};

class GapFinder {
  readonly #frame: Frame;
  readonly roots: Roots;
  readonly #causes = new Map<AssetFrame, GapCause[]>();
  /** By ordinal, NaN where it is not known; a hole where it was not asked for. */
  readonly #due = new Map<AssetFrame, number[]>();

  constructor(frame: Frame) {
    this.#frame = frame;
    this.roots = new Roots(frame, root => WEIGHT[this.#causeOf(root).kind]);
  }

  gapAt(asset: AssetFrame, ordinal: number): Gap {
    const root = this.roots.of(asset, ordinal);
    const cause = this.#causeOf(root);
    const absent = absentGames(this.#frame, asset, ordinal);
    const state = stateAt(asset, ordinal);
    const isPublished = asset.published[ordinal] === 1;
    const open = absent && Math.max(absent.open.length, isPublished ? openAt(asset, ordinal) : 0);
    const isSigned = isPublished ? open === 0 : state === 'accepted';
    return {
      asset,
      ordinal,
      state,
      standing: isSigned ? 'accepted' : 'open',
      games: absent && {open: open ?? 0, accepted: absent.accepted.length},
      since: this.#since(asset, ordinal, cause),
      root,
      cause,
      expired: isSigned ? undefined : expiredOn(this.#frame, asset, ordinal),
    };
  }

  #causeOf({asset, ordinal}: Root): GapCause {
    const own = this.#causes.get(asset) ?? [];
    this.#causes.set(asset, own);
    own[ordinal] ??= causeAt(this.#frame, asset, ordinal);
    return own[ordinal];
  }

  #since(asset: AssetFrame, ordinal: number, cause: GapCause): number | undefined {
    if (cause.kind === 'accepted') return startOf(cause.gap.acceptedOn, asset);
    if (asset.published[ordinal] === 1) return asset.record?.publishedAt[asset.row[ordinal] ?? -1];
    const due = this.#dueAt(asset, ordinal);
    return Number.isNaN(due) ? undefined : Math.min(due, this.#frame.now);
  }

  /** When its own time had come and that of what it needs on the same key. */
  #dueAt(asset: AssetFrame, ordinal: number): number {
    const known = this.#due.get(asset) ?? [];
    this.#due.set(asset, known);
    const found = known[ordinal];
    if (found !== undefined) return found;
    let due = fellDueAt(asset, ordinal) ?? Number.NaN;
    if (asset.asset.partitioning.kind === 'date') {
      for (const {edge, upstream, reads} of asset.edges) {
        if (!edge.required || !isSameKey(edge)) continue;
        const other = this.#dueAt(upstream, reads[0]?.from[ordinal] ?? 0);
        if (!(due >= other) && !Number.isNaN(other)) due = other;
      }
    }
    known[ordinal] = due;
    return due;
  }
}

/** Which of several roots is named: the one that says the most. */
const WEIGHT: Readonly<Record<GapCause['kind'], number>> = {
  failed: 6,
  quarantined: 6,
  'games-absent': 5,
  gate: 4,
  'too-late': 3,
  forgotten: 2,
  untried: 1,
  // What is signed off keeps nothing open.
  accepted: 0,
};

function causeAt(frame: Frame, asset: AssetFrame, ordinal: number): GapCause {
  const {record, row, published, accepted} = asset;
  const at = row[ordinal] ?? -1;
  if (published[ordinal] === 1) {
    const absent = absentGames(frame, asset, ordinal);
    if (absent !== undefined && absent.open.length === 0 && openAt(asset, ordinal) === 0) {
      const gap = acceptancesOf(frame, asset, ordinal).find(
        ({isExpired, gap: {games}}) => !isExpired && games.some(game => absent.accepted.includes(game)),
      )?.gap;
      if (gap !== undefined) return {kind: 'accepted', gap};
    }
  } else if (accepted[ordinal] === 1) {
    const gap = acceptancesOf(frame, asset, ordinal).find(({isExpired}) => !isExpired)?.gap;
    if (gap !== undefined) return {kind: 'accepted', gap};
  }
  if (published[ordinal] === 0 && isTooLate(asset, ordinal, frame.now)) return TOO_LATE;
  const trouble = lastTrouble(record, at);
  if (trouble?.kind === 'last-attempt-failed') return {kind: 'failed', error: trouble.error};
  if (trouble?.kind === 'last-attempt-quarantined') return {kind: 'quarantined', error: trouble.error};
  if (published[ordinal] === 1) return GAMES_ABSENT;
  const {gate} = asset.asset;
  const score = gate === undefined ? 100 : frame.quality.inputsAt(asset, ordinal);
  if (gate !== undefined && score < gate) {
    const weakest = frame.quality.weakestOf(asset, ordinal);
    return {kind: 'gate', score, gate, weakest: refOf(weakest.asset, weakest.ordinal)};
  }
  return (record?.lostAt[at] ?? 0) > 0 ? FORGOTTEN : UNTRIED;
}

/** The last date from which an acceptance of it no longer holds. */
function expiredOn(frame: Frame, asset: AssetFrame, ordinal: number): string | undefined {
  const ends = acceptancesOf(frame, asset, ordinal).flatMap(({isExpired, gap: {until}}) =>
    isExpired && until !== undefined ? [until] : [],
  );
  return ends.toSorted().at(-1);
}

/** Midnight of a date in the asset's zone. */
function startOf(date: string, {calendar}: AssetFrame): number {
  return instantOf(dayOf(date), 0, calendar?.timezone ?? 'UTC');
}
