/**
 * The DuckDB warehouse: a pool of connections on one file, a staging each, and one queue for all that writes.
 * It does not deal with what the statements say (duckdb-*.ts), nor with order, retries or the ledger.
 */
import type {Fingerprint} from '../planner/ledger.ts';
import type {Row} from './asset.ts';
import {duckdbDialect} from './duckdb-dialect.ts';
import {statementError} from './duckdb-error.ts';
import {gatherPart} from './duckdb-gather.ts';
import {judgedOf} from './duckdb-judged.ts';
import {bindParameters} from './duckdb-key.ts';
import {duckdbType, quoted, tableName} from './duckdb-name.ts';
import {type DuckdbOptions, type OpenFile, openFile, unreadable} from './duckdb-open.ts';
import {ensureOwner, renameOwner} from './duckdb-owner.ts';
import {readPages} from './duckdb-pages.ts';
import {publish, writeReceipts} from './duckdb-publish.ts';
import {Quarantine} from './duckdb-quarantine.ts';
import {runQuery} from './duckdb-read.ts';
import {
  createReceipts,
  hasReceiptOf,
  readFingerprints,
  readLastReceipts,
  readReceipts,
} from './duckdb-receipts.ts';
import {NEW_ROWS} from './duckdb-relations.ts';
import {RowWriter} from './duckdb-rows.ts';
import {select} from './duckdb-select.ts';
import {Session} from './duckdb-session.ts';
import {
  bindInputs,
  bindPartitions,
  bindPublished,
  bindWindows,
  type Staging,
  scopeOf,
} from './duckdb-staging.ts';
import {shapeOf, tablesIn} from './duckdb-table.ts';
import {readVersions} from './duckdb-versions.ts';
import {audit} from './sql-audit.ts';
import {compareRows} from './sql-compare.ts';
import {findUnchanged} from './sql-unchanged.ts';
import {castColumns, columnMistakes, wrap} from './sql-wrap.ts';
import {
  type AuditRequest,
  type AuditResult,
  type HeldBack,
  type HeldTable,
  type HoldRequest,
  type LastReceipt,
  type PublishRequest,
  type QueryResult,
  type Receipt,
  type RowComparison,
  type SelectRequest,
  type Staged,
  type StageQuery,
  type StageRequest,
  type Value,
  type Warehouse,
  WarehouseError,
} from './warehouse.ts';

/** Opens or creates the file. Throws a `WarehouseError` of kind `locked`, `unreadable` or `disk-full`. */
export async function openDuckdb(options: DuckdbOptions): Promise<Warehouse> {
  const file = await openFile(options);
  try {
    const session = await Session.open(file.instance);
    const catalog = String((await session.rows('SELECT current_database()'))[0]?.[0]);
    await createReceipts(session, catalog);
    const {path, pipeline} = options;
    if (pipeline !== undefined) await ensureOwner(session, {catalog, path, pipeline});
    return new DuckdbWarehouse(file, catalog, session, path !== ':memory:');
  } catch (error) {
    file.close();
    const said = statementError(error);
    // Nothing but the file itself was asked for yet.
    throw said.kind === 'other' ? unreadable(options.path, error) : said;
  }
}

class DuckdbWarehouse implements Warehouse {
  readonly engine = 'duckdb';
  readonly isExclusive: boolean;
  private readonly file: OpenFile;
  private readonly catalog: string;
  private readonly quarantine: Quarantine;
  private readonly idle: Session[];
  private readonly sessions: Set<Session>;
  private readonly stagings = new Map<string, Staging>();
  /** The shape that each table was last brought into. */
  private readonly fitting = new Map<string, string>();
  /** Tables that are seen to have their declared columns: nothing takes them away while this file is open. */
  private readonly readable = new Set<string>();
  /** Output columns by query and what it reads: looking costs a plan. */
  private readonly outputs = new Map<string, readonly string[]>();
  /** Hashes of fingerprints that are kept. */
  private readonly kept = new Set<string>();
  private writes: Promise<unknown> = Promise.resolve();
  private count = 0;

  constructor(file: OpenFile, catalog: string, session: Session, isExclusive: boolean) {
    this.isExclusive = isExclusive;
    this.file = file;
    this.catalog = catalog;
    this.quarantine = new Quarantine(catalog);
    this.idle = [session];
    this.sessions = new Set([session]);
  }

