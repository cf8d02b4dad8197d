/**
 * The REST interface, https://cloud.google.com/bigquery/docs/reference/rest, as functions from request to answer.
 * It does not deal with sockets and faults (bigquery-server.ts).
 */
import {
  type Dataset,
  type DatasetBody,
  fieldsOf,
  relationOf,
  type Table,
  type TableBody,
} from './bigquery-catalog.ts';
import {rowsOf} from './bigquery-engine.ts';
import {BigqueryError, notModelled} from './bigquery-error.ts';
import type {Trouble} from './bigquery-faults.ts';
import {type Job, jobResource, type QueryConfiguration} from './bigquery-job.ts';
import {type JobBody, type Jobs, pageOf} from './bigquery-jobs.ts';
import type {TableReference} from './bigquery-partition.ts';
import type {TimestampFormat} from './bigquery-rows.ts';
import {rowBytes} from './bigquery-size.ts';
import type {World} from './bigquery-world.ts';

export interface Request {
  readonly world: World;
  readonly jobs: Jobs;
  readonly project: string;
  /** The parts of the path after the project. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  /** Parsed JSON; each route knows what it asked for. */
  readonly body: unknown;
  readonly troubles: readonly Trouble[];
  readonly ifMatch: string | undefined;
}

type Route = (request: Request) => Promise<unknown>;

/** `METHOD path`, where `*` stands for one part. */
const ROUTES: Readonly<Record<string, Route>> = {
  'GET datasets': listDatasets,
  'POST datasets': insertDataset,
  'GET datasets/*': getDataset,
  'PATCH datasets/*': patchDataset,
  'PUT datasets/*': patchDataset,
  'DELETE datasets/*': deleteDataset,
  'GET datasets/*/tables': listTables,
  'POST datasets/*/tables': insertTable,
  'GET datasets/*/tables/*': getTable,
  'PATCH datasets/*/tables/*': patchTable,
  'PUT datasets/*/tables/*': patchTable,
  'DELETE datasets/*/tables/*': deleteTable,
  'POST datasets/*/tables/*': testPermissions,
  'GET datasets/*/tables/*/data': listRows,
  'POST datasets/*/tables/*/insertAll': refuseStreaming,
  'GET jobs': listJobs,
  'POST jobs': insertJob,
  'GET jobs/*': getJob,
  'POST jobs/*/cancel': cancelJob,
  'DELETE jobs/*/delete': deleteJob,
  'POST queries': runQueryNow,
  'GET queries/*': queryResults,
  'GET serviceAccount': async ({project}) => ({
    kind: 'bigquery#getServiceAccountResponse',
    email: `bq-${project}@bigquery-encryption.iam.gserviceaccount.com`,
  }),
};

export async function route(method: string, request: Request): Promise<unknown> {
  const shape = request.parts.map((part, i) => (i % 2 === 1 ? '*' : part)).join('/');
  const found = ROUTES[`${method} ${shape}`];
  if (found === undefined) throw notModelled(`${method} ${request.parts.join('/')}`);
  return await found(request);
}

function part({parts}: Request, i: number): string {
  return decodeURIComponent(parts[i] ?? '');
}

function datasetOf(request: Request): Dataset {
  return request.world.catalog.dataset(request.project, part(request, 1), undefined);
}

async function listDatasets({world, project}: Request): Promise<unknown> {
  world.denials.check('bigquery.datasets.get', project);
  const datasets = [...world.catalog.datasets.values()].map(each => ({
    kind: 'bigquery#dataset',
    id: `${project}:${each.id}`,
    datasetReference: {projectId: project, datasetId: each.id},
    location: each.location,
    labels: each.body.labels,
  }));
  return {kind: 'bigquery#datasetList', datasets};
}

function datasetResource(project: string, {id, body, location, created, modified}: Dataset): unknown {
  return {
    ...body,
    kind: 'bigquery#dataset',
    id: `${project}:${id}`,
    datasetReference: {projectId: project, datasetId: id},
    location,
    etag: `d${modified}`,
    creationTime: String(created),
    lastModifiedTime: String(modified),
  };
}

