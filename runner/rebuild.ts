/**
 * Writes a ledger anew from receipts alone, beside the old one, and puts it in that one's place as a whole.
 * It does not decide what receipts mean (restore.ts). The old file is kept.
 */
import {randomBytes} from 'node:crypto';
import {existsSync, linkSync, renameSync, rmSync} from 'node:fs';
import {DatabaseSync} from 'node:sqlite';
import type {PostgresLedger} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';
import {LedgerError, withLedgerErrors} from './ledger-error.ts';
import {hasLedger, openLedger} from './ledger-open.ts';
import {fileLedger, type LedgerPlace, ledgerName} from './ledger-place.ts';
import {dropSchema, swapSchemas} from './ledger-postgres.ts';
import type {Session} from './ledger-session.ts';
import {holderText, PULSE, Watch} from './liveness.ts';
import type {Restored} from './restore.ts';
import {settleIntents} from './settle.ts';
import type {Standings} from './standing.ts';
import type {Store} from './store.ts';
import type {Receipt, Warehouse} from './warehouse.ts';

interface Place {
  readonly place: LedgerPlace;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Whose it is. */
  readonly pipeline?: string;
}

/**
 * Settles what a killed run left, where the old ledger can still say so. Throws a `LedgerError` where a run is at work,
 * or the file is none of ours to replace.
 */
export async function settleBeforeRebuild(
  {place, now, pipeline}: Place,
  openers: {readonly warehouse: Warehouse; readonly store: Store},
): Promise<void> {
  if (!hasLedger(place)) return;
  try {
    const ledger = openLedger({place, pipeline, now});
    try {
      refuseAlive(place, ledger.otherSessions(), now);
      await settleIntents(ledger, {warehouse: async () => openers.warehouse, store: () => openers.store});
    } finally {
      ledger.close();
    }
  } catch (error) {
    const isBeyondRepair =
      error instanceof LedgerError && (error.kind === 'damaged' || error.kind === 'not-a-ledger');
    if (!isBeyondRepair) throw error;
  }
}

/** Says in receipts that the partitions of tables that are gone are not published: nothing else would ever do. */
export async function dropGone(
  warehouse: Warehouse,
  standings: Standings,
  about: {readonly run: string; readonly by: string | undefined; readonly at: number},
): Promise<number> {
  const receipts = [...standings.assets.values()].flatMap(all =>
    [...all.values()].flatMap(({receipt, place}): Receipt[] => {
      if (place.kind !== 'gone-table') return [];
      const {arrivedAt: _, publishedAt: __, madeAt: ___, ...own} = receipt;
      const intent = `${about.run}-${own.asset}-gone`;
      return [
        {...own, ...about, intent, kind: 'dropped', why: 'its table was gone when the ledger was rebuilt'},
      ];
    }),
  );
  if (receipts.length > 0) await warehouse.writeReceipts({receipts});
  return receipts.length;
}

/** Returns where the old ledger is kept; undefined: there was none. Throws a `LedgerError` where it is in use. */
export function replaceLedger({place, ...about}: Place, restored: Restored): string | undefined {
  switch (place.kind) {
    case 'file':
      return replaceFile(place.path, about, restored);
    case 'postgres':
      return replaceSchema(place, about, restored);
    default:
      return unreachable(place);
  }
}

function replaceFile(
  path: string,
  {now, pipeline}: Omit<Place, 'place'>,
  restored: Restored,
): string | undefined {
  const aside = `${path}.rebuilt-${randomBytes(6).toString('hex')}`;
  try {
    const ledger = openLedger({place: fileLedger(aside), pipeline, now});
    try {
      ledger.restore(restored);
    } finally {
      ledger.close();
    }
    return swap(path, aside, now());
  } finally {
    for (const rest of ['', '-wal', '-shm']) rmSync(`${aside}${rest}`, {force: true});
  }
}

function replaceSchema(
  place: PostgresLedger,
  {now, pipeline}: Omit<Place, 'place'>,
  restored: Restored,
): string | undefined {
  const aside: PostgresLedger = {...place, schema: `${place.schema}_${randomBytes(6).toString('hex')}`};
  try {
    const ledger = openLedger({place: aside, pipeline, now});
    try {
      ledger.restore(restored);
    } finally {
      ledger.close();
    }
    const backup = swapSchemas(place, {aside, at: now()}, sessions => refuseAlive(place, sessions, now));
    return backup === undefined ? undefined : ledgerName(backup);
  } finally {
    dropSchema(aside);
  }
}

function refuseAlive(place: LedgerPlace, sessions: readonly Session[], now: () => number): void {
  const watch = new Watch(PULSE, {clock: now});
  const alive = sessions.find(session => !watch.isDead(session));
  if (alive !== undefined) throw inUse(place, `is in use by ${holderText(alive)}`);
}

/** The place never stands empty: the old file gets a second name, then the new one takes the first. */
function swap(path: string, aside: string, now: number): string | undefined {
  if (!existsSync(path)) {
    renameSync(aside, path);
    return undefined;
  }
  const backup = backupOf(path, now);
  const hold = holdAlone(path);
  try {
    linkSync(path, backup);
    // What is left of a damaged file's log belongs to it, and would be taken for the new one's.
    if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${backup}-wal`);
    rmSync(`${path}-shm`, {force: true});
    renameSync(aside, path);
  } finally {
    hold?.close();
  }
  return backup;
}

/** A name that no file has. */
function backupOf(path: string, now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  for (let number = 1; ; number++) {
    const backup = `${path}.before-rebuild-${stamp}${number === 1 ? '' : `-${number}`}`;
    if (!existsSync(backup)) return backup;
  }
}

/** Nobody else has the file open as long as this lasts. Undefined: it is too damaged to be held. */
function holdAlone(path: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path, {timeout: 0});
  try {
    // Its log goes into the file, which works only where no other connection is open.
    withLedgerErrors(path, () => database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE'));
    return database;
  } catch (error) {
    database.close();
    if (error instanceof LedgerError && (error.kind === 'damaged' || error.kind === 'not-a-ledger'))
      return undefined;
    throw error;
  }
}

function inUse(place: LedgerPlace, problem: string): LedgerError {
  return new LedgerError('busy', {
    path: ledgerName(place),
    problem,
    mend: 'Wait until that has ended, then run the command again.',
  });
}
