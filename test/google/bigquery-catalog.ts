/**
 * Datasets and tables with what the REST interface says of them; their rows lie in DuckDB.
 * It does not deal with jobs, nor with who may do what.
 */
import type {DuckDBConnection} from '@duckdb/node-api';
import {type Engine, numberOf} from './bigquery-engine.ts';
import {BigqueryError} from './bigquery-error.ts';
import {partitionId, startOf, type TimePartitioning} from './bigquery-partition.ts';
import {columnDefinition, type Field, quotedName, typeOfField} from './bigquery-schema.ts';

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/datasets, as far as this server keeps it. */
export interface DatasetBody {
  readonly location?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly friendlyName?: string;
  readonly defaultTableExpirationMs?: string;
  readonly defaultPartitionExpirationMs?: string;
}

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/tables, as far as this server keeps it. */
export interface TableBody {
  readonly schema?: {readonly fields?: readonly Field[]};
  readonly timePartitioning?: TimePartitioning;
  readonly rangePartitioning?: unknown;
  readonly clustering?: {readonly fields: readonly string[]};
  readonly requirePartitionFilter?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly friendlyName?: string;
  readonly expirationTime?: string;
  readonly view?: {readonly query: string; readonly useLegacySql?: boolean};
}

export interface Dataset {
  readonly id: string;
  readonly location: string;
  body: DatasetBody;
  readonly created: number;
  modified: number;
  readonly tables: Map<string, Table>;
}

export interface Table {
  readonly dataset: string;
  readonly id: string;
  body: TableBody;
  readonly created: number;
  modified: number;
  /** Rows that came by streaming and cannot be changed yet: set by tests. */
  streaming: boolean;
  /** When each partition was last changed; an unpartitioned table has none. */
  readonly partitions: Map<string, number>;
}

export function fieldsOf({body}: Table): readonly Field[] {
  return body.schema?.fields ?? [];
}

export function relationOf({dataset, id}: Pick<Table, 'dataset' | 'id'>): string {
  return `${quotedName(schemaOf(dataset))}.${quotedName(id)}`;
}

function schemaOf(dataset: string): string {
  return `bq_${dataset}`;
}

export class Catalog {
  readonly project: string;
  readonly datasets = new Map<string, Dataset>();
  readonly #engine: Engine;
  readonly #now: () => number;

  constructor(project: string, engine: Engine, now: () => number) {
    this.project = project;
    this.#engine = engine;
    this.#now = now;
  }

  /** Undefined location: wherever it lies. */
  dataset(project: string, id: string, location: string | undefined): Dataset {
    const dataset = project === this.project ? this.datasets.get(id) : undefined;
    if (dataset !== undefined && (location === undefined || sameLocation(dataset.location, location)))
      return dataset;
    const where = location === undefined ? '' : ` was not found in location ${location}`;
    if (project !== this.project) throw new BigqueryError('notFound', `Not found: Project ${project}`);
    throw new BigqueryError('notFound', `Not found: Dataset ${project}:${id}${where}`);
  }

  findTable(project: string, dataset: string, id: string): Table | undefined {
    return project === this.project ? this.datasets.get(dataset)?.tables.get(id) : undefined;
  }

  table(project: string, dataset: string, id: string, location?: string): Table {
    const found = this.dataset(project, dataset, location).tables.get(id);
    if (found !== undefined) return found;
    const where = location === undefined ? '' : ` was not found in location ${location}`;
    throw new BigqueryError('notFound', `Not found: Table ${project}:${dataset}.${id}${where}`);
  }

  async makeDataset(id: string, body: DatasetBody): Promise<Dataset> {
    if (!/^\w{1,1024}$/.test(id))
      throw new BigqueryError(
        'invalid',
        `Invalid dataset ID "${id}". Dataset IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long.`,
      );
    if (this.datasets.has(id))
      throw new BigqueryError('duplicate', `Already Exists: Dataset ${this.project}:${id}`);
    const created = this.#now();
    const dataset: Dataset = {
      id,
      location: body.location ?? 'US',
      body,
      created,
      modified: created,
      tables: new Map(),
    };
    this.datasets.set(id, dataset);
    await this.#run(`CREATE SCHEMA IF NOT EXISTS ${quotedName(schemaOf(id))}`);
    return dataset;
  }

