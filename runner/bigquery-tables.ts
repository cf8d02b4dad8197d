/**
 * Datasets and tables of a project: looked at, created, brought into their declared shape, dropped. All through the API's
 * resources, which are no jobs.
 * It does not deal with rows.
 */
import type {Asker} from './bigquery-asker.ts';
import {fieldOf, type Place, referenceOf, tableText, typeOfField} from './bigquery-name.ts';
import {refusalOf} from './bigquery-reason.ts';
import type {Field, Schema, TableReference} from './bigquery-rest.ts';
import {partitionColumn} from './table-key.ts';
import {type TableSpec, WarehouseError} from './warehouse.ts';

interface Partitioned {
  readonly type: 'DAY' | 'MONTH' | 'HOUR' | 'YEAR';
  readonly field?: string;
  /** Milliseconds, as text. */
  readonly expirationMs?: string;
}

/** As the API gives it: https://cloud.google.com/bigquery/docs/reference/rest/v2/tables */
export interface TableResource {
  readonly tableReference: TableReference;
  readonly type?: string;
  readonly schema?: Schema;
  readonly timePartitioning?: Partitioned;
  readonly streamingBuffer?: unknown;
}

export interface DatasetResource {
  readonly datasetReference: {readonly projectId: string; readonly datasetId: string};
  readonly location?: string;
  readonly description?: string;
}

/** A table that gameplan made says so: what others made is not reshaped. */
const MADE_BY = {gameplan: 'made'} as const;

/** Columns of a table by their names in lower case. */
export type Shape = ReadonlyMap<string, Field>;

export class Tables {
  readonly #asker: Asker;
  readonly #place: Place;
  /** Datasets that are seen to be there. */
  readonly #datasets = new Set<string>();

  constructor(asker: Asker, place: Place) {
    this.#asker = asker;
    this.#place = place;
  }

  /** Undefined where there is no such table. */
  async find(table: TableReference): Promise<TableResource | undefined> {
    return await this.#found({path: pathOf(table)});
  }

  async findDataset(datasetId: string): Promise<DatasetResource | undefined> {
    return await this.#found({path: `/datasets/${datasetId}`});
  }

  /** Creates it where it is not there; refuses one of another location. */
  async ensureDataset(
    datasetId: string,
    about: {readonly description?: string; readonly defaultTableExpirationMs?: string} = {},
  ): Promise<DatasetResource | undefined> {
    if (this.#datasets.has(datasetId)) return undefined;
    const {location} = this.#asker.api;
    let dataset = await this.findDataset(datasetId);
    if (dataset === undefined) {
      const datasetReference = {projectId: this.#place.project, datasetId};
      await this.#create('/datasets', {datasetReference, location, ...about}).catch((error: unknown) =>
        refuseDataset(error, {datasetId, location}),
      );
      dataset = await this.findDataset(datasetId);
    }
    if (dataset?.location !== undefined && dataset.location.toLowerCase() !== location.toLowerCase()) {
      throw new WarehouseError(
        'unreadable',
        `The dataset '${datasetId}' lies in ${dataset.location}, and the target's location is ${location}: a job reads and writes one location. Set the target's 'location' to ${dataset.location}, or give it another 'dataset_prefix'.`,
      );
    }
    this.#datasets.add(datasetId);
    return dataset;
  }

  async describeDataset(datasetId: string, description: string): Promise<void> {
    await this.#asker.ask({method: 'PATCH', path: `/datasets/${datasetId}`, body: {description}});
  }

  /** Creates a table of gameplan's own; one that is there stays as it is. */
  async ensureOwn(
    table: TableReference,
    fields: readonly Field[],
    about: {readonly clustering?: {readonly fields: readonly string[]}} = {},
  ): Promise<void> {
    await this.ensureDataset(table.datasetId);
    await this.#create(`/datasets/${table.datasetId}/tables`, {
      tableReference: table,
      schema: {fields},
      labels: MADE_BY,
      ...about,
    });
  }

  /**
   * Creates an asset's table, or adds the columns that it lacks. Throws a `WarehouseError` of kind `shape` where what is
   * there is no table, or has other types or another slicing than are declared.
   */
  async ensure(spec: TableSpec): Promise<TableResource | undefined> {
    const table = referenceOf(this.#place, spec);
    const there = await this.find(table);
    if (there === undefined) {
      await this.ensureDataset(table.datasetId);
      await this.#create(`/datasets/${table.datasetId}/tables`, resourceOf(table, spec));
      return undefined;
    }
    refuseOther(spec, there);
    if (there.streamingBuffer !== undefined && there.streamingBuffer !== null)
      throw new WarehouseError(
        'shape',
        `The table '${tableText(table)}' of ${spec.name} has rows in its streaming buffer: someone streams into it, and such rows can neither be replaced nor deleted for up to 90 minutes. Stop what streams, wait, and run again.`,
      );
    const shape = shapeOf(there);
    const lacking = spec.columns.filter(({name}) => !shape.has(name.toLowerCase()));
    if (lacking.length > 0) {
      const fields = [...(there.schema?.fields ?? []), ...lacking.map(fieldOf)];
      await this.#asker.ask({method: 'PATCH', path: pathOf(table), body: {schema: {fields}}});
    }
    return there;
  }

  /** One that is gone already is no mistake. */
  async drop(table: TableReference): Promise<void> {
    await this.#found({method: 'DELETE', path: pathOf(table)});
  }

  /** The tables of a dataset, by id; none where there is no such dataset. */
  async list(datasetId: string): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    let pageToken: string | undefined;
    do {
      const page = await this.#found<{
        readonly tables?: readonly {readonly tableReference: TableReference}[];
        readonly nextPageToken?: string;
      }>({path: `/datasets/${datasetId}/tables`, query: {maxResults: 1000, pageToken}});
      for (const {tableReference} of page?.tables ?? []) found.add(tableReference.tableId);
      pageToken = page?.nextPageToken;
    } while (pageToken !== undefined);
    return found;
  }

  /** Undefined where the dataset or the table is not there. */
  async #found<T>(request: Parameters<Asker['ask']>[0]): Promise<T | undefined> {
    try {
      return await this.#asker.ask<T>(request);
    } catch (error) {
      if (statusOf(error) !== 404 || /\bproject\b(?!:)/i.test(messageOf(error))) throw error;
      return undefined;
    }
  }

  /** Someone may have created it at the same moment. */
  async #create(path: string, body: object): Promise<void> {
    try {
      await this.#asker.ask({method: 'POST', path, body});
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
    }
  }
}

