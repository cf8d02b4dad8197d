/**
 * Rows that a query, load or copy job writes into its destination: dispositions, decorators, schemas
 * (https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationQuery). Wholly or not at all.
 * It does not deal with DML.
 */
import type {DuckDBConnection} from '@duckdb/node-api';
import {columnsText, fieldsOf, relationOf, type Table, type TableBody} from './bigquery-catalog.ts';
import {numberOf, rowsOf} from './bigquery-engine.ts';
import {BigqueryError} from './bigquery-error.ts';
import {checkDecorator, columnOf, type Destination, partitionId} from './bigquery-partition.ts';
import {type Field, quotedName, sameType} from './bigquery-schema.ts';
import type {World} from './bigquery-world.ts';

export interface Write {
  readonly connection: DuckDBConnection;
  /** A relation of that connection, with the columns `fields`. */
  readonly source: string;
  readonly fields: readonly Field[];
  readonly destination: Destination;
  readonly location: string;
  readonly create: string;
  readonly write: string;
  readonly schemaUpdateOptions: readonly string[];
  /** For a table that is made: partitioning, clustering, modes of columns. */
  readonly body: TableBody;
  readonly isLoad: boolean;
}

export interface Written {
  readonly table: Table;
  readonly rows: number;
}

export async function write(world: World, request: Write): Promise<Written> {
  const {destination, location} = request;
  const {project, dataset: datasetId, table: id, partition} = destination;
  const dataset = world.catalog.dataset(project, datasetId, location);
  const name = `${project}:${datasetId}.${id}`;
  const owner = {};
  await world.locks.take(name, owner);
  try {
    const found = dataset.tables.get(id);
    world.denials.check('bigquery.tables.updateData', project, datasetId, id);
    if (found === undefined && request.create === 'CREATE_NEVER')
      throw new BigqueryError('notFound', `Not found: Table ${name}`);
    if (found?.body.view !== undefined)
      throw new BigqueryError(
        'invalid',
        `${name} is not allowed for this operation because it is currently a VIEW.`,
      );
    if (found === undefined) world.denials.check('bigquery.tables.create', project, datasetId);
    const partitioning = found === undefined ? request.body.timePartitioning : found.body.timePartitioning;
    if (partition !== undefined) checkDecorator(partition, partitioning, name);
    if (found !== undefined) checkPartitioning(request.body, found);
    await checkEmpty(request, found, name);
    if (found !== undefined) await fitSchema(world, request, found, name);
    const touched = await touchedPartitions(request, found, name);
    count(world, request, found, name, touched);
    return await apply(world, request, found, touched);
  } finally {
    world.locks.release(owner);
  }
}

function isWholeReplacement({destination, write: disposition}: Write): boolean {
  return disposition === 'WRITE_TRUNCATE' && destination.partition === undefined;
}

function checkPartitioning(body: TableBody, {body: {timePartitioning}}: Table): void {
  const given = body.timePartitioning;
  if (given === undefined) return;
  const text = (one: TableBody['timePartitioning']) =>
    one === undefined ? 'none' : `interval(type:${one.type.toLowerCase()},field:${one.field})`;
  if (text(given) !== text(timePartitioning))
    throw new BigqueryError(
      'invalid',
      `Incompatible table partitioning specification. Expects partitioning specification ${text(timePartitioning)}, but input partitioning specification is ${text(given)}`,
    );
}

async function checkEmpty(
  {connection, destination, write: disposition}: Write,
  table: Table | undefined,
  name: string,
): Promise<void> {
  if (disposition !== 'WRITE_EMPTY' || table === undefined) return;
  const {timePartitioning} = table.body;
  const where =
    destination.partition === undefined || timePartitioning === undefined
      ? ''
      : ` WHERE ${partitionId(timePartitioning)} = '${destination.partition}'`;
  if ((await numberOf(connection, `SELECT count(*) FROM ${relationOf(table)}${where}`)) > 0)
    throw new BigqueryError(
      'duplicate',
      `Already Exists: Table ${name}${destination.partition === undefined ? '' : `$${destination.partition}`}`,
    );
}

/** Unless the whole table goes, its columns stay: only with schemaUpdateOptions some may be added. */
async function fitSchema(world: World, request: Write, table: Table, name: string): Promise<void> {
  if (isWholeReplacement(request)) return;
  const byName = new Map(fieldsOf(table).map(field => [field.name.toLowerCase(), field]));
  const mismatch = (why: string) =>
    new BigqueryError('invalid', `Provided Schema does not match Table ${name}. ${why}`);
  const fresh: Field[] = [];
  for (const field of request.fields) {
    const old = byName.get(field.name.toLowerCase());
    if (old === undefined) fresh.push({...field, mode: field.mode === 'REPEATED' ? 'REPEATED' : 'NULLABLE'});
    else if (!sameType(old, field))
      throw mismatch(`Field ${old.name} has changed type from ${old.type} to ${field.type}`);
  }
  const given = new Set(request.fields.map(field => field.name.toLowerCase()));
  for (const old of fieldsOf(table))
    if (old.mode === 'REQUIRED' && !given.has(old.name.toLowerCase()))
      throw mismatch(`Field ${old.name} is missing in new schema`);
  if (fresh.length === 0) return;
  if (!request.schemaUpdateOptions.includes('ALLOW_FIELD_ADDITION'))
    throw mismatch(`Cannot add fields (field: ${fresh[0]?.name})`);
  await world.catalog.changeTable(table, {schema: {fields: [...fieldsOf(table), ...fresh]}});
}

