/**
 * The BigQuery warehouse: a job for each statement, a table for each staging, one transaction for each publication.
 * It does not deal with what the statements say (bigquery-*.ts, sql-*.ts), nor with order, retries or the ledger.
 */
import {randomUUID} from 'node:crypto';
import type {Fingerprint} from '../planner/ledger.ts';
import type {Row} from './asset.ts';
import type {Asker} from './bigquery-asker.ts';
import {gathered} from './bigquery-gather.ts';
import type {Jobs} from './bigquery-jobs.ts';
import {OWN, type Place, quoted, referenceOf, STAGINGS, tableOf, tableSql} from './bigquery-name.ts';
import {ensureOwner, renameOwner} from './bigquery-owner.ts';
import {singleOf} from './bigquery-parameters.ts';
import type {Parts} from './bigquery-parts.ts';
import {deletion, publishStem, replacement, transact} from './bigquery-publish.ts';
import {Quarantine} from './bigquery-quarantine.ts';
import {Queries} from './bigquery-query.ts';
import {Receipts} from './bigquery-receipts.ts';
import {readRows, select} from './bigquery-select.ts';
import {judgedOf, refuseFragments} from './bigquery-staging.ts';
import {type Loading, Stagings} from './bigquery-stagings.ts';
import {Statements} from './bigquery-statements.ts';
import {shapeOf, Tables} from './bigquery-tables.ts';
import {readLastModified, readVersions} from './bigquery-versions.ts';
import {audit} from './sql-audit.ts';
import {compareRows} from './sql-compare.ts';
import {findUnchanged} from './sql-unchanged.ts';
import type {
  AuditRequest,
  AuditResult,
  HeldBack,
  HeldTable,
  HoldRequest,
  LastReceipt,
  PublishRequest,
  QueryResult,
  Receipt,
  RowComparison,
  SelectRequest,
  Spent,
  Staged,
  StageQuery,
  StageRequest,
  Value,
  Warehouse,
} from './warehouse.ts';

export interface BigqueryOptions {
  readonly asker: Asker;
  readonly jobs: Jobs;
  readonly place: Place;
  readonly loading: Loading;
  /** Whose it has to be, or becomes where it is nobody's; undefined: whoever's. */
  readonly pipeline: string | undefined;
  /** Of labels. */
  readonly run: string;
  /** Bytes that one job may bill. */
  readonly maximumBytesBilled: number | undefined;
}

/** What a forgotten staging is gone after: a day. */
const STAGING_LIFE = String(24 * 60 * 60 * 1000);

/** Creates gameplan's own datasets and tables where they are not there. Throws a `WarehouseError`. */
export async function openBigquery(options: BigqueryOptions): Promise<Warehouse> {
  const {asker, place, jobs, pipeline} = options;
  const tables = new Tables(asker, place);
  const statements = new Statements(jobs, options);
  await ensureOwner(tables, place, pipeline);
  await tables.ensureDataset(`${place.datasetPrefix}${STAGINGS}`, {
    description: 'Rows of gameplan that are not published yet; each table is gone after a day.',
    defaultTableExpirationMs: STAGING_LIFE,
  });
  const receipts = new Receipts(statements, place);
  await receipts.create(tables);
  const quarantine = new Quarantine(statements, place);
  await quarantine.create(tables);
  return new BigqueryWarehouse({...options, tables, statements, receipts, quarantine});
}

interface Whole extends Parts, BigqueryOptions {
  readonly receipts: Receipts;
  readonly quarantine: Quarantine;
}

class BigqueryWarehouse implements Warehouse {
  readonly engine = 'bigquery';
  readonly isExclusive = false;
  readonly #parts: Whole;
  readonly #stagings: Stagings;
  readonly #queries: Queries;
  /** Hashes of fingerprints that are kept. */
  readonly #kept = new Set<string>();

  constructor(parts: Whole) {
    this.#parts = parts;
    this.#stagings = new Stagings(parts, parts.loading);
    this.#queries = new Queries(parts);
  }

  async stageQuery(request: StageQuery, signal: AbortSignal): Promise<Staged> {
    const declared = await this.#queries.declared(request);
    return await this.#stagings.ofStatement(request, declared, {signal, timeoutMs: request.timeoutMs});
  }

  async stageRows(
    {rows, ...request}: Parameters<Warehouse['stageRows']>[0],
    signal: AbortSignal,
  ): Promise<Staged> {
    return await this.#stagings.ofRows(request, rows, signal);
  }

