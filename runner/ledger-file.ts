/**
 * Finds and opens a ledger that is a file: to read it without writing, or brought to today's version to write on it.
 * It does not deal with what the ledger holds.
 */
import {type BigIntStats, mkdirSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {pathToFileURL} from 'node:url';
import type {LedgerSnapshot} from '../planner/ledger.ts';
import {Ledger} from './ledger.ts';
import {backUp} from './ledger-backup.ts';
import {LedgerError, withLedgerErrors} from './ledger-error.ts';
import type {Opening, Owned} from './ledger-open.ts';
import {refuseOtherOwner, writeOwner} from './ledger-owner.ts';
import {fileLedger} from './ledger-place.ts';
import {LedgerReader} from './ledger-reader.ts';
import {LEDGER_VERSION, migrate, readVersion} from './ledger-schema.ts';
import {EMPTY_SNAPSHOT, readConsistently} from './ledger-snapshot.ts';
import {SqliteDatabase} from './ledger-sqlite.ts';
import {heldBy} from './liveness.ts';

/** How long a write waits for another process's, in milliseconds. */
const BUSY_TIMEOUT = 10_000;

/** As `readLedger`, of the file at `path`. */
export function readLedgerFile<T>(path: string, use: (snapshot: LedgerSnapshot) => T, owned: Owned): T {
  return withLedgerErrors(path, () => {
    refuseOddFile(path, owned);
    const before = stateOf(path);
    if (before === undefined) return use(EMPTY_SNAPSHOT);
    if ((stateOf(`${path}-wal`)?.size ?? 0n) > 0n) return readFrom({place: path, path}, owned, use);
    // No writer is at work: the file alone counts, and is read without the lock files that SQLite puts beside it.
    const url = immutable(path);
    let result: T;
    try {
      result = readFrom({place: url, path}, owned, use);
    } catch (error) {
      if (isSame(before, stateOf(path))) throw error;
      return readFrom({place: path, path}, owned, use);
    }
    return isSame(before, stateOf(path)) ? result : readFrom({place: path, path}, owned, use);
  });
}

function readFrom<T>(
  {place, path}: {readonly place: string | URL; readonly path: string},
  owned: Owned,
  use: (snapshot: LedgerSnapshot) => T,
): T {
  const database = new DatabaseSync(place, {readOnly: true, timeout: BUSY_TIMEOUT});
  try {
    const version = readVersion(database, path);
    if (version === 0) return use(EMPTY_SNAPSHOT);
    if (version === LEDGER_VERSION) {
      const ours = new SqliteDatabase(database);
      if (owned.pipeline !== undefined) refuseOtherOwner(ours, path, owned.pipeline);
      return readConsistently(ours, use, (...held) => heldBy(...held, Date.now));
    }
  } finally {
    database.close();
  }
  const ledger = openLedgerFile(path, {...owned, now: Date.now});
  try {
    return use(ledger.snapshot());
  } finally {
    ledger.close();
  }
}

/** Opens without the lock files that SQLite puts beside it. */
function immutable(path: string): URL {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return url;
}

/** Throws a `LedgerError` for what SQLite would explain badly, or take for a new ledger. */
function refuseOddFile(path: string, {beside}: Pick<Owned, 'beside'>): void {
  const file = statSync(path, {throwIfNoEntry: false});
  if (file === undefined) return;
  if (file.isDirectory()) {
    throw new LedgerError('unreadable', {
      path,
      problem: 'is a folder, not a file',
      mend: "Point the target's 'ledger' elsewhere, or move that folder away.",
    });
  }
  if (file.size > 0 || beside === undefined || (statSync(beside, {throwIfNoEntry: false})?.size ?? 0) === 0)
    return;
  throw new LedgerError('damaged', {
    path,
    problem: `is empty, but the warehouse '${beside}' is not`,
    mend: "'gameplan ledger rebuild' writes it anew from the receipts there; or bring it back from a backup.",
  });
}

function stateOf(path: string): BigIntStats | undefined {
  return statSync(path, {throwIfNoEntry: false, bigint: true});
}

function isSame(before: BigIntStats, after: BigIntStats | undefined): boolean {
  return before.mtimeNs === after?.mtimeNs && before.size === after.size;
}

/** Opens or creates it, brought to today's version. Throws a `LedgerError`. */
export function openLedgerFile(path: string, {pipeline, warn, beside, now}: Opening): Ledger {
  createFolder(path);
  return withLedgerErrors(path, () => {
    refuseOddFile(path, {beside});
    const database = new DatabaseSync(path, {timeout: BUSY_TIMEOUT});
    try {
      const version = readVersion(database, path);
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      if (version > 0 && version < LEDGER_VERSION) {
        const copy = backUp(database, path, {version, at: now()});
        if (copy !== undefined)
          warn?.(
            `The ledger is brought from version ${version} to ${LEDGER_VERSION}; as it was, it is kept as ${copy}`,
          );
      }
      migrate(database, path);
      const ours = new SqliteDatabase(database);
      if (pipeline !== undefined && refuseOtherOwner(ours, path, pipeline)) writeOwner(ours, pipeline);
      return new Ledger(ours, fileLedger(path), now);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** As `openLedgerFile`, for reading: where the folder may not be written, or its disk is full, it is read as it is. */
export function openLedgerFileToRead(path: string, opening: Opening): LedgerReader {
  try {
    return openLedgerFile(path, opening);
  } catch (error) {
    const {pipeline, now} = opening;
    const isPlace =
      error instanceof LedgerError && (error.kind === 'unreadable' || error.kind === 'disk-full');
    // What stands in its log cannot be read without writing.
    if (!isPlace || stateOf(path)?.isFile() !== true || (stateOf(`${path}-wal`)?.size ?? 0n) > 0n)
      throw error;
    return withLedgerErrors(path, () => {
      const database = new DatabaseSync(immutable(path), {readOnly: true});
      try {
        if (readVersion(database, path) !== LEDGER_VERSION) throw error;
        const ours = new SqliteDatabase(database);
        if (pipeline !== undefined) refuseOtherOwner(ours, path, pipeline);
        return new LedgerReader(ours, fileLedger(path), now);
      } catch (mistake) {
        database.close();
        throw mistake;
      }
    });
  }
}

function createFolder(path: string): void {
  try {
    mkdirSync(dirname(path), {recursive: true});
  } catch (cause) {
    throw new LedgerError('unreadable', {
      path,
      problem: `cannot be created: ${cause instanceof Error ? cause.message : String(cause)}`,
      mend: "Allow this user to write that folder, or point the target's 'ledger' elsewhere.",
      cause,
    });
  }
}