async function insertDataset({world, project, body}: Request): Promise<unknown> {
  world.denials.check('bigquery.datasets.create', project);
  // As datasets.insert documents it.
  const {datasetReference, ...rest} = body as DatasetBody & {datasetReference?: {datasetId?: string}};
  return datasetResource(project, await world.catalog.makeDataset(datasetReference?.datasetId ?? '', rest));
}

async function getDataset(request: Request): Promise<unknown> {
  request.world.denials.check('bigquery.datasets.get', request.project, part(request, 1));
  return datasetResource(request.project, datasetOf(request));
}

async function patchDataset(request: Request): Promise<unknown> {
  const dataset = datasetOf(request);
  request.world.denials.check('bigquery.datasets.update', request.project, dataset.id);
  // As datasets.patch documents it.
  const change = request.body as DatasetBody;
  if (change.location !== undefined && change.location !== dataset.location)
    throw new BigqueryError('invalid', 'Cannot change location of a dataset');
  dataset.body = {...dataset.body, ...change};
  dataset.modified = request.world.now();
  return datasetResource(request.project, dataset);
}

async function deleteDataset(request: Request): Promise<unknown> {
  request.world.denials.check('bigquery.datasets.delete', request.project, part(request, 1));
  await request.world.catalog.dropDataset(part(request, 1), request.query.get('deleteContents') === 'true');
  return undefined;
}

