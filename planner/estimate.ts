/**
 * How long a plan may take, from what the last materializations of the same assets took: by batch, since most of a
 * small one is the same whatever it holds. It does not deal with how many are at work at once (`secondsOf` is told).
 */
import {batchesOf, groupWork} from './batches.ts';
import {engineOf} from './engine.ts';
import {type AssetFrame, frameOf} from './frame.ts';
import type {AssetRecord} from './ledger.ts';
import type {Concurrency} from './pipeline.ts';
import type {Planned} from './plan.ts';

/** Milliseconds of work, one after another. */
export interface Work {
  /** Fetches, each divided by how many its site allows at once. */
  readonly fetches: number;
  readonly batches: number;
}

export interface Estimate {
  readonly run: Work;
  /** What is made only if inputs change. */
  readonly runIf: Work;
  /** Planned partitions of assets that were never made: nothing is known of them, and nothing counted. */
  readonly unknown: number;
  /** Planned partitions whose assets were made before. */
  readonly known: number;
  /** How much would be at work at once. */
  readonly atOnce: Concurrency;
  /** Of the target, for people. */
  readonly engine: string;
}

export function estimatePlan(
  {frame, plan}: Pick<Planned, 'frame' | 'plan'>,
  concurrency: Concurrency = frame.pipeline.limits,
): Estimate {
  const {name} = engineOf(frame.pipeline.target.warehouse);
  const work = {run: {fetches: 0, batches: 0}, 'run-if': {fetches: 0, batches: 0}};
  const counts = {known: 0, unknown: 0};
  for (const [assetName, planned] of groupWork(plan.groups)) {
    const asset = frameOf(frame, assetName);
    const cost = asset.record === undefined ? undefined : costOf(asset.record);
    for (const action of ['run', 'run-if'] as const) {
      const ordinals = planned[action].map(key => asset.ordinalOf.get(key) ?? -1);
      counts[cost === undefined ? 'unknown' : 'known'] += ordinals.length;
      if (cost === undefined || ordinals.length === 0) continue;
      const milliseconds = durationOf(asset, ordinals, cost);
      if (asset.asset.making.kind !== 'files') work[action].batches += milliseconds;
      else {
        const atOnce = frame.pipeline.sites.get(asset.asset.site ?? '')?.concurrency ?? concurrency.fetches;
        work[action].fetches += milliseconds / Math.min(atOnce, concurrency.fetches);
      }
    }
  }
  return {run: work.run, runIf: work['run-if'], ...counts, atOnce: concurrency, engine: name};
}

/** Fetches and tables are made side by side, but tables wait for what they read: the two are added. */
export function secondsOf({fetches, batches}: Work, concurrency: Concurrency): number {
  return (fetches + batches / concurrency.batches) / 1000;
}

/** Milliseconds of a batch, whatever it holds, and of a row. */
interface Cost {
  readonly perBatch: number;
  readonly perRow: number;
  /** Rows of a partition whose own are not known. */
  readonly rows: number;
}

interface MadeBatch {
  milliseconds: number;
  rows: number;
}

/** The newest keys tell enough of what the next ones cost, and a record may have millions. */
const MOST_ROWS = 1_000;

/** Undefined where nothing was made. What ended at the same time with the same share was one batch. */
function costOf({count, published, publishedAt, durationMs, rows}: AssetRecord): Cost | undefined {
  const batches = new Map<string, MadeBatch>();
  let [total, partitions] = [0, 0];
  for (let row = count - 1; row >= 0 && partitions < MOST_ROWS; row--) {
    // Of what a ledger was rebuilt from, nobody knows how long it took.
    if (published[row] !== 1 || durationMs[row] === 0) continue;
    const name = `${publishedAt[row]} ${durationMs[row]}`;
    const batch = batches.get(name) ?? {milliseconds: 0, rows: 0};
    batch.milliseconds += durationMs[row] ?? 0;
    batch.rows += rows[row] ?? 0;
    batches.set(name, batch);
    total += rows[row] ?? 0;
    partitions++;
  }
  return partitions === 0 ? undefined : {...fitLine([...batches.values()]), rows: total / partitions};
}

/** A straight line through the batches by least squares, which neither end may be below zero of. */
function fitLine(batches: readonly MadeBatch[]): Pick<Cost, 'perBatch' | 'perRow'> {
  const count = batches.length;
  const sum = (of: (batch: MadeBatch) => number): number => batches.reduce((all, each) => all + of(each), 0);
  const [rows, milliseconds] = [sum(batch => batch.rows), sum(batch => batch.milliseconds)];
  const spread = count * sum(batch => batch.rows ** 2) - rows ** 2;
  const product = count * sum(batch => batch.rows * batch.milliseconds) - rows * milliseconds;
  const perRow = spread === 0 ? 0 : Math.max(0, product / spread);
  const perBatch = (milliseconds - perRow * rows) / count;
  if (perBatch >= 0) return {perBatch, perRow};
  return {perBatch: 0, perRow: milliseconds / rows};
}

/** Of some partitions, in the batches that a run would form of them. */
function durationOf(asset: AssetFrame, ordinals: readonly number[], cost: Cost): number {
  const {record, row} = asset;
  const rows = ordinals.reduce((sum, ordinal) => {
    const at = row[ordinal] ?? -1;
    const isKnown = record !== undefined && record.published[at] === 1;
    return sum + (isKnown ? (record.rows[at] ?? 0) : cost.rows);
  }, 0);
  return batchesOf(asset, ordinals) * cost.perBatch + rows * cost.perRow;
}
