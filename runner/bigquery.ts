/**
 * The BigQuery warehouse: a job for each statement, a table for each staging, one transaction for each publication.
 * It does not deal with what the statements say (bigquery-*.ts, sql-*.ts), nor with order, retries or the ledger.
 */
import {randomUUID} from 'node:crypto';
import type {Fingerprint} from '../planner/ledger.ts';
import type {Row} from './asset.ts';
import type {Asker} from './bigquery-asker.ts';
import {bigqueryDialect} from './bigquery-dialect.ts';
import {jobStem} from './bigquery-job-id.ts';
import type {Jobs} from './bigquery-jobs.ts';
import {ndjsonOf} from './bigquery-load.ts';
import {fieldOf, OWN, type Place, quoted, referenceOf, STAGINGS, tableOf, tableSql} from './bigquery-name.ts';
import {singleOf} from './bigquery-parameters.ts';
import {deletion, publishStem, replacement, transact} from './bigquery-publish.ts';
import {Quarantine} from './bigquery-quarantine.ts';
import {Receipts} from './bigquery-receipts.ts';
import type {IntoNewTable, TableReference} from './bigquery-rest.ts';
import {columnSql, emptySql, scopeOf} from './bigquery-scope.ts';
import {judgedOf, refuseFragments, type Staging} from './bigquery-staging.ts';
import {type About, Bill, type Statement, Statements} from './bigquery-statements.ts';
import {isReadable, type Shape, shapeOf, Tables} from './bigquery-tables.ts';
import {heldColumns} from './held-columns.ts';
import {otherOwner} from './ledger-owner.ts';
import {audit} from './sql-audit.ts';
import {compareRows} from './sql-compare.ts';
import {keyList, keyText, NO_KEY, type Parameter, versionOf} from './sql-dialect.ts';
import {findUnchanged} from './sql-unchanged.ts';
import {castColumns, columnMistakes, wrap} from './sql-wrap.ts';
import {partitionColumn} from './table-key.ts';
import {
  type AuditRequest,
  type AuditResult,
  type HeldBack,
  type HeldRows,
  type HeldTable,
  type HoldRequest,
  type LastReceipt,
  type PublishRequest,
  type QueryResult,
  type Receipt,
  type RowComparison,
  type SelectRequest,
  type Spent,
  type Staged,
  type StageQuery,
  type StageRequest,
  type Value,
  type Warehouse,
  WarehouseError,
} from './warehouse.ts';

