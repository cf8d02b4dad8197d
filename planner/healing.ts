/**
 * What one pass of healing may make of a plan: recent enough, not parked, not tried just now, and no more than allowed.
 * It makes nothing (runner/execute.ts); what is too old is told and left.
 */
import {wallClock} from './day.ts';
import {triedDigestAt} from './digest.ts';
import {fellDueAt} from './due.ts';
import {type AssetFrame, type EdgeFrame, type Frame, frameOf, refOf} from './frame.ts';
import {type AssetRecord, OUTCOMES} from './ledger.ts';
import {Marks} from './marks.ts';
import {readersOf} from './on-demand.ts';
import type {AssetName} from './pipeline.ts';
import {type Planned, type PlannedPartition, type PlanRequest, WHOLE_REQUEST} from './plan.ts';
import type {PartitionRef} from './reason.ts';
import {wasTriedWith} from './tried.ts';
import {ordinalsRead} from './window.ts';

/** Why something is left as it is. */
export type LeftCause = 'too-old' | 'tried-just-now' | 'parked' | 'waiting' | 'over-budget';

export interface LeftAlone {
  readonly cause: LeftCause;
  readonly ref: PartitionRef;
  /** When it fell due, or what it is made from last changed; milliseconds since 1970. Undefined: not known. */
  readonly since: number | undefined;
}

export interface HealingChoice {
  /** Within the quiet hours: nothing is to be made. */
  readonly isQuiet: boolean;
  /** To be planned alone: `PlanRequest.only`. */
  readonly only: NonNullable<PlanRequest['only']>;
  /** How many of them are made in any case, and how many only if what they read changes or fails. */
  readonly making: number;
  readonly following: number;
  readonly left: readonly LeftAlone[];
}

/** So long after a failure the same is not tried again: a second pass right after does nothing. */
const PAUSE_MS = 3_600_000;

/** `plan` plans a request by the ledger as it is now. */
export function chooseHealing(plan: (request: PlanRequest) => Planned): HealingChoice {
  const {plan: whole, frame} = plan(WHOLE_REQUEST);
  const choosing = new Choosing(frame, whole.partitions);
  choosing.allow();
  choosing.choose();
  const {only, left} = choosing.result();
  return {isQuiet: isQuiet(frame), ...settle(only, left, plan)};
}

/** What needs something that is left alone would only wait, and what follows from that has nothing to follow. */
function settle(
  only: HealingChoice['only'],
  left: readonly LeftAlone[],
  plan: (request: PlanRequest) => Planned,
): Omit<HealingChoice, 'isQuiet'> {
  const partitions = only.size === 0 ? [] : plan({...WHOLE_REQUEST, only}).plan.partitions;
  const made = partitions.filter(({action}) => action === 'run' || action === 'run-if');
  const count = [...only.values()].reduce((sum, {size}) => sum + size, 0);
  if (made.length === count) {
    const making = made.filter(({action}) => action === 'run').length;
    return {only, making, following: count - making, left};
  }
  const waiting = partitions.flatMap(({asset, key, action}): readonly LeftAlone[] =>
    action === 'wait' || action === 'skip'
      ? [{cause: 'waiting', ref: `${asset}@${key}`, since: undefined}]
      : [],
  );
  const rest = Map.groupBy(made, ({asset}): string => asset);
  const less = new Map([...rest].map(([asset, own]) => [asset, new Set(own.map(({key}): string => key))]));
  return settle(less, [...left, ...waiting], plan);
}