async function listTables(request: Request): Promise<unknown> {
  const {project, world, query} = request;
  const dataset = datasetOf(request);
  world.denials.check('bigquery.tables.list', project, dataset.id);
  const start = Number(query.get('pageToken') ?? 0);
  const limit = Number(query.get('maxResults') ?? 1000);
  const all = [...dataset.tables.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const tables = all.slice(start, start + limit).map(table => ({
    kind: 'bigquery#table',
    ...identity(project, table),
    labels: table.body.labels,
    creationTime: String(table.created),
    ...pick(table.body),
  }));
  return {
    kind: 'bigquery#tableList',
    tables,
    totalItems: all.length,
    ...(start + limit < all.length ? {nextPageToken: String(start + limit)} : {}),
  };
}

function pick({timePartitioning, clustering, expirationTime}: TableBody): object {
  return {timePartitioning, clustering, expirationTime};
}

function identity(
  project: string,
  {dataset, id, body}: Table,
): {readonly id: string; readonly type: string; readonly tableReference: TableReference} {
  return {
    id: `${project}:${dataset}.${id}`,
    type: body.view === undefined ? 'TABLE' : 'VIEW',
    tableReference: {projectId: project, datasetId: dataset, tableId: id},
  };
}

async function tableResource({world, project}: Request, table: Table): Promise<unknown> {
  const fields = fieldsOf(table);
  const connection = await world.engine.connect();
  try {
    const sizes =
      table.body.view === undefined
        ? (
            await rowsOf(
              connection,
              `SELECT count(*), coalesce(sum(${rowBytes(fields)}), 0) FROM ${relationOf(table)}`,
            )
          ).rows[0]
        : ['0', '0'];
    return {
      ...table.body,
      ...(table.body.requirePartitionFilter === undefined &&
      table.body.timePartitioning?.requirePartitionFilter === true
        ? {requirePartitionFilter: true}
        : {}),
      kind: 'bigquery#table',
      ...identity(project, table),
      location: world.catalog.datasets.get(table.dataset)?.location,
      etag: etagOf(table),
      creationTime: String(table.created),
      lastModifiedTime: String(table.modified),
      numRows: String(sizes?.[0] ?? 0),
      numBytes: String(sizes?.[1] ?? 0),
      ...(table.streaming
        ? {streamingBuffer: {estimatedRows: '1', estimatedBytes: '1', oldestEntryTime: String(world.now())}}
        : {}),
    };
  } finally {
    connection.disconnectSync();
  }
}

function etagOf({dataset, id, modified}: Table): string {
  return `${dataset}.${id}.${modified}`;
}

async function insertTable(request: Request): Promise<unknown> {
  const {world, project, body} = request;
  const dataset = datasetOf(request);
  world.denials.check('bigquery.tables.create', project, dataset.id);
  // As tables.insert documents it.
  const {tableReference, ...rest} = body as TableBody & {tableReference?: TableReference};
  const id = tableReference?.tableId ?? '';
  if (!/^[\w\p{L} -]{1,1024}$/u.test(id)) throw new BigqueryError('invalid', `Invalid table ID "${id}".`);
  return await tableResource(request, await world.catalog.makeTable(dataset, id, rest));
}

async function tableOf(request: Request): Promise<Table> {
  await request.world.catalog.expire();
  const [id = ''] = part(request, 3).split('$');
  return request.world.catalog.table(request.project, part(request, 1), id);
}

async function getTable(request: Request): Promise<unknown> {
  request.world.denials.check('bigquery.tables.get', request.project, part(request, 1), part(request, 3));
  return await tableResource(request, await tableOf(request));
}

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/tables/testIamPermissions: those of a list that one has. */
async function testPermissions(request: Request): Promise<unknown> {
  const [id = '', verb] = part(request, 3).split(':');
  if (verb !== 'testIamPermissions') throw notModelled(`tables/${part(request, 3)}`);
  const {world, project} = request;
  const table = world.catalog.table(project, part(request, 1), id);
  // As the page documents it.
  const {permissions = []} = request.body as {permissions?: readonly string[]};
  return {permissions: permissions.filter(each => world.denials.allows(each, table.dataset, table.id))};
}

async function patchTable(request: Request): Promise<unknown> {
  const table = await tableOf(request);
  request.world.denials.check('bigquery.tables.update', request.project, table.dataset, table.id);
  if (request.ifMatch !== undefined && request.ifMatch !== etagOf(table))
    throw new BigqueryError('conditionNotMet', 'Precondition check failed.');
  // As tables.patch documents it.
  const {tableReference, ...change} = request.body as TableBody & {tableReference?: TableReference};
  await request.world.catalog.changeTable(table, change);
  return await tableResource(request, table);
}

async function deleteTable(request: Request): Promise<unknown> {
  const {world, project} = request;
  if (part(request, 3).includes('$')) throw notModelled('deleting a partition by tables.delete');
  const table = await tableOf(request);
  world.denials.check('bigquery.tables.delete', project, table.dataset, table.id);
  await world.catalog.dropTable(table);
  return undefined;
}

/** The product must never do this, so the server answers as one that would. */
async function refuseStreaming(): Promise<unknown> {
  throw notModelled('streaming inserts');
}

function formatOf(query: URLSearchParams): TimestampFormat {
  if (query.get('formatOptions.timestampOutputFormat') === 'ISO8601_STRING') return 'iso';
  return query.get('formatOptions.useInt64Timestamp') === 'true' ? 'int64' : 'float';
}

function pageAsked(query: URLSearchParams): {
  readonly start: number;
  readonly limit: number | undefined;
  readonly format: TimestampFormat;
} {
  const limit = query.get('maxResults');
  return {
    start: Number(query.get('pageToken') ?? query.get('startIndex') ?? 0),
    limit: limit === null ? undefined : Number(limit),
    format: formatOf(query),
  };
}

async function listRows(request: Request): Promise<unknown> {
  const table = await tableOf(request);
  request.world.denials.check('bigquery.tables.getData', request.project, table.dataset, table.id);
  const {start, limit = 10_000, format} = pageAsked(request.query);
  const {rows, total, next} = await pageOf(
    request.world,
    {relation: relationOf(table), fields: fieldsOf(table)},
    {start, limit, format},
  );
  return {
    kind: 'bigquery#tableDataList',
    totalRows: String(total),
    rows,
    ...(next === undefined ? {} : {pageToken: next}),
  };
}

async function listJobs({jobs, query}: Request): Promise<unknown> {
  const parent = query.get('parentJobId') ?? undefined;
  const states = query.getAll('stateFilter').map(each => each.toUpperCase());
  const after = Number(query.get('minCreationTime') ?? 0);
  const found = jobs.all.filter(
    job =>
      job.parent === parent && job.created >= after && (states.length === 0 || states.includes(job.state)),
  );
  return {kind: 'bigquery#jobList', jobs: found.toReversed().map(jobResource)};
}

async function insertJob({jobs, project, body, troubles}: Request): Promise<unknown> {
  // As jobs.insert documents it.
  return jobResource(await jobs.insert(body as JobBody, project, troubles));
}

function jobOf({jobs, project, query, parts}: Request): Job {
  return jobs.get(project, decodeURIComponent(parts[1] ?? ''), query.get('location') ?? undefined);
}

async function getJob(request: Request): Promise<unknown> {
  request.world.denials.check('bigquery.jobs.get', request.project);
  return jobResource(jobOf(request));
}

async function cancelJob(request: Request): Promise<unknown> {
  const job = jobOf(request);
  request.jobs.cancel(job);
  return {kind: 'bigquery#jobCancelResponse', job: jobResource(job)};
}

async function deleteJob(request: Request): Promise<unknown> {
  const job = jobOf(request);
  request.jobs.all.splice(request.jobs.all.indexOf(job), 1);
  return undefined;
}

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/query: a job, and its first page where it ends soon. */
async function runQueryNow(request: Request): Promise<unknown> {
  // As jobs.query documents it.
  const {
    location,
    timeoutMs = 10_000,
    maxResults,
    dryRun,
    labels,
    formatOptions,
    ...query
  } = request.body as QueryConfiguration & {
    location?: string;
    timeoutMs?: number;
    maxResults?: number;
    dryRun?: boolean;
    labels?: Readonly<Record<string, string>>;
    formatOptions?: {useInt64Timestamp?: boolean; timestampOutputFormat?: string};
  };
  const configuration = {
    query,
    ...(dryRun === undefined ? {} : {dryRun}),
    ...(labels === undefined ? {} : {labels}),
  };
  const job = await request.jobs.insert(
    {configuration, ...(location === undefined ? {} : {jobReference: {location}})},
    request.project,
    request.troubles,
  );
  await request.jobs.settle(job, timeoutMs);
  const format =
    formatOptions?.timestampOutputFormat === 'ISO8601_STRING'
      ? 'iso'
      : formatOptions?.useInt64Timestamp === true
        ? 'int64'
        : 'float';
  return await answerOf(request, job, {start: 0, limit: maxResults, format});
}

async function queryResults(request: Request): Promise<unknown> {
  const job = jobOf(request);
  await request.jobs.settle(job, Number(request.query.get('timeoutMs') ?? 10_000));
  return await answerOf(request, job, pageAsked(request.query));
}

async function answerOf({jobs}: Request, job: Job, asked: ReturnType<typeof pageAsked>): Promise<unknown> {
  const start = {kind: 'bigquery#queryResponse', jobReference: job.reference};
  if (job.state !== 'DONE') return {...start, jobComplete: false};
  const {rows, total, next} = await jobs.page(job, asked);
  const {query} = job.statistics;
  return {
    ...start,
    jobComplete: true,
    totalRows: String(total),
    totalBytesProcessed: query?.totalBytesProcessed ?? '0',
    cacheHit: false,
    ...(job.result === undefined ? {} : {schema: {fields: job.result.fields}, rows}),
    ...(query?.schema === undefined ? {} : {schema: query.schema}),
    ...(next === undefined ? {} : {pageToken: next}),
    ...(query?.numDmlAffectedRows === undefined ? {} : {numDmlAffectedRows: query.numDmlAffectedRows}),
  };
}
