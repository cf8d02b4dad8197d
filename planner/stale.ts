/**
 * Which published partitions are stale, and the name of each cause. Fingerprint and digest alone decide; change
 * numbers only name. It does not deal with partitions that are not published.
 */

import {digestAt, shownQuality} from './digest.ts';
import {columnsIn, FINGERPRINT_PARTS} from './fingerprint.ts';
import {type AssetFrame, depthAt, type EdgeFrame} from './frame.ts';
import {hexAt} from './hash.ts';
import type {Fingerprint, Words} from './ledger.ts';
import {isExternal} from './making.ts';
import {Marks} from './marks.ts';
import {shownScore} from './quality.ts';
import type {FingerprintPart, PartitionRef, StaleReason} from './reason.ts';

/** How many changed partitions of one edge a reason lists; the rest is a count. */
const LISTED = 5;

function wordAt({hi, lo}: Words, row: number): {readonly hi: number; readonly lo: number} {
  return {hi: hi[row] ?? 0, lo: lo[row] ?? 0};
}

/** Marks with 1 every published partition whose fingerprint or digest (by ordinal) is another than recorded. */
export function findStale({record, row, published, fingerprint}: AssetFrame, digest: Words): Uint8Array {
  const stale = new Uint8Array(published.length);
  if (record === undefined || record.publishedCount === 0) return stale;
  const isCurrent = record.fingerprints.map(({hash}) => hash === fingerprint.hash);
  // One fingerprint for all is the rule, and then its column need not be read.
  const definitions = isCurrent.length > 1 ? record.fingerprint : undefined;
  const {hi, lo} = record.digest;
  for (let i = 0; i < stale.length; i++) {
    if (published[i] === 0) continue;
    const at = row[i] as number; // what is published has a row
    const isSame = digest.lo[i] === lo[at] && digest.hi[i] === hi[at];
    if (!isSame || !isCurrent[definitions === undefined ? 0 : (definitions[at] as number)]) stale[i] = 1;
  }
  return stale;
}

/** Why a stale partition is. */
export function staleReasons(asset: AssetFrame, ordinal: number): readonly StaleReason[] {
  const {record} = asset;
  const row = asset.row[ordinal] ?? -1;
  if (record === undefined || row < 0)
    throw new Error('Internal error: a published partition without a record');
  const was = record.fingerprints[record.fingerprint[row] ?? 0];
  const reasons: StaleReason[] = [];
  const isRedefined = was?.hash !== asset.fingerprint.hash;
  if (isRedefined) reasons.push(...definitionReasons(was, asset.fingerprint));
  // What is stale with the same definition has another digest.
  if (!isRedefined || digestAt(asset, ordinal) !== hexAt(record.digest, row))
    reasons.push(...inputReasons(asset, ordinal, row));
  return reasons;
}

/** Which parts of a definition differ. */
export function definitionReasons(was: Fingerprint | undefined, is: Fingerprint): readonly StaleReason[] {
  const parts = FINGERPRINT_PARTS.filter(part => was?.parts[part] !== is.parts[part]);
  const named = parts.map(part => (part === 'columns' ? schemaReason(was, is) : definitionReason(part)));
  return named.length > 0 ? named : [definitionReason('scheme')];
}

function definitionReason(part: FingerprintPart): StaleReason {
  return {kind: 'definition-changed', part};
}

function schemaReason(was: Fingerprint | undefined, is: Fingerprint): StaleReason {
  const before = columnsIn(was?.parts['columns'] ?? '');
  const after = columnsIn(is.parts['columns'] ?? '');
  const added = [...after.keys()].filter(name => !before.has(name));
  const dropped = [...before.keys()].filter(name => !after.has(name));
  const retyped = [...after]
    .filter(([name, type]) => before.has(name) && before.get(name) !== type)
    .map(([name]) => name);
  if (added.length + dropped.length + retyped.length === 0) return definitionReason('columns');
  const types = Object.fromEntries(
    retyped.map(name => [name, {was: before.get(name) ?? '', is: after.get(name) ?? ''}]),
  );
  return {kind: 'schema-changed', added, dropped, retyped, types};
}

