/**
 * Whether a written plan still holds: what changed since among the partitions that it lists and what those read.
 * What the plan itself has done is no change. It does not deal with partitions that the plan does not speak of.
 */
import {type ClassifyInput, classify} from './classify.ts';
import {type AssetFrame, type Frame, frameOf, refOf} from './frame.ts';
import {hexAt, wordFrom} from './hash.ts';
import type {AssetRecord, LedgerSnapshot} from './ledger.ts';
import type {AssetName} from './pipeline.ts';
import {digestsByKey, type ListedPartition, type PlanFile, type Standing, standingAt} from './plan-file.ts';
import type {PartitionRef, StaleReason} from './reason.ts';
import {definitionReasons} from './stale.ts';
import {ordinalsRead} from './window.ts';

/** What earlier runs of a plan have made of it: the version that each left; undefined where the old one stands. */
export type Done = ReadonlyMap<PartitionRef, string | undefined>;

export type PlanChange =
  | {readonly kind: 'asset-undeclared'; readonly asset: string}
  | {readonly kind: 'redefined'; readonly asset: string; readonly parts: readonly StaleReason[]}
  | {readonly kind: 'undeclared'; readonly asset: string; readonly key: string}
  /** Another state, or other rows. */
  | {
      readonly kind: 'changed';
      readonly asset: string;
      readonly key: string;
      readonly was: Standing;
      readonly is: Standing;
    }
  /** The calendar gives it other inputs or other games. */
  | {readonly kind: 'reads-otherwise'; readonly asset: string; readonly key: string};

/** In the order of the file. Empty: the plan holds. */
export function planChanges(file: PlanFile, input: ClassifyInput, done: Done): readonly PlanChange[] {
  const frame = classify({...input, ledger: withoutDone(file, input.ledger, done)});
  const comparison: Comparison = {
    file,
    after: done.size === 0 ? frame : classify(input),
    done,
    hasOwnCalendar: !file.settled && file.partitions.some(each => isSettled(each, frame, done)),
    changed: new Set(),
  };
  const listed = Map.groupBy(file.partitions, ({asset}): string => asset);
  return Object.keys(file.fingerprints).flatMap(name => {
    const asset = frame.assets.get(name as AssetName); // one that is not declared any more is not found
    if (asset === undefined) return [{kind: 'asset-undeclared', asset: name} as const];
    return assetChanges(comparison, asset, listed.get(name) ?? []);
  });
}

function isSettled({asset, key}: ListedPartition, {settling}: Frame, done: Done): boolean {
  return settling.has(asset) && done.has(`${asset}@${key}`);
}

interface Comparison {
  readonly file: PlanFile;
  /** As it is. */
  readonly after: Frame;
  readonly done: Done;
  /** The plan has made the calendar: other keys, games and windows are its own doing. */
  readonly hasOwnCalendar: boolean;
  /** `asset@key` of all that was found to be another than it was. */
  readonly changed: Set<PartitionRef>;
}

function assetChanges(
  comparison: Comparison,
  asset: AssetFrame,
  listed: readonly ListedPartition[],
): readonly PlanChange[] {
  const {name} = asset.asset;
  const was = comparison.file.fingerprints[name];
  const isRedefined = was?.hash !== asset.fingerprint.hash;
  const parts = isRedefined ? definitionReasons(was, asset.fingerprint) : [];
  const standings = new Map<string, Standing>(Object.entries(comparison.file.inputs[name] ?? {}));
  for (const each of listed) standings.set(each.key, each);
  const changes = [...standings].flatMap(([key, standing]) =>
    standingChange(comparison, asset, {key, was: standing, isRedefined}),
  );
  const digests = isRedefined ? [] : digestChanges(comparison, asset, listed);
  return [...(isRedefined ? [{kind: 'redefined', asset: name, parts} as const] : []), ...changes, ...digests];
}