/** By the wall clock of the first calendar. */
function isQuiet({pipeline, now, calendars}: Frame): boolean {
  const {quiet} = pipeline.healing;
  if (quiet === undefined) return false;
  const [calendar] = calendars.values();
  const {minute} = wallClock(now, calendar?.timezone ?? 'UTC');
  const {from, to} = quiet;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

type Kind = 'run' | 'follow' | 'on-demand';

/** The partitions of one asset that a plan would make. */
interface Open {
  readonly asset: AssetFrame;
  readonly kinds: ReadonlyMap<number, Kind>;
  /** 1: policy allows it. */
  readonly allowed: Uint8Array;
  /** 1: made in this pass. */
  readonly chosen: Uint8Array;
}

class Choosing {
  readonly #frame: Frame;
  readonly #open = new Map<AssetName, Open>();
  readonly #left: LeftAlone[] = [];
  readonly #planned = new Map<string, PlannedPartition>();
  readonly #health: ReadonlyMap<string, number>;
  #room: number;

  constructor(frame: Frame, partitions: readonly PlannedPartition[]) {
    this.#frame = frame;
    this.#health = lastSuccesses(frame);
    this.#room = frame.pipeline.healing.atMost;
    const byAsset = Map.groupBy(partitions, ({asset}) => asset);
    for (const [name, asset] of frame.assets) {
      const kinds = new Map<number, Kind>();
      for (const partition of byAsset.get(name) ?? []) {
        const ordinal = asset.ordinalOf.get(partition.key);
        const kind = kindOf(partition);
        if (ordinal === undefined) continue;
        if (kind !== undefined) {
          kinds.set(ordinal, kind);
          this.#planned.set(refOf(asset, ordinal), partition);
        } else if (partition.action === 'wait') this.#leave('waiting', asset, ordinal);
        else if (partition.reasons.some(reason => reason.kind === 'parked'))
          this.#leave('parked', asset, ordinal);
      }
      const count = asset.keys.length;
      this.#open.set(name, {asset, kinds, allowed: new Uint8Array(count), chosen: new Uint8Array(count)});
    }
  }

  /** Upstream first: what reads something that is to be made is as recent as that. */
  allow(): void {
    for (const open of this.#open.values()) {
      const {asset, kinds, allowed} = open;
      const fed = this.#fedBy(open, each => each.allowed);
      for (const ordinal of [...kinds.keys()].toSorted((a, b) => a - b)) {
        const kind = kinds.get(ordinal);
        if (kind === 'on-demand') continue;
        const isFed = fed[ordinal] === 1 || readsOwn(asset, ordinal, allowed);
        if (kind === 'follow') allowed[ordinal] = isFed ? 1 : 0;
        else if (this.#wasTriedJustNow(asset, ordinal)) this.#leave('tried-just-now', asset, ordinal);
        else if (isFed || this.#isRecent(asset, ordinal)) allowed[ordinal] = 1;
        else this.#leave('too-old', asset, ordinal);
      }
    }
  }

  /** The newest first, each with what it needs; then what follows from them, as far as there is room. */
  choose(): void {
    const wanted = [...this.#open.values()].flatMap(({asset, kinds, allowed}, rank) =>
      [...kinds].flatMap(([ordinal, kind]) =>
        kind === 'run' && allowed[ordinal] === 1
          ? [{asset, ordinal, rank, grain: this.#grain(asset), day: lastDay(asset, ordinal)}]
          : [],
      ),
    );
    wanted.sort((a, b) => a.grain - b.grain || b.day - a.day || a.rank - b.rank);
    for (const {asset, ordinal} of wanted) {
      if (!this.#take(asset, ordinal)) this.#leave('over-budget', asset, ordinal);
    }
    for (const open of this.#open.values()) {
      const fed = this.#fedBy(open, each => each.chosen);
      for (const [ordinal, kind] of open.kinds) {
        if (kind !== 'follow' || (fed[ordinal] !== 1 && !readsOwn(open.asset, ordinal, open.chosen)))
          continue;
        if (!this.#take(open.asset, ordinal)) this.#leave('over-budget', open.asset, ordinal);
      }
    }
  }

  result(): Pick<HealingChoice, 'only' | 'left'> {
    const only = new Map<string, ReadonlySet<string>>();
    for (const [name, {asset, kinds, chosen}] of this.#open) {
      const ordinals = [...kinds.keys()].filter(ordinal => chosen[ordinal] === 1);
      if (ordinals.length > 0) only.set(name, new Set(ordinals.map(ordinal => asset.keys[ordinal] ?? '')));
    }
    return {only, left: this.#left};
  }

  /** The calendars' own come first: they say which dates there are. */
  #grain({asset}: AssetFrame): number {
    if (this.#frame.settling.has(asset.name)) return 0;
    return asset.partitioning.kind === 'date' ? 1 : 2;
  }

  /** Chooses it with all that it needs and is not chosen yet; false where there is no room for them. */
  #take(asset: AssetFrame, ordinal: number): boolean {
    const needed: {readonly open: Open; readonly ordinal: number}[] = [];
    const seen = new Set<string>();
    const visit = (name: AssetName, at: number): void => {
      const open = this.#open.get(name);
      const ref = `${name} ${at}`;
      if (open === undefined || seen.has(ref) || open.chosen[at] === 1 || needed.length > this.#room) return;
      seen.add(ref);
      const kind = open.kinds.get(at);
      if (kind === undefined || (kind !== 'on-demand' && open.allowed[at] === 0)) return;
      needed.push({open, ordinal: at});
      for (const {edge, upstream, reads} of open.asset.edges) {
        if (!edge.required && edge.source === undefined) continue;
        for (const i of ordinalsRead(reads, at)) visit(upstream.asset.name, i);
      }
    };
    visit(asset.asset.name, ordinal);
    if (needed.length > this.#room) return false;
    this.#room -= needed.length;
    for (const each of needed) each.open.chosen[each.ordinal] = 1;
    return true;
  }

  /** Marks what of an asset reads something marked of another. */
  #fedBy({asset}: Open, marksOf: (open: Open) => Uint8Array): Uint8Array {
    const fed = new Uint8Array(asset.keys.length);
    for (const {upstream, reads} of asset.edges) {
      const above = this.#open.get(upstream.asset.name);
      if (above === undefined || upstream === asset) continue;
      const marks = marksOf(above);
      if (marks.includes(1)) new Marks(reads, marks).reach(fed);
    }
    return fed;
  }

  #isRecent(asset: AssetFrame, ordinal: number): boolean {
    const {now, pipeline} = this.#frame;
    const since = this.#sinceOf(asset, ordinal);
    return since === undefined || now - since <= pipeline.healing.autoWithin;
  }

  /** The later of its due time and the last change of an input or of its source's health. */
  #sinceOf(asset: AssetFrame, ordinal: number): number | undefined {
    const due = dueAt(this.#frame, asset, ordinal);
    const changes = [
      ...asset.edges.map(edge => inputChangedAt(edge, ordinal)),
      this.#healthOf(asset, ordinal),
      ...this.#clockOf(asset, ordinal),
    ].filter(at => at > 0);
    const known = due === undefined ? changes : [due, ...changes];
    return known.length === 0 ? undefined : Math.max(...known);
  }

  /** When a fetch of the same site succeeded after this one failed; 0 where none did. */
  #healthOf({asset, record, row}: AssetFrame, ordinal: number): number {
    const at = row[ordinal] ?? -1;
    if (record === undefined || at < 0 || asset.site === undefined || !hasFailed(record, at)) return 0;
    const success = this.#health.get(asset.site) ?? 0;
    return success > (record.triedAt[at] ?? 0) ? success : 0;
  }

  /** What the clock asks for is as recent as now, or, where a better source is asked again, as what was made of a lower one. */
  #clockOf(asset: AssetFrame, ordinal: number): readonly number[] {
    const reasons = this.#planned.get(refOf(asset, ordinal))?.reasons ?? [];
    return reasons.flatMap(reason => {
      if (reason.kind === 'refresh') return [this.#frame.now];
      if (reason.kind !== 'better-source') return [];
      return readersOf(this.#frame.pipeline, asset.asset.name).map(({asset: {name}}) => {
        const reader = frameOf(this.#frame, name);
        const own = reader.ordinalOf.get(asset.keys[ordinal] ?? '');
        return own === undefined ? 0 : publishedAt(reader, own);
      });
    });
  }

  #wasTriedJustNow(asset: AssetFrame, ordinal: number): boolean {
    const {record, row} = asset;
    const at = row[ordinal] ?? -1;
    if (record === undefined || at < 0 || !hasFailed(record, at)) return false;
    const isPausing = this.#frame.now - (record.triedAt[at] ?? 0) < PAUSE_MS;
    return isPausing && wasTriedWith(asset, ordinal, triedDigestAt(asset, ordinal));
  }

  #leave(cause: LeftCause, asset: AssetFrame, ordinal: number): void {
    this.#left.push({cause, ref: refOf(asset, ordinal), since: this.#sinceOf(asset, ordinal)});
  }
}

function kindOf({action, reasons}: PlannedPartition): Kind | undefined {
  if (action === 'run') return 'run';
  if (action !== 'run-if') return undefined;
  return reasons.some(({kind}) => kind === 'if-source-fails') ? 'on-demand' : 'follow';
}

function readsOwn(asset: AssetFrame, ordinal: number, marks: Uint8Array): boolean {
  return asset.edges.some(
    ({upstream, reads}) => upstream === asset && ordinalsRead(reads, ordinal).some(i => marks[i] === 1),
  );
}

/** A season is alive until its last day. */
function dueAt({now}: Frame, asset: AssetFrame, ordinal: number): number | undefined {
  const due = fellDueAt(asset, ordinal);
  if (due === undefined || asset.asset.partitioning.kind !== 'season') return due;
  return Math.min(now, Math.max(due, lastDay(asset, ordinal) * 86_400_000));
}

function lastDay({asset, calendar}: AssetFrame, ordinal: number): number {
  if (calendar === undefined || asset.partitioning.kind === 'all') return Number.POSITIVE_INFINITY;
  const days = asset.partitioning.kind === 'date' ? calendar.days : calendar.seasonLastDay;
  return days[ordinal] ?? 0;
}

function inputChangedAt({edge, upstream, reads}: EdgeFrame, ordinal: number): number {
  if (!edge.tracks) return 0;
  return ordinalsRead(reads, ordinal).reduce((last, i) => Math.max(last, publishedAt(upstream, i)), 0);
}

function publishedAt({record, row, published}: AssetFrame, ordinal: number): number {
  return published[ordinal] === 1 ? (record?.publishedAt[row[ordinal] ?? -1] ?? 0) : 0;
}

function hasFailed({outcome}: AssetRecord, row: number): boolean {
  const last = OUTCOMES[(outcome[row] ?? 0) - 1];
  return last === 'failed' || last === 'quarantined';
}

/** By site, when a fetch of it last succeeded. */
function lastSuccesses({assets}: Frame): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const {asset, record} of assets.values()) {
    if (asset.site === undefined || record === undefined) continue;
    for (let row = 0; row < record.count; row++) {
      const published = record.published[row] === 1 ? (record.publishedAt[row] ?? 0) : 0;
      const isSuccess = !hasFailed(record, row) && (record.outcome[row] ?? 0) > 0;
      const at = Math.max(published, isSuccess ? (record.triedAt[row] ?? 0) : 0);
      if (at > (last.get(asset.site) ?? 0)) last.set(asset.site, at);
    }
  }
  return last;
}
