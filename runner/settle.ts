/**
 * Settles what a killed run left open: each intent is completed from its receipt, or closed as never done. Nothing
 * else is asked of warehouse or store.
 */
import type {CoverageEvent, Try} from '../planner/coverage-event.ts';
import {PLAIN_TRUST} from '../planner/ledger.ts';
import type {AssetName} from '../planner/pipeline.ts';
import type {Reason} from '../planner/reason.ts';
import {findCorrection} from './correction-receipt.ts';
import type {Ledger} from './ledger.ts';
import type {CalendarUpdate} from './ledger-calendar.ts';
import type {Intent} from './ledger-intent.ts';
import type {AttemptInputs, PartitionOutcome, PublishedOutcome} from './ledger-row.ts';
import {type ExportReceipt, versionOf, writeExportReceipt} from './make-export.ts';
import type {Store} from './store.ts';
import type {Receipt, Warehouse} from './warehouse.ts';

/** What an intent holds, as its writers (make-table.ts, make-files.ts, make-export.ts, correct.ts) put it. */
export interface Payload {
  readonly startedAt: number;
  /** What is withdrawn was made from nothing. */
  readonly inputs: readonly (Partial<AttemptInputs> & {
    readonly key: string;
    readonly reasons: readonly Reason[];
  })[];
  readonly calendars?: readonly CalendarUpdate[];
  /** What is told with the outcomes. */
  readonly tries?: readonly Try[];
  readonly events?: readonly CoverageEvent[];
  /** Of objects: their folder, or the object of an export. */
  readonly place?: string;
  readonly rows?: number;
  /** Of an export: the receipt as it was to be written. */
  readonly receipt?: ExportReceipt;
  /** Of a correction of objects: the place of each key. */
  readonly places?: Readonly<Record<string, string>>;
}

/** Of one asset, or of all. Returns how many partitions turned out to have been published. */
export async function settleIntents(
  ledger: Ledger,
  openers: {warehouse(): Promise<Warehouse>; store(): Store},
  only?: AssetName,
): Promise<number> {
  const intents = ledger.openIntents().filter(({asset}) => only === undefined || asset === only);
  if (intents.length === 0) return 0;
  const ofRows = intents.filter(({kind}) => kind === 'rows');
  const receipts =
    ofRows.length === 0 ? [] : await (await openers.warehouse()).receipts(ofRows.map(({id}) => id));
  const byIntent = Map.groupBy(receipts, ({intent}) => intent);
  let settled = 0;
  for (const intent of intents) {
    const found =
      intent.kind === 'rows'
        ? (byIntent.get(intent.id) ?? [])
        : await objectReceipts(intent, openers.store());
    if (found.length === 0) ledger.closeIntent(intent.id);
    else settled += recordReceipts(ledger, intent, found).length;
  }
  return settled;
}

/** The receipt of an intent over objects, where they were written. */
async function objectReceipts(intent: Intent, store: Store): Promise<readonly Receipt[]> {
  const {place = '', rows = 0, receipt, places} = payloadOf(intent);
  if (places !== undefined) {
    const found = Object.values(places).map(each => findCorrection(store, each, intent.id));
    return (await Promise.all(found)).filter(each => each !== undefined);
  }
  const base = {kind: 'published' as const, rows, expected: null, found: null, absent: []};
  if (place.endsWith('/')) {
    const generation = await store.findGeneration(place);
    return generation?.intent === intent.id ? [{...base, ...generation}] : [];
  }
  // The object itself tells: a run may be killed between writing it and writing its receipt beside it.
  const object = await store.find(place);
  const isWritten = object !== undefined && receipt?.version === versionOf(object);
  if (!isWritten) return [];
  await writeExportReceipt(store, place, receipt);
  return [{...base, ...receipt}];
}

/** Tells the ledger what the receipts of an intent say, and closes it. */
export function recordReceipts(
  ledger: Ledger,
  intent: Intent,
  receipts: readonly Receipt[],
): readonly PartitionOutcome[] {
  const {startedAt, inputs, calendars, tries, events} = payloadOf(intent);
  const made = new Map(inputs.map(input => [input.key, input]));
  const outcomes = receipts.flatMap((receipt): readonly PartitionOutcome[] => {
    const input = made.get(receipt.key);
    if (input === undefined) return [];
    const times = {startedAt, endedAt: receipt.at, durationMs: (receipt.at - startedAt) / receipts.length};
    return [outcomeOf(receipt, {asset: intent.asset, ...input, ...times})];
  });
  ledger.recordOutcomes({run: intent.run, outcomes, intents: [intent.id], calendars, tries, events});
  return outcomes;
}

type Made = Omit<PublishedOutcome, 'outcome' | 'error' | keyof AttemptInputs | keyof Held> &
  Partial<AttemptInputs>;
type Held = Pick<PublishedOutcome, 'version' | 'rows' | 'expected' | 'found' | 'absent' | 'trust'>;

function outcomeOf(
  receipt: Receipt,
  {fingerprint, digest, triedDigest, readAt, entry, ...base}: Made,
): PartitionOutcome {
  const {kind, version, rows, expected, found, absent, trust = PLAIN_TRUST} = receipt;
  if (kind === 'forgotten' || kind === 'dropped') {
    return {...base, outcome: 'succeeded', error: null, withdrawn: true};
  }
  if (
    fingerprint === undefined ||
    digest === undefined ||
    triedDigest === undefined ||
    readAt === undefined ||
    entry === undefined
  ) {
    throw new Error(`Internal error: the intent of ${base.asset}@${base.key} holds no inputs`);
  }
  const inputs = {fingerprint, digest, triedDigest, readAt, entry};
  if (kind === 'marked') return {...base, ...inputs, outcome: 'unchanged', error: null, marked: true};
  const held: Held = {version, rows, expected, found, absent, trust};
  const outcome = kind === 'unchanged' ? 'unchanged' : 'succeeded';
  return {...base, ...inputs, ...held, outcome, error: null};
}

function payloadOf({payload}: Intent): Payload {
  return payload as Payload; // written by the makers alone, and the ledger keeps it as it came
}