  async dropDataset(id: string, withTables: boolean): Promise<void> {
    const dataset = this.dataset(this.project, id, undefined);
    if (dataset.tables.size > 0 && !withTables)
      throw new BigqueryError('resourceInUse', `Dataset ${this.project}:${id} is still in use`);
    this.datasets.delete(id);
    await this.#run(`DROP SCHEMA ${quotedName(schemaOf(id))} CASCADE`);
  }

  /** Each dataset whose name begins with `from` once more, with all its tables, under `to`. */
  async copyDatasets(from: string, to: string): Promise<void> {
    for (const {id, location, body, tables} of [...this.datasets.values()]) {
      if (!id.startsWith(from)) continue;
      const dataset = await this.makeDataset(`${to}${id.slice(from.length)}`, {...body, location});
      for (const table of tables.values()) {
        const copy = await this.makeTable(dataset, table.id, table.body);
        await this.#run(`INSERT INTO ${relationOf(copy)} BY NAME SELECT * FROM ${relationOf(table)}`);
        for (const [partition, at] of table.partitions) copy.partitions.set(partition, at);
      }
    }
  }

  /** Each dataset whose name begins so, with all its tables. */
  async dropDatasets(prefix: string): Promise<void> {
    const own = [...this.datasets.keys()].filter(id => id.startsWith(prefix));
    for (const id of own) await this.dropDataset(id, true);
  }

  async makeTable(
    dataset: Dataset,
    id: string,
    given: TableBody,
    connection?: DuckDBConnection,
  ): Promise<Table> {
    if (dataset.tables.has(id))
      throw new BigqueryError('duplicate', `Already Exists: Table ${this.project}:${dataset.id}.${id}`);
    const body = this.#withDefaults(dataset, given);
    checkBody(body);
    const created = this.#now();
    const table: Table = {
      dataset: dataset.id,
      id,
      body,
      created,
      modified: created,
      streaming: false,
      partitions: new Map(),
    };
    dataset.tables.set(id, table);
    try {
      if (body.view === undefined)
        await this.#run(`CREATE TABLE ${relationOf(table)} (${columnsText(body)})`, connection);
    } catch (error) {
      dataset.tables.delete(id);
      throw error;
    }
    return table;
  }

  async dropTable(table: Table): Promise<void> {
    this.datasets.get(table.dataset)?.tables.delete(table.id);
    if (table.body.view === undefined) await this.#run(`DROP TABLE IF EXISTS ${relationOf(table)}`);
  }

  /** Columns may be added and REQUIRED may be relaxed; nothing else: https://cloud.google.com/bigquery/docs/managing-table-schemas */
  async changeTable(table: Table, change: TableBody): Promise<void> {
    const {schema, ...rest} = change;
    if (schema !== undefined) {
      await this.#changeColumns(table, schema.fields ?? []);
      table.body = {...table.body, schema};
    }
    const merged = {...table.body, ...rest};
    table.body = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
    table.modified = this.#now();
  }

