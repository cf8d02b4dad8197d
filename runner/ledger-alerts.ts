/**
 * Alerts as the ledger keeps them: what is remembered of them, the messages that were written, and what of those is still
 * to be delivered to whom. It does not decide what is told (planner/alert-memory.ts) nor send it (alert-delivery.ts).
 */

import {type AlertKind, type AlertLine, type AlertMemory, FOLD_MS, lineId} from '../planner/alert.ts';
import type {AlertMessage} from '../planner/alert-message.ts';
import type {ReceiverKind} from '../planner/pipeline.ts';
import type {LedgerDatabase} from './ledger-database.ts';

/** A message on its way to one receiver. Times are milliseconds since 1970. */
export interface Delivery {
  readonly message: AlertMessage;
  readonly receiver: ReceiverKind;
  readonly writtenAt: number;
  /** How often it was tried. */
  readonly tries: number;
  /** Not before. */
  readonly nextAt: number;
  /** Of the last try. */
  readonly error: string | undefined;
  /** Undefined: it is still to be delivered. With an error: given up. */
  readonly doneAt: number | undefined;
}

/** The longest until a delivery is tried again. Milliseconds. */
export const LONGEST_PAUSE_MS = 4 * 3_600_000;

/** Whether a delivery may be tried. A time that is further off was written by a clock that has been set back since. */
export function isDueAt(nextAt: number, now: number): boolean {
  return nextAt <= now || nextAt > now + LONGEST_PAUSE_MS;
}

/** Reads. */
export class AlertReader {
  protected readonly database: LedgerDatabase;

  constructor(database: LedgerDatabase) {
    this.database = database;
  }

  memory(now: number): AlertMemory {
    const all = (query: string, ...values: readonly number[]) => this.database.prepare(query).all(...values);
    const sent = "SELECT at FROM alert_messages WHERE why = 'at-once' AND at > ?";
    return {
      lines: new Map(all('SELECT * FROM alerts').map(row => [String(row['id']), lineFrom(row)])),
      toldAt: new Map(
        all('SELECT * FROM alert_topics').map(row => [String(row['id']), Number(row['told_at'])]),
      ),
      marks: new Map(
        all('SELECT * FROM alert_marks').map(row => [String(row['name']), Number(row['value'])]),
      ),
      sent: all(sent, now - FOLD_MS).map(row => Number(row['at'])),
    };
  }

  /** The newest first. */
  messages(limit: number): readonly AlertMessage[] {
    return this.database
      .prepare('SELECT body FROM alert_messages ORDER BY at DESC, id LIMIT ?')
      .all(limit)
      .map(row => JSON.parse(String(row['body'])) as AlertMessage); // only `putMessage` writes it
  }

  /** What is still to be delivered, the oldest first. */
  waiting(): readonly Delivery[] {
    return this.deliveries('done_at IS NULL ORDER BY alert_deliveries.written_at, message');
  }

  /** What was delivered or given up since then. */
  done(since: number): readonly Delivery[] {
    return this.deliveries('done_at >= ? ORDER BY done_at DESC', since);
  }

  protected deliveries(where: string, ...values: readonly (number | string)[]): readonly Delivery[] {
    return this.database
      .prepare(
        `SELECT alert_deliveries.*, body FROM alert_deliveries JOIN alert_messages ON alert_messages.id = message
         WHERE ${where}`,
      )
      .all(...values)
      .map(deliveryFrom);
  }
}

/** Writes as well. Only within a transaction that writes. */
export class AlertTable extends AlertReader {
  /** In place of what `before` says; only what differs is written. */
  remember(before: AlertMemory, after: AlertMemory): void {
    const run = (query: string, ...values: readonly (string | number | null)[]) =>
      this.database.prepare(query).run(...values);
    for (const id of before.lines.keys())
      if (!after.lines.has(id)) run('DELETE FROM alerts WHERE id = ?', id);
    for (const [id, line] of after.lines) {
      const was = before.lines.get(id);
      if (was !== undefined && JSON.stringify(was) === JSON.stringify(line)) continue;
      run(PUT_LINE, ...valuesOf(line));
    }
    for (const [table, column, old, now] of [
      ['alert_topics', 'id', before.toldAt, after.toldAt],
      ['alert_marks', 'name', before.marks, after.marks],
    ] as const) {
      const value = table === 'alert_topics' ? 'told_at' : 'value';
      for (const name of old.keys())
        if (!now.has(name)) run(`DELETE FROM ${table} WHERE ${column} = ?`, name);
      for (const [name, at] of now) {
        if (old.get(name) === at) continue;
        run(
          `INSERT INTO ${table} (${column}, ${value}) VALUES (?, ?)
           ON CONFLICT (${column}) DO UPDATE SET ${value} = excluded.${value}`,
          name,
          at,
        );
      }
    }
  }

