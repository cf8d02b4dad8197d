/**
 * What of the ledger is history alone: runs that ended long ago, their attempts, events and tries. The last run stays,
 * and of each partition its last attempt. It does not touch what states are decided by.
 */
import {deleteAlertHistory} from './ledger-alerts.ts';
import {keepCounted} from './ledger-counted.ts';
import type {LedgerDatabase} from './ledger-database.ts';

export interface History {
  readonly runs: number;
  readonly attempts: number;
  readonly events: number;
  readonly tries: number;
}

/** Runs before a time, milliseconds since 1970: not the last one, nor one at work, nor of a plan file, which asks for them. */
const OLD_RUNS = `SELECT id FROM runs WHERE started_at < ?1
  AND plan IS NULL
  AND id NOT IN (SELECT run FROM sessions)
  AND id <> (SELECT id FROM runs ORDER BY started_at DESC, id DESC LIMIT 1)
  AND id <> coalesce((SELECT id FROM runs WHERE kind = 'run' ORDER BY started_at DESC, id DESC LIMIT 1), '')`;
const OLD_ATTEMPTS = `SELECT id FROM attempts WHERE run IN (${OLD_RUNS})
  AND id NOT IN (SELECT max(id) FROM attempts GROUP BY asset, key)`;
const OLD = {
  tries: `FROM tries WHERE at < ?1 AND run IN (${OLD_RUNS})`,
  events: 'FROM events WHERE at < ?1',
  attempts: `FROM attempts WHERE id IN (${OLD_ATTEMPTS})`,
  // One whose attempt is some partition's last stays, so that the attempt can be told of.
  runs: `FROM runs WHERE id IN (${OLD_RUNS}) AND id NOT IN (SELECT run FROM attempts)`,
} as const;

export function countHistory(database: LedgerDatabase, before: number): History {
  const count = (from: string): number =>
    Number(database.prepare(`SELECT count(*) AS count ${from}`).get(before)?.['count']);
  const kept = `FROM runs WHERE id IN (${OLD_RUNS}) AND id NOT IN
    (SELECT run FROM attempts WHERE id NOT IN (${OLD_ATTEMPTS}))`;
  return {
    runs: count(kept),
    attempts: count(OLD.attempts),
    events: count(OLD.events),
    tries: count(OLD.tries),
  };
}

/** Within a transaction that writes. */
export function deleteHistory(database: LedgerDatabase, before: number): void {
  for (const kind of ['tries', 'events', 'attempts', 'runs'] as const) {
    if (kind !== 'events') keepCounted(database, kind, OLD[kind].replaceAll('?1', String(before)));
    database.prepare(`DELETE ${OLD[kind]}`).run(before);
  }
  database
    .prepare(
      `DELETE FROM passes WHERE started_at < ?
       AND id <> (SELECT id FROM passes ORDER BY started_at DESC, id DESC LIMIT 1)`,
    )
    .run(before);
  database
    .prepare('DELETE FROM crew WHERE started_at < ? AND session NOT IN (SELECT run FROM sessions)')
    .run(before);
  deleteAlertHistory(database, before);
  // The log tells what is newer than what: of what is long past nobody asks.
  database
    .prepare('DELETE FROM log WHERE at < ?1 AND sequence < (SELECT max(sequence) FROM log)')
    .run(before);
}