  async #changeColumns(table: Table, fields: readonly Field[]): Promise<void> {
    const name = `${this.project}:${table.dataset}.${table.id}`;
    const mismatch = (why: string) =>
      new BigqueryError('invalid', `Provided Schema does not match Table ${name}. ${why}`);
    const byName = new Map(fields.map(field => [field.name.toLowerCase(), field]));
    const before = new Map(fieldsOf(table).map(field => [field.name.toLowerCase(), field]));
    for (const [key, old] of before) {
      const field = byName.get(key);
      if (field === undefined) throw mismatch(`Field ${old.name} is missing in new schema`);
      if (typeOfField(field) !== typeOfField(old))
        throw mismatch(`Field ${old.name} has changed type from ${old.type} to ${field.type}`);
      if (field.mode === 'REQUIRED' && old.mode !== 'REQUIRED')
        throw mismatch(`Field ${old.name} has changed mode from NULLABLE to REQUIRED`);
      if (field.mode !== 'REQUIRED' && old.mode === 'REQUIRED')
        await this.#run(
          `ALTER TABLE ${relationOf(table)} ALTER COLUMN ${quotedName(old.name)} DROP NOT NULL`,
        );
    }
    for (const [key, field] of byName) {
      if (before.has(key)) continue;
      if (field.mode === 'REQUIRED')
        throw mismatch(`Cannot add required fields to an existing schema. (field: ${field.name})`);
      await this.#run(`ALTER TABLE ${relationOf(table)} ADD COLUMN ${columnDefinition(field)}`);
    }
  }

  /** What has passed its expiration goes, before anything looks: partitions at once, even on arrival. */
  async expire(): Promise<void> {
    for (const dataset of this.datasets.values())
      for (const table of dataset.tables.values()) {
        const {expirationTime, timePartitioning} = table.body;
        if (expirationTime !== undefined && Number(expirationTime) <= this.#now())
          await this.dropTable(table);
        else if (timePartitioning?.expirationMs !== undefined)
          await this.#expirePartitions(table, timePartitioning);
      }
  }

  async #expirePartitions(table: Table, partitioning: TimePartitioning): Promise<void> {
    const limit = this.#now() - Number(partitioning.expirationMs);
    const old = [...table.partitions.keys()].filter(id => (startOf(id) ?? Number.POSITIVE_INFINITY) < limit);
    for (const id of old) {
      table.partitions.delete(id);
      await this.#run(`DELETE FROM ${relationOf(table)} WHERE ${partitionId(partitioning)} = '${id}'`);
    }
  }

  async countRows(table: Table): Promise<number> {
    if (table.body.view !== undefined) return 0;
    return await this.#with(connection => numberOf(connection, `SELECT count(*) FROM ${relationOf(table)}`));
  }

  #withDefaults(dataset: Dataset, body: TableBody): TableBody {
    const {defaultTableExpirationMs: life, defaultPartitionExpirationMs: partitionLife} = dataset.body;
    const {timePartitioning} = body;
    if (timePartitioning !== undefined) {
      if (timePartitioning.expirationMs !== undefined || partitionLife === undefined) return body;
      return {...body, timePartitioning: {...timePartitioning, expirationMs: partitionLife}};
    }
    if (life === undefined || body.expirationTime !== undefined) return body;
    return {...body, expirationTime: String(this.#now() + Number(life))};
  }

  async #run(sql: string, connection?: DuckDBConnection): Promise<void> {
    if (connection === undefined) await this.#with(async own => void (await own.run(sql)));
    else await connection.run(sql);
  }

  async #with<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.#engine.connect();
    try {
      return await use(connection);
    } finally {
      connection.disconnectSync();
    }
  }
}

/** A table without columns is allowed in BigQuery, not in DuckDB. */
export function columnsText(body: TableBody): string {
  const fields = body.schema?.fields ?? [];
  return fields.length === 0 ? '"_empty" INTEGER' : fields.map(columnDefinition).join(', ');
}

function checkBody({schema, timePartitioning, clustering, rangePartitioning, view}: TableBody): void {
  if (view !== undefined) return;
  if (rangePartitioning !== undefined)
    throw new BigqueryError('notImplemented', 'The test server does not model partitioning by ranges.');
  const fields = new Map((schema?.fields ?? []).map(field => [field.name, field]));
  if (timePartitioning !== undefined) {
    const field = fields.get(timePartitioning.field ?? '');
    if (field === undefined)
      throw new BigqueryError(
        'invalid',
        `The field specified for partitioning cannot be found in the schema: ${timePartitioning.field}`,
      );
    if (!/^(?:DATE|TIMESTAMP|DATETIME)$/i.test(field.type))
      throw new BigqueryError(
        'invalid',
        `The field specified for time partitioning can only be of type TIMESTAMP, DATE or DATETIME. The type found is: ${field.type}.`,
      );
  }
  for (const name of clustering?.fields ?? [])
    if (!fields.has(name))
      throw new BigqueryError(
        'invalid',
        `The field specified for clustering cannot be found in the schema: ${name}`,
      );
  if ((clustering?.fields.length ?? 0) > 4)
    throw new BigqueryError('invalid', 'Cannot cluster by more than 4 fields.');
}

export function sameLocation(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
