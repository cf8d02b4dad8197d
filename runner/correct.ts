/**
 * Corrects the ledger on purpose: forgets partitions, takes them as fresh, drops orphans. Each is an intent, receipts
 * in the warehouse or store, and then the ledger's word, so that a kill at any point is settled like that of a run.
 * It does not decide which partitions (planner/correction.ts, planner/decide.ts), nor ask anybody.
 */
import {classify} from '../planner/classify.ts';
import {type CorrectionKind, verdictOn} from '../planner/correction.ts';
import {dayOf} from '../planner/day.ts';
import {digestAt} from '../planner/digest.ts';
import {type AssetFrame, frameOf, keyAt} from '../planner/frame.ts';
import {hexAt} from '../planner/hash.ts';
import {type AssetRecord, PLAIN_TRUST} from '../planner/ledger.ts';
import {isExternal} from '../planner/making.ts';
import type {AssetName, PartitionKey} from '../planner/pipeline.ts';
import {seasonOf} from '../planner/range.ts';
import type {Reason} from '../planner/reason.ts';
import {type ObjectReceipt, writeCorrection} from './correction-receipt.ts';
import {countOutcomes} from './event.ts';
import {inputsOf, madeFrom} from './finish.ts';
import {Heart} from './heart.ts';
import {rowAt} from './ledger-columns.ts';
import type {Intent} from './ledger-intent.ts';
import type {AttemptInputs, PartitionOutcome} from './ledger-row.ts';
import {type Claim, LeaseHeld} from './ledger-session.ts';
import {buryDead, holderText, PULSE, Watch} from './liveness.ts';
import {refuseOtherWarehouse} from './same-warehouse.ts';
import {type Payload, recordReceipts, settleIntents} from './settle.ts';
import type {Guard} from './store.ts';
import type {Receipt, Warehouse} from './warehouse.ts';
import {hasReceiptRows, placeOf, tableOf, type Workshop} from './workshop.ts';

export interface CorrectionOrder {
  readonly kind: CorrectionKind;
  readonly asset: AssetName;
  readonly keys: readonly PartitionKey[];
  readonly by: string;
  readonly why: string;
  readonly allowProtected: boolean;
  /** Milliseconds since 1970, for the states. */
  readonly now: number;
  /** As the user typed it, for the record. */
  readonly command: string;
}

/** What a correction needs of a workshop. */
export type Bench = Pick<
  Workshop,
  'pipeline' | 'sources' | 'ledger' | 'run' | 'clock' | 'warehouse' | 'store'
>;

/**
 * Returns the keys that were corrected: of those asked for, the ones to which it still applies. Throws a `LeaseHeld`
 * where a run is making one of them.
 */
export async function correct(bench: Bench, order: CorrectionOrder): Promise<readonly string[]> {
  const {ledger, clock, run} = bench;
  const {command} = order;
  buryDead(ledger, new Watch(PULSE, {clock}));
  const heart = Heart.begin(ledger, clock, {run, command, pulse: PULSE, onAsked: () => undefined});
  try {
    return await apply(bench, order);
  } finally {
    heart.end();
  }
}