  /** With a delivery to each receiver. */
  putMessage(message: AlertMessage, receivers: readonly ReceiverKind[], at: number): void {
    this.database
      .prepare(
        'INSERT INTO alert_messages (id, at, why, body) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
      )
      .run(message.id, at, message.why, JSON.stringify(message));
    const put = this.database.prepare(
      `INSERT INTO alert_deliveries (message, receiver, written_at, tries, next_at, claimed_until)
       VALUES (?, ?, ?, 0, ?, 0) ON CONFLICT (message, receiver) DO NOTHING`,
    );
    for (const receiver of receivers) put.run(message.id, receiver, at, at);
  }

  /** The oldest that is due for a receiver, which nobody else takes until `until`; undefined where none is. */
  claim(
    receiver: ReceiverKind,
    {now, until}: {readonly now: number; readonly until: number},
  ): Delivery | undefined {
    const [due] = this.deliveries(
      'done_at IS NULL AND receiver = ? ORDER BY alert_deliveries.written_at, message LIMIT 1',
      receiver,
    );
    // What was written first is delivered first: while that is not due, nothing is.
    if (due === undefined || !isDueAt(due.nextAt, now)) return undefined;
    const {changes} = this.database
      .prepare(
        `UPDATE alert_deliveries SET claimed_until = ? WHERE message = ? AND receiver = ?
         AND (claimed_until <= ? OR claimed_until > ?)`,
      )
      .run(until, due.message.id, receiver, now, now + LONGEST_PAUSE_MS);
    return Number(changes) === 1 ? due : undefined;
  }

  /** How a try came out. `error` undefined: it was delivered. `nextAt` undefined: it is not tried again. */
  settle(
    {message, receiver}: Pick<Delivery, 'message' | 'receiver'>,
    {
      now,
      error,
      nextAt,
    }: {readonly now: number; readonly error: string | undefined; readonly nextAt: number | undefined},
  ): void {
    this.database
      .prepare(
        `UPDATE alert_deliveries SET tries = tries + 1, error = ?, next_at = ?, claimed_until = 0, done_at = ?
         WHERE message = ? AND receiver = ?`,
      )
      .run(error ?? null, nextAt ?? now, nextAt === undefined ? now : null, message.id, receiver);
  }
}

/** Within a transaction that writes: messages from before that time, but what is still to be delivered of them. */
export function deleteAlertHistory(database: LedgerDatabase, before: number): void {
  const kept = 'SELECT message FROM alert_deliveries WHERE done_at IS NULL';
  const old = `SELECT id FROM alert_messages WHERE at < ? AND id NOT IN (${kept})`;
  database.prepare(`DELETE FROM alert_deliveries WHERE message IN (${old})`).run(before);
  database.prepare(`DELETE FROM alert_messages WHERE at < ? AND id NOT IN (${kept})`).run(before);
}

const PUT_LINE = `
  INSERT INTO alerts (id, kind, cause, about, was, waiting, told, since, waiting_since, runs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET cause = excluded.cause, waiting = excluded.waiting, told = excluded.told,
    since = excluded.since, waiting_since = excluded.waiting_since, runs = excluded.runs`;

function valuesOf(line: AlertLine): readonly (string | number | null)[] {
  const {kind, cause, about, was, waiting, told, since, waitingSince, runs} = line;
  const texts = [waiting, told].map(keys => JSON.stringify(keys));
  return [
    lineId(line),
    kind,
    cause,
    about,
    was ?? null,
    ...texts,
    since,
    waitingSince ?? null,
    JSON.stringify(runs),
  ];
}

type Stored = Readonly<Record<string, unknown>>;

function lineFrom(row: Stored): AlertLine {
  return {
    kind: row['kind'] as AlertKind, // only `remember` writes it
    cause: String(row['cause']),
    about: String(row['about']),
    was: row['was'] === null ? undefined : (row['was'] as AlertKind), // likewise
    waiting: JSON.parse(String(row['waiting'])),
    told: JSON.parse(String(row['told'])),
    since: Number(row['since']),
    waitingSince: row['waiting_since'] === null ? undefined : Number(row['waiting_since']),
    runs: JSON.parse(String(row['runs'])),
  };
}

function deliveryFrom(row: Stored): Delivery {
  return {
    message: JSON.parse(String(row['body'])),
    receiver: row['receiver'] as ReceiverKind, // only `putMessage` writes it
    writtenAt: Number(row['written_at']),
    tries: Number(row['tries']),
    nextAt: Number(row['next_at']),
    error: typeof row['error'] === 'string' ? row['error'] : undefined,
    doneAt: row['done_at'] === null ? undefined : Number(row['done_at']),
  };
}
