/**
 * Settles what a killed run left open: each intent is completed from its receipt, or closed as never done. Nothing
 * else is asked of warehouse or store.
 */
import type {Reason} from '../planner/reason.ts';
import type {Intent, Ledger} from './ledger.ts';
import type {CalendarUpdate} from './ledger-calendar.ts';
import type {AttemptInputs, PartitionOutcome} from './ledger-row.ts';
import {type ExportReceipt, versionOf} from './make-export.ts';
import type {Store} from './store.ts';
import type {Receipt, Warehouse} from './warehouse.ts';

/** What an intent holds, as its writers (make-table.ts, make-files.ts, make-export.ts) put it. */
interface Payload {
  readonly startedAt: number;
  readonly inputs: readonly (AttemptInputs & {readonly key: string; readonly reasons: readonly Reason[]})[];
  readonly calendars?: readonly CalendarUpdate[];
  /** Of objects: their folder, or the object of an export. */
  readonly place?: string;
  readonly rows?: number;
  /** Of an export: the receipt as it was to be written. */
  readonly receipt?: ExportReceipt;
}

/** Returns how many partitions turned out to have been published. */
export async function settleIntents(
  ledger: Ledger,
  openers: {warehouse(): Promise<Warehouse>; store(): Store},
): Promise<number> {
  const intents = ledger.openIntents();
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
    else settled += record(ledger, intent, found);
  }
  return settled;
}

/** The receipt of an intent over objects, where they were written. */
async function objectReceipts(intent: Intent, store: Store): Promise<readonly Receipt[]> {
  const {place = '', rows = 0, receipt} = payloadOf(intent);
  const base = {kind: 'published' as const, rows, expected: null, found: null, absent: []};
  if (place.endsWith('/')) {
    const generation = await store.findGeneration(place);
    return generation?.intent === intent.id ? [{...base, ...generation}] : [];
  }
  // The object itself tells: a run may be killed between writing it and writing its receipt beside it.
  const object = await store.find(place);
  const isWritten = object !== undefined && receipt?.version === versionOf(object);
  return isWritten ? [{...base, ...receipt}] : [];
}

function record(ledger: Ledger, intent: Intent, receipts: readonly Receipt[]): number {
  const {startedAt, inputs, calendars = []} = payloadOf(intent);
  const outcomes = receipts.flatMap((receipt): readonly PartitionOutcome[] => {
    const made = inputs.find(({key}) => key === receipt.key);
    if (made === undefined) return [];
    return [
      {
        ...made,
        asset: intent.asset,
        outcome: receipt.kind === 'unchanged' ? 'unchanged' : 'succeeded',
        startedAt,
        endedAt: receipt.at,
        durationMs: (receipt.at - startedAt) / receipts.length,
        error: null,
        version: receipt.version,
        rows: receipt.rows,
        expected: receipt.expected,
        found: receipt.found,
        absent: receipt.absent,
      },
    ];
  });
  ledger.recordOutcomes({run: intent.run, outcomes, intent: intent.id, calendars});
  return outcomes.length;
}

function payloadOf({payload}: Intent): Payload {
  return payload as Payload; // written by the makers alone, and the ledger keeps it as it came
}
