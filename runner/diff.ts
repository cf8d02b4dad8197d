/**
 * What would be published of one partition now, against what is: made aside from its inputs as they stand, compared,
 * and thrown away. Nothing is published, fetched or recorded.
 */
import {type AssetFrame, keyAt} from '../planner/frame.ts';
import {seasonOf} from '../planner/range.ts';
import {unreachable} from '../planner/unreachable.ts';
import {Bill} from './bill.ts';
import {refusalsOf} from './judge-rows.ts';
import {renderExport} from './make-export.ts';
import {toolsFor} from './make-rows.ts';
import type {Job} from './schedule.ts';
import {type Staging, stageBatch} from './stage-batch.ts';
import type {RowComparison} from './warehouse.ts';
import {placeOf, type Stage} from './workshop.ts';

/** One stored object, by its bytes. */
export interface ObjectDifference {
  readonly name: string;
  /** Bytes; undefined: there is none. */
  readonly was: number | undefined;
  readonly is: number | undefined;
  readonly isSame: boolean;
  /** The first line that differs, counted from 1, where both are there. */
  readonly line: {readonly number: number; readonly was: string; readonly is: string} | undefined;
}

export type Difference =
  /** `refused`: why the new rows would not be published. */
  | {readonly kind: 'rows'; readonly rows: RowComparison; readonly refused: string | undefined}
  | {readonly kind: 'objects'; readonly objects: readonly ObjectDifference[]}
  /** It cannot be known without fetching. */
  | {readonly kind: 'unknown'; readonly why: string};

/** Throws what the query, the code or the warehouse throws. `limit`: examples of each kind of difference. */
export async function diffPartition(
  around: Omit<Stage, 'demand'>,
  {asset, ordinal, limit}: {readonly asset: AssetFrame; readonly ordinal: number; readonly limit: number},
): Promise<Difference> {
  const {making} = asset.asset;
  // Nothing is asked of any run.
  const stage: Stage = {...around, demand: {hear: () => undefined, ask: () => false, isPutBack: () => false}};
  const job: Job = {ordinal, key: keyAt(asset, ordinal), digest: '', reasons: []};
  switch (making.kind) {
    case 'rows':
    case 'sources':
    case 'sql':
      return diffRows(stage, {asset, job, limit});
    case 'export':
      return {kind: 'objects', objects: [await diffExport(stage, asset, job)]};
    case 'files':
      return diffFiles(stage, asset, job);
    case 'external-table':
    case 'external-objects':
      return {
        kind: 'unknown',
        why: `${asset.asset.name} is made by others: 'verify --data ${asset.asset.name}' tells whether it changed since it was observed.`,
      };
    default:
      return unreachable(making);
  }
}

async function diffRows(
  stage: Stage,
  {asset, job, limit}: {readonly asset: AssetFrame; readonly job: Job; readonly limit: number},
): Promise<Difference> {
  const warehouse = await stage.warehouse();
  const staging: Staging = {results: new Map(), tries: new Map(), bill: new Bill()};
  const made = await stageBatch(stage, warehouse, {asset, jobs: [job]}, staging);
  try {
    const failed = staging.results.get(job.ordinal);
    if (failed !== undefined && 'error' in failed) throw new Error(failed.error);
    if (made === undefined) throw new Error(`Internal error: nothing came of ${job.key}`);
    const refused = await refusalsOf(stage, warehouse, made);
    const isPublished = asset.published[job.ordinal] === 1;
    const rows = await warehouse.compare({staged: made.staged, key: job.key, isPublished, limit});
    return {kind: 'rows', rows, refused: refused.get(job.ordinal)};
  } finally {
    if (made !== undefined) await warehouse.discard(made.staged);
  }
}

async function diffExport(stage: Stage, asset: AssetFrame, job: Job): Promise<ObjectDifference> {
  const {bytes} = await renderExport(stage, asset, job);
  const place = placeOf(asset.asset, job.key, seasonOf(asset, job.ordinal));
  const published = asset.published[job.ordinal] === 1 ? await stage.store().find(place) : undefined;
  return compareBytes(place, published, bytes);
}

/** Code that asks no site makes the same from its inputs whenever it is called. */
async function diffFiles(stage: Stage, asset: AssetFrame, job: Job): Promise<Difference> {
  const {making, site, name} = asset.asset;
  if (making.kind !== 'files') throw new Error(`Internal error: '${name}' has no objects`);
  if (site !== undefined) {
    const why = `${name} asks the site '${site}', and what it would answer now is known only by fetching; 'materialize ${name} --dates ${job.key} --force' fetches it, and keeps what was fetched before.`;
    return {kind: 'unknown', why};
  }
  const made = new Map<string, Uint8Array>();
  const tools = toolsFor(stage, asset, job, {
    put: async (object, bytes) => void made.set(object, bytes),
  });
  await stage.code.files(asset.asset, tools, {cancel: stage.cancel, isAlone: true});
  const place = placeOf(asset.asset, job.key, seasonOf(asset, job.ordinal));
  const generation =
    asset.published[job.ordinal] === 1 ? await stage.store().findGeneration(place) : undefined;
  const names = new Set([...(generation?.objects ?? []).map(object => object.name), ...made.keys()]);
  const objects: ObjectDifference[] = [];
  for (const object of [...names].sort()) {
    const isThere = generation?.objects.some(each => each.name === object) === true;
    const was = isThere ? await stage.store().read(place, generation.id, object) : undefined;
    objects.push(compareBytes(object, was, made.get(object)));
  }
  return {kind: 'objects', objects};
}

function compareBytes(
  name: string,
  was: Uint8Array | undefined,
  is: Uint8Array | undefined,
): ObjectDifference {
  const isSame = was !== undefined && is !== undefined && Buffer.compare(was, is) === 0;
  const line = was === undefined || is === undefined || isSame ? undefined : firstLine(was, is);
  return {name, was: was?.length, is: is?.length, isSame, line};
}

/** Undefined where they are no text. */
function firstLine(was: Uint8Array, is: Uint8Array): ObjectDifference['line'] {
  const [before, after] = [linesOf(was), linesOf(is)];
  if (before === undefined || after === undefined) return undefined;
  const at = before.findIndex((line, index) => line !== after[index]);
  const index = at === -1 ? before.length : at;
  return {number: index + 1, was: before[index] ?? '', is: after[index] ?? ''};
}

function linesOf(bytes: Uint8Array): readonly string[] | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes).split('\n');
  } catch {
    return undefined;
  }
}
