/**
 * The cone of some partitions: the published ones that read them, directly or through others.
 * It does not deal with what happens to them; an edge that does not track its upstream leads nowhere.
 */
import {type AssetFrame, type EdgeFrame, type Frame, frameOf, isValid, keyAt} from './frame.ts';
import type {AssetName, PartitionKey} from './pipeline.ts';
import type {Planned} from './plan.ts';
import {ordinalsRead, sumOver} from './window.ts';

/** The partitions of one asset that are reached. */
export interface ConePart {
  readonly asset: AssetName;
  /** Those that read one of the first partitions themselves. */
  readonly direct: readonly PartitionKey[];
  /** Those that read only what lies between: they change if that does. */
  readonly further: readonly PartitionKey[];
}

/** What reads the partitions that a plan forces, directly or not, and is no part of that plan. */
export function coneOfForced({plan, frame}: Pick<Planned, 'plan' | 'frame'>): readonly ConePart[] {
  const isForced = plan.groups.some(({reasons}) => reasons.some(({kind}) => kind === 'forced'));
  if (!isForced) return [];
  const starts = new Map<AssetName, number[]>();
  const planned = new Map<AssetName, Set<PartitionKey>>();
  for (const {asset, key, action, reasons} of plan.partitions) {
    if (action !== 'run' && action !== 'run-if') continue;
    planned.set(asset, (planned.get(asset) ?? new Set()).add(key));
    const ordinal = frameOf(frame, asset).ordinalOf.get(key);
    if (ordinal === undefined || !reasons.some(({kind}) => kind === 'forced')) continue;
    const own = starts.get(asset) ?? [];
    starts.set(asset, own);
    own.push(ordinal);
  }
  return coneOf(frame, starts).flatMap(({asset, direct, further}) => {
    const isLeft = (key: PartitionKey): boolean => planned.get(asset)?.has(key) !== true;
    const part = {asset, direct: direct.filter(isLeft), further: further.filter(isLeft)};
    return part.direct.length + part.further.length > 0 ? [part] : [];
  });
}

const START = 1;
const DIRECT = 2;
const FURTHER = 3;

/** `starts`: ordinals by asset; they are no part of their own cone. In topological order. */
export function coneOf(frame: Frame, starts: ReadonlyMap<AssetName, readonly number[]>): readonly ConePart[] {
  const marks = new Map<AssetName, Uint8Array>();
  const parts: ConePart[] = [];
  for (const [name, asset] of frame.assets) {
    const own = new Uint8Array(asset.keys.length);
    for (const ordinal of starts.get(name) ?? []) own[ordinal] = START;
    marks.set(name, own);
    for (const edge of asset.edges) if (edge.edge.tracks) spread(asset, edge, own, marks);
    const keysOf = (mark: number) =>
      asset.keys.flatMap((_, ordinal) => (own[ordinal] === mark ? [keyAt(asset, ordinal)] : []));
    const part = {asset: name, direct: keysOf(DIRECT), further: keysOf(FURTHER)};
    if (part.direct.length + part.further.length > 0) parts.push(part);
  }
  return parts;
}

/** Marks what reads something marked over one edge. */
function spread(
  asset: AssetFrame,
  {upstream, reads}: EdgeFrame,
  own: Uint8Array,
  marks: ReadonlyMap<AssetName, Uint8Array>,
): void {
  const above = marks.get(upstream.asset.name);
  if (above?.some(mark => mark !== 0) !== true) return;
  const reach = (ordinal: number, isDirect: boolean): void => {
    if (own[ordinal] === START || own[ordinal] === DIRECT || !isValid(asset, ordinal)) return;
    own[ordinal] = isDirect ? DIRECT : FURTHER;
  };
  // An asset that reads its own previous key: each key may be reached through the one before it.
  if (upstream === asset) {
    for (let ordinal = 0; ordinal < own.length; ordinal++) {
      const read = ordinalsRead(reads, ordinal).map(i => own[i] ?? 0);
      if (read.some(mark => mark !== 0)) reach(ordinal, read.includes(START));
    }
    return;
  }
  const ordinals = asset.keys.map((_, ordinal) => ordinal);
  const any = sumOver(reads, i => (above[i] === 0 ? 0 : 1), ordinals);
  const first = sumOver(reads, i => (above[i] === START ? 1 : 0), ordinals);
  for (const ordinal of ordinals) if ((any[ordinal] ?? 0) > 0) reach(ordinal, (first[ordinal] ?? 0) > 0);
}
