/**
 * The ledger's state as a run changes it, kept in memory so that the planner can be asked without reading SQLite.
 * It does not write: outcomes are recorded in the ledger first, then applied here under the number that it gave.
 */
import type {AssetRecord, CalendarRecord, LedgerSnapshot} from '../../planner/ledger.ts';
import type {AssetName} from '../../planner/pipeline.ts';
import {type CalendarUpdate, updateCalendar} from '../../runner/ledger-calendar.ts';
import {AssetColumns} from '../../runner/ledger-columns.ts';
import {advance, type PartitionOutcome, withdraw} from '../../runner/ledger-row.ts';

/**
 * Records that `find` gave show later values of their rows; after keys were added, `find` gives a new one.
 * An asset is copied from the snapshot when it is first changed or asked for a row.
 */
export class LedgerMirror implements LedgerSnapshot {
  readonly #base: LedgerSnapshot;
  readonly #columns = new Map<string, AssetColumns>();
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
    return this.#columns.get(asset)?.record() ?? this.#base.find(asset);
  }

  /** Row of the key in what `find` gives. */
  rowOf(asset: AssetName, key: string): number | undefined {
    return this.#copied(asset)?.rowOf(key);
  }

  /** Takes in what `recordOutcomes` recorded under `sequence`. */
  apply(outcomes: readonly PartitionOutcome[], sequence: number): void {
    for (const outcome of outcomes) {
      const asset = outcome.asset as AssetName; // an outcome speaks of a declared asset
      const before = this.#copied(asset)?.find(outcome.key);
      const after = advance(before, outcome, sequence);
      if (after !== undefined) this.#grown(asset).set(outcome.key, after);
    }
    this.#sequence = sequence;
  }

  /** Takes in what `forget` recorded under `sequence`. */
  forget(asset: AssetName, keys: readonly string[], sequence: number): void {
    for (const key of keys) {
      const before = this.#copied(asset)?.find(key);
      if (before?.published === true) this.#grown(asset).set(key, withdraw(before, sequence));
    }
    this.#sequence = sequence;
  }

  applyCalendar(update: CalendarUpdate, sequence: number): void {
    this.#calendars.set(update.name, updateCalendar(this.#calendars.get(update.name), update));
    this.#sequence = sequence;
  }

  #copied(asset: AssetName): AssetColumns | undefined {
    const known = this.#columns.get(asset);
    if (known !== undefined) return known;
    const record = this.#base.find(asset);
    return record === undefined ? undefined : this.#keep(asset, AssetColumns.from(record));
  }

  #grown(asset: AssetName): AssetColumns {
    const known = this.#copied(asset);
    if (known !== undefined) return known;
    this.#assets = [...this.#assets, asset].sort();
    return this.#keep(asset, AssetColumns.empty());
  }

  #keep(asset: AssetName, columns: AssetColumns): AssetColumns {
    this.#columns.set(asset, columns);
    return columns;
  }
}
