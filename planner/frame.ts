/**
 * Everything known about the partitions of the pipeline, aligned by ordinal: what is declared joined with what is
 * recorded. The plan reads it once; a run keeps it true as outcomes come in.
 * It does not decide states (classify.ts) nor actions (plan.ts).
 */
import {type Calendar, keyWord} from './calendar.ts';
import {type Word, wordOf, words} from './hash.ts';
import type {AssetRecord, Fingerprint, Words} from './ledger.ts';
import type {Asset, AssetName, Edge, PartitionKey, Pipeline} from './pipeline.ts';
import type {Note, Reason} from './reason.ts';
import type {State} from './state.ts';
import type {Reads} from './window.ts';

/** One edge with what it reads and the seeds of its digest terms. */
export interface EdgeFrame {
  readonly edge: Edge;
  readonly upstream: AssetFrame;
  readonly reads: Reads;
  /** By sequence of `reads`. */
  readonly seeds: readonly Word[];
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
  /** Whether the calendar entry of the key enters the digest. */
  readonly usesEntry: boolean;

  /** 1: published. What follows is brought forward by a run. */
  readonly published: Uint8Array;
  /** 1: exempt. Fixed by the declarations. */
  readonly exempt: Uint8Array;
  /** 1: not published and signed off, itself or through a required same-key upstream. */
  readonly accepted: Uint8Array;
  readonly version: Words;
  /** Games that the rows should and do hold, accepted ones left out; 1 and 0 or 1 where there is no coverage. */
  readonly expected: Float64Array;
  readonly held: Float64Array;
  /** Index into STATES. */
  readonly state: Uint8Array;
  readonly digest: Words;
  readonly reasons: Map<number, readonly Reason[]>;
  readonly notes: Map<number, readonly Note[]>;
}

export interface Frame {
  readonly pipeline: Pipeline;
  readonly now: number;
  readonly calendars: ReadonlyMap<string, Calendar>;
  /** In topological order. */
  readonly assets: ReadonlyMap<AssetName, AssetFrame>;
  /** The calendars' own assets and all that is upstream of them. */
  readonly settling: ReadonlySet<AssetName>;
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

/** Joins an asset's declared keys with its record. States are still to be decided. */
export function joinAsset(args: {
  readonly asset: Asset;
  readonly calendar: Calendar | undefined;
  readonly fingerprint: Fingerprint;
  readonly record: AssetRecord | undefined;
  readonly usesEntry: boolean;
}): Omit<AssetFrame, 'edges'> {
  const {asset, calendar, record} = args;
  const keys = keysOf(asset, calendar);
  const count = keys.length;
  const ordinalOf = ordinalsOf(asset, calendar, keys);
  const row = new Int32Array(count).fill(-1);
  const published = new Uint8Array(count);
  const version = words(count);
  const orphans: {key: PartitionKey; row: number}[] = [];
  record?.keys.forEach((key, index) => {
    const ordinal = ordinalOf.get(key);
    const isPublished = record.published[index] === 1;
    if (ordinal !== undefined) {
      row[ordinal] = index;
      published[ordinal] = isPublished ? 1 : 0;
      version.hi[ordinal] = record.version.hi[index] ?? 0;
      version.lo[ordinal] = record.version.lo[index] ?? 0;
    } else if (isPublished) {
      orphans.push({key: key as PartitionKey, row: index}); // the ledger holds keys that were declared once
    }
  });
  orphans.sort((a, b) => (a.key < b.key ? -1 : 1));
  return {
    ...args,
    keys,
    keyWords: keyWordsOf(asset, calendar, keys),
    ordinalOf,
    row,
    orphans,
    published,
    version,
    exempt: new Uint8Array(count),
    accepted: new Uint8Array(count),
    expected: new Float64Array(count),
    held: new Float64Array(count),
    state: new Uint8Array(count),
    digest: words(count),
    reasons: new Map(),
    notes: new Map(),
  };
}

function ordinalsOf(
  asset: Asset,
  calendar: Calendar | undefined,
  keys: readonly PartitionKey[],
): ReadonlyMap<string, number> {
  if (calendar !== undefined && asset.partitioning.kind === 'date') return calendar.ordinalOf;
  if (calendar !== undefined && asset.partitioning.kind === 'season') return calendar.seasonIndexOf;
  return new Map(keys.map((key, index) => [key as string, index]));
}

function keyWordsOf(asset: Asset, calendar: Calendar | undefined, keys: readonly PartitionKey[]): Words {
  const column = words(keys.length);
  if (calendar !== undefined && asset.partitioning.kind === 'date') {
    column.lo.set(calendar.days);
    return column;
  }
  keys.forEach((key, index) => {
    const word = keyWord(key);
    column.hi[index] = word.hi;
    column.lo[index] = word.lo;
  });
  return column;
}

/** The seeds of an edge's digest terms: by its name, and by its name and team. */
export function seedsOf({name}: Edge, reads: Reads): readonly Word[] {
  return reads.map(({team}) => {
    const text = team === undefined ? `edge ${name}` : `edge ${name} team ${team.team}`;
    let seed = seeds.get(text);
    if (seed === undefined) {
      seed = wordOf(text);
      seeds.set(text, seed);
    }
    return seed;
  });
}

/** Few names are used by many edges. */
const seeds = new Map<string, Word>();

/** The state as a word. */
export function stateAt(asset: AssetFrame, ordinal: number, states: readonly State[]): State {
  const state = states[asset.state[ordinal] ?? 0];
  if (state === undefined) throw new Error('Internal error: a state out of range');
  return state;
}

export function keyAt({keys}: AssetFrame, ordinal: number): PartitionKey {
  const key = keys[ordinal];
  if (key === undefined) throw new Error('Internal error: an ordinal without a key');
  return key;
}
