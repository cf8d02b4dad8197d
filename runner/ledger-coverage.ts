/**
 * The source coverage log and the tries at sources, as the ledger keeps them: appended, and never changed.
 * It does not deal with what they mean (planner/coverage-event.ts).
 */

import type {CoverageEvent, EventKind, Severity, Try, TryOutcome} from '../planner/coverage-event.ts';
import type {PublishedBy} from '../planner/resolution.ts';
import type {LedgerDatabase, SqlValue, Statement} from './ledger-database.ts';
import type {NumberedAssets} from './ledger-partitions.ts';

/** Which events are asked for; what is left out does not matter. */
export interface EventFilter {
  readonly assets?: readonly string[] | undefined;
  readonly key?: string | undefined;
  readonly game?: string | undefined;
  readonly kinds?: readonly EventKind[] | undefined;
  readonly severities?: readonly Severity[] | undefined;
  readonly source?: string | undefined;
  readonly run?: string | undefined;
  /** Milliseconds since 1970, meant. */
  readonly since?: number | undefined;
  /** At most so many, the newest. */
  readonly limit?: number | undefined;
}

export interface RecordedTry extends Try {
  readonly run: string;
}

/** Appends. Only within a transaction that writes. */
export class CoverageTable {
  readonly #assets: NumberedAssets;
  readonly #insertEvent: Statement;
  readonly #insertTry: Statement;

  constructor(database: LedgerDatabase, assets: NumberedAssets) {
    this.#assets = assets;
    this.#insertEvent = database.prepare(
      `INSERT INTO events (at, run, asset, key, game, kind, severity, source, detail)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertTry = database.prepare(
      `INSERT INTO tries (run, asset, key, source, outcome, expected, found, detail, at, duration_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  putEvents(events: readonly CoverageEvent[]): void {
    this.#insertEvent.runMany(
      events.map(({at, run, asset, key, game, kind, severity, source, detail}) => {
        const number = this.#assets.numberOf(asset);
        return [at, run ?? null, number, key, game ?? null, kind, severity, source ?? null, detail];
      }),
    );
  }

  putTries(run: string, tries: readonly Try[]): void {
    this.#insertTry.runMany(
      tries.map(({asset, key, source, outcome, expected, found, detail, at, durationMs}) => {
        const number = this.#assets.numberOf(asset);
        return [run, number, key, source, outcome, expected, found, detail, at, durationMs];
      }),
    );
  }
}

/** The newest first. */
export function readEvents(database: LedgerDatabase, filter: EventFilter): readonly CoverageEvent[] {
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  const among = (column: string, wanted: readonly string[] | undefined): void => {
    if (wanted === undefined) return;
    conditions.push(`${column} IN (SELECT value FROM json_each(?))`);
    values.push(JSON.stringify(wanted));
  };
  const equal = (column: string, wanted: string | undefined): void => {
    if (wanted !== undefined) among(column, [wanted]);
  };
  among('name', filter.assets);
  equal('key', filter.key);
  equal('game', filter.game);
  among('kind', filter.kinds);
  among('severity', filter.severities);
  equal('source', filter.source);
  equal('run', filter.run);
  if (filter.since !== undefined) {
    conditions.push('at >= ?');
    values.push(filter.since);
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const query = `SELECT events.*, name FROM events JOIN assets ON assets.id = events.asset ${where}
    ORDER BY events.id DESC LIMIT ?`;
  return database
    .prepare(query)
    .all(...values, filter.limit ?? Number.MAX_SAFE_INTEGER)
    .map(row => ({
      at: Number(row['at']),
      run: text(row['run']),
      asset: String(row['name']),
      key: String(row['key']),
      game: text(row['game']),
      kind: row['kind'] as EventKind, // only `putEvents` writes it
      severity: row['severity'] as Severity,
      source: text(row['source']),
      detail: String(row['detail']),
    }));
}

/** When partitions that have events were made, or found as they were, by `asset@key`; the oldest first. */
export function readPublications(database: LedgerDatabase): ReadonlyMap<string, readonly PublishedBy[]> {
  const rows = database
    .prepare(
      `SELECT name, key, run, ended_at FROM attempts JOIN assets ON assets.id = attempts.asset
       WHERE outcome IN ('succeeded', 'unchanged')
       AND EXISTS (SELECT 1 FROM events WHERE events.asset = attempts.asset AND events.key = attempts.key)
       ORDER BY attempts.id`,
    )
    .all();
  const found = new Map<string, PublishedBy[]>();
  for (const row of rows) {
    const ref = `${String(row['name'])}@${String(row['key'])}`;
    const own = found.get(ref) ?? [];
    found.set(ref, own);
    own.push({run: String(row['run']), at: Number(row['ended_at'])});
  }
  return found;
}

/** The newest first. */
export function readTries(
  database: LedgerDatabase,
  {asset, key}: {readonly asset: string; readonly key: string},
  limit: number,
): readonly RecordedTry[] {
  const query = `${TRIES} WHERE name = ? AND key = ? ORDER BY tries.id DESC LIMIT ?`;
  return database.prepare(query).all(asset, key, limit).map(tryFrom);
}

/** In the order in which they were made. */
export function readTriesOfRun(database: LedgerDatabase, run: string): readonly RecordedTry[] {
  return database.prepare(`${TRIES} WHERE run = ? ORDER BY tries.id`).all(run).map(tryFrom);
}

const TRIES = 'SELECT tries.*, name FROM tries JOIN assets ON assets.id = tries.asset';

function tryFrom(row: Readonly<Record<string, unknown>>): RecordedTry {
  return {
    run: String(row['run']),
    asset: String(row['name']),
    key: String(row['key']),
    source: String(row['source']),
    outcome: row['outcome'] as TryOutcome, // only `putTries` writes it
    expected: number(row['expected']),
    found: number(row['found']),
    detail: text(row['detail']) ?? null,
    at: Number(row['at']),
    durationMs: Number(row['duration_ms']),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: unknown): number | null {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
}