async function apply(bench: Bench, order: CorrectionOrder): Promise<readonly string[]> {
  const {pipeline, sources, ledger, clock} = bench;
  const startedAt = clock();
  // Held until the end, so that no run publishes what is being forgotten.
  const warehouse = await bench.warehouse();
  await settleIntents(ledger, bench);
  const snapshot = ledger.snapshot();
  const frame = classify({pipeline, sources, ledger: snapshot, now: order.now});
  await refuseOtherWarehouse(bench, warehouse, frame);
  const asset = frameOf(frame, order.asset);
  const ordinals = order.keys.flatMap(key => {
    const ordinal = asset.ordinalOf.get(key);
    return ordinal === undefined || verdictOn({frame, asset, ordinal}, order) !== undefined ? [] : [ordinal];
  });
  if (ordinals.length === 0) return [];
  const {kind, by, why} = order;
  const reasons: readonly Reason[] = [{kind: kind === 'forget' ? 'forgotten-by' : 'marked-fresh', by, why}];
  const begun = {at: startedAt, readAt: snapshot.sequence};
  const items = ordinals.map(ordinal => {
    const key = keyAt(asset, ordinal);
    const digest = digestAt(asset, ordinal);
    const inputs = kind === 'mark' ? inputsOf(asset, {ordinal, key, digest, reasons}, begun) : undefined;
    return {key, row: asset.row[ordinal] ?? -1, reasons, inputs};
  });
  ledger.startRun({
    id: bench.run,
    pipeline: pipeline.name,
    target: pipeline.target.name,
    command: order.command,
    startedAt,
    kind,
    by,
    why,
  });
  const end = (status: 'succeeded' | 'failed', outcomes: readonly PartitionOutcome[]): void => {
    const counts = countOutcomes(outcomes.map(({outcome}) => outcome));
    ledger.endRun(bench.run, {endedAt: clock(), status, counts});
  };
  const receiptKind = kind === 'forget' ? 'forgotten' : 'marked';
  try {
    const outcomes = await writeDown(bench, {kind: receiptKind, asset, items, by, why, startedAt});
    end('succeeded', outcomes);
    return outcomes.map(({key}) => key);
  } catch (error) {
    end('failed', []);
    throw error;
  }
}

interface Correction {
  readonly kind: 'forgotten' | 'marked' | 'dropped';
  readonly asset: AssetFrame;
  readonly items: readonly {
    readonly key: PartitionKey;
    /** Of the asset's record. */
    readonly row: number;
    readonly reasons: readonly Reason[];
    /** Of what is marked: what it is taken to be made from. */
    readonly inputs: AttemptInputs | undefined;
  }[];
  readonly by: string | undefined;
  readonly why: string | undefined;
  readonly startedAt: number;
  /** Of what is dropped: whether that is all that the table holds. */
  readonly isWhole?: boolean;
}

/** Intent, receipts, ledger, in that order. Rows and objects of what is dropped go with the receipts. */
export async function writeDown(bench: Bench, correction: Correction): Promise<readonly PartitionOutcome[]> {
  const {ledger, run} = bench;
  const {kind, asset, items, startedAt} = correction;
  const name = asset.asset.name;
  const places = hasReceiptRows(asset.asset)
    ? undefined
    : Object.fromEntries(items.map(({key}) => [key, placeOf(asset.asset, key, seasonOfKey(asset, key))]));
  const payload: Payload = {
    startedAt,
    inputs: items.map(({key, reasons, inputs}) => ({key, reasons, ...inputs})),
    ...(places === undefined ? {} : {places}),
  };
  const intent: Intent = {
    id: `${run}-${name}-${items[0]?.key}-${kind}-${startedAt.toString(36)}`,
    run,
    asset: name,
    keys: items.map(({key}) => key),
    kind: places === undefined ? 'rows' : 'files',
    payload,
  };
  const receipts = items.map(item => receiptOf(bench, correction, item, intent.id));
  await claimOrRefuse(bench, name, intent.keys);
  ledger.writeIntents([intent]);
  if (places === undefined) await writeRows(bench, correction, receipts);
  else {
    const store = bench.store();
    const guard: Guard = async write => ledger.whileAlive(write);
    for (const receipt of receipts) await writeCorrection(store, places[receipt.key] ?? '', receipt, guard);
  }
  return recordReceipts(ledger, intent, receipts);
}