/** Where rows wait to be loaded: objects of a bucket. */
export interface Loading {
  /** Uploads an object that is not there yet, piece by piece; gives its URI (`gs://...`). */
  upload(name: string, pieces: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<string>;
  remove(name: string): Promise<void>;
}

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
const OWNED_BY = 'Receipts of the gameplan pipeline ';

/** Creates gameplan's own datasets and tables where they are not there. Throws a `WarehouseError`. */
export async function openBigquery(options: BigqueryOptions): Promise<Warehouse> {
  const {asker, place, jobs, pipeline} = options;
  const tables = new Tables(asker, place);
  const statements = new Statements(jobs, options);
  const own = `${place.datasetPrefix}${OWN}`;
  const dataset = await tables.ensureDataset(own);
  if (pipeline !== undefined) await ensureOwner(tables, own, {pipeline, said: dataset?.description});
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

async function ensureOwner(
  tables: Tables,
  dataset: string,
  {pipeline, said}: {readonly pipeline: string; readonly said: string | undefined},
): Promise<void> {
  const owner = said?.startsWith(OWNED_BY) === true ? said.slice(OWNED_BY.length) : undefined;
  if (owner === undefined) return await tables.describeDataset(dataset, `${OWNED_BY}${pipeline}`);
  if (owner === pipeline) return;
  const {problem, mend} = otherOwner(owner, pipeline);
  throw new WarehouseError('unreadable', `The dataset '${dataset}' ${problem}. ${mend}`);
}

interface Parts extends BigqueryOptions {
  readonly tables: Tables;
  readonly statements: Statements;
  readonly receipts: Receipts;
  readonly quarantine: Quarantine;
}

class BigqueryWarehouse implements Warehouse {
  readonly engine = 'bigquery';
  readonly isExclusive = false;
  readonly #parts: Parts;
  readonly #stagings = new Map<string, Staging>();
  /** Tables that are seen to have their declared columns: nothing takes them away. */
  readonly #readable = new Map<string, string>();
  /** Output columns by query and what it reads: looking costs a request. */
  readonly #outputs = new Map<string, readonly string[]>();
  /** Hashes of fingerprints that are kept. */
  readonly #kept = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async stageQuery(request: StageQuery, signal: AbortSignal): Promise<Staged> {
    const shapes = await this.#shapesOf(request);
    const actual = await this.#outputColumns(request, shapes);
    const select = castColumns(bigqueryDialect, request.table, actual, request.constants);
    const {timeoutMs} = request;
    return await this.#stage(request, shapes, this.#wrapped(request, shapes, select), {signal, timeoutMs});
  }

  async stageRows(request: Parameters<Warehouse['stageRows']>[0], signal: AbortSignal): Promise<Staged> {
    const {statements, loading} = this.#parts;
    const staging = this.#begin(request, new Map());
    const {table, held, bill} = staging;
    if (held === undefined) throw new Error('Internal error: a staging without a table');
    const object = `${held.tableId}.jsonl`;
    const uri = await loading
      .upload(object, ndjsonOf(table, request.rows), signal)
      .catch((error: unknown) => refuseStopped(signal, error));
    try {
      await statements.send(
        {
          load: {
            sourceUris: [uri],
            sourceFormat: 'NEWLINE_DELIMITED_JSON',
            schema: {fields: table.columns.map(fieldOf)},
            ...into(held),
          },
        },
        {asset: table.name, step: 'load', stem: this.#stem(staging, held, 'load'), bill, signal},
      );
    } finally {
      await loading.remove(object);
    }
    return this.#add(held.tableId, staging);
  }

  queryOf(edge: string, columns: readonly string[]): string {
    return `SELECT ${columns.map(quoted).join(', ')} FROM ${quoted(edge)}`;
  }

  async gather(
    {parts, rows, ...request}: Parameters<Warehouse['gather']>[0],
    signal: AbortSignal,
  ): Promise<Staged> {
    const {table} = request;
    const columns = table.columns.map(({name}) => `t.${quoted(name)}`).join(', ');
    const column = partitionColumn(table.partitioning);
    const pieces: string[] = [];
    const parameters: Record<string, Parameter> = {};
    const added = rows.length === 0 ? undefined : await this.stageRows({...request, rows: [rows]}, signal);
    try {
      if (added !== undefined) pieces.push(`SELECT ${columns} FROM ${this.#find(added).rows} AS t`);
      for (const [i, part] of parts.entries()) {
        const {rows: from} = this.#find(part.from);
        if (part.keys.length > 0) {
          const cut = column === undefined ? '' : ` WHERE t.${quoted(column)} IN UNNEST(@part_keys_${i})`;
          pieces.push(`SELECT ${columns} FROM ${from} AS t${cut}`);
          if (column !== undefined) parameters[`part_keys_${i}`] = keyList(table.partitioning, part.keys);
        }
        if (part.games.length === 0 || part.gameColumn === undefined || column === undefined) continue;
        pieces.push(
          `SELECT ${columns} FROM ${from} AS t JOIN UNNEST(@part_games_${i}) AS g ON g.key = CAST(t.${quoted(column)} AS STRING) AND g.game = CAST(t.${quoted(part.gameColumn)} AS STRING)`,
        );
        parameters[`part_games_${i}`] = {
          type: 'structs',
          fields: [
            {name: 'key', type: 'STRING', values: part.games.map(({key}) => key)},
            {name: 'game', type: 'STRING', values: part.games.map(({game}) => game)},
          ],
        };
      }
      const sql = pieces.length === 0 ? emptySql(table.columns) : pieces.join('\nUNION ALL\n');
      return await this.#stage(request, new Map(), {sql, parameters}, {signal});
    } finally {
      if (added !== undefined) await this.discard(added);
    }
  }

  async stagePublished(request: StageRequest): Promise<Staged> {
    const {place, tables} = this.#parts;
    const {table, partitions} = request;
    const reference = referenceOf(place, table);
    const there = await tables.find(reference);
    const shape = there === undefined ? undefined : shapeOf(there);
    const column = partitionColumn(table.partitioning);
    const isCut = column !== undefined && shape !== undefined;
    const columns = table.columns.map(each => columnSql(each, shape)).join(', ');
    const cut = isCut ? ` WHERE ${quoted(column)} IN UNNEST(@published)` : '';
    const rows =
      shape === undefined || (column !== undefined && !shape.has(column.toLowerCase()))
        ? emptySql(table.columns)
        : `SELECT ${columns} FROM ${tableSql(reference)}${cut}`;
    const published = keyList(
      table.partitioning,
      partitions.map(({key}) => key),
    );
    const staging: Staging = {
      ...this.#begin(request, await this.#shapesOf(request)),
      held: undefined,
      rows: `(${rows})`,
      parameters: isCut ? {published} : {},
    };
    return this.#add(`published ${randomUUID()}`, staging);
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
    const staging = this.#find(staged);
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
      this.#readable.delete(dropped.table.name);
    }
  }

  async holdBack(request: HoldRequest): Promise<void> {
    if (request.partitions.length === 0) return;
    await this.#parts.quarantine.hold(this.#find(request.staged), request);
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
    const staging = this.#stagings.get(staged.relation);
    if (staging === undefined) return;
    this.#stagings.delete(staged.relation);
    if (staging.held !== undefined) await this.#parts.tables.drop(staging.held);
  }

  spent(staged: Staged): Spent {
    return this.#find(staged).bill.spent;
  }

  async estimate(request: StageQuery): Promise<{readonly bytes: number}> {
    const shapes = await this.#shapesOf(request);
    const {bytes} = await this.#parts.statements.dryRun(this.#wrapped(request, shapes, '*'));
    return {bytes};
  }

  async lastModified({
    table,
    keys,
  }: Parameters<Warehouse['lastModified']>[0]): Promise<ReadonlyMap<string, number> | undefined> {
    const {place, tables, statements} = this.#parts;
    const reference = referenceOf(place, table);
    const there = await tables.find(reference);
    if (there === undefined) return new Map();
    const asked = keys === 'all' ? undefined : new Set(keys);
    // What is no partition of its own cannot tell when it changed.
    const {type, field} = there.timePartitioning ?? {};
    const {partitioning} = table;
    if (
      partitioning.kind !== 'date' ||
      type !== 'DAY' ||
      field?.toLowerCase() !== partitioning.column.toLowerCase()
    )
      return undefined;
    const information = {...reference, tableId: 'INFORMATION_SCHEMA.PARTITIONS'};
    const rows = await statements.rows(
      {
        sql: `SELECT partition_id, UNIX_MILLIS(last_modified_time) FROM ${quoted(information.projectId)}.${quoted(information.datasetId)}.INFORMATION_SCHEMA.PARTITIONS WHERE table_name = @name AND total_rows > 0`,
        parameters: {name: reference.tableId},
      },
      {asset: table.name, step: 'look'},
    );
    const found = rows.map(([id, at]): [string, number] => [
      String(id).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3'),
      Number(at),
    ]);
    return new Map(found.filter(([key]) => asked?.has(key) !== false && /^\d{4}-/.test(key)));
  }

  async versions({table, keys}: Parameters<Warehouse['versions']>[0]): Promise<HeldTable | undefined> {
    const {place, tables, statements} = this.#parts;
    const reference = referenceOf(place, table);
    const there = await tables.find(reference);
    if (there === undefined) return undefined;
    const shape = shapeOf(there);
    const column = partitionColumn(table.partitioning);
    const {hasKey, ...held} = heldColumns(table, new Set(shape.keys()));
    const isCut = column !== undefined && keys !== 'all';
    // Whoever asks for no key wants to know the columns.
    if (!hasKey || (isCut && keys.length === 0)) return {partitions: new Map(), ...held};
    const columns = table.columns.map(each => columnSql(each, shape)).join(', ');
    const where = isCut ? ` WHERE ${quoted(column)} IN UNNEST(@keys)` : '';
    const key = keyText({dialect: bigqueryDialect, table}, 't.');
    const rows = await statements.rows(
      {
        sql: `SELECT ${column === undefined ? bigqueryDialect.literal('all') : 'gameplan_key'}, COUNT(*), ${bigqueryDialect.version(table.columns)}
FROM (SELECT t.*, ${key} AS gameplan_key FROM (SELECT ${columns} FROM ${tableSql(reference)}${where}) AS t) GROUP BY 1`,
        parameters: isCut ? {keys: keyList(table.partitioning, keys)} : {},
      },
      {asset: table.name, step: 'versions'},
    );
    const partitions = new Map(
      rows.map(([of, count, version]): [string, HeldRows] => [
        String(of ?? NO_KEY),
        {rows: Number(count), version: versionOf(version)},
      ]),
    );
    return {partitions, ...held};
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
      sql: `SELECT * FROM (\n${sql.replace(/;\s*$/, '')}\n)`,
      parameters: Object.fromEntries(bound),
      embedded: {path: 'The query', text: sql, start: Buffer.byteLength('SELECT * FROM (\n')},
    };
    return await this.#parts.statements.read(statement, {asset: OWN, step: 'query'});
  }

