/**
 * What a plan asks of an engine that is sent jobs: how many, how many partitions they write, what they may bill, and
 * where more is asked than is allowed. It does not deal with words (cli/print-jobs.ts) nor with sending any.
 */
import {batchesOf, groupWork} from './batches.ts';
import type {BilledSoFar} from './billed.ts';
import {type Engine, engineOf, type JobRules} from './engine.ts';
import {type AssetFrame, frameOf} from './frame.ts';
import {hasTable, isExternal} from './making.ts';
import type {Asset, AssetName, Check} from './pipeline.ts';
import type {Planned} from './plan.ts';

export interface JobCounts {
  readonly batches: number;
  /** With the loads among them. */
  readonly jobs: number;
  readonly loads: number;
  readonly partitionWrites: number;
  /** Bytes, as many a partition as were billed before; those of assets that were never billed are not counted. */
  readonly bytes: number;
}

export interface AssetJobs {
  readonly asset: AssetName;
  readonly run: JobCounts;
  /** What is made only if inputs change. */
  readonly runIf: JobCounts;
}

/** More than is allowed, or more than there need be. `batch`: what would do. */
export type Shortfall =
  /** More load jobs than a day has; the asset is the one with the most. */
  | {
      readonly kind: 'loads-a-day';
      readonly asset: AssetName;
      readonly loads: number;
      readonly allowed: number;
      readonly days: number;
      readonly batch: number;
    }
  /** More partitions than a table may have. */
  | {
      readonly kind: 'partitions-of-table';
      readonly asset: AssetName;
      readonly partitions: number;
      readonly allowed: number;
    }
  /** So many publications of one table, one after another, although they could be fewer. */
  | {
      readonly kind: 'one-by-one';
      readonly asset: AssetName;
      readonly batches: number;
      readonly batch: number;
      /** How many that batch would make of them. */
      readonly fewer: number;
    };

export interface Jobs {
  readonly run: JobCounts;
  readonly runIf: JobCounts;
  /** In topological order; those that ask for none are left out. */
  readonly assets: readonly AssetJobs[];
  /** Planned partitions of assets that were never billed. */
  readonly unbilled: number;
  readonly shortfalls: readonly Shortfall[];
}

const NONE: JobCounts = {batches: 0, jobs: 0, loads: 0, partitionWrites: 0, bytes: 0};

/** Undefined where the engine is sent no jobs. */
export function jobsOf(
  {frame, plan}: Pick<Planned, 'frame' | 'plan'>,
  billed: ReadonlyMap<string, Pick<BilledSoFar, 'bytesBilled' | 'attempts'>>,
): Jobs | undefined {
  const {jobs: rules, batch} = engineOf(frame.pipeline.target.warehouse);
  if (rules === undefined) return undefined;
  const assets: AssetJobs[] = [];
  let unbilled = 0;
  for (const [name, planned] of groupWork(plan.groups)) {
    const asset = frameOf(frame, name);
    const before = billed.get(name);
    const count = (keys: readonly string[]): JobCounts => {
      const counts = countJobs(asset, keys, rules);
      if (counts.jobs === 0) return counts;
      if (before === undefined || before.attempts === 0) {
        unbilled += keys.length;
        return counts;
      }
      return {...counts, bytes: Math.round((keys.length * before.bytesBilled) / before.attempts)};
    };
    const [run, runIf] = [count(planned.run), count(planned['run-if'])];
    if (run.jobs + runIf.jobs > 0) assets.push({asset: name, run, runIf});
  }
  const [run, runIf] = [sumOf(assets.map(each => each.run)), sumOf(assets.map(each => each.runIf))];
  const shortfalls = [
    ...loadsADay(assets, rules),
    ...partitionsOfTable({frame, plan}, rules),
    ...oneByOne(assets, {frame}, {rules, usual: batch}),
  ];
  return {run, runIf, assets, unbilled, shortfalls};
}