/** Refuses rows of another partition than the decorator's. */
async function touchedPartitions(
  request: Write,
  table: Table | undefined,
  name: string,
): Promise<readonly string[]> {
  const {connection, source, destination, fields, body} = request;
  const partitioning = table === undefined ? body.timePartitioning : table.body.timePartitioning;
  if (partitioning === undefined) return [];
  if (!fields.some(field => field.name.toLowerCase() === columnOf(partitioning).toLowerCase()))
    throw new BigqueryError(
      'invalid',
      `The field specified for partitioning cannot be found in the schema: ${columnOf(partitioning)}`,
    );
  const {rows} = await rowsOf(
    connection,
    `SELECT DISTINCT ${partitionId(partitioning)} AS p FROM ${source} ORDER BY p`,
  );
  const ids = rows.map(([id]) => String(id));
  const {partition} = destination;
  if (partition === undefined)
    return isWholeReplacement(request) ? [...new Set([...ids, ...(table?.partitions.keys() ?? [])])] : ids;
  const foreign = ids.find(id => id !== partition);
  if (foreign !== undefined)
    throw new BigqueryError(
      'invalid',
      `Some rows belong to different partitions rather than destination partition ${name.split('.').at(-1)}$${partition}`,
    );
  return [partition];
}

function count(
  {quotas}: World,
  {isLoad, body}: Write,
  table: Table | undefined,
  name: string,
  touched: readonly string[],
): void {
  const isPartitioned = (table === undefined ? body : table.body).timePartitioning !== undefined;
  quotas.countWrite(name, isPartitioned);
  if (isLoad) quotas.countLoad(name);
  if (isPartitioned)
    quotas.countPartitions(
      name,
      touched.length,
      new Set([...(table?.partitions.keys() ?? []), ...touched]).size,
    );
}

async function apply(
  world: World,
  request: Write,
  found: Table | undefined,
  touched: readonly string[],
): Promise<Written> {
  const {connection, source, fields, destination} = request;
  const schema = {fields: request.body.schema?.fields ?? fields};
  await connection.run('BEGIN TRANSACTION');
  let table = found;
  try {
    if (table === undefined)
      table = await world.catalog.makeTable(
        world.catalog.dataset(destination.project, destination.dataset, request.location),
        destination.table,
        {...request.body, schema},
        connection,
      );
    else if (isWholeReplacement(request))
      await connection.run(`CREATE OR REPLACE TABLE ${relationOf(table)} (${columnsText({schema})})`);
    else if (request.write === 'WRITE_TRUNCATE' && table.body.timePartitioning !== undefined)
      await connection.run(
        `DELETE FROM ${relationOf(table)} WHERE ${partitionId(table.body.timePartitioning)} = '${destination.partition}'`,
      );
    const columns = fields.map(({name}) => quotedName(name)).join(', ');
    if (fields.length > 0)
      await connection.run(`INSERT INTO ${relationOf(table)} (${columns}) SELECT ${columns} FROM ${source}`);
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK');
    if (found === undefined)
      world.catalog.datasets.get(destination.dataset)?.tables.delete(destination.table);
    throw error;
  }
  if (isWholeReplacement(request) && found !== undefined) {
    table.body = {...table.body, schema};
    table.partitions.clear();
  }
  await touch(world, connection, table, touched, destination.partition);
  return {table, rows: await numberOf(connection, `SELECT count(*) FROM ${source}`)};
}

/** Marks partitions as changed now; one without rows is gone unless a decorator named it. */
export async function touch(
  {now}: World,
  connection: DuckDBConnection,
  table: Table,
  ids: readonly string[],
  named?: string,
): Promise<void> {
  table.modified = now();
  const {timePartitioning} = table.body;
  if (timePartitioning === undefined || ids.length === 0) return;
  const {rows} = await rowsOf(
    connection,
    `SELECT DISTINCT ${partitionId(timePartitioning)} FROM ${relationOf(table)}`,
  );
  const held = new Set(rows.map(([id]) => String(id)));
  for (const id of ids)
    if (held.has(id) || id === named) table.partitions.set(id, table.modified);
    else table.partitions.delete(id);
}
