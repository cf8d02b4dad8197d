/**
 * Judges published rows by the checks that are declared today. Nothing is written anew, and the ledger hears nothing.
 * It does not deal with which partitions are meant, nor with what is said of them (cli).
 */
import {type AssetFrame, isValid, keyAt} from '../planner/frame.ts';
import {specsOf} from './inputs.ts';
import {auditOf, refuseForeignRows} from './judge-rows.ts';
import type {Violation, Warehouse} from './warehouse.ts';
import {isTable, type Stage} from './workshop.ts';

/** What became of one check over the partitions of an asset. */
export interface CheckedCheck {
  readonly check: string;
  readonly severity: 'error' | 'warn';
  /** Partitions on which it does not hold, by key. */
  readonly failed: readonly {readonly key: string; readonly violation: Violation}[];
}

export interface CheckedAsset {
  readonly asset: string;
  /** How many partitions were judged. */
  readonly partitions: number;
  /** In the order of the manifest, the key's first. */
  readonly checks: readonly CheckedCheck[];
}

/** Partitions that are judged together. */
const TOGETHER = 1000;

/** Tables of which something is published and meant, in topological order. */
export async function checkHistory(
  stage: Pick<Stage, 'clock' | 'sources' | 'frame'>,
  warehouse: Warehouse,
  /** Marks what is meant of an asset; undefined: all of it. */
  choose: (asset: AssetFrame) => Uint8Array | undefined,
): Promise<readonly CheckedAsset[]> {
  const checked: CheckedAsset[] = [];
  for (const asset of stage.frame.assets.values()) {
    if (!isTable(asset.asset)) continue;
    const chosen = choose(asset);
    const ordinals = [...asset.keys.keys()].filter(
      ordinal => isValid(asset, ordinal) && chosen?.[ordinal] !== 0,
    );
    if (ordinals.length === 0) continue;
    const found: {key: string; violation: Violation}[] = [];
    for (let from = 0; from < ordinals.length; from += TOGETHER)
      found.push(...(await judge(stage, warehouse, asset, ordinals.slice(from, from + TOGETHER))));
    checked.push({asset: asset.asset.name, partitions: ordinals.length, checks: checksOf(asset, found)});
  }
  return checked;
}

function checksOf(
  {asset}: AssetFrame,
  found: readonly {readonly key: string; readonly violation: Violation}[],
): readonly CheckedCheck[] {
  const byCheck = Map.groupBy(found, ({violation}) => violation.check);
  return [{name: 'key', severity: 'error'} as const, ...asset.checks].map(({name, severity}) => ({
    check: name,
    severity,
    failed: byCheck.get(name) ?? [],
  }));
}

async function judge(
  stage: Pick<Stage, 'clock' | 'sources' | 'frame'>,
  warehouse: Warehouse,
  asset: AssetFrame,
  ordinals: readonly number[],
): Promise<readonly {readonly key: string; readonly violation: Violation}[]> {
  const jobs = ordinals.map(ordinal => ({ordinal, key: keyAt(asset, ordinal)}));
  const {record, row} = asset;
  const staged = await warehouse.stagePublished(specsOf(asset, ordinals));
  try {
    const {partitions, foreign} = await auditOf(stage, warehouse, {
      staged,
      batch: {asset, jobs},
      checks: asset.asset.checks,
      asOf: ordinal => record?.publishedAt[row[ordinal] ?? -1] ?? stage.clock(),
    });
    refuseForeignRows({asset, jobs}, foreign);
    return partitions.flatMap(({key, violations}) => violations.map(violation => ({key, violation})));
  } finally {
    await warehouse.discard(staged);
  }
}