  queryOf(edge: string, columns: readonly string[]): string {
    return `SELECT ${columns.map(quoted).join(', ')} FROM ${quoted(edge)}`;
  }

  async gather(
    {parts, rows, ...request}: Parameters<Warehouse['gather']>[0],
    signal: AbortSignal,
  ): Promise<Staged> {
    const added = rows.length === 0 ? undefined : await this.stageRows({...request, rows: [rows]}, signal);
    try {
      const statement = gathered(request.table, [
        ...(added === undefined ? [] : [{staging: this.#stagings.find(added), picked: undefined}]),
        ...parts.map(({from, ...picked}) => ({staging: this.#stagings.find(from), picked})),
      ]);
      return await this.#stagings.ofStatement(request, {statement, shapes: new Map()}, {signal});
    } finally {
      if (added !== undefined) await this.discard(added);
    }
  }

  async stagePublished(request: StageRequest): Promise<Staged> {
    return await this.#stagings.ofPublished(request, await this.#queries.shapesOf(request));
  }

  async audit(request: AuditRequest): Promise<AuditResult> {
    return await audit(this.#judged(request.staged), request);
  }

  async findUnchanged(staged: Staged, keys: readonly string[]): Promise<readonly string[]> {
    const published = tableSql(referenceOf(this.#parts.place, staged.table));
    return await findUnchanged(this.#judged(staged), published, keys);
  }

  async compare({
    staged,
    isPublished,
    ...about
  }: Parameters<Warehouse['compare']>[0]): Promise<RowComparison> {
    const {place, tables} = this.#parts;
    const reference = referenceOf(place, staged.table);
    const there = isPublished ? await tables.find(reference) : undefined;
    const published =
      there === undefined ? undefined : {from: tableSql(reference), columns: new Set(shapeOf(there).keys())};
    return await compareRows({judged: this.#judged(staged), published, ...about});
  }

  async publish(request: PublishRequest): Promise<void> {
    const {staged, keys, receipts, guard, fingerprints = []} = request;
    const {place, tables, statements, quarantine, receipts: kept} = this.#parts;
    const staging = this.#stagings.find(staged);
    const {table} = staging;
    if (keys.length > 0) await tables.ensure(table);
    const unknown = fingerprints.filter(({hash}) => !this.#kept.has(hash));
    const release = await quarantine.release(
      table.name,
      receipts.map(({key}) => key),
    );
    const pieces = [
      replacement(place, table, {keys, rows: staging.rows}),
      ...(release === undefined ? [] : [release.piece]),
      kept.inserts(receipts, unknown),
    ];
    guard?.();
    await transact(statements, pieces, {
      asset: table.name,
      stem: publishStem(place, intentOf(receipts) ?? randomUUID()),
      bill: staging.bill,
    });
    release?.done();
    for (const {hash} of unknown) this.#kept.add(hash);
  }

  async writeReceipts({
    receipts,
    fingerprints = [],
    dropped,
  }: Parameters<Warehouse['writeReceipts']>[0]): Promise<void> {
    const {place, tables, statements, quarantine, receipts: kept} = this.#parts;
    const asset = dropped?.table.name ?? receipts[0]?.asset ?? OWN;
    const release = dropped === undefined ? undefined : await quarantine.release(asset, dropped.keys);
    const isThere =
      dropped !== undefined && (await tables.find(referenceOf(place, dropped.table))) !== undefined;
    const pieces = [
      ...(dropped === undefined || dropped.keys === 'all' || !isThere
        ? []
        : [deletion(place, dropped.table, dropped.keys)]),
      ...(release === undefined ? [] : [release.piece]),
      kept.inserts(receipts, fingerprints),
    ];
    const stem = publishStem(place, intentOf(receipts) ?? randomUUID());
    await transact(statements, pieces, {asset, stem});
    release?.done();
    // After the receipts: a table without any is an orphan that the next call drops.
    if (dropped?.keys === 'all') {
      await tables.drop(referenceOf(place, dropped.table));
      this.#queries.forget(dropped.table.name);
    }
  }

  async holdBack(request: HoldRequest): Promise<void> {
    if (request.partitions.length === 0) return;
    await this.#parts.quarantine.hold(this.#stagings.find(request.staged), request);
  }

  async heldBack(): Promise<readonly HeldBack[]> {
    return await this.#parts.quarantine.list();
  }

  async releaseHeld(partitions: readonly {readonly asset: string; readonly key: string}[]): Promise<void> {
    await this.#parts.quarantine.letGo(partitions);
  }

  async heldRows(partition: {readonly asset: string; readonly key: string}): Promise<readonly string[]> {
    return await this.#parts.quarantine.rows(partition);
  }

  async discard(staged: Staged): Promise<void> {
    await this.#stagings.discard(staged);
  }

  spent(staged: Staged): Spent {
    return this.#stagings.find(staged).bill.spent;
  }

  async estimate(request: StageQuery): Promise<{readonly bytes: number}> {
    const {bytes} = await this.#parts.statements.dryRun(await this.#queries.plain(request));
    return {bytes};
  }

  async lastModified(
    request: Parameters<Warehouse['lastModified']>[0],
  ): Promise<ReadonlyMap<string, number> | undefined> {
    return await readLastModified(this.#parts, request);
  }

  async versions(request: Parameters<Warehouse['versions']>[0]): Promise<HeldTable | undefined> {
    return await readVersions(this.#parts, request);
  }

  /** Before it reads, it sees to it that no job of these intents is at work or can still begin. */
  async receipts(intents: readonly string[]): Promise<readonly Receipt[]> {
    const {jobs, place} = this.#parts;
    for (const intent of intents) await jobs.settle(publishStem(place, intent));
    return await this.#parts.receipts.of(intents);
  }

  async lastReceipts(): Promise<readonly LastReceipt[]> {
    return await this.#parts.receipts.last();
  }

  async fingerprints(): Promise<readonly Fingerprint[]> {
    return await this.#parts.receipts.fingerprints();
  }

  async recall(
    run: string | undefined,
    names: readonly string[],
  ): Promise<{hasRun: boolean; absent: readonly string[]}> {
    const {place, tables, receipts} = this.#parts;
    const byDataset = Map.groupBy(names, name => tableOf(place, name).datasetId);
    const absent: string[] = [];
    for (const [dataset, own] of byDataset) {
      const there = await tables.list(dataset);
      absent.push(...own.filter(name => !there.has(tableOf(place, name).tableId)));
    }
    return {hasRun: run === undefined || (await receipts.hasRun(run)), absent};
  }

  async read(sql: string, parameters: Readonly<Record<string, Value>> = {}): Promise<QueryResult> {
    refuseFragments({path: 'The query', text: sql, start: 0});
    const bound = Object.entries(parameters).map(([name, value]) => [name, singleOf(value)] as const);
    const statement = {
      // In brackets, so that what the ledger does not know of cannot be written.
      sql: `(\n${sql.replace(/;\s*$/, '')}\n)`,
      parameters: Object.fromEntries(bound),
      embedded: {path: 'The query', text: sql, start: Buffer.byteLength('(\n')},
    };
    return await this.#parts.statements.read(statement, {asset: OWN, step: 'query'});
  }

  async *rows(
    request: Parameters<Warehouse['rows']>[0],
    signal: AbortSignal,
  ): AsyncGenerator<readonly Row[]> {
    yield* readRows(this.#parts, request, signal);
  }

  async select(request: SelectRequest): Promise<QueryResult> {
    const {from} = request;
    return await select(
      this.#parts,
      request,
      'staged' in from ? this.#stagings.find(from.staged) : undefined,
    );
  }

  async readQuery(request: StageQuery, signal: AbortSignal): Promise<QueryResult> {
    const {table, timeoutMs} = request;
    const statement =
      table.columns.length === 0
        ? await this.#queries.plain(request)
        : (await this.#queries.declared(request)).statement;
    return await this.#parts.statements.read(statement, {
      asset: table.name,
      step: 'read',
      signal,
      timeoutMs,
      maximumBytesBilled: table.physical?.maxBytesBilled,
    });
  }

  async rename(pipeline: string): Promise<void> {
    const {place, tables} = this.#parts;
    await renameOwner(tables, place, pipeline);
  }

  async close(): Promise<void> {
    await this.#parts.jobs.cancelAll();
    this.#stagings.forget();
  }

  #judged(staged: Staged): ReturnType<typeof judgedOf> {
    return judgedOf(this.#parts.statements, this.#stagings.find(staged));
  }
}

/** All receipts of one call are of one intent. */
function intentOf(receipts: readonly Receipt[]): string | undefined {
  return receipts[0]?.intent;
}