  async stageQuery(request: StageQuery, signal: AbortSignal): Promise<Staged> {
    return await this.staging(request, signal, async staging => {
      const {session, table} = staging;
      await bindWindows(staging);
      await session.transaction(async () => {
        await bindInputs(staging);
        const actual = await this.outputColumns(staging, request);
        await this.runWrapped(staging, request, {
          before: `CREATE OR REPLACE TEMP TABLE ${quoted(NEW_ROWS)} AS `,
          select: castColumns(duckdbDialect, table, actual, request.constants),
        });
      });
    });
  }

  async stageRows(request: Parameters<Warehouse['stageRows']>[0], signal: AbortSignal): Promise<Staged> {
    return await this.staging(request, signal, async ({session, table}) => {
      const columns = table.columns.map(column => `${quoted(column.name)} ${duckdbType(column.type)}`);
      await session.run(`CREATE OR REPLACE TEMP TABLE ${quoted(NEW_ROWS)} (${columns.join(', ')})`);
      const appender = await session.connection.createAppender(NEW_ROWS, 'main', 'temp');
      const writer = new RowWriter(table, appender);
      try {
        for await (const rows of request.rows) {
          session.refuseIfCancelled();
          writer.write(rows);
        }
        writer.finish();
      } finally {
        appender.closeSync();
      }
    });
  }

  queryOf(edge: string, columns: readonly string[]): string {
    return `SELECT ${columns.map(quoted).join(', ')} FROM ${quoted(edge)}`;
  }

  async gather(
    {parts, rows, ...request}: Parameters<Warehouse['gather']>[0],
    signal: AbortSignal,
  ): Promise<Staged> {
    const staged = await this.stageRows({...request, rows: [rows]}, signal);
    try {
      for (const {from, ...picked} of parts) await gatherPart(this.find(from), picked, this.find(staged));
      return staged;
    } catch (error) {
      await this.discard(staged);
      throw error;
    }
  }

  async stagePublished(request: StageRequest): Promise<Staged> {
    return await this.staging(request, new AbortController().signal, bindPublished);
  }

  async audit(request: AuditRequest): Promise<AuditResult> {
    return await audit(judgedOf(this.find(request.staged)), request);
  }

  async findUnchanged(staged: Staged, keys: readonly string[]): Promise<readonly string[]> {
    const staging = this.find(staged);
    return await findUnchanged(judgedOf(staging), tableName(this.catalog, staging.table.name), keys);
  }

  async compare({
    staged,
    isPublished,
    ...about
  }: Parameters<Warehouse['compare']>[0]): Promise<RowComparison> {
    const staging = this.find(staged);
    const {session, table} = staging;
    const shape = isPublished ? await shapeOf(session, this.catalog, table.name) : undefined;
    const published =
      shape === undefined
        ? undefined
        : {from: tableName(this.catalog, table.name), columns: new Set(shape.keys())};
    return await compareRows({judged: judgedOf(staging), published, ...about});
  }

  async publish(request: PublishRequest): Promise<void> {
    const {staged, keys, receipts, guard, fingerprints = [], former = {columns: []}} = request;
    const staging = this.find(staged);
    const {name, columns, partitioning} = staged.table;
    const shape = JSON.stringify([columns.map(column => [column.name, column.type]), partitioning, former]);
    await this.writing(async () => {
      const isFitting = this.fitting.get(name) === shape;
      const release = (): Promise<void> =>
        this.quarantine.release(
          staging.session,
          name,
          receipts.map(({key}) => key),
        );
      await publish({
        staging,
        keys,
        receipts,
        fingerprints: fingerprints.filter(({hash}) => !this.kept.has(hash)),
        former: isFitting ? undefined : former,
        release,
        guard,
      });
      for (const {hash} of fingerprints) this.kept.add(hash);
      if (keys.length > 0) this.fitting.set(name, shape);
    });
  }

  async writeReceipts(request: Parameters<Warehouse['writeReceipts']>[0]): Promise<void> {
    const {dropped} = request;
    if (dropped !== undefined) this.fitting.delete(dropped.table.name);
    await this.writing(() =>
      this.borrowing(session =>
        writeReceipts(session, this.catalog, request, async () => {
          if (dropped !== undefined) await this.quarantine.release(session, dropped.table.name, dropped.keys);
        }),
      ),
    );
  }