  async *rows(
    {table, keys}: Parameters<Warehouse['rows']>[0],
    signal: AbortSignal,
  ): AsyncGenerator<readonly Row[]> {
    const column = partitionColumn(table.partitioning);
    const names = table.columns.map(({name}) => name);
    const cut = column === undefined ? '' : ` WHERE ${quoted(column)} IN UNNEST(@keys)`;
    const statement = {
      sql: `SELECT ${names.map(quoted).join(', ')} FROM ${tableSql(referenceOf(this.#parts.place, table))}${cut}`,
      parameters: column === undefined ? {} : {keys: keyList(table.partitioning, keys)},
    };
    for await (const {rows} of this.#parts.statements.pages(statement, {
      asset: table.name,
      step: 'read',
      signal,
      maximumBytesBilled: table.physical?.maxBytesBilled,
    })) {
      if (signal.aborted) throw new WarehouseError('cancelled', 'Cancelled.');
      yield rows.map(row => Object.fromEntries(names.map((name, i) => [name, row[i] ?? null])));
    }
  }

  async select({from, columns, where, keys}: SelectRequest): Promise<QueryResult> {
    const {place, statements} = this.#parts;
    const staging = 'staged' in from ? this.#find(from.staged) : undefined;
    const table = 'table' in from ? from.table : from.staged.table;
    const rows = staging === undefined ? tableSql(referenceOf(place, table)) : staging.rows;
    const column = partitionColumn(table.partitioning);
    const isCut = keys !== 'all' && column !== undefined;
    const conditions = isCut ? [`${quoted(column)} IN UNNEST(@keys)`] : [];
    const names = columns.map(
      (name, i) => `${name === null ? 'NULL' : quoted(name)} AS ${quoted(name ?? `null_${i}`)}`,
    );
    const head = `SELECT ${names.join(', ')} FROM ${rows} WHERE ${[...conditions, ''].join(' AND ')}(\n`;
    const embedded = {
      path: `The condition on ${table.name}`,
      text: where ?? 'TRUE',
      start: Buffer.byteLength(head),
    };
    refuseFragments(embedded);
    return await statements.read(
      {
        sql: `${head}${embedded.text}\n)`,
        parameters: {
          ...staging?.parameters,
          ...(isCut ? {keys: keyList(table.partitioning, keys)} : {}),
        },
        embedded,
      },
      {asset: table.name, step: 'select', bill: staging?.bill},
    );
  }

  async readQuery(request: StageQuery, signal: AbortSignal): Promise<QueryResult> {
    const shapes = await this.#shapesOf(request);
    const {table} = request;
    const actual = table.columns.length === 0 ? [] : await this.#outputColumns(request, shapes);
    const select = actual.length === 0 ? '*' : castColumns(bigqueryDialect, table, actual);
    return await this.#parts.statements.read(this.#wrapped(request, shapes, select), {
      asset: table.name,
      step: 'read',
      signal,
      timeoutMs: request.timeoutMs,
      maximumBytesBilled: table.physical?.maxBytesBilled,
    });
  }

  async rename(pipeline: string): Promise<void> {
    const {place, tables} = this.#parts;
    await tables.describeDataset(`${place.datasetPrefix}${OWN}`, `${OWNED_BY}${pipeline}`);
  }

  async close(): Promise<void> {
    await this.#parts.jobs.cancelAll();
    this.#stagings.clear();
  }

  /** Runs a statement into a staging of its own. */
  async #stage(
    request: StageRequest,
    shapes: ReadonlyMap<string, Shape>,
    statement: Statement,
    about: Pick<About, 'signal' | 'timeoutMs'>,
  ): Promise<Staged> {
    const staging = this.#begin(request, shapes);
    const {table, held, bill} = staging;
    if (held === undefined) throw new Error('Internal error: a staging without a table');
    await this.#parts.statements.run(statement, {
      ...about,
      asset: table.name,
      step: 'stage',
      stem: this.#stem(staging, held, 'stage'),
      bill,
      maximumBytesBilled: table.physical?.maxBytesBilled,
      into: into(held),
    });
    return this.#add(held.tableId, staging);
  }

  #begin({table, partitions, inputs}: StageRequest, shapes: ReadonlyMap<string, Shape>): Staging {
    const {place} = this.#parts;
    const id = `s_${randomUUID().replaceAll('-', '')}`;
    const held: TableReference = {...tableOf(place, `${STAGINGS}.${id}`)};
    const rows = tableSql(held);
    return {place, table, partitions, inputs, shapes, held, rows, parameters: {}, bill: new Bill()};
  }

  #stem({table, partitions}: Staging, {tableId}: TableReference, step: string): string {
    return jobStem({asset: table.name, key: partitions[0]?.key ?? '', step, intent: tableId});
  }

  #add(relation: string, staging: Staging): Staged {
    this.#stagings.set(relation, staging);
    const {table, partitions, inputs} = staging;
    return {table, partitions, inputs, relation};
  }

  #find(staged: Staged): Staging {
    const staging = this.#stagings.get(staged.relation);
    if (staging === undefined) throw new Error(`Internal error: no staging '${staged.relation}'`);
    return staging;
  }

  #judged(staged: Staged): ReturnType<typeof judgedOf> {
    return judgedOf(this.#parts.statements, this.#find(staged));
  }

  #wrapped(request: StageQuery, shapes: ReadonlyMap<string, Shape>, select: string): Statement {
    const {place} = this.#parts;
    const {relations, parameters} = scopeOf({...request, place, shapes});
    const {query, queryPath: path} = request;
    return {...wrap(bigqueryDialect, {before: '', relations, select, query, path}), parameters};
  }

  /** Columns of the upstream tables that lack some of the declared ones. */
  async #shapesOf({inputs}: StageRequest): Promise<ReadonlyMap<string, Shape>> {
    const {place, tables} = this.#parts;
    const shapes = new Map<string, Shape>();
    for (const {table, keys} of inputs) {
      const declared = JSON.stringify(table.columns.map(({name, type}) => [name, type]));
      if (keys.length === 0 || this.#readable.get(table.name) === declared) continue;
      const there = await tables.find(referenceOf(place, table));
      if (there === undefined) continue;
      const shape = shapeOf(there);
      const column = partitionColumn(table.partitioning);
      if (column !== undefined && !shape.has(column.toLowerCase()))
        throw new WarehouseError(
          'query',
          `${table.name} holds its key in another column than '${column}' until one of its partitions is made again: materialize it first.`,
        );
      if (isReadable(shape, table)) this.#readable.set(table.name, declared);
      else shapes.set(table.name, shape);
    }
    return shapes;
  }

  /** The query's own output columns; a difference from the declaration is an error before anything runs. */
  async #outputColumns(request: StageQuery, shapes: ReadonlyMap<string, Shape>): Promise<readonly string[]> {
    const {table: declared, query, queryPath, constants = {}} = request;
    const columns = declared.columns.filter(({name}) => !Object.hasOwn(constants, name));
    const table = {...declared, columns};
    const read = request.inputs.map(({edge, table: {name}, keys, window}) => [
      edge,
      name,
      keys.length === 0,
      window === undefined,
    ]);
    const known = JSON.stringify([query, table.name, table.columns, table.partitioning, read]);
    const cached = this.#outputs.get(known);
    if (cached !== undefined) return cached;
    refuseFragments({path: queryPath, text: query, start: 0});
    const {fields, referencedTables} = await this.#parts.statements.dryRun(
      this.#wrapped(request, shapes, '*'),
    );
    this.#refuseOtherTables(request, referencedTables);
    const actual = fields.map(({name}) => name);
    const mistakes = columnMistakes(table, actual);
    if (mistakes.length > 0) throw new WarehouseError('statement', `${queryPath} ${mistakes.join('; ')}.`);
    this.#outputs.set(known, actual);
    return actual;
  }

  /** What a query reads beside its edges would change without anyone being told. */
  #refuseOtherTables({inputs, queryPath}: StageQuery, referenced: readonly TableReference[]): void {
    const {place} = this.#parts;
    const textOf = ({projectId, datasetId, tableId}: TableReference): string =>
      `${projectId}.${datasetId}.${tableId}`;
    const edges = new Set(inputs.map(({table}) => textOf(referenceOf(place, table))));
    const other = referenced.map(textOf).find(name => !edges.has(name));
    if (other === undefined) return;
    throw new WarehouseError(
      'statement',
      `${queryPath} reads the table '${other}', which is no edge of the asset: declare it under 'upstream' and read it by the name of the edge.`,
    );
  }
}

function into(destinationTable: TableReference): IntoNewTable {
  return {destinationTable, createDisposition: 'CREATE_IF_NEEDED', writeDisposition: 'WRITE_EMPTY'};
}

function refuseStopped(signal: AbortSignal, cause: unknown): never {
  if (signal.aborted) throw new WarehouseError('cancelled', 'The load was stopped.', {cause});
  throw cause;
}

/** All receipts of one call are of one intent. */
function intentOf(receipts: readonly Receipt[]): string | undefined {
  return receipts[0]?.intent;
}
