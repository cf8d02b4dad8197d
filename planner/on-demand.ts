/**
 * Assets that are read only as sources below the first: made when a better source fails, and else not missed.
 * It does not deal with when a source is asked for within a run (runner/schedule.ts).
 */
import {chooseOrdinals} from './asked.ts';
import type {Deciding} from './deciding.ts';
import {type AssetFrame, type Frame, refOf} from './frame.ts';
import {markRead} from './marks.ts';
import type {Asset, AssetName, Edge, Pipeline} from './pipeline.ts';
import type {PartitionRef} from './reason.ts';
import {wantsOf} from './want.ts';
import {ordinalsRead} from './window.ts';

export interface Reader {
  readonly asset: Asset;
  readonly edge: Edge;
}

/** Every edge that reads an asset, with the asset that has it, in the manifest's order. */
export function readersOf(pipeline: Pipeline, name: AssetName): readonly Reader[] {
  let index = readerIndex.get(pipeline);
  if (index === undefined) {
    const all = [...pipeline.assets.values()].flatMap(asset => asset.upstream.map(edge => ({asset, edge})));
    index = Map.groupBy(all, ({edge}) => edge.upstream);
    readerIndex.set(pipeline, index);
  }
  return index.get(name) ?? [];
}

const readerIndex = new WeakMap<Pipeline, ReadonlyMap<AssetName, readonly Reader[]>>();

/** `order`: every asset, upstream first. */
export function onDemandAssets(pipeline: Pipeline, order: readonly AssetName[]): ReadonlySet<AssetName> {
  const found = new Set<AssetName>();
  for (const name of order.toReversed()) {
    const readers = readersOf(pipeline, name).filter(({asset}) => asset.name !== name);
    const isLower = ({asset, edge}: Reader): boolean => (edge.source ?? 0) > 0 || found.has(asset.name);
    if (readers.length > 0 && readers.every(isLower)) found.add(name);
  }
  return found;
}

/** Which partitions of an on-demand asset may be asked for in this plan, and by whom. */
export interface Needed {
  /** 1: may be asked for. */
  readonly marks: Uint8Array;
  /** 1: read by something on demand that is made in any case. */
  readonly demanded: Uint8Array;
  readerOf(ordinal: number): PartitionRef | undefined;
}

/** Those that a partition which wants to be made would turn to. */
export function neededOf(deciding: Deciding): Needed {
  const {frame, asset} = deciding;
  const marks = new Uint8Array(asset.keys.length);
  const demanded = new Uint8Array(asset.keys.length);
  const reading: {readonly reader: AssetFrame; readonly wanting: Uint8Array}[] = [];
  for (const reader of readingFrames(frame, asset)) {
    const wanting = wantingOf({...deciding, asset: reader});
    reading.push({reader, wanting});
    const own = reader.edges.filter(({upstream}) => upstream === asset);
    for (const {reads} of own) markRead(reads, wanting, marks);
    const plain = own.filter(({edge}) => edge.source === undefined);
    if (plain.length === 0) continue;
    const running = runningOf({...deciding, asset: reader});
    for (const {reads} of plain) markRead(reads, running, demanded);
  }
  let readers: ReadonlyMap<number, PartitionRef> | undefined;
  return {
    marks,
    demanded,
    readerOf: ordinal => {
      readers ??= readersByOrdinal(asset, reading);
      return readers.get(ordinal);
    },
  };
}

/** Whether a request asks for an asset on demand and for nothing that would ask for it. */
export function isAskedAlone({frame, asset, request}: Deciding, ordinal: number): boolean {
  return readingFrames(frame, asset).every(reader => {
    const chosen = chooseOrdinals(reader, request);
    return reader.edges.every(
      ({upstream, reads}) =>
        upstream !== asset ||
        reader.keys.every((_, i) => chosen?.[i] === 0 || !ordinalsRead(reads, i).includes(ordinal)),
    );
  });
}

function readingFrames(frame: Frame, {asset}: AssetFrame): readonly AssetFrame[] {
  const names = new Set(readersOf(frame.pipeline, asset.name).map(reader => reader.asset.name));
  names.delete(asset.name);
  return [...names].flatMap(name => frame.assets.get(name) ?? []);
}

/** Marks what of a reader wants to be made. */
function wantingOf(deciding: Deciding): Uint8Array {
  const {frame, asset} = deciding;
  const running = runningOf(deciding);
  if (!frame.onDemand.has(asset.asset.name)) return running;
  return neededOf(deciding).marks.map((mark, ordinal) => mark | (running[ordinal] ?? 0));
}

/** Marks what of it is made by its own want. */
function runningOf(deciding: Deciding): Uint8Array {
  const {asset, request} = deciding;
  const running = new Uint8Array(asset.keys.length);
  for (const ordinal of wantsOf(deciding, chooseOrdinals(asset, request)).running) running[ordinal] = 1;
  return running;
}

function readersByOrdinal(
  asset: AssetFrame,
  reading: readonly {readonly reader: AssetFrame; readonly wanting: Uint8Array}[],
): ReadonlyMap<number, PartitionRef> {
  const found = new Map<number, PartitionRef>();
  for (const {reader, wanting} of reading) {
    for (const {upstream, reads} of reader.edges) {
      if (upstream !== asset) continue;
      wanting.forEach((isWanting, i) => {
        if (isWanting === 0) return;
        for (const ordinal of ordinalsRead(reads, i))
          if (!found.has(ordinal)) found.set(ordinal, refOf(reader, i));
      });
    }
  }
  return found;
}
