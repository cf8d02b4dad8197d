/**
 * What runs have begun to write, as the ledger keeps it until the outcomes are recorded.
 * It does not deal with how an intent of a dead run is settled (settle.ts).
 */
import type {LedgerDatabase, Statement} from './ledger-database.ts';

/** What a write to the warehouse or store means to do. Open until its outcomes are recorded. */
export interface Intent {
  readonly id: string;
  readonly run: string;
  readonly asset: string;
  readonly keys: readonly string[];
  readonly kind: 'rows' | 'files';
  /** JSON: all that is needed to complete the record from the receipts alone. */
  readonly payload: unknown;
}

/** Only within a transaction that writes. */
export class IntentTable {
  readonly #database: LedgerDatabase;
  readonly #insert: Statement;

  constructor(database: LedgerDatabase) {
    this.#database = database;
    this.#insert = database.prepare(
      'INSERT INTO intents (id, run, asset, keys, kind, payload, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
  }

  /** `at`: milliseconds since 1970. */
  put({id, run, asset, keys, kind, payload}: Intent, at: number): void {
    this.#insert.run(id, run, asset, JSON.stringify(keys), kind, JSON.stringify(payload), at);
  }

  /** Whether it was still open. */
  delete(id: string): boolean {
    return this.#database.prepare('DELETE FROM intents WHERE id = ?').run(id).changes > 0;
  }
}

/** The oldest first, without those of the runs `atWork`. */
export function readIntents(
  database: LedgerDatabase,
  {atWork}: {readonly atWork: readonly string[]},
): Intent[] {
  return database
    .prepare(
      `SELECT id, run, asset, keys, kind, payload FROM intents
       WHERE run NOT IN (SELECT value FROM json_each(?)) ORDER BY at, id`,
    )
    .all(JSON.stringify(atWork))
    .map(row => ({
      id: String(row['id']),
      run: String(row['run']),
      asset: String(row['asset']),
      keys: JSON.parse(String(row['keys'])),
      kind: row['kind'] as Intent['kind'], // only `put` writes it
      payload: JSON.parse(String(row['payload'])),
    }));
}