function countJobs(asset: AssetFrame, keys: readonly string[], rules: JobRules): JobCounts {
  const {making, cascade} = asset.asset;
  if (keys.length === 0 || making.kind === 'files' || making.kind === 'external-objects') return NONE;
  const ordinals = keys.map(key => asset.ordinalOf.get(key) ?? -1);
  const batches = batchesOf(asset, ordinals);
  // A query each reads what is exported; the tables of others are looked at.
  if (!hasTable(making.kind) || isExternal(making.kind)) return {...NONE, batches, jobs: batches};
  const known = batchesOf(
    asset,
    ordinals.filter(ordinal => asset.published[ordinal] === 1),
  );
  // Of several sources the first has most of the rows.
  const first = cascade?.sources[0];
  const ofSource = first === undefined ? 0 : rules.ofSource + scansOf(asset.asset, first.checks);
  const ofBatch = rules.ofBatch + scansOf(asset.asset, asset.asset.checks) + ofSource;
  return {
    batches,
    jobs: batches * ofBatch + known * rules.ofKnownBatch,
    loads: making.kind === 'rows' ? batches : 0,
    partitionWrites: keys.length,
    bytes: 0,
  };
}

/** Statements that judge a batch: one for most checks, one for the key, and one for each check that looks elsewhere. */
function scansOf({key}: Asset, checks: readonly Check[]): number {
  const apart = checks.filter(check => {
    if (check.kind === 'unique') return !key.every(column => check.columns.includes(column));
    return (
      check.kind === 'sql' || check.kind === 'sum-equals' || (check.kind === 'rows' && check.of !== undefined)
    );
  });
  return 1 + (key.length > 0 ? 1 : 0) + apart.length;
}

function sumOf(all: readonly JobCounts[]): JobCounts {
  return all.reduce(
    (sum, each) => ({
      batches: sum.batches + each.batches,
      jobs: sum.jobs + each.jobs,
      loads: sum.loads + each.loads,
      partitionWrites: sum.partitionWrites + each.partitionWrites,
      bytes: sum.bytes + each.bytes,
    }),
    NONE,
  );
}

function loadsADay(assets: readonly AssetJobs[], {loadsADay: allowed}: JobRules): readonly Shortfall[] {
  const loadsOf = ({run, runIf}: AssetJobs): number => run.loads + runIf.loads;
  const loads = assets.reduce((sum, each) => sum + loadsOf(each), 0);
  const worst = assets.toSorted((a, b) => loadsOf(b) - loadsOf(a))[0];
  if (worst === undefined || loads <= allowed) return [];
  const partitions = worst.run.partitionWrites + worst.runIf.partitionWrites;
  const share = Math.max(1, Math.floor((allowed * loadsOf(worst)) / loads));
  const batch = Math.ceil(partitions / share);
  const days = Math.ceil(loads / allowed);
  return [{kind: 'loads-a-day', asset: worst.asset, loads, allowed, days, batch}];
}

/** A table whose dates are partitions of their own; over years they are more than a table may have. */
function partitionsOfTable(
  {frame, plan}: Pick<Planned, 'frame' | 'plan'>,
  {partitionsOfTable: allowed}: JobRules,
): readonly Shortfall[] {
  return [...groupWork(plan.groups).keys()].flatMap(name => {
    const {asset, keys, exempt} = frameOf(frame, name);
    const isParted = hasTable(asset.making.kind) && !isExternal(asset.making.kind);
    if (!isParted || asset.physical.grain !== 'day' || keys.length <= allowed) return [];
    const partitions = keys.length - exempt.reduce((sum, is) => sum + is, 0);
    return partitions > allowed
      ? [{kind: 'partitions-of-table' as const, asset: asset.name, partitions, allowed}]
      : [];
  });
}

/** Where the asset's own `batch` makes many of what could be few. What reads its previous key has no choice. */
function oneByOne(
  assets: readonly AssetJobs[],
  {frame}: Pick<Planned, 'frame'>,
  {rules, usual}: {readonly rules: JobRules; readonly usual: Engine['batch']},
): readonly Shortfall[] {
  return assets.flatMap(({asset, run, runIf}) => {
    const {batch, making, upstream} = frameOf(frame, asset).asset;
    const batches = run.batches + runIf.batches;
    const isChain = upstream.some(({window}) => window.kind === 'previous');
    if (batches <= rules.manyPublications || isChain || batch.kind !== 'keys' || !hasTable(making.kind))
      return [];
    const partitions = run.partitionWrites + runIf.partitionWrites;
    const most = making.kind === 'sql' ? usual.query : usual.rows;
    const fewer = Math.ceil(partitions / most);
    return [{kind: 'one-by-one' as const, asset, batches, batch: most, fewer}];
  });
}