/** A correction does not wait for a run that is making the same partitions. */
export async function claimOrRefuse(
  bench: Pick<Bench, 'ledger' | 'warehouse' | 'store'>,
  asset: AssetName,
  keys: readonly string[],
): Promise<void> {
  const {ledger} = bench;
  const claim = (): Claim => ledger.claim({asset, keys, upstream: [], since: ledger.sequence()});
  let found = claim();
  if (found.isUnsettled) {
    await settleIntents(ledger, bench, asset);
    found = claim();
  }
  const {held} = found;
  const [first] = held;
  if (first === undefined) return;
  const [key, run] = first;
  const session = ledger.otherSessions().find(each => each.run === run);
  throw new LeaseHeld(`${asset}@${key}`, session === undefined ? `run ${run}` : holderText(session));
}

async function writeRows(
  {warehouse: open, ledger}: Bench,
  {kind, asset, items, isWhole}: Correction,
  receipts: readonly Receipt[],
): Promise<void> {
  const warehouse = await open();
  const keys = isWhole === true ? 'all' : receipts.map(({key}) => key);
  // What others made is not ours to delete.
  const isDropped = kind === 'dropped' && !isExternal(asset.asset.making.kind);
  const dropped = {table: tableOf(asset.asset), keys} as const;
  const fingerprints = [...new Set(items.flatMap(({inputs}) => inputs?.fingerprint ?? []))];
  await writeRowReceipts({warehouse, ledger}, {receipts, fingerprints, ...(isDropped ? {dropped} : {})});
}

/** Receipts of one intent, which is closed where they turn out not to have been written. */
export async function writeRowReceipts(
  {warehouse, ledger}: {readonly warehouse: Warehouse; readonly ledger: Bench['ledger']},
  request: Parameters<Warehouse['writeReceipts']>[0],
): Promise<void> {
  try {
    await warehouse.writeReceipts(request);
  } catch (error) {
    // A commit may fail after it has written. What cannot be asked now is asked at the next start.
    const intent = request.receipts[0]?.intent ?? '';
    const written = await warehouse.receipts([intent]).catch(() => undefined);
    if (written?.length === 0) ledger.closeIntent(intent);
    if (written === undefined || written.length === 0) throw error;
  }
}

/** It repeats the version and the rows that the correction speaks of; of what is marked, with today's inputs. */
function receiptOf(
  {run, clock}: Bench,
  {kind, asset: {asset, record}, by, why}: Correction,
  {key, row, inputs}: Correction['items'][number],
  intent: string,
): ObjectReceipt {
  if (record === undefined || row < 0) throw new Error(`Internal error: ${asset.name}@${key} has no record`);
  const count = (column: Int32Array): number | null =>
    (column[row] ?? -1) < 0 ? null : (column[row] ?? null);
  return {
    asset: asset.name,
    key,
    kind,
    intent,
    run,
    version: hexAt(record.version, row),
    rows: record.rows[row] ?? 0,
    ...(inputs === undefined ? wasMadeFrom(record, row) : madeFrom(inputs)),
    parts: (inputs?.fingerprint ?? record.fingerprints[record.fingerprint[row] ?? 0])?.parts,
    trust: record.trusts[record.trust[row] ?? 0] ?? PLAIN_TRUST,
    expected: count(record.expected),
    found: count(record.found),
    absent: record.absent.get(row) ?? [],
    at: clock(),
    ...(by === undefined ? {} : {by}),
    ...(why === undefined ? {} : {why}),
  };
}

function wasMadeFrom(record: AssetRecord, row: number): ReturnType<typeof madeFrom> {
  const {fingerprint, digest, triedDigest, entry} = rowAt(record, row);
  return madeFrom({fingerprint, digest, triedDigest, readAt: 0, entry});
}

/** That of a date which no calendar knows any more is told by the day. */
function seasonOfKey(asset: AssetFrame, key: PartitionKey): string {
  const ordinal = asset.ordinalOf.get(key);
  if (ordinal !== undefined) return seasonOf(asset, ordinal);
  const {calendar} = asset;
  const day = dayOf(key);
  if (calendar === undefined || Number.isNaN(day)) return key;
  const index = calendar.seasonFirstDay.findLastIndex(first => first <= day);
  return calendar.seasons[index] ?? '';
}
