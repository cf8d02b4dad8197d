/**
 * The jobs of a server: their ids, how they run beside each other, who waits for them
 * (https://cloud.google.com/bigquery/docs/running-jobs).
 * It does not deal with what the kinds of jobs do.
 */
import {setTimeout as sleep} from 'node:timers/promises';
import {sameLocation} from './bigquery-catalog.ts';
import {rowsOf} from './bigquery-engine.ts';
import {AskedFor, BigqueryError, errorOf, notModelled, stopped, timedOut} from './bigquery-error.ts';
import {delay, jobError, type Trouble} from './bigquery-faults.ts';
import type {Done, Job, JobConfiguration, JobReference, JobStatistics} from './bigquery-job.ts';
import {runCopy, runLoad} from './bigquery-load.ts';
import {runQuery} from './bigquery-query.ts';
import {encodeRow, type TimestampFormat} from './bigquery-rows.ts';
import type {World} from './bigquery-world.ts';

export interface JobBody {
  readonly configuration?: JobConfiguration;
  readonly jobReference?: Partial<JobReference>;
}

export interface Page {
  readonly rows: readonly unknown[];
  readonly total: number;
  readonly next: string | undefined;
}

export class Jobs {
  readonly all: Job[] = [];
  readonly #world: World;
  readonly #ended = new Map<Job, Promise<void>>();
  readonly #pageRows: number;
  #results = 0;

  constructor(world: World, pageRows: number) {
    this.#world = world;
    this.#pageRows = pageRows;
  }

  /** Answers at once; what becomes of the job stands in its status. A dry run is not kept. */
  async insert(body: JobBody, project: string, troubles: readonly Trouble[]): Promise<Job> {
    const configuration = withType(body.configuration ?? {});
    this.#world.denials.check('bigquery.jobs.create', project);
    if (project !== this.#world.catalog.project)
      throw new BigqueryError('notFound', `Not found: Project ${project}`);
    const {jobId = `job_${crypto.randomUUID()}`} = body.jobReference ?? {};
    if (!/^[\w-]{1,1024}$/.test(jobId)) throw new BigqueryError('invalid', `Invalid job ID "${jobId}"`);
    const location = body.jobReference?.location ?? this.#locationOf(configuration);
    const same = this.all.find(
      ({reference}) => reference.jobId === jobId && sameLocation(reference.location, location),
    );
    if (same !== undefined)
      throw new BigqueryError('duplicate', `Already Exists: Job ${project}:${location}.${jobId}`);
    const job = this.#newJob({projectId: project, jobId, location}, configuration, undefined);
    if (configuration.dryRun === true) {
      job.statistics = (await this.#run(job, troubles)).statistics;
      job.state = 'DONE';
      return job;
    }
    this.all.push(job);
    this.#ended.set(job, this.#live(job, troubles));
    return job;
  }

  #newJob(reference: JobReference, configuration: JobConfiguration, parent: string | undefined): Job {
    return {
      reference,
      configuration,
      parent,
      state: 'PENDING',
      created: this.#world.now(),
      started: undefined,
      ended: undefined,
      error: undefined,
      statistics: {},
      result: undefined,
      cancel: new AbortController(),
    };
  }

  /** Where a job runs that names no location: where the data lies that it names as destination or default, else in the US. */
  #locationOf({query, load, copy}: JobConfiguration): string {
    const reference =
      query?.destinationTable ?? load?.destinationTable ?? copy?.destinationTable ?? query?.defaultDataset;
    return this.#world.catalog.datasets.get(reference?.datasetId ?? '')?.location ?? 'US';
  }

  /** https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/get: the location must be given outside of US and EU. */
  get(project: string, jobId: string, location: string | undefined): Job {
    const found = this.all.find(
      ({reference}) =>
        reference.jobId === jobId &&
        project === reference.projectId &&
        (location === undefined
          ? /^(?:US|EU)$/i.test(reference.location)
          : sameLocation(reference.location, location)),
    );
    if (found === undefined)
      throw new BigqueryError(
        'notFound',
        `Not found: Job ${project}:${location === undefined ? '' : `${location}.`}${jobId}`,
      );
    return found;
  }

  async settle(job: Job, milliseconds: number): Promise<void> {
    const ended = this.#ended.get(job);
    if (ended === undefined || job.state === 'DONE') return;
    const timer = new AbortController();
    await Promise.race([
      ended,
      sleep(milliseconds, undefined, {signal: timer.signal}).catch(() => undefined),
    ]);
    timer.abort();
  }

  async settleAll(): Promise<void> {
    for (const job of this.all) job.cancel.abort();
    await Promise.all(this.#ended.values());
  }

  /** https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/cancel */
  cancel(job: Job): void {
    job.cancel.abort();
  }

  async #live(job: Job, troubles: readonly Trouble[]): Promise<void> {
    await sleep(1);
    job.state = 'RUNNING';
    job.started = this.#world.now();
    const {jobTimeoutMs} = job.configuration;
    const timer =
      jobTimeoutMs === undefined
        ? undefined
        : setTimeout(() => job.cancel.abort(timedOut(jobTimeoutMs)), Number(jobTimeoutMs));
    try {
      await this.#wait(job, delay(troubles, 'start'));
      const done = await this.#run(job, troubles);
      job.statistics = done.statistics;
      job.result = done.result;
    } catch (error) {
      const {reason} = job.cancel.signal;
      job.error = errorOf(reason instanceof BigqueryError ? reason : error);
      job.statistics = this.#untilItFailed(job);
    }
    clearTimeout(timer);
    job.ended = this.#world.now();
    job.state = 'DONE';
  }