function refuseDataset(error: unknown, of: {readonly datasetId: string; readonly location: string}): never {
  if (!(error instanceof WarehouseError) || error.kind !== 'denied') throw error;
  const mend = `Or have the dataset '${of.datasetId}' made for it in ${of.location}.`;
  throw new WarehouseError('denied', `${error.message} ${mend}`, {cause: error.cause});
}

function statusOf(error: unknown): number | undefined {
  return error instanceof WarehouseError ? refusalOf(error.cause).status : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof WarehouseError ? refusalOf(error.cause).message : '';
}

export function shapeOf({schema}: TableResource): Shape {
  return new Map((schema?.fields ?? []).map(field => [field.name.toLowerCase(), field]));
}

/** Whether the declared columns can be read as they are. */
export function isReadable(shape: Shape, {columns}: TableSpec): boolean {
  return columns.every(column => {
    const field = shape.get(column.name.toLowerCase());
    return field !== undefined && typeOfField(field) === fieldOf(column).type;
  });
}

function pathOf({datasetId, tableId}: TableReference): string {
  return `/datasets/${encodeURIComponent(datasetId)}/tables/${encodeURIComponent(tableId)}`;
}

function resourceOf(tableReference: TableReference, spec: TableSpec): object {
  const {columns, description, physical} = spec;
  const partitioned = partitionedBy(spec);
  const cluster = physical?.cluster ?? [];
  return {
    tableReference,
    schema: {fields: columns.map(fieldOf)},
    labels: MADE_BY,
    ...(description === undefined ? {} : {description}),
    ...(partitioned === undefined ? {} : {timePartitioning: partitioned}),
    ...(physical?.requirePartitionFilter === true && partitioned !== undefined
      ? {requirePartitionFilter: true}
      : {}),
    ...(cluster.length === 0 ? {} : {clustering: {fields: cluster}}),
  };
}

/** Only a column of dates can cut a table into partitions. */
function partitionedBy({partitioning, physical}: TableSpec): Partitioned | undefined {
  const field = partitionColumn(partitioning);
  const grain = physical?.grain ?? 'day';
  if (partitioning.kind !== 'date' || field === undefined || grain === 'none') return undefined;
  return {type: grain === 'day' ? 'DAY' : 'MONTH', field};
}

export function refuseOther(spec: TableSpec, there: TableResource): void {
  const what = `'${tableText(there.tableReference)}' of ${spec.name}`;
  if (there.type !== undefined && there.type !== 'TABLE') {
    throw new WarehouseError(
      'shape',
      `${what} is a ${there.type.toLowerCase().replaceAll('_', ' ')} and no table: nothing can be published into it. Drop or rename it, or declare the asset under another name.`,
    );
  }
  const shape = shapeOf(there);
  for (const column of spec.columns) {
    const field = shape.get(column.name.toLowerCase());
    const type = fieldOf(column).type;
    if (field === undefined || (typeOfField(field) === type && field.mode !== 'REPEATED')) continue;
    const has = field.mode === 'REPEATED' ? `a list of ${typeOfField(field)}` : typeOfField(field);
    throw new WarehouseError(
      'shape',
      `The column '${column.name}' of ${what} is ${has}, and the asset declares ${column.type} (${type}). Declare the new column under another name, take the old type back, or drop the table and make it anew.`,
    );
  }
  for (const [, field] of shape) {
    const isDeclared = spec.columns.some(({name}) => name.toLowerCase() === field.name.toLowerCase());
    if (isDeclared || field.mode !== 'REQUIRED') continue;
    throw new WarehouseError(
      'shape',
      `The column '${field.name}' of ${what} is REQUIRED, and the asset does not declare it: no row could be written. Declare it, or make it NULLABLE.`,
    );
  }
  refuseOtherPartitions(spec, there, what);
}

function refuseOtherPartitions(spec: TableSpec, {timePartitioning: has}: TableResource, what: string): void {
  const wanted = partitionedBy(spec);
  if (has === undefined || (wanted?.type === has.type && wanted.field === has.field)) {
    if (has !== undefined || wanted === undefined) return;
    throw new WarehouseError(
      'shape',
      `${what} has no partitions, and the asset is cut into partitions by ${wanted.type.toLowerCase()} of '${wanted.field}'. Declare 'bigquery: {grain: none}' to use it as it is, or make it anew with partitions.`,
    );
  }
  const by = `by ${has.type.toLowerCase()} of '${has.field ?? 'the time of loading'}'`;
  const mend =
    has.field === wanted?.field && (has.type === 'DAY' || has.type === 'MONTH')
      ? `Declare 'bigquery: {grain: ${has.type.toLowerCase()}}', or make the table anew.`
      : 'Make the table anew, or declare the asset under another name.';
  throw new WarehouseError(
    'shape',
    `${what} is cut into partitions ${by}, and the asset ${wanted === undefined ? 'into none' : `by ${wanted.type.toLowerCase()} of '${wanted.field}'`}. ${mend}`,
  );
}
