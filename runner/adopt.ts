/**
 * Takes over what lies in warehouse and store and was made before gameplan: each partition is published as it lies
 * there, with today's definition and inputs, and with a receipt. Nothing is fetched, made again or copied.
 * It does not look at it (adopt-survey.ts), nor decide which assets are meant.
 */
import {classify} from '../planner/classify.ts';
import {triedDigestAt} from '../planner/digest.ts';
import {type AssetFrame, type Frame, frameOf} from '../planner/frame.ts';
import type {LedgerSnapshot} from '../planner/ledger.ts';
import type {AssetName} from '../planner/pipeline.ts';
import {seasonOf} from '../planner/range.ts';
import {surveyAsset} from './adopt-survey.ts';
import type {AdoptionRequest, Found, Surveyed} from './adoption.ts';
import {calendarColumns, calendarsOf, gamesFrom, updateOf} from './calendar-copy.ts';
import {type Bench, claimOrRefuse, writeRowReceipts} from './correct.ts';
import {countOutcomes} from './event.ts';
import {inputsOf, madeFrom} from './finish.ts';
import {Heart} from './heart.ts';
import type {CalendarUpdate} from './ledger-calendar.ts';
import {buryDead, PULSE, Watch} from './liveness.ts';
import {refuseOtherWarehouse} from './same-warehouse.ts';
import {recordReceipts, settleIntents} from './settle.ts';
import type {Store} from './store.ts';
import type {Receipt, Warehouse} from './warehouse.ts';
import {hasReceiptRows, placeOf, tableOf} from './workshop.ts';

export interface AdoptionOrder extends AdoptionRequest {
  readonly assets: ReadonlySet<AssetName>;
  readonly by: string;
  readonly why: string;
  /** Milliseconds since 1970, for the states. */
  readonly now: number;
  /** As the user typed it, for the record. */
  readonly command: string;
}

export interface AdoptedAsset extends Surveyed {
  readonly asset: AssetName;
}

/** What `adopt` would take over. Nothing is written, and dates of a calendar that it would read are not known. */
export async function surveyAll(
  around: Pick<Bench, 'pipeline' | 'sources' | 'clock'> & {
    readonly snapshot: LedgerSnapshot;
    readonly warehouse: Warehouse;
    readonly store: Store;
  },
  order: AdoptionOrder,
): Promise<readonly AdoptedAsset[]> {
  const frame = classify({...around, ledger: around.snapshot, now: order.now});
  const all: AdoptedAsset[] = [];
  for (const name of inOrder(frame, order.assets))
    all.push({asset: name, ...(await surveyAsset({...around, frame, request: order}, frameOf(frame, name)))});
  return all;
}

/** Throws a `LeaseHeld` where a run is making a partition that is meant. */
export async function adopt(bench: Bench, order: AdoptionOrder): Promise<readonly AdoptedAsset[]> {
  const {ledger, clock, run, pipeline} = bench;
  const {command, by, why} = order;
  buryDead(ledger, new Watch(PULSE, {clock}));
  const heart = Heart.begin(ledger, clock, {run, command, pulse: PULSE, onAsked: () => undefined});
  try {
    // Held until the end, so that no run publishes what is being taken over.
    const warehouse = await bench.warehouse();
    await settleIntents(ledger, bench);
    const target = pipeline.target.name;
    ledger.startRun({
      id: run,
      pipeline: pipeline.name,
      target,
      command,
      startedAt: clock(),
      kind: 'adopt',
      by,
      why,
    });
    const all: AdoptedAsset[] = [];
    const end = (status: 'succeeded' | 'failed'): void => {
      const outcomes = all.flatMap(({found}) => found.map(() => 'succeeded' as const));
      ledger.endRun(run, {endedAt: clock(), status, counts: countOutcomes(outcomes)});
    };
    try {
      await adoptAll(bench, order, {warehouse, told: each => all.push(each)});
    } catch (error) {
      end('failed');
      throw error;
    }
    end('succeeded');
    return all;
  } finally {
    heart.end();
  }
}

async function adoptAll(
  bench: Bench,
  order: AdoptionOrder,
  {warehouse, told}: {readonly warehouse: Warehouse; readonly told: (adopted: AdoptedAsset) => void},
): Promise<void> {
  const {ledger, pipeline, sources, clock} = bench;
  const read = (): Frame => classify({pipeline, sources, ledger: ledger.snapshot(), now: order.now});
  let frame = read();
  await refuseOtherWarehouse(bench, warehouse, frame);
  const store = bench.store();
  for (const name of inOrder(frame, order.assets)) {
    const asset = frameOf(frame, name);
    const surveyed = await surveyAsset({frame, sources, clock, warehouse, store, request: order}, asset);
    const calendars = await takeOver(bench, order, {warehouse, asset, found: surveyed.found});
    told({asset: name, ...surveyed});
    // What it says of dates decides which keys there are.
    if (calendars > 0) frame = read();
  }
}

/** Calendars' own assets first, with all upstream of them: without them there are no dates. */
function inOrder({assets, settling}: Frame, meant: ReadonlySet<AssetName>): readonly AssetName[] {
  const all = [...assets.keys()].filter(name => meant.has(name));
  return [...all.filter(name => settling.has(name)), ...all.filter(name => !settling.has(name))];
}

