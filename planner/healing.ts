/**
 * What one pass of healing may make of a plan: recent enough, not parked, not tried just now, and no more than allowed.
 * It makes nothing (runner/execute.ts); what is too old is told and left.
 */
import {wallClock} from './day.ts';
import {triedDigestAt} from './digest.ts';
import {type AssetFrame, type Frame, keyAt, refOf} from './frame.ts';
import {Ages, hasFailed, lastDay} from './healing-age.ts';
import {Marks} from './marks.ts';
import type {AssetName} from './pipeline.ts';
import {type Planned, type PlannedPartition, type PlanRequest, WHOLE_REQUEST} from './plan.ts';
import type {PartitionRef} from './reason.ts';
import {wasTriedWith} from './tried.ts';
import {ordinalsRead} from './window.ts';

/** Why something is left as it is. */
export type LeftCause = 'too-old' | 'tried-just-now' | 'parked' | 'waiting' | 'over-budget' | 'site-budget';

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

/** `whole` is the plan of all there is to do; `plan` plans a part of it, by the ledger as it was then. */
export function chooseHealing(
  {plan: whole, frame}: Planned,
  plan: (request: PlanRequest) => Planned,
): HealingChoice {
  const choosing = new Choosing(frame, whole.partitions);
  choosing.allow();
  const {only: possible, left: waiting} = settle(choosing.allowed(), [], plan);
  choosing.keep(possible, waiting);
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
  readonly #ages: Ages;
  #room: number;

  constructor(frame: Frame, partitions: readonly PlannedPartition[]) {
    this.#frame = frame;
    this.#ages = new Ages(frame, ref => this.#planned.get(ref)?.reasons ?? []);
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
        else if (partition.reasons.some(reason => reason.kind === 'over-budget'))
          this.#leave('site-budget', asset, ordinal);
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

  /** What policy allows, with the sources on demand that it may turn to: as many as there are. */
  allowed(): HealingChoice['only'] {
    return this.#keysOf(
      ({kinds, allowed}, ordinal) => allowed[ordinal] === 1 || kinds.get(ordinal) === 'on-demand',
    );
  }

  /** Takes back what was allowed and can not be made: what only waits has no place in the room of a pass. */
  keep(possible: HealingChoice['only'], waiting: readonly LeftAlone[]): void {
    for (const [name, {asset, kinds, allowed}] of this.#open) {
      const own = possible.get(name);
      for (const ordinal of kinds.keys()) if (own?.has(keyAt(asset, ordinal)) !== true) allowed[ordinal] = 0;
    }
    this.#left.push(...waiting);
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
    return {only: this.#keysOf(({chosen}, ordinal) => chosen[ordinal] === 1), left: this.#left};
  }

  #keysOf(isMeant: (open: Open, ordinal: number) => boolean): HealingChoice['only'] {
    const only = new Map<string, ReadonlySet<string>>();
    for (const [name, open] of this.#open) {
      const ordinals = [...open.kinds.keys()].filter(ordinal => isMeant(open, ordinal));
      if (ordinals.length > 0) only.set(name, new Set(ordinals.map(ordinal => keyAt(open.asset, ordinal))));
    }
    return only;
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
    const since = this.#ages.sinceOf(asset, ordinal);
    return since === undefined || now - since <= pipeline.healing.autoWithin;
  }

  #wasTriedJustNow(asset: AssetFrame, ordinal: number): boolean {
    const {record, row} = asset;
    const at = row[ordinal] ?? -1;
    if (record === undefined || at < 0 || !hasFailed(record, at)) return false;
    // What moves within the day is worth no longer a pause than it holds.
    const pause = Math.min(PAUSE_MS, asset.asset.refresh?.every ?? PAUSE_MS);
    const isPausing = Math.abs(this.#frame.now - (record.triedAt[at] ?? 0)) < pause;
    return isPausing && wasTriedWith(asset, ordinal, triedDigestAt(asset, ordinal));
  }

  #leave(cause: LeftCause, asset: AssetFrame, ordinal: number): void {
    this.#left.push({cause, ref: refOf(asset, ordinal), since: this.#ages.sinceOf(asset, ordinal)});
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
