/**
 * What runs have begun to write, as the ledger keeps it until the outcomes are recorded.
 * It does not deal with how an intent of a dead run is settled (settle.ts).
 */
import type {Changed, LedgerDatabase, SqlValue, Statement} from './ledger-database.ts';

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
  readonly #insertIfHeld: Statement;

  constructor(database: LedgerDatabase) {
    this.#database = database;
    this.#insert = database.prepare(
      'INSERT INTO intents (id, run, asset, keys, kind, payload, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#insertIfHeld = database.prepare(
      `INSERT INTO intents (id, run, asset, keys, kind, payload, at) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
       WHERE (SELECT count(*) FROM leases
         WHERE run = ?2 AND asset = ?8 AND key IN (SELECT value FROM json_each(?9))) = ?10`,
    );
  }

  /** `at`: milliseconds since 1970. */
  put(intent: Intent, at: number): Changed {
    return this.#insert.run(...valuesOf(intent, at));
  }

  /** The same, only if its run holds all its partitions. `asset`: the number of its asset. */
  putIfHeld(intent: Intent, at: number, asset: number): Changed {
    return this.#insertIfHeld.run(
      ...valuesOf(intent, at),
      asset,
      JSON.stringify(intent.keys),
      new Set(intent.keys).size,
    );
  }

  /** Changes as many as were still open. */
  delete(ids: readonly string[]): Changed {
    return this.#database
      .prepare('DELETE FROM intents WHERE id IN (SELECT value FROM json_each(?))')
      .run(JSON.stringify(ids));
  }
}

function valuesOf({id, run, asset, keys, kind, payload}: Intent, at: number): readonly SqlValue[] {
  return [id, run, asset, JSON.stringify(keys), kind, JSON.stringify(payload), at];
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
      kind: row['kind'] as Intent['kind'], // only `put` and `putIfHeld` write it
      payload: JSON.parse(String(row['payload'])),
    }));
}
