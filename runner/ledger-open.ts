/**
 * The one way to a ledger, wherever it is: to read it without writing, or brought to today's version to write on it.
 * It does not deal with what the ledger holds, nor with how either kind is opened (ledger-file.ts, ledger-postgres.ts).
 */
import {existsSync} from 'node:fs';
import type {LedgerSnapshot} from '../planner/ledger.ts';
import {unreachable} from '../planner/unreachable.ts';
import type {Ledger} from './ledger.ts';
import {openLedgerFile, openLedgerFileToRead, readLedgerFile} from './ledger-file.ts';
import type {LedgerPlace} from './ledger-place.ts';
import {hasLedgerInPostgres, openLedgerPostgres, readLedgerPostgres} from './ledger-postgres.ts';
import type {LedgerReader} from './ledger-reader.ts';

export interface Owned {
  /** Whose it has to be, or becomes where it is nobody's; undefined: whoever's. */
  readonly pipeline?: string | undefined;
  /** Absolute path of the warehouse: where that holds something, an empty ledger is one that was lost. */
  readonly beside?: string | undefined;
  /** Is told, once, where the copy of an older ledger lies that was brought to today's version. */
  readonly warn?: ((text: string) => void) | undefined;
}

export interface Opening extends Owned {
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface LedgerOptions extends Opening {
  readonly place: LedgerPlace;
}

/**
 * Gives `use` what the ledger holds, without writing; what is asked of the snapshot after `use` has returned may not be
 * there. `use` is called a second time where the ledger was written to meanwhile, so it must only compute. One that does
 * not exist, or is empty, holds nothing. Throws a `LedgerError` for one that is newer, damaged, unreadable, no ledger, or
 * another pipeline's than `pipeline`.
 */
export function readLedger<T>(
  place: LedgerPlace,
  use: (snapshot: LedgerSnapshot) => T,
  owned: Owned = {},
): T {
  switch (place.kind) {
    case 'file':
      return readLedgerFile(place.path, use, owned);
    case 'postgres':
      return readLedgerPostgres(place, use, owned);
    default:
      return unreachable(place);
  }
}

/** Opens or creates the ledger, brought to today's version. Throws a `LedgerError`. */
export function openLedger({place, ...opening}: LedgerOptions): Ledger {
  switch (place.kind) {
    case 'file':
      return openLedgerFile(place.path, opening);
    case 'postgres':
      return openLedgerPostgres(place, opening);
    default:
      return unreachable(place);
  }
}

/**
 * As `openLedger`, for reading: undefined where nothing was ever recorded, since who reads must not make one. Where the
 * folder may not be written, or its disk is full, a file is read as it is.
 */
export function openLedgerToRead(options: LedgerOptions): LedgerReader | undefined {
  const {place, ...opening} = options;
  if (!hasLedger(place)) return undefined;
  return place.kind === 'file' ? openLedgerFileToRead(place.path, opening) : openLedger(options);
}

/** Whether anything was ever recorded. */
export function hasLedger(place: LedgerPlace): boolean {
  switch (place.kind) {
    case 'file':
      return existsSync(place.path);
    case 'postgres':
      return hasLedgerInPostgres(place);
    default:
      return unreachable(place);
  }
}
