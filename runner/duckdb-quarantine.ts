/**
 * Keeps what was held back of partitions, for reading: two tables beside the receipts, one of partitions and one of their
 * rows as JSON. It does not deal with why rows are held back.
 */
import {BIGINT, VARCHAR} from '@duckdb/node-api';
import {appendChunk, CHUNK} from './duckdb-append.ts';
import {duckdbDialect} from './duckdb-dialect.ts';
import {bindKeys, keyParameter} from './duckdb-key.ts';
import {literal, quoted, tableName} from './duckdb-name.ts';
import {ROWS} from './duckdb-relations.ts';
import type {Session} from './duckdb-session.ts';
import type {Staging} from './duckdb-staging.ts';
import {tablesIn} from './duckdb-table.ts';
import {keyText} from './sql-dialect.ts';
import {partitionColumn} from './table-key.ts';
import type {HeldBack, HoldRequest, Violation} from './warehouse.ts';

const PARTITIONS = 'gameplan.quarantine';
const HELD_ROWS = 'gameplan.quarantined_rows';
/** Rows of a partition that are kept: more would be read by nobody. */
const MOST_ROWS = 10_000;

/** Held-back partitions of one warehouse. Lives as long as its file is open. */
export class Quarantine {
  readonly #catalog: string;
  /** Keys by asset, at least those that are held; undefined before anyone looked. */
  #held: Map<string, Set<string>> | undefined;

  constructor(catalog: string) {
    this.#catalog = catalog;
  }

  /** One transaction: what was held of these partitions before goes. */
  async hold(staging: Staging, {run, at, partitions}: HoldRequest): Promise<void> {
    const {session, table} = staging;
    const keys = partitions.map(({key}) => key);
    await session.transaction(async () => {
      await session.run(this.#declarations());
      await this.#delete(session, table.name, keys);
      const columns = table.columns.map(({name}) => quoted(name));
      const order = table.key.length === 0 ? '' : ` ORDER BY ${table.key.map(quoted).join(', ')}`;
      const isCut = partitionColumn(table.partitioning) !== undefined;
      // No column may have the name of what is put beside the columns.
      await session.run(
        `INSERT INTO ${tableName(this.#catalog, HELD_ROWS)}
         SELECT ${literal(table.name)}, gameplan_key, gameplan_position,
           CAST(to_json(struct_pack(${columns.map(name => `${name} := ${name}`).join(', ')})) AS VARCHAR)
         FROM (SELECT *, ${keyText({dialect: duckdbDialect, table: staging.table})} AS gameplan_key,
                 row_number() OVER (PARTITION BY ${keyText({dialect: duckdbDialect, table: staging.table})}${order}) AS gameplan_position
               FROM ${ROWS}${isCut ? ` WHERE ${keyParameter(table, 'keys')}` : ''})
         WHERE gameplan_position <= ${MOST_ROWS}`,
        isCut ? {bound: bindKeys(keys)} : {},
      );
      const appender = await session.connection.createAppender('quarantine', 'gameplan', this.#catalog);
      for (let from = 0; from < partitions.length; from += CHUNK) {
        const some = partitions.slice(from, from + CHUNK);
        appendChunk(
          appender,
          [VARCHAR, VARCHAR, VARCHAR, BIGINT, VARCHAR, VARCHAR, BIGINT],
          [
            some.map(() => table.name),
            some.map(({key}) => key),
            some.map(() => run),
            some.map(() => BigInt(at)),
            some.map(({error}) => error),
            some.map(({violations}) => JSON.stringify(violations)),
            some.map(({rows}) => BigInt(rows)),
          ],
        );
      }
      appender.closeSync();
    });
    const known = this.#held?.get(table.name) ?? new Set();
    this.#held?.set(table.name, new Set([...known, ...keys]));
  }

  /** What is held of these is there no more: other rows of them are published. Within a transaction of the caller's. */
  async release(session: Session, asset: string, keys: readonly string[] | 'all'): Promise<void> {
    const held = (await this.#keysHeld(session)).get(asset);
    if (held === undefined) return;
    const gone = keys === 'all' ? [...held] : keys.filter(key => held.has(key));
    if (gone.length > 0) await this.#delete(session, asset, gone);
  }

  /** The partitions that are held, by asset and key. */
  async list(session: Session): Promise<readonly HeldBack[]> {
    if (!(await this.#isThere(session))) return [];
    const found = await session.rows(
      `SELECT asset, key, run, "at", error, violations, "rows" FROM ${tableName(this.#catalog, PARTITIONS)}
       ORDER BY asset, key`,
    );
    return found.map(([asset, key, run, at, error, violations, rows]) => ({
      asset: String(asset),
      key: String(key),
      run: String(run),
      at: Number(at),
      error: String(error),
      violations: violationsIn(String(violations)),
      rows: Number(rows),
      kept: Math.min(Number(rows), MOST_ROWS),
    }));
  }

  /** Rows of one partition as JSON texts, by the table's key. */
  async rows(
    session: Session,
    {asset, key}: {readonly asset: string; readonly key: string},
  ): Promise<readonly string[]> {
    if (!(await this.#isThere(session))) return [];
    const found = await session.rows(
      `SELECT "row" FROM ${tableName(this.#catalog, HELD_ROWS)} WHERE asset = $asset AND key = $key ORDER BY position`,
      {bound: {values: {asset, key}}},
    );
    return found.map(([row]) => String(row));
  }

  #declarations(): string {
    const declared = [
      [
        PARTITIONS,
        'asset VARCHAR, key VARCHAR, run VARCHAR, "at" BIGINT, error VARCHAR, violations VARCHAR, "rows" BIGINT',
      ],
      [HELD_ROWS, 'asset VARCHAR, key VARCHAR, position BIGINT, "row" VARCHAR'],
    ] as const;
    return declared
      .map(([name, columns]) => `CREATE TABLE IF NOT EXISTS ${tableName(this.#catalog, name)} (${columns})`)
      .join(';\n');
  }

  async #delete(session: Session, asset: string, keys: readonly string[]): Promise<void> {
    for (const name of [PARTITIONS, HELD_ROWS]) {
      await session.run(
        `DELETE FROM ${tableName(this.#catalog, name)} WHERE asset = ${literal(asset)} AND key IN (SELECT unnest($keys))`,
        {bound: bindKeys(keys)},
      );
    }
  }

  async #keysHeld(session: Session): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    if (this.#held === undefined) {
      const held = new Map<string, Set<string>>();
      for (const {asset, key} of await this.list(session))
        held.set(asset, (held.get(asset) ?? new Set()).add(key));
      this.#held = held;
    }
    return this.#held;
  }

  /** A warehouse of which nothing was ever held back has no such tables. */
  async #isThere(session: Session): Promise<boolean> {
    return (await tablesIn(session, this.#catalog)).has(PARTITIONS);
  }
}

function violationsIn(text: string): readonly Violation[] {
  // `hold` is the one writer of this column.
  return JSON.parse(text) as readonly Violation[];
}
