/**
 * Attempts and what they make of partitions, written many at once.
 * It does not deal with how attempts are read back (ledger-run.ts), nor with what an outcome means (ledger-row.ts).
 */
import type {LedgerDatabase, SqlValue, Statement} from './ledger-database.ts';
import type {PartitionTable} from './ledger-partitions.ts';
import {advance, type PartitionOutcome, type PartitionRow} from './ledger-row.ts';

/** Only within a transaction that writes. */
export class AttemptTable {
  readonly #partitions: PartitionTable;
  readonly #insert: Statement;

  constructor(database: LedgerDatabase, partitions: PartitionTable) {
    this.#partitions = partitions;
    this.#insert = database.prepare(
      `INSERT INTO attempts
       (sequence, run, asset, key, outcome, started_at, ended_at, duration_ms, error, reasons, fingerprint, digest, version, rows, retries,
        bytes_billed, slot_ms, worker)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  /** `session`: whose work it is; a worker's is recorded as that of the run that it works for. */
  put(
    {run, session, sequence}: {readonly run: string; readonly session: string; readonly sequence: number},
    outcomes: readonly PartitionOutcome[],
  ): void {
    for (const [asset, own] of Map.groupBy(outcomes, each => each.asset)) {
      const keys = own.flatMap(each => (isRead(each) ? [each.key] : []));
      // A partition may end twice in a batch: the second begins where the first ended.
      const now = new Map(this.#partitions.findMany(asset, keys));
      const changed = new Map<string, PartitionRow>();
      for (const outcome of own) {
        const after = advance(now.get(outcome.key), outcome, sequence);
        if (after === undefined) continue;
        now.set(outcome.key, after);
        changed.set(outcome.key, after);
      }
      this.#partitions.putMany(asset, sequence, changed);
    }
    const worker = session === run ? null : session;
    this.#insert.runMany(outcomes.map(each => [sequence, run, ...this.#valuesOf(each), worker]));
  }

  #valuesOf(outcome: PartitionOutcome): readonly SqlValue[] {
    const tried = 'fingerprint' in outcome ? outcome : undefined;
    const published = 'version' in outcome ? outcome : undefined;
    return [
      this.#partitions.assets.numberOf(outcome.asset),
      outcome.key,
      outcome.outcome,
      outcome.startedAt,
      outcome.endedAt,
      outcome.durationMs,
      outcome.error,
      JSON.stringify(outcome.reasons),
      tried === undefined ? null : this.#partitions.fingerprints.numberOf(tried.fingerprint),
      tried?.digest ?? null,
      published?.version ?? null,
      published?.rows ?? null,
      outcome.retries ?? 0,
      outcome.billed?.bytesBilled ?? null,
      outcome.billed?.slotMs ?? null,
    ];
  }
}

/** Whether what comes of it depends on what was there before. */
function isRead(outcome: PartitionOutcome): boolean {
  return 'fingerprint' in outcome || 'withdrawn' in outcome;
}
