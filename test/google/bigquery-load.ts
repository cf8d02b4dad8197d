/**
 * Load jobs of objects in Cloud Storage and copy jobs
 * (https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-json, https://cloud.google.com/bigquery/docs/managing-tables#copy-table).
 * It does not deal with CSV, Avro and ORC, nor with autodetection.
 */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import {fieldsOf, relationOf, type TableBody} from './bigquery-catalog.ts';
import {numberOf, rowsOf} from './bigquery-engine.ts';
import {BigqueryError, notModelled} from './bigquery-error.ts';
import type {CopyConfiguration, Done, LoadConfiguration} from './bigquery-job.ts';
import {destinationOf, partitionId} from './bigquery-partition.ts';
import {type Field, quotedName, quotedText, typeOfField} from './bigquery-schema.ts';
import {rowBytes} from './bigquery-size.ts';
import type {World} from './bigquery-world.ts';
import {write} from './bigquery-write.ts';

export interface Transfer {
  readonly project: string;
  readonly location: string;
  readonly freshRelation: () => string;
}

export async function runLoad(world: World, load: LoadConfiguration, transfer: Transfer): Promise<Done> {
  const {project, location} = transfer;
  const destination = destinationOf(load.destinationTable, project);
  const existing = world.catalog.findTable(destination.project, destination.dataset, destination.table);
  const fields = load.schema?.fields ?? (existing === undefined ? undefined : fieldsOf(existing));
  if (fields === undefined)
    throw load.autodetect === true
      ? notModelled('autodetection of a schema')
      : new BigqueryError('invalid', 'No schema specified on job or table.');
  world.catalog.dataset(destination.project, destination.dataset, location);
  const folder = mkdtempSync(path.join(tmpdir(), 'bigquery-load-'));
  const connection = await world.engine.connect();
  try {
    const files = await download(world, load.sourceUris ?? [], folder);
    const source = transfer.freshRelation();
    await read(connection, load, files, fields, source);
    const {timePartitioning, clustering, destinationTableProperties} = load;
    const body: TableBody = {
      schema: {fields},
      ...destinationTableProperties,
      ...(timePartitioning === undefined ? {} : {timePartitioning}),
      ...(clustering === undefined ? {} : {clustering}),
    };
    const {rows} = await write(world, {
      connection,
      source,
      fields,
      destination,
      location,
      create: load.createDisposition ?? 'CREATE_IF_NEEDED',
      write: load.writeDisposition ?? 'WRITE_APPEND',
      schemaUpdateOptions: load.schemaUpdateOptions ?? [],
      body,
      isLoad: true,
    });
    const bytes = await numberOf(connection, `SELECT coalesce(sum(${rowBytes(fields)}), 0) FROM ${source}`);
    await connection.run(`DROP TABLE ${source}`);
    const inputBytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return {
      statistics: {
        totalSlotMs: String(5 + rows),
        load: {
          inputFiles: String(files.length),
          inputFileBytes: String(inputBytes),
          outputRows: String(rows),
          outputBytes: String(bytes),
        },
      },
    };
  } finally {
    connection.disconnectSync();
    rmSync(folder, {recursive: true, force: true});
  }
}

interface LoadedFile {
  readonly path: string;
  readonly bytes: number;
  readonly uri: string;
}

async function download(
  {storageUrl}: World,
  uris: readonly string[],
  folder: string,
): Promise<readonly LoadedFile[]> {
  if (uris.length === 0) throw new BigqueryError('invalid', 'Required parameter is missing: sourceUris');
  if (storageUrl === undefined) throw notModelled('load jobs without the option storageUrl');
  const files: LoadedFile[] = [];
  for (const uri of uris) {
    const [, bucket = '', name = ''] = /^gs:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
    if (name === '') throw new BigqueryError('invalid', `Invalid URI: ${uri}`);
    if (name.includes('*')) throw notModelled('URIs with a wildcard');
    const answer = await fetch(
      `${storageUrl}/storage/v1/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(name)}?alt=media`,
      {headers: {authorization: 'Bearer bigquery'}},
    );
    if (answer.status === 404) throw new BigqueryError('notFound', `Not found: URI ${uri}`);
    if (!answer.ok)
      throw new BigqueryError(
        'backendError',
        `Error encountered during execution: ${uri} answered ${answer.status}`,
      );
    const content = Buffer.from(await answer.arrayBuffer());
    const file = path.join(folder, String(files.length));
    writeFileSync(file, content);
    files.push({path: file, bytes: content.length, uri});
  }
  return files;
}

