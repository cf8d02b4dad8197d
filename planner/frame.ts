/**
 * Everything known about the partitions of the pipeline, aligned by ordinal: what is declared joined with what is
 * recorded. The plan reads it once; a run keeps it true as outcomes come in.
 * It does not decide states (classify.ts) nor actions (decide.ts).
 */
import type {Calendar, Entry} from './calendar.ts';
import {factorOf, type Word} from './hash.ts';
import {
  type AssetRecord,
  type Fingerprint,
  type Leases,
  PLAIN_TRUST,
  type SiteSpending,
  type Trust,
  type Words,
} from './ledger.ts';
import type {Asset, AssetName, Edge, PartitionKey, Pipeline} from './pipeline.ts';
import type {Quality} from './quality.ts';
import type {PartitionRef} from './reason.ts';
import {STATES, type State} from './state.ts';
import type {Reads} from './window.ts';

/** One edge with what it reads and the factors of its digest terms. */
export interface EdgeFrame {
  readonly edge: Edge;
  readonly upstream: AssetFrame;
  readonly reads: Reads;
  /** By sequence of `reads`. */
  readonly factors: readonly Word[];
}

/** Games that the rows should and do hold, by ordinal, accepted ones left out. */
export interface GameCounts {
  readonly expected: Float64Array;
  readonly held: Float64Array;
}

export interface AssetFrame {
  readonly asset: Asset;
  readonly calendar: Calendar | undefined;
  readonly fingerprint: Fingerprint;
  readonly keys: readonly PartitionKey[];
  readonly keyWords: Words;
  readonly ordinalOf: ReadonlyMap<string, number>;
  readonly record: AssetRecord | undefined;
  /** Row of the ledger's record by ordinal; -1 where there is none. */
  readonly row: Int32Array;
  /** Keys that are recorded as published and no longer declared, with their rows. */
  readonly orphans: readonly {readonly key: PartitionKey; readonly row: number}[];
  readonly edges: readonly EdgeFrame[];
  /** What of each key's calendar entry enters the digest; undefined where keys are no dates. */
  readonly entry: Entry | undefined;
  /** Scores of the whole frame. */
  readonly quality: Quality;
  /** Whether its query is shown the score of its inputs, which enters the digest then. */
  readonly showsQuality: boolean;

  /** 1: published. What follows is brought forward by a run. */
  readonly published: Uint8Array;
  /** 1: exempt. Fixed by the declarations. */
  readonly exempt: Uint8Array;
  /** 1: not published and signed off, itself or through a required same-key upstream. */
  readonly accepted: Uint8Array;
  /** Where the record lies as the keys do this is its own column: what a run brings forward here shows there too. */
  readonly version: Words;
  /** What bears on the quality of what a run has made so far; of the rest the record says it. */
  readonly made: Map<number, Trust>;
  /** Undefined where no partition counts its games: each expects 1, and holds it where it is published. */
  games: GameCounts | undefined;
  /** Index into STATES. */
  readonly state: Uint8Array;
  /** How many partitions were in each state when it was decided, by index into STATES; orphans are not counted. */
  readonly stateCounts: Uint32Array;
}

export interface Frame {
  readonly pipeline: Pipeline;
  readonly now: number;
  readonly calendars: ReadonlyMap<string, Calendar>;
  /** In topological order. */
  readonly assets: ReadonlyMap<AssetName, AssetFrame>;
  /** The calendars' own assets and all that is upstream of them. */
  readonly settling: ReadonlySet<AssetName>;
  /** Assets that are read only as lower sources: not missed until they are asked for. */
  readonly onDemand: ReadonlySet<AssetName>;
  /** Scores, worked out when they are asked for. */
  readonly quality: Quality;
  readonly leases: Leases;
  readonly spending: SiteSpending;
}

/** Who holds a partition, for people; undefined where nobody does. */
export function holderAt({leases}: Frame, {asset, keys}: AssetFrame, ordinal: number): string | undefined {
  return leases.size === 0 ? undefined : leases.get(asset.name)?.get(keys[ordinal] ?? '');
}

export function frameOf(frame: Frame, asset: AssetName): AssetFrame {
  const found = frame.assets.get(asset);
  if (found === undefined) throw new Error(`Internal error: no asset '${asset}' in the frame`);
  return found;
}

