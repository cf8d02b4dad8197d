/**
 * The ledger's state as a run changes it, kept in memory so that the planner can be asked without reading SQLite.
 * It does not write: outcomes are recorded in the ledger first, then applied here under the number that it gave.
 */
import {
  type AssetRecord,
  type CalendarRecord,
  type LedgerSnapshot,
  NO_LEASES,
  type SiteSpending,
} from '../../planner/ledger.ts';
import type {AssetName} from '../../planner/pipeline.ts';
import {type CalendarUpdate, updateCalendar} from '../../runner/ledger-calendar.ts';
import {RecordColumns, rowAt} from '../../runner/ledger-columns.ts';
import {advance, type PartitionOutcome, type PartitionRow, withdraw} from '../../runner/ledger-row.ts';

/** An asset is copied from the snapshot, row by row, when it is first changed or asked for a row. */
export class LedgerMirror implements LedgerSnapshot {
  readonly leases = NO_LEASES;
  /** A test's own. */
  spending: SiteSpending = [];
  readonly #base: LedgerSnapshot;
  readonly #rows = new Map<string, Map<string, PartitionRow>>();
  /** Of what has not changed since it was asked for. */
  readonly #records = new Map<string, RecordColumns>();
  readonly #calendars: Map<string, CalendarRecord>;
  #sequence: number;
  #assets: readonly AssetName[];

  constructor(snapshot: LedgerSnapshot) {
    this.#base = snapshot;
    this.#sequence = snapshot.sequence;
    this.#calendars = new Map(snapshot.calendars);
    this.#assets = snapshot.assets;
  }

  get sequence(): number {
    return this.#sequence;
  }

  get calendars(): ReadonlyMap<string, CalendarRecord> {
    return this.#calendars;
  }

  get assets(): readonly AssetName[] {
    return this.#assets;
  }

  find(asset: AssetName): AssetRecord | undefined {
    return this.#rows.has(asset) ? this.#recordOf(asset) : this.#base.find(asset);
  }

  /** Row of the key in what `find` gives. */
  rowOf(asset: AssetName, key: string): number | undefined {
    this.#copied(asset);
    return this.#rows.has(asset) ? this.#recordOf(asset).rowOf(key) : undefined;
  }

  /** Takes in what `recordOutcomes` recorded under `sequence`. */
  apply(outcomes: readonly PartitionOutcome[], sequence: number): void {
    for (const outcome of outcomes) {
      const asset = outcome.asset as AssetName; // an outcome speaks of a declared asset
      const before = this.#copied(asset)?.get(outcome.key);
      const after = advance(before, outcome, sequence);
      if (after !== undefined) this.#put(asset, outcome.key, after);
    }
    this.#sequence = sequence;
  }

  /** Takes in what `forget` recorded under `sequence`. */
  forget(asset: AssetName, keys: readonly string[], sequence: number): void {
    for (const key of keys) {
      const before = this.#copied(asset)?.get(key);
      if (before?.published === true) this.#put(asset, key, withdraw(before, sequence));
    }
    this.#sequence = sequence;
  }

  applyCalendar(update: CalendarUpdate, sequence: number): void {
    this.#calendars.set(update.name, updateCalendar(this.#calendars.get(update.name), update));
    this.#sequence = sequence;
  }

  #copied(asset: AssetName): Map<string, PartitionRow> | undefined {
    const known = this.#rows.get(asset);
    const record = this.#base.find(asset);
    if (known !== undefined || record === undefined) return known;
    const rows = new Map(record.keys.map((key, row) => [key, rowAt(record, row)]));
    this.#rows.set(asset, rows);
    return rows;
  }

  #put(asset: AssetName, key: string, row: PartitionRow): void {
    let rows = this.#copied(asset);
    if (rows === undefined) {
      rows = new Map();
      this.#rows.set(asset, rows);
      this.#assets = [...this.#assets, asset].sort();
    }
    rows.set(key, row);
    this.#records.delete(asset);
  }

  #recordOf(asset: AssetName): RecordColumns {
    let record = this.#records.get(asset);
    if (record === undefined) {
      record = new RecordColumns(undefined, new Map(this.#rows.get(asset)));
      this.#records.set(asset, record);
    }
    return record;
  }
}