async function read(
  connection: DuckDBConnection,
  load: LoadConfiguration,
  files: readonly LoadedFile[],
  fields: readonly Field[],
  relation: string,
): Promise<void> {
  const paths = `[${files.map(file => quotedText(file.path)).join(', ')}]`;
  const casts = fields.map(
    field => `CAST(${quotedName(field.name)} AS ${typeOfField(field)}) AS ${quotedName(field.name)}`,
  );
  const {sourceFormat} = load;
  const uri = files[0]?.uri ?? '';
  const failure = (why: string) =>
    new BigqueryError('invalid', `Error while reading data, error message: ${why} File: ${uri}`);
  try {
    if (sourceFormat === 'PARQUET') {
      await connection.run(
        `CREATE TABLE ${relation} AS SELECT ${casts.join(', ')} FROM read_parquet(${paths})`,
      );
      return;
    }
    if (sourceFormat !== 'NEWLINE_DELIMITED_JSON') throw notModelled(`loading ${sourceFormat ?? 'CSV'}`);
    const columns = fields.map(field => `${quotedText(field.name)}: ${quotedText(typeOfField(field))}`);
    if (load.ignoreUnknownValues !== true) await refuseUnknown(connection, paths, fields, failure);
    await connection.run(
      `CREATE TABLE ${relation} AS SELECT ${casts.join(', ')} FROM read_json(${paths}, format = 'newline_delimited', columns = {${columns.join(', ')}}, maximum_object_size = 104857600, compression = 'auto_detect')`,
    );
  } catch (error) {
    if (error instanceof BigqueryError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw failure(/"exception_message":"([^"]*)/.exec(text)?.[1] ?? text);
  }
}

/** https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-json: values that match no column are errors by default. */
async function refuseUnknown(
  connection: DuckDBConnection,
  paths: string,
  fields: readonly Field[],
  failure: (why: string) => BigqueryError,
): Promise<void> {
  const {rows} = await rowsOf(
    connection,
    `SELECT DISTINCT unnest(json_keys(json)) AS k FROM read_json_objects(${paths}, format = 'newline_delimited', maximum_object_size = 104857600)`,
  );
  const known = new Set(fields.map(({name}) => name.toLowerCase()));
  const unknown = rows.map(([key]) => String(key)).find(key => !known.has(key.toLowerCase()));
  if (unknown !== undefined)
    throw failure(
      `JSON table encountered too many errors, giving up. JSON parsing error in row: No such field: ${unknown}.`,
    );
}

export async function runCopy(
  world: World,
  copy: CopyConfiguration,
  {project, location, freshRelation}: Transfer,
): Promise<Done> {
  const [reference, ...more] =
    copy.sourceTables ?? (copy.sourceTable === undefined ? [] : [copy.sourceTable]);
  if (more.length > 0) throw notModelled('copies of several tables at once');
  const from = destinationOf(reference, project);
  const destination = destinationOf(copy.destinationTable, project);
  const table = world.catalog.table(from.project, from.dataset, from.table, location);
  world.denials.check('bigquery.tables.getData', project, from.dataset, from.table);
  const {timePartitioning, clustering} = table.body;
  if (from.partition !== undefined && timePartitioning === undefined)
    throw new BigqueryError(
      'invalid',
      `Cannot read partition information from a table that is not partitioned: ${project}:${from.dataset}.${from.table}$${from.partition}`,
    );
  const connection = await world.engine.connect();
  try {
    const source = freshRelation();
    const where =
      from.partition === undefined || timePartitioning === undefined
        ? ''
        : ` WHERE ${partitionId(timePartitioning)} = ${quotedText(from.partition)}`;
    const fields = fieldsOf(table);
    const columns = fields.map(({name}) => quotedName(name)).join(', ');
    await connection.run(`CREATE TABLE ${source} AS SELECT ${columns} FROM ${relationOf(table)}${where}`);
    const {rows} = await write(world, {
      connection,
      source,
      fields,
      destination,
      location,
      create: copy.createDisposition ?? 'CREATE_IF_NEEDED',
      write: copy.writeDisposition ?? 'WRITE_EMPTY',
      schemaUpdateOptions: [],
      body: {
        schema: {fields},
        ...(timePartitioning === undefined ? {} : {timePartitioning}),
        ...(clustering === undefined ? {} : {clustering}),
      },
      isLoad: false,
    });
    const bytes = await numberOf(connection, `SELECT coalesce(sum(${rowBytes(fields)}), 0) FROM ${source}`);
    await connection.run(`DROP TABLE ${source}`);
    return {statistics: {copy: {copiedRows: String(rows), copiedLogicalBytes: String(bytes)}}};
  } finally {
    connection.disconnectSync();
  }
}