  async #wait(job: Job, milliseconds: number): Promise<void> {
    const end = Date.now() + milliseconds;
    while (Date.now() < end && !job.cancel.signal.aborted) await sleep(Math.min(20, end - Date.now()));
    if (job.cancel.signal.aborted) throw stopped();
  }

  async #run(job: Job, troubles: readonly Trouble[]): Promise<Done> {
    refuse(troubles, 'start');
    const world = this.#world;
    await world.catalog.expire();
    const {configuration, reference} = job;
    const {projectId: project, location} = reference;
    const freshRelation = () => `"bq_anonymous"."r${++this.#results}"`;
    const {query, load, copy} = configuration;
    if (load !== undefined) return await runLoad(world, load, {project, location, freshRelation});
    if (copy !== undefined) return await runCopy(world, copy, {project, location, freshRelation});
    if (query === undefined) throw notModelled('extract jobs');
    return await runQuery(world, {
      configuration,
      project,
      location,
      freshRelation,
      beforeCommit: async () => {
        await this.#wait(job, delay(troubles, 'commit'));
        refuse(troubles, 'commit');
      },
      signal: job.cancel.signal,
      child: (statistics, result) => this.#addChild(job, statistics, result),
    });
  }

  #addChild(job: Job, statistics: JobStatistics, result: Job['result']): void {
    const count = this.all.filter(({parent}) => parent === job.reference.jobId).length;
    const reference = {...job.reference, jobId: `script_job_${job.reference.jobId}_${count}`};
    const now = this.#world.now();
    const child = this.#newJob(reference, {...job.configuration}, job.reference.jobId);
    this.all.push(Object.assign(child, {state: 'DONE', started: now, ended: now, statistics, result}));
  }

  /**
   * A query that fails is not billed, but the statements of a script that ended before it failed are:
   * https://cloud.google.com/bigquery/pricing#on_demand_pricing
   */
  #untilItFailed({reference}: Job): JobStatistics {
    const children = this.all.flatMap(({parent, statistics: {query}}) =>
      parent === reference.jobId && query !== undefined ? [query] : [],
    );
    const [first] = children;
    if (first === undefined) return {};
    const sum = (field: 'totalBytesProcessed' | 'totalBytesBilled' | 'totalSlotMs'): string =>
      String(children.reduce((total, child) => total + Number(child[field] ?? 0), 0));
    const [totalBytesProcessed, totalSlotMs] = [sum('totalBytesProcessed'), sum('totalSlotMs')];
    return {
      totalBytesProcessed,
      totalSlotMs,
      query: {
        ...first,
        statementType: 'SCRIPT',
        totalBytesProcessed,
        totalBytesBilled: sum('totalBytesBilled'),
        totalSlotMs,
      },
    };
  }

  /** Rows of a finished query, from an offset on: https://cloud.google.com/bigquery/docs/paging-results */
  async page(
    job: Job,
    {
      start,
      limit,
      format,
    }: {readonly start: number; readonly limit: number | undefined; readonly format: TimestampFormat},
  ): Promise<Page> {
    if (job.error !== undefined) throw new AskedFor(job.error);
    if (job.result === undefined) return {rows: [], total: 0, next: undefined};
    return await pageOf(this.#world, job.result, {
      start,
      limit: Math.min(limit ?? this.#pageRows, this.#pageRows),
      format,
    });
  }
}

/** Where a test asked for an error at this moment. */
function refuse(troubles: readonly Trouble[], at: 'start' | 'commit'): void {
  const wanted = jobError(troubles, at);
  if (wanted !== undefined) throw new AskedFor(wanted);
}

export async function pageOf(
  {engine}: World,
  {relation, fields}: NonNullable<Job['result']>,
  {start, limit, format}: {readonly start: number; readonly limit: number; readonly format: TimestampFormat},
): Promise<Page> {
  const connection = await engine.connect();
  try {
    const columns = fields.map(({name}) => `"${name}"`).join(', ');
    const [count] = (await rowsOf(connection, `SELECT count(*) FROM ${relation}`)).rows;
    const {rows} = await rowsOf(
      connection,
      `SELECT ${columns} FROM ${relation} LIMIT ${limit} OFFSET ${start}`,
    );
    const total = Number(count?.[0] ?? 0);
    const next = start + rows.length < total && rows.length > 0 ? String(start + rows.length) : undefined;
    return {rows: rows.map(row => encodeRow(fields, row, format)), total, next};
  } finally {
    connection.disconnectSync();
  }
}

function withType(configuration: JobConfiguration): JobConfiguration {
  const {query, load, copy} = configuration;
  const jobType =
    query !== undefined ? 'QUERY' : load !== undefined ? 'LOAD' : copy !== undefined ? 'COPY' : 'EXTRACT';
  return {...configuration, jobType};
}
