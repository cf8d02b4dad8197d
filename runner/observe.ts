/**
 * Looks at what others make: one question to warehouse or store for all partitions of a batch. What is there counts as
 * published with the version that was seen, and what is not there is a gap. Nothing of it is written but receipts.
 */
import type {AssetFrame} from '../planner/frame.ts';
import {hexAt, hexOf, wordOf} from '../planner/hash.ts';
import {PLAIN_TRUST} from '../planner/ledger.ts';
import type {Asset} from '../planner/pipeline.ts';
import {seasonOf} from '../planner/range.ts';
import {writeRowReceipts} from './correct.ts';
import {eventsOf} from './coverage-log.ts';
import {type Begun, finish, inputsOf, madeFrom, type Result} from './finish.ts';
import {ZERO_WORD} from './ledger-row.ts';
import {versionOfObjects} from './object-version.ts';
import type {Batch, Job} from './schedule.ts';
import type {SeenObject, Store} from './store.ts';
import {errorText, isEveryones} from './timeout.ts';
import {type HeldTable, type Receipt, type Warehouse, WarehouseError} from './warehouse.ts';
import {placeOf, type Stage, tableOf} from './workshop.ts';

/** What was seen of one partition. */
export interface Seen {
  readonly version: string;
  /** Rows or objects; 0 where the engine told only when the partition was last modified. */
  readonly rows: number;
}

/** Looks at every job of the batch at once and records what each came to. Throws for faults that are everyone's. */
export async function observe(stage: Stage, batch: Batch): Promise<void> {
  const begun: Begun = {at: stage.clock(), readAt: stage.sequence};
  const {asset, jobs} = batch;
  const results = new Map<number, Result>();
  let intent: string | undefined;
  try {
    const warehouse = await stage.warehouse();
    const keys = jobs.map(({key}) => key);
    const seen = await lookAt({warehouse, store: stage.store()}, asset, keys);
    const found = new Map(jobs.map(job => [job.ordinal, resultOf(asset, job, seen.get(job.key))]));
    intent = await writeReceipts(stage, warehouse, {batch, begun, found});
    for (const [ordinal, result] of found) results.set(ordinal, result);
  } catch (error) {
    if (isEveryones(error)) throw error;
    const outcome = stage.cancel.aborted ? 'cancelled' : 'failed';
    for (const {ordinal} of jobs) results.set(ordinal, {outcome, error: errorText(error)});
  }
  finish(stage, {batch, results, begun, intent});
}

