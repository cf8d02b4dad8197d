/**
 * What of a target lies on this machine: ledger, warehouse file, folder of objects, room on the disk.
 * It does not deal with what is elsewhere.
 */
import {randomUUID} from 'node:crypto';
import {accessSync, constants, existsSync, readFileSync, rmSync, statfsSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import type {DuckdbWarehouse, FolderStoreTarget, PostgresLedger} from '../planner/pipeline.ts';
import type {Examined} from './doctor.ts';
import {type Finding, finding} from './finding.ts';
import {LedgerError} from './ledger-error.ts';
import {readLedger} from './ledger-open.ts';
import {ledgerName, ledgerPlace} from './ledger-place.ts';
import {refusalOfPostgres} from './ledger-postgres.ts';
import {openWarehouse, warehouseFile} from './open-warehouse.ts';
import {WarehouseError} from './warehouse.ts';

type Found = Omit<Finding, 'check' | 'of'>;

/** Reads it as `plan` does, and writes nothing. */
export async function examineLedger({root, pipeline}: Examined): Promise<Finding> {
  const place = ledgerPlace({root, pipeline});
  return await finding('ledger', ledgerName(pipeline.target.ledger), async () => {
    if (place.kind === 'file' && !existsSync(place.path)) return notThereYet(place.path);
    try {
      const owned = {pipeline: pipeline.name, beside: warehouseFile({root, pipeline})};
      return readLedger(
        place,
        () =>
          place.kind === 'file' ? mayWrite(place.path, 'read, and may be written') : mayWriteServer(place),
        owned,
      );
    } catch (error) {
      if (error instanceof LedgerError && error.kind === 'busy')
        return {verdict: 'warn', says: error.message};
      throw error;
    }
  });
}

export async function examineFile({root, pipeline}: Examined, {path}: DuckdbWarehouse): Promise<Finding> {
  return await finding('warehouse', path, async () => {
    if (path === ':memory:') {
      return {verdict: 'ok', says: 'is in memory, and gone when the command ends'};
    }
    const file = resolve(root, path);
    if (!existsSync(file)) return notThereYet(file);
    try {
      await (await openWarehouse({root, pipeline, waitMs: 0})).close();
    } catch (error) {
      const isBusy = error instanceof WarehouseError && error.kind === 'locked';
      if (isBusy) return {verdict: 'warn', says: error.message};
      throw error;
    }
    return mayWrite(file, 'opened, and may be written');
  });
}

/** Puts an object there and takes it away again. */
export async function examineFolder({root}: Examined, {path}: FolderStoreTarget): Promise<Finding> {
  return await finding('store', path, async () => {
    const folder = resolve(root, path);
    if (!existsSync(folder)) return notThereYet(folder);
    const probe = join(folder, `.gameplan-doctor-${randomUUID()}`);
    try {
      writeFileSync(probe, 'probe', {flag: 'wx'});
      const isSame = readFileSync(probe, 'utf8') === 'probe';
      rmSync(probe);
      if (isSame) return {verdict: 'ok', says: 'a file was written, read and deleted'};
      return {verdict: 'fail', says: 'gives back other bytes than were written', mend: 'Look at the disk.'};
    } catch (error) {
      return refusedBySystem(error, folder);
    }
  });
}

const GIB = 2 ** 30;

/** Where the warehouse, or else the ledger, lies. */
export function examineDisk({root, pipeline}: Examined): Finding {
  const ledger = ledgerPlace({root, pipeline});
  const file = warehouseFile({root, pipeline}) ?? (ledger.kind === 'file' ? ledger.path : join(root, 'x'));
  const folder = existing(dirname(file));
  const {bavail, bsize} = statfsSync(folder);
  const free = (bavail * bsize) / GIB;
  const says = `${free.toFixed(free < 10 ? 1 : 0)} GiB are free at '${folder}'`;
  const mend = 'Free some space: a write needs room for the new rows beside the old ones.';
  const about = {check: 'disk', of: ''} as const;
  if (free < 0.5) return {...about, verdict: 'fail', says, mend};
  return free < 5 ? {...about, verdict: 'warn', says, mend} : {...about, verdict: 'ok', says};
}

function notThereYet(path: string): Found {
  const folder = existing(dirname(path));
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return {verdict: 'ok', says: 'is not there yet; the first run makes it'};
  } catch (error) {
    return refusedBySystem(error, folder);
  }
}

function mayWrite(path: string, says: string): Found {
  try {
    accessSync(path, constants.W_OK);
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
    return {verdict: 'ok', says};
  } catch (error) {
    return refusedBySystem(error, path);
  }
}

function mayWriteServer(place: PostgresLedger): Found {
  const refusal = refusalOfPostgres(place);
  if (refusal === undefined) return {verdict: 'ok', says: 'read, and may be written'};
  return {
    verdict: 'fail',
    says: `cannot be written: ${refusal}`,
    mend: 'Let the user create a schema in that database and write there, or name another user or server in the URL.',
  };
}

function refusedBySystem(error: unknown, path: string): Found {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return {
    verdict: 'fail',
    says: `'${path}' cannot be written (${code})`,
    mend: 'Let this user write there, or name another place in the target.',
  };
}

/** The nearest folder above that is there. */
function existing(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder));
}