function inputReasons(asset: AssetFrame, ordinal: number, row: number): readonly StaleReason[] {
  const reasons = asset.edges
    .filter(({edge}) => edge.tracks && (edge.source === undefined || edge.source < depthAt(asset, ordinal)))
    .flatMap(edge => edgeReasons(edge, ordinal, asset.record?.readAt[row] ?? 0));
  if (hasOtherEntry(asset, ordinal, row)) reasons.push({kind: 'calendar-changed'});
  if (reasons.length > 0) return reasons;
  const was =
    asset.record === undefined ? undefined : shownQuality(asset, ordinal, wordAt(asset.record.digest, row));
  if (was === undefined) return [{kind: 'window-changed'}];
  return [{kind: 'quality-changed', was, is: shownScore(asset, ordinal)}];
}

function hasOtherEntry({entry, record}: AssetFrame, ordinal: number, row: number): boolean {
  if (entry === undefined || record === undefined) return false;
  const {hi, lo} = entry.version;
  return hi[ordinal] !== record.entry.hi[row] || lo[ordinal] !== record.entry.lo[row];
}

function edgeReasons(edge: EdgeFrame, ordinal: number, readAt: number): readonly StaleReason[] {
  const {upstream} = edge;
  const {record, row, published, exempt, keys, asset} = upstream;
  if (record === undefined) return [];
  const found = {changed: [] as PartitionRef[], arrived: [] as PartitionRef[], lost: [] as PartitionRef[]};
  for (const candidate of laterThan(edge, readAt).all(ordinal)) {
    const at = row[candidate] ?? -1;
    // What is exempt was never read.
    if (at < 0 || exempt[candidate] === 1) continue;
    const ref: PartitionRef = `${asset.name}@${keys[candidate] ?? ''}`;
    if (published[candidate] === 0) {
      if ((record.lostAt[at] ?? 0) > readAt) found.lost.push(ref);
    } else if ((record.arrivedAt[at] ?? 0) > readAt) found.arrived.push(ref);
    else if ((record.changedAt[at] ?? 0) > readAt) found.changed.push(ref);
  }
  const reasons: StaleReason[] = [];
  const name = (
    kind: 'upstream-changed' | 'upstream-arrived' | 'upstream-lost' | 'source-changed',
    refs: readonly PartitionRef[],
  ): void => {
    if (refs.length > 0) reasons.push({kind, upstream: refs.slice(0, LISTED), count: refs.length});
  };
  name(isExternal(asset.making.kind) ? 'source-changed' : 'upstream-changed', found.changed);
  name('upstream-arrived', found.arrived);
  name('upstream-lost', found.lost);
  return reasons;
}

/**
 * Upstream partitions of which something was recorded after `readAt` or an earlier time asked about before: few of
 * long windows, so that a window is not walked from end to end for each partition that reads it.
 */
function laterThan(edge: EdgeFrame, readAt: number): Marks {
  const known = laterMarks.get(edge);
  if (known !== undefined && known.since <= readAt) return known.marks;
  const {record, row} = edge.upstream;
  const later = new Uint8Array(row.length);
  if (record !== undefined) {
    const {changedAt, arrivedAt, lostAt} = record;
    for (let i = 0; i < later.length; i++) {
      const at = row[i] ?? -1;
      const latest = Math.max(changedAt[at] ?? 0, arrivedAt[at] ?? 0, lostAt[at] ?? 0);
      if (latest > readAt) later[i] = 1;
    }
  }
  const marks = new Marks(edge.reads, later);
  laterMarks.set(edge, {since: readAt, marks});
  return marks;
}

/** A record does not change, and what a run brings forward is not in it. */
const laterMarks = new WeakMap<EdgeFrame, {readonly since: number; readonly marks: Marks}>();