  async holdBack(request: HoldRequest): Promise<void> {
    if (request.partitions.length === 0) return;
    const staging = this.find(request.staged);
    await this.writing(() => this.quarantine.hold(staging, request));
  }

  async heldBack(): Promise<readonly HeldBack[]> {
    return await this.borrowing(session => this.quarantine.list(session));
  }

  async releaseHeld(partitions: readonly {readonly asset: string; readonly key: string}[]): Promise<void> {
    const byAsset = Map.groupBy(partitions, ({asset}) => asset);
    await this.writing(() =>
      this.borrowing(session =>
        session.transaction(async () => {
          for (const [asset, own] of byAsset)
            await this.quarantine.release(
              session,
              asset,
              own.map(({key}) => key),
            );
        }),
      ),
    );
  }

  async heldRows(partition: {readonly asset: string; readonly key: string}): Promise<readonly string[]> {
    return await this.borrowing(session => this.quarantine.rows(session, partition));
  }

  async discard(staged: Staged): Promise<void> {
    const staging = this.stagings.get(staged.relation);
    if (staging === undefined) return;
    this.stagings.delete(staged.relation);
    if (staging.isPublished) await staging.session.run(`DROP VIEW ${quoted(NEW_ROWS)}`);
    await this.release(staging.session);
  }

  spent(): undefined {
    return undefined;
  }

  async estimate(): Promise<undefined> {
    return undefined;
  }

  async lastModified(): Promise<undefined> {
    return undefined;
  }

  async versions(request: Parameters<Warehouse['versions']>[0]): Promise<HeldTable | undefined> {
    return await this.borrowing(session => readVersions(session, this.catalog, request));
  }

  async receipts(intents: readonly string[]): Promise<readonly Receipt[]> {
    return await this.borrowing(session => readReceipts(session, this.catalog, intents));
  }

  async lastReceipts(): Promise<readonly LastReceipt[]> {
    return await this.borrowing(session => readLastReceipts(session, this.catalog));
  }

  async fingerprints(): Promise<readonly Fingerprint[]> {
    return await this.borrowing(session => readFingerprints(session, this.catalog));
  }

  async recall(
    run: string | undefined,
    tables: readonly string[],
  ): Promise<{hasRun: boolean; absent: readonly string[]}> {
    return await this.borrowing(async session => {
      const there = await tablesIn(session, this.catalog);
      return {
        hasRun: run === undefined || (await hasReceiptOf(session, this.catalog, run)),
        absent: tables.filter(name => !there.has(name)),
      };
    });
  }

  async read(sql: string, parameters: Readonly<Record<string, Value>> = {}): Promise<QueryResult> {
    return await this.borrowing(async session => {
      // What the ledger does not know of must not be written: a reader's DELETE would make a false `fresh`.
      await session.refuseFragments({path: 'The query', text: sql, start: 0});
      await session.run('BEGIN TRANSACTION READ ONLY');
      try {
        return await runQuery(session, sql, {bound: {values: {...parameters}}});
      } finally {
        await session.run('ROLLBACK');
      }
    });
  }

  async *rows(
    request: Parameters<Warehouse['rows']>[0],
    signal: AbortSignal,
  ): AsyncGenerator<readonly Row[]> {
    const session = await this.acquire();
    try {
      yield* readPages(session, this.catalog, request, signal);
    } finally {
      await this.release(session);
    }
  }

  async select(request: SelectRequest): Promise<QueryResult> {
    const {from} = request;
    if ('staged' in from) return await select(this.find(from.staged).session, this.catalog, request);
    return await this.borrowing(session => select(session, this.catalog, request));
  }

  async readQuery(request: StageQuery, signal: AbortSignal): Promise<QueryResult> {
    const session = await this.acquire();
    const staging = this.begin(session, request);
    try {
      return await session.cancellable(signal, async () => {
        await bindPartitions(staging);
        await bindWindows(staging);
        return await session.transaction(async () => {
          await bindInputs(staging);
          const actual = request.table.columns.length === 0 ? [] : await this.outputColumns(staging, request);
          const select = actual.length === 0 ? '*' : castColumns(duckdbDialect, request.table, actual);
          return await this.runWrapped(staging, request, {before: '', select});
        });
      });
    } finally {
      await this.release(session);
    }
  }

  async rename(pipeline: string): Promise<void> {
    await this.writing(() => this.borrowing(session => renameOwner(session, this.catalog, pipeline)));
  }

