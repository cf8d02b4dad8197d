/**
 * What was billed for each asset, as the ledger keeps it: a sum that outlives the attempts that it came from.
 * It does not deal with what a single attempt was billed (ledger-run.ts).
 */

import {addBilled, type BilledSoFar} from '../planner/billed.ts';
import type {LedgerDatabase, Statement} from './ledger-database.ts';
import type {NumberedAssets} from './ledger-partitions.ts';
import type {PartitionOutcome} from './ledger-row.ts';

/** Adds. Only within a transaction that writes. */
export class BilledTable {
  readonly #assets: NumberedAssets;
  readonly #add: Statement;

  constructor(database: LedgerDatabase, assets: NumberedAssets) {
    this.#assets = assets;
    this.#add = database.prepare(
      `INSERT INTO billed (asset, bytes_billed, slot_ms, attempts) VALUES (?, ?, ?, ?)
       ON CONFLICT (asset) DO UPDATE SET bytes_billed = billed.bytes_billed + excluded.bytes_billed,
         slot_ms = billed.slot_ms + excluded.slot_ms, attempts = billed.attempts + excluded.attempts`,
    );
  }

  /** Of one asset. */
  add(asset: string, outcomes: readonly PartitionOutcome[]): void {
    const sum = addBilled(outcomes.map(({billed}) => billed));
    if (sum === undefined) return;
    const attempts = outcomes.filter(({billed}) => billed !== undefined).length;
    this.#add.run(this.#assets.numberOf(asset), sum.bytesBilled, sum.slotMs, attempts);
  }
}

/** By asset; those that nothing was ever billed for are left out. */
export function readBilled(database: LedgerDatabase): ReadonlyMap<string, BilledSoFar> {
  const rows = database
    .prepare(
      'SELECT name, bytes_billed, slot_ms, attempts FROM billed JOIN assets ON assets.id = billed.asset',
    )
    .all();
  return new Map(
    rows.map(row => [
      String(row['name']),
      {
        bytesBilled: Number(row['bytes_billed']),
        slotMs: Number(row['slot_ms']),
        attempts: Number(row['attempts']),
      },
    ]),
  );
}
