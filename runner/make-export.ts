/**
 * Makes one object of an `export` asset: the query's rows, written whole or not at all at a fixed place. Its receipt
 * is an object beside it, written after it; the intent holds the same, so that a killed run is settled without it.
 */

import {createHash} from 'node:crypto';
import type {AssetFrame} from '../planner/frame.ts';
import {hexAt} from '../planner/hash.ts';
import {type Fingerprint, PLAIN_TRUST} from '../planner/ledger.ts';
import type {Asset} from '../planner/pipeline.ts';
import {seasonOf} from '../planner/range.ts';
import {unreachable} from '../planner/unreachable.ts';
import {receiptPlace} from './correction-receipt.ts';
import {eventsOf} from './coverage-log.ts';
import {begin, inputsOf, madeFrom, type Result} from './finish.ts';
import {specsOf} from './inputs.ts';
import {intentIdOf, type JointWrites, type MakingObject} from './joint-writes.ts';
import type {Batch, Job} from './schedule.ts';
import type {Guard, Store} from './store.ts';
import {errorText, isEveryones, withTimeout} from './timeout.ts';
import {writeUnchanged} from './unchanged-receipt.ts';
import type {QueryResult, Receipt, Value} from './warehouse.ts';
import {placeOf, queryOf, type Stage} from './workshop.ts';

export async function makeExports(stage: Stage, {asset, jobs}: Batch, writes: JointWrites): Promise<void> {
  for (const job of jobs) {
    const begun = begin(stage);
    const made = {intent: undefined as string | undefined};
    let result: Result;
    try {
      result = await makeOne(stage, {asset, job, begun, writes}, made);
    } catch (error) {
      if (isEveryones(error)) throw error;
      result = {outcome: stage.cancel.aborted ? 'cancelled' : 'failed', error: errorText(error)};
    }
    // One that failed may have written the object all the same: its intent stays open, and the next start looks.
    const intent = 'version' in result ? made.intent : undefined;
    const results = new Map([[job.ordinal, result]]);
    await writes.finish({batch: {asset, jobs: [job]}, results, begun, intent});
  }
}

/** `made` is filled with the intent once it is written. */
async function makeOne(
  stage: Stage,
  making: MakingObject,
  made: {intent: string | undefined},
): Promise<Result> {
  const {asset, job, begun, writes} = making;
  const {bytes, rows} = await renderExport(stage, asset, job);
  if (rows === 0 && asset.asset.empty === 'error') {
    return {
      outcome: 'failed',
      error: `No rows for ${job.key}; if that can be right, declare 'empty: allowed'.`,
    };
  }
  const version = versionOf(bytes);
  const held = {version, rows, coverage: undefined, trust: PLAIN_TRUST, warnings: []};
  const place = placeOf(asset.asset, job.key, seasonOf(asset, job.ordinal));
  const isSame = asset.published[job.ordinal] === 1 && hexAt(asset.version, job.ordinal) === version;
  // What someone edited is written again.
  if (isSame && versionOf((await stage.store().find(place)) ?? new Uint8Array()) === version) {
    const unchanged = {outcome: 'unchanged' as const, ...held};
    made.intent = await writeUnchanged(stage, making, unchanged);
    return unchanged;
  }
  const result = {outcome: 'succeeded' as const, ...held};
  made.intent = intentIdOf(stage, making);
  const input = inputsOf(asset, job, begun);
  const receipt: ExportReceipt = {
    asset: asset.asset.name,
    key: job.key,
    intent: made.intent,
    run: stage.run,
    ...madeFrom(input),
    parts: input.fingerprint.parts,
    version,
    rows,
    at: stage.clock(),
  };
  await writes.writeIntent({
    id: made.intent,
    run: stage.run,
    asset: asset.asset.name,
    keys: [job.key],
    kind: 'files',
    payload: {
      startedAt: begun.at,
      inputs: [{key: job.key, reasons: job.reasons, ...input}],
      place,
      rows,
      receipt,
      events: eventsOf(stage, {asset, job, result, tried: undefined}),
    },
  });
  const guard: Guard = write => writes.whileAlive(write);
  await stage.store().replace(place, bytes, guard);
  await writeExportReceipt(stage.store(), place, receipt, guard);
  return result;
}

/** The object as it would be written now. */
export async function renderExport(
  stage: Stage,
  asset: AssetFrame,
  job: Job,
): Promise<{readonly bytes: Uint8Array; readonly rows: number}> {
  const {making, timeout} = asset.asset;
  if (making.kind !== 'export') throw new Error(`Internal error: '${asset.asset.name}' exports nothing`);
  const {carry} = stage;
  if (carry !== undefined) {
    const {name} = asset.asset;
    const place = placeOf(asset.asset, job.key, seasonOf(asset, job.ordinal));
    const refused = carry.refusals(asset, [job.ordinal]).get(job.key);
    if (refused !== undefined) throw new Error(refused);
    return {bytes: await carry.exported(name, job.key, place), rows: carry.factsOf(name, job.key).rows};
  }
  const warehouse = await stage.warehouse();
  const found = await withTimeout(stage.cancel, timeout, signal =>
    warehouse.readQuery(
      {
        ...specsOf(asset, [job.ordinal]),
        ...queryOf(stage.sources, making.query),
        timeoutMs: timeout,
      },
      signal,
    ),
  );
  return {bytes: new TextEncoder().encode(formatRows(making, found)), rows: found.rows.length};
}

/** What is known of an exported object; the same beside it and in the intent to write it. */
export type ExportReceipt = Pick<
  Receipt,
  | 'asset'
  | 'key'
  | 'intent'
  | 'run'
  | 'fingerprint'
  | 'digest'
  | 'entry'
  | 'carried'
  | 'version'
  | 'rows'
  | 'at'
> & {
  /** Of the fingerprint. */
  readonly parts: Fingerprint['parts'];
};

export async function writeExportReceipt(
  store: Store,
  place: string,
  receipt: ExportReceipt,
  guard?: Guard,
): Promise<void> {
  await store.replace(receiptPlace(place), new TextEncoder().encode(JSON.stringify(receipt)), guard);
}

/** 64 bits of an object's bytes, as 16 hex digits. */
export function versionOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

type Export = Extract<Asset['making'], {kind: 'export'}>;

/** Rows in the order of the query; columns in the order of its SELECT. Ends with a line break. */
function formatRows({format}: Export, {columns, rows}: QueryResult): string {
  const objects = (): readonly string[] =>
    rows.map(row =>
      JSON.stringify(Object.fromEntries(columns.map((name, i) => [name, plain(row[i] ?? null)]))),
    );
  switch (format) {
    case 'json':
      return `[${objects()
        .map(line => `\n  ${line}`)
        .join(',')}\n]\n`;
    case 'ndjson':
      return objects()
        .map(line => `${line}\n`)
        .join('');
    case 'csv':
      return [columns, ...rows].map(row => `${row.map(csvField).join(',')}\r\n`).join('');
    default:
      return unreachable(format);
  }
}

/** JSON has no 64-bit integers: those that a double cannot hold are written as text. */
function plain(value: Value): string | number | boolean | null {
  return typeof value === 'bigint' ? String(value) : value;
}

/** RFC 4180. */
function csvField(value: Value): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