function standingChange(
  comparison: Comparison,
  asset: AssetFrame,
  about: {readonly key: string; readonly was: Standing; readonly isRedefined: boolean},
): readonly PlanChange[] {
  const {after, done, hasOwnCalendar, changed} = comparison;
  const {key, was, isRedefined} = about;
  const {name} = asset.asset;
  const ref: PartitionRef = `${name}@${key}`;
  const ordinal = asset.ordinalOf.get(key);
  if (was.state === 'orphan') return orphanChange(asset, key, was);
  if (ordinal === undefined) return hasOwnCalendar ? [] : [{kind: 'undeclared', asset: name, key}];
  const isDone = done.has(ref);
  const left = done.get(ref) ?? was.version;
  const is = standingAt(isDone ? frameOf(after, name) : asset, ordinal);
  const hasOtherRows = is.version !== (isDone ? left : was.version);
  // What its definition, its inputs or the plan's own calendar did to its state is told with those, or is no change.
  const isState = !isDone && !isRedefined && !hasOwnCalendar && !readsChanged(comparison, asset, ordinal);
  if (!hasOtherRows && !(isState && is.state !== was.state)) return [];
  changed.add(ref);
  const before: Standing = isDone && left !== undefined ? {state: 'fresh', version: left} : standingOf(was);
  return [{kind: 'changed', asset: name, key, was: before, is}];
}

/** An orphan that is gone was dropped, which is what the plan asks for. */
function orphanChange({asset, orphans, record, ordinalOf}: AssetFrame, key: string, was: Standing) {
  const row = orphans.find(orphan => orphan.key === key)?.row;
  const isSame = row === undefined || record === undefined || hexAt(record.version, row) === was.version;
  if (isSame && !ordinalOf.has(key)) return [];
  const is: Standing = {state: ordinalOf.has(key) ? 'fresh' : 'orphan'};
  return [{kind: 'changed', asset: asset.name, key, was: standingOf(was), is} as const];
}

function standingOf({state, version}: Standing): Standing {
  return version === undefined ? {state} : {state, version};
}

/** Other digests that no changed input explains. */
function digestChanges(
  comparison: Comparison,
  asset: AssetFrame,
  listed: readonly ListedPartition[],
): readonly PlanChange[] {
  if (comparison.hasOwnCalendar) return [];
  const {name} = asset.asset;
  const open = listed.filter(({key}) => !comparison.done.has(`${name}@${key}`));
  const digests = digestsByKey(asset, open);
  return open.flatMap(({key, digest}): readonly PlanChange[] => {
    const [ordinal, now] = [asset.ordinalOf.get(key), digests.get(key)];
    if (ordinal === undefined || now === digest || readsChanged(comparison, asset, ordinal)) return [];
    return [{kind: 'reads-otherwise', asset: name, key}];
  });
}

function readsChanged({changed}: Comparison, {edges}: AssetFrame, ordinal: number): boolean {
  if (changed.size === 0) return false;
  return edges.some(({upstream, reads}) =>
    ordinalsRead(reads, ordinal).some(i => changed.has(refOf(upstream, i))),
  );
}

/** The ledger as it was before the plan's own runs, as far as what reads those partitions can tell. */
function withoutDone(file: PlanFile, ledger: LedgerSnapshot, done: Done): LedgerSnapshot {
  if (done.size === 0) return ledger;
  const before = new Map<AssetName, AssetRecord>();
  const isDone = ({asset, key}: ListedPartition): boolean => done.has(`${asset}@${key}`);
  for (const [asset, partitions] of Map.groupBy(file.partitions.filter(isDone), each => each.asset)) {
    const record = ledger.find(asset);
    if (record !== undefined) before.set(asset, recordBefore(record, partitions));
  }
  const {sequence, calendars, leases, spending, assets} = ledger;
  const find = (asset: AssetName) => before.get(asset) ?? ledger.find(asset);
  return {sequence, calendars, leases, spending, assets, find};
}

function recordBefore(record: AssetRecord, partitions: readonly ListedPartition[]): AssetRecord {
  const rows = new Map(record.keys.map((key, row) => [key, row]));
  const published = record.published.slice();
  const version = {hi: record.version.hi.slice(), lo: record.version.lo.slice()};
  for (const {key, version: was} of partitions) {
    const row = rows.get(key);
    if (row === undefined) continue;
    const word = wordFrom(was ?? '0000000000000000');
    published[row] = was === undefined ? 0 : 1;
    version.hi[row] = word.hi;
    version.lo[row] = word.lo;
  }
  const publishedCount = published.reduce((sum, each) => sum + each, 0);
  const before: Partial<AssetRecord> = {publishedCount, published, version};
  // A record's columns are read when they are asked for, so it is not copied.
  return new Proxy(record, {
    get: (all, name) => Reflect.get(name in before ? before : all, name),
  });
}
