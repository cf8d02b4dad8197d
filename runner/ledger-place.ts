/**
 * Where a ledger is: a file, or a schema of a Postgres database. Everybody passes on this in place of a path.
 * It does not open it (ledger-open.ts).
 */
import {resolve} from 'node:path';
import type {LedgerTarget, Pipeline} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';

/** A target's ledger; the path of a file is absolute. */
export type LedgerPlace = LedgerTarget;

/** `root`: absolute folder of the project. */
export function ledgerPlace({
  root,
  pipeline,
}: {
  readonly root: string;
  readonly pipeline: Pick<Pipeline, 'target'>;
}): LedgerPlace {
  const {ledger} = pipeline.target;
  return ledger.kind === 'file' ? fileLedger(resolve(root, ledger.path)) : ledger;
}

export function fileLedger(path: string): LedgerPlace {
  return {kind: 'file', path};
}

/** As messages call it: a file by its path, a database by its URL without what is secret of it. */
export function ledgerName(place: LedgerPlace): string {
  switch (place.kind) {
    case 'file':
      return place.path;
    case 'postgres':
      return postgresName(place.url, place.schema);
    default:
      return unreachable(place);
  }
}

/** User, host, port and database; nothing of what else a URL may hold. */
function postgresName(url: string, schema: string): string {
  const {username, host, pathname} = new URL(url);
  return `postgres://${username === '' ? '' : `${username}@`}${host}${pathname}?schema=${schema}`;
}