/** Whether an upstream partition is there for those that read it: published and neither orphan nor exempt. */
export function isValid(asset: AssetFrame, ordinal: number): boolean {
  return asset.published[ordinal] === 1 && asset.exempt[ordinal] === 0;
}

/** Whether a partition is not there because nothing has asked for it. */
export function isUnasked(
  {onDemand}: Frame,
  {asset, published, exempt, accepted}: AssetFrame,
  ordinal: number,
): boolean {
  return (
    onDemand.has(asset.name) && published[ordinal] === 0 && exempt[ordinal] === 0 && accepted[ordinal] === 0
  );
}

/** Whether an edge maps a key to one upstream partition, so that exempt and accepted are passed down. */
export function isSameKey({window}: Edge): boolean {
  return window.kind === 'same' || window.kind === 'season-of-date' || window.kind === 'whole';
}

/** The keys that an asset's partitioning declares. */
export function keysOf(asset: Asset, calendar: Calendar | undefined): readonly PartitionKey[] {
  if (asset.partitioning.kind === 'all') return ALL;
  if (calendar === undefined) throw new Error(`Internal error: '${asset.name}' has no calendar`);
  return asset.partitioning.kind === 'date' ? calendar.dates : calendar.seasons;
}

const ALL: readonly PartitionKey[] = ['all' as PartitionKey]; // the one key of that grain

/** How many games a partition should hold; 1 where it does not count them. */
export function expectedAt({games}: AssetFrame, ordinal: number): number {
  return games === undefined ? 1 : (games.expected[ordinal] ?? 0);
}

/** How many of those it holds. */
export function heldAt({games, published}: AssetFrame, ordinal: number): number {
  return (games === undefined ? published[ordinal] : games.held[ordinal]) ?? 0;
}

/** What bears on the quality of a published partition. */
export function trustAt({made, record, row}: AssetFrame, ordinal: number): Trust {
  const found = made.get(ordinal);
  if (found !== undefined || record === undefined) return found ?? PLAIN_TRUST;
  return record.trusts[record.trust[row[ordinal] ?? -1] ?? -1] ?? PLAIN_TRUST;
}

/**
 * How many sources of its cascade are inputs of a partition: those used and all that rank above them; of what is not
 * published, all.
 */
export function depthAt(asset: AssetFrame, ordinal: number): number {
  return asset.published[ordinal] === 1 ? trustAt(asset, ordinal).depth : Number.POSITIVE_INFINITY;
}

/** Brings the counted games of one partition forward. */
export function setGames(asset: AssetFrame, ordinal: number, expected: number, held: number): void {
  if (asset.games === undefined) {
    if (expected === 1 && held === asset.published[ordinal]) return;
    const {published} = asset;
    asset.games = {
      expected: new Float64Array(published.length).fill(1),
      held: Float64Array.from(published),
    };
  }
  asset.games.expected[ordinal] = expected;
  asset.games.held[ordinal] = held;
}

/** The factors of an edge's terms: by its name, and by its name and team. */
export function factorsOf({name}: Edge, reads: Reads): readonly Word[] {
  let byName = factors.get(reads);
  if (byName === undefined) {
    byName = new Map();
    factors.set(reads, byName);
  }
  let found = byName.get(name);
  if (found === undefined) {
    found = reads.map(({team}) =>
      factorOf(team === undefined ? `edge ${name}` : `edge ${name} team ${team.team}`),
    );
    byName.set(name, found);
  }
  return found;
}

/** Few names and few windows are used by many edges. */
const factors = new WeakMap<Reads, Map<string, readonly Word[]>>();

/** The state as a word. */
export function stateAt(asset: AssetFrame, ordinal: number): State {
  const state = STATES[asset.state[ordinal] ?? 0];
  if (state === undefined) throw new Error('Internal error: a state out of range');
  return state;
}

export function keyAt({keys}: AssetFrame, ordinal: number): PartitionKey {
  const key = keys[ordinal];
  if (key === undefined) throw new Error('Internal error: an ordinal without a key');
  return key;
}

/** `asset@key` of an ordinal. */
export function refOf({asset, keys}: AssetFrame, ordinal: number): PartitionRef {
  return `${asset.name}@${keys[ordinal] ?? ''}`;
}