  async close(): Promise<void> {
    await this.writes.catch(() => undefined);
    for (const session of this.sessions) session.close();
    this.sessions.clear();
    this.stagings.clear();
    this.file.close();
  }

  private async runWrapped(
    staging: Staging,
    request: StageQuery,
    around: {readonly before: string; readonly select: string},
  ): Promise<QueryResult> {
    const {relations, parameters} = scopeOf(staging);
    const {sql, embedded} = wrap(duckdbDialect, {
      ...around,
      relations,
      query: request.query,
      path: request.queryPath,
    });
    return await runQuery(staging.session, sql, {embedded, bound: bindParameters(parameters)});
  }

  /** The query's own output columns; a difference from the declaration is an error before anything runs. */
  private async outputColumns(staging: Staging, request: StageQuery): Promise<readonly string[]> {
    const {table: declared, query, queryPath, constants = {}} = request;
    const columns = declared.columns.filter(({name}) => !Object.hasOwn(constants, name));
    const table = {...declared, columns};
    const read = staging.inputs.map(({edge, table: {name, columns}, keys, window}) => {
      const shape =
        window === undefined
          ? 'none'
          : [window.members.teams === undefined, window.members.gameIds === undefined];
      return [edge, name, columns, keys.length === 0, shape];
    });
    const known = JSON.stringify([query, table.name, table.columns, table.partitioning, read]);
    const cached = this.outputs.get(known);
    if (cached !== undefined) return cached;
    await staging.session.refuseFragments({path: queryPath, text: query, start: 0});
    const {relations} = scopeOf(staging);
    const {sql, embedded} = wrap(duckdbDialect, {before: '', select: '*', relations, query, path: queryPath});
    const actual = await staging.session.outputColumns(sql, embedded);
    const mistakes = columnMistakes(table, actual);
    if (mistakes.length > 0) throw new WarehouseError('statement', `${queryPath} ${mistakes.join('; ')}.`);
    this.outputs.set(known, actual);
    return actual;
  }

  /** Binds the keys on a connection of its own and fills it; a failure gives the connection back. */
  private async staging(
    request: StageRequest,
    signal: AbortSignal,
    fill: (staging: Staging) => Promise<void>,
  ): Promise<Staged> {
    const session = await this.acquire();
    const staging = this.begin(session, request);
    try {
      await session.cancellable(signal, async () => {
        await bindPartitions(staging);
        await fill(staging);
      });
    } catch (error) {
      await this.release(session);
      throw error;
    }
    this.count += 1;
    const relation = `staging ${this.count}`;
    this.stagings.set(relation, staging);
    const {table, partitions, inputs} = request;
    return {table, partitions, inputs, relation};
  }

  private begin(session: Session, {table, partitions, inputs}: StageRequest): Staging {
    const {catalog, readable} = this;
    // Known before the transaction of the reading begins, which then sees the table at least as it was known.
    const unseen = new Set(inputs.map(input => input.table.name).filter(name => !readable.has(name)));
    const shapes = {readable, unseen, found: new Map()};
    return {
      session,
      catalog,
      table,
      partitions,
      inputs,
      shapes,
      cuts: undefined,
      windowsBound: false,
      isPublished: false,
    };
  }

  private find({relation}: Staged): Staging {
    const staging = this.stagings.get(relation);
    if (staging === undefined) throw new Error(`Internal error: '${relation}' was discarded.`);
    return staging;
  }

  /** One writer at a time: two of them on one table would conflict. */
  private writing<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.writes.then(work, work);
    this.writes = turn.catch(() => undefined);
    return turn;
  }

  private async borrowing<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.acquire();
    try {
      return await work(session);
    } finally {
      await this.release(session);
    }
  }

  private async acquire(): Promise<Session> {
    const idle = this.idle.pop();
    if (idle !== undefined) return idle;
    const session = await Session.open(this.file.instance);
    this.sessions.add(session);
    return session;
  }

  /** Gives a connection back without the rows that it held. */
  private async release(session: Session): Promise<void> {
    if (!this.sessions.has(session)) return;
    try {
      await session.clear(NEW_ROWS);
      this.idle.push(session);
    } catch {
      // It may be broken by what failed before; that error is the one to tell, and a new connection costs little.
      this.sessions.delete(session);
      session.close();
    }
  }
}