/** By key, of those that are there. Throws a `WarehouseError` where the table is another than declared. */
export async function lookAt(
  {warehouse, store}: {readonly warehouse: Warehouse; readonly store: Store},
  asset: AssetFrame,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Seen>> {
  if (asset.asset.making.kind === 'external-table') return await lookAtTable(warehouse, asset, keys);
  const places = new Map(keys.map(key => [key, folderOf(asset, key)]));
  const seen = await store.look([...places.values()]);
  return new Map(
    [...places].flatMap(([key, place]) => {
      const objects = seen.get(place);
      return objects === undefined ? [] : [[key, {version: versionOfSeen(objects), rows: objects.length}]];
    }),
  );
}

function folderOf(asset: AssetFrame, key: string): string {
  return placeOf(asset.asset, key, seasonOf(asset, asset.ordinalOf.get(key) ?? -1));
}

async function lookAtTable(
  warehouse: Warehouse,
  {asset, fingerprint}: AssetFrame,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Seen>> {
  const table = tableOf(asset);
  const modified = await warehouse.lastModified({table, keys});
  const held = await warehouse.versions({table, keys: modified === undefined ? keys : []});
  refuseOther(asset, table.name, held);
  if (modified !== undefined) {
    // Other columns of the same rows are other rows to those that read them.
    const told = (at: number): string => hexOf(wordOf(`${at} ${fingerprint.parts['columns']}`));
    return new Map([...modified].map(([key, at]) => [key, {version: told(at), rows: 0}]));
  }
  return new Map([...(held?.partitions ?? [])].filter(([, {rows}]) => rows > 0));
}

/** What is not there, or is another table than was declared. */
function refuseOther({name}: Asset, table: string, held: HeldTable | undefined): void {
  if (held === undefined)
    throw new WarehouseError(
      'statement',
      `There is no table '${table}' in the warehouse, and others should make it: correct 'external', or ask them.`,
    );
  const {absentColumns: absent} = held;
  if (absent.length > 0)
    throw new WarehouseError(
      'statement',
      `The table '${table}' has no column ${absent.map(each => `'${each}'`).join(', ')}: declare the columns of ${name} as they are there.`,
    );
}

function versionOfSeen(objects: readonly SeenObject[]): string {
  return versionOfObjects(objects.map(({name, version}) => ({name, bytes: version})));
}

function resultOf(asset: AssetFrame, {ordinal, key}: Job, seen: Seen | undefined): Result {
  const isKnown = asset.published[ordinal] === 1;
  if (seen === undefined) {
    const error = nothingOf(asset, key);
    return {outcome: 'failed', failure: 'empty', error, ...(isKnown ? {isGone: true} : {})};
  }
  const outcome = isKnown && hexAt(asset.version, ordinal) === seen.version ? 'unchanged' : 'succeeded';
  return {outcome, ...seen, coverage: undefined, trust: PLAIN_TRUST, warnings: []};
}

function nothingOf(asset: AssetFrame, key: string): string {
  const {making} = asset.asset;
  if (making.kind === 'external-table')
    return `The table '${making.table}', which others make, holds no rows of ${key}.`;
  return `There is nothing in '${folderOf(asset, key)}' of the store, where others put the objects of ${key}.`;
}

/** Intent, then receipts; returns the intent, which the outcome closes. Undefined where there is nothing to tell. */
async function writeReceipts(
  stage: Stage,
  warehouse: Warehouse,
  {batch: {asset, jobs}, begun, found}: {batch: Batch; begun: Begun; found: ReadonlyMap<number, Result>},
): Promise<string | undefined> {
  const {name} = asset.asset;
  const id = `${stage.run}-${name}-${jobs[0]?.key}-${begun.at.toString(36)}`;
  const told = jobs.flatMap(job => {
    const result = found.get(job.ordinal);
    const receipt =
      result === undefined ? undefined : receiptOf(stage, {asset, job, begun, result, intent: id});
    return receipt === undefined ? [] : [{job, receipt}];
  });
  if (told.length === 0) return undefined;
  stage.ledger.writeIntents([
    {
      id,
      run: stage.run,
      asset: name,
      keys: told.map(({job}) => job.key),
      kind: 'rows',
      payload: {
        startedAt: begun.at,
        inputs: told.map(({job}) => ({key: job.key, reasons: job.reasons, ...inputsOf(asset, job, begun)})),
        events: told.flatMap(({job}) =>
          eventsOf(stage, {asset, job, result: found.get(job.ordinal), tried: undefined}),
        ),
      },
    },
  ]);
  stage.ledger.whileAlive(() => undefined);
  const receipts = told.map(({receipt}) => receipt);
  await writeRowReceipts({warehouse, ledger: stage.ledger}, {receipts, fingerprints: [asset.fingerprint]});
  return id;
}

/** Of what is gone the receipt says so; of what never was there is none. */
function receiptOf(
  stage: Stage,
  {
    asset,
    job,
    begun,
    result,
    intent,
  }: {asset: AssetFrame; job: Job; begun: Begun; result: Result; intent: string},
): Receipt | undefined {
  const base = {
    asset: asset.asset.name,
    key: job.key,
    intent,
    run: stage.run,
    ...madeFrom(inputsOf(asset, job, begun)),
    expected: null,
    found: null,
    absent: [],
    at: stage.clock(),
  };
  if ('version' in result) {
    const kind = result.outcome === 'unchanged' ? 'unchanged' : 'published';
    return {...base, kind, version: result.version, rows: result.rows};
  }
  if (result.isGone !== true) return undefined;
  return {...base, kind: 'dropped', version: ZERO_WORD, rows: 0, why: result.error};
}
