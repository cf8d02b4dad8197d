/**
 * Whether a partition was tried before, and with what.
 * It does not deal with what came of it.
 */
import type {AssetFrame} from './frame.ts';
import {hexAt} from './hash.ts';

export function wasTried({record, row}: AssetFrame, ordinal: number): boolean {
  return (record?.outcome[row[ordinal] ?? -1] ?? 0) !== 0;
}

/** Whether the last attempt had today's definition and these inputs (16 hex digits): the same would come of it. */
export function wasTriedWith(asset: AssetFrame, ordinal: number, digest: string): boolean {
  const {record, row, fingerprint} = asset;
  const at = row[ordinal] ?? -1;
  if (record === undefined || !wasTried(asset, ordinal)) return false;
  const was = record.fingerprints[record.triedFingerprint[at] ?? 0];
  return was?.hash === fingerprint.hash && hexAt(record.triedDigest, at) === digest;
}
