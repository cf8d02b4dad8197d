/**
 * Whose a ledger is: the pipeline that wrote it first. Another one would take all that it holds for left over.
 * It does not deal with the warehouse's owner (duckdb-owner.ts).
 */
import type {LedgerDatabase} from './ledger-database.ts';
import {LedgerError} from './ledger-error.ts';

/** Undefined: nobody's yet. */
export function readOwner(database: LedgerDatabase): string | undefined {
  const value = database.prepare("SELECT value FROM meta WHERE name = 'pipeline'").get()?.['value'];
  return value === undefined ? undefined : String(value);
}

export function writeOwner(database: LedgerDatabase, pipeline: string): void {
  database
    .prepare(
      "INSERT INTO meta (name, value) VALUES ('pipeline', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .run(pipeline);
}

/** Throws a `LedgerError` where the ledger is another pipeline's. Returns whether it is nobody's. */
export function refuseOtherOwner(database: LedgerDatabase, path: string, pipeline: string): boolean {
  const owner = readOwner(database);
  if (owner === undefined || owner === pipeline) return owner === undefined;
  throw new LedgerError('other-pipeline', {path, ...otherOwner(owner, pipeline)});
}

/** What to say of a file that is another pipeline's. */
export function otherOwner(
  owner: string,
  pipeline: string,
): {readonly problem: string; readonly mend: string} {
  return {
    problem: `is of the pipeline '${owner}', and this manifest is named '${pipeline}'`,
    mend: "Give each its own 'ledger', 'warehouse' and 'store' under 'targets'; or, where it is the same pipeline under a new name, run 'gameplan ledger rename'.",
  };
}