interface Taking {
  readonly warehouse: Warehouse;
  readonly asset: AssetFrame;
  readonly found: readonly Found[];
}

/** Intent, receipts, ledger, in that order. Returns how many calendars were read. */
async function takeOver(bench: Bench, order: AdoptionOrder, taking: Taking): Promise<number> {
  const {asset, found} = taking;
  if (found.length === 0) return 0;
  await claimOrRefuse(
    bench,
    asset.asset.name,
    found.map(({key}) => key),
  );
  if (hasReceiptRows(asset.asset)) return await takeRows(bench, order, taking);
  for (const each of found) await takeObjects(bench, order, {asset, each});
  return 0;
}

async function takeRows(bench: Bench, order: AdoptionOrder, taking: Taking): Promise<number> {
  const {ledger, run, clock} = bench;
  const {asset, found, warehouse} = taking;
  const {name} = asset.asset;
  const startedAt = clock();
  const id = `${run}-${name}-adopt-${startedAt.toString(36)}`;
  const made = found.map(each => ({each, ...madeOf(bench, order, {asset, each, startedAt, id})}));
  const calendars = await calendarsIn(bench, taking);
  const keys = found.map(({key}) => key);
  const inputs = made.map(({input}) => input);
  const intent = {id, run, asset: name, keys, kind: 'rows' as const, payload: {startedAt, inputs, calendars}};
  const receipts = made.map(({receipt}) => receipt);
  ledger.writeIntents([intent]);
  ledger.whileAlive(() => undefined);
  await writeRowReceipts({warehouse, ledger}, {receipts, fingerprints: [asset.fingerprint]});
  recordReceipts(ledger, intent, receipts);
  return calendars.length;
}

/** The objects become a generation whose manifest says where they lie. */
async function takeObjects(
  bench: Bench,
  order: AdoptionOrder,
  {asset, each}: {readonly asset: AssetFrame; readonly each: Found},
): Promise<void> {
  const {ledger, run, clock} = bench;
  const {name} = asset.asset;
  const startedAt = clock();
  const id = `${run}-${name}-${each.key}-adopt-${startedAt.toString(36)}`;
  const {input, receipt} = madeOf(bench, order, {asset, each, startedAt, id});
  const place = placeOf(asset.asset, each.key, seasonOf(asset, each.ordinal));
  const draft = await bench.store().draft(place);
  for (const object of each.objects ?? []) draft.refer(object);
  const payload = {startedAt, inputs: [input], place, rows: receipt.rows};
  const intent = {id, run, asset: name, keys: [each.key], kind: 'files' as const, payload};
  ledger.writeIntents([intent]);
  const {kind: _, version: __, rows: ___, ...written} = receipt;
  await draft.commit({...written, parts: asset.fingerprint.parts}, async write => ledger.whileAlive(write));
  recordReceipts(ledger, intent, [receipt]);
}

/** What it is taken to be made from, and the receipt that says so. */
function madeOf(
  {run, ledger}: Bench,
  {by, why}: AdoptionOrder,
  {asset, each, startedAt, id}: {asset: AssetFrame; each: Found; startedAt: number; id: string},
) {
  const {key, ordinal, result} = each;
  const reasons = [{kind: 'adopted-by' as const, by, why}];
  const begun = {at: startedAt, readAt: ledger.sequence()};
  const job = {ordinal, key, digest: triedDigestAt(asset, ordinal), reasons};
  const inputs = inputsOf(asset, job, begun, result.trust.depth);
  const {coverage, trust, version, rows} = result;
  const receipt: Receipt = {
    asset: asset.asset.name,
    key,
    kind: 'published',
    intent: id,
    run,
    version,
    rows,
    ...madeFrom(inputs),
    expected: coverage?.expected ?? null,
    found: coverage?.found ?? null,
    absent: coverage?.absent ?? [],
    trust,
    // No time passes: how long its making took nobody knows.
    at: startedAt,
    by,
    why,
  };
  return {input: {key, reasons, ...inputs}, receipt};
}

/** The calendars that an asset gives, from the rows that are taken over. */
async function calendarsIn(
  {pipeline, ledger}: Bench,
  {asset, found, warehouse}: Taking,
): Promise<readonly CalendarUpdate[]> {
  const known = ledger.snapshot().calendars;
  const keys = found.map(({key}) => key);
  const updates: CalendarUpdate[] = [];
  for (const declaration of calendarsOf(pipeline, asset.asset.name)) {
    const {source} = declaration;
    const columns = calendarColumns(source);
    const rows = await warehouse.select({
      from: {table: tableOf(asset.asset)},
      columns,
      where: source.where,
      keys,
    });
    const update = updateOf(declaration, gamesFrom(declaration, rows), known.get(declaration.name));
    const isWhole = asset.asset.partitioning.kind === 'all';
    const isOf = ({season}: {readonly season: string}): boolean => keys.some(key => key === season);
    updates.push(isWhole ? update : {...update, seasons: keys, games: update.games.filter(isOf)});
  }
  return updates;
}
