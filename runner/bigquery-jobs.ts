/**
 * Runs jobs of BigQuery to their ends, each under an id of our own: a lost answer, a restart or a crash finds it again.
 * It does not deal with what a job does, nor with datasets and tables.
 */
import {setTimeout as pause} from 'node:timers/promises';
import {type Api, Asker} from './bigquery-asker.ts';
import {Budget} from './bigquery-budget.ts';
import {type Asked, jobError} from './bigquery-error.ts';
import {
  isDone,
  isFence,
  isOurs,
  type JobRequest,
  type JobResult,
  jobBody,
  resultOf,
  type Sender,
} from './bigquery-job.ts';
import {jobId} from './bigquery-job-id.ts';
import type {Limits} from './bigquery-limits.ts';
import {backOff, PACE, type Pace} from './bigquery-pace.ts';
import {outlook, refusalOfJob} from './bigquery-reason.ts';
import type {Field, JobResource, JobWork, ResultPage, TableReference} from './bigquery-rest.ts';
import {pageOf} from './bigquery-rows.ts';
import {type Settled, settleJob} from './bigquery-settle.ts';
import type {Embedded} from './sql-dialect.ts';
import {NO_TRACE, type Trace} from './trace.ts';
import {type QueryResult, WarehouseError} from './warehouse.ts';

export interface JobsOptions {
  readonly pipeline: string;
  readonly limits: Limits;
  readonly maximumBytesBilledPerRun?: number | undefined;
  readonly pace?: Pace;
  readonly trace?: Trace;
}

/** What a query would read and return. */
export interface DryRun {
  /** At most; of tables without clusters exactly. */
  readonly bytes: number;
  readonly fields: readonly Field[];
  readonly referencedTables: readonly TableReference[];
}

const PATIENCE = 10 * 60_000;

/** Of each table that a query reads: https://cloud.google.com/bigquery/pricing */
const LEAST_BILLED = 10 * 1024 * 1024;

export class Jobs {
  readonly #asker: Asker;
  readonly #options: JobsOptions;
  readonly #sender: Sender;
  readonly #budget: Budget;
  /** What cancels each that is at work. */
  readonly #running = new Set<AbortController>();

  constructor(api: Api, options: JobsOptions) {
    this.#asker = new Asker(api, options.pace ?? PACE);
    this.#options = options;
    this.#sender = {project: api.project, location: api.location, pipeline: options.pipeline};
    this.#budget = new Budget(options.maximumBytesBilledPerRun);
  }

  /**
   * Runs a job, or takes over the one that already has its id, and gives what it did. Throws a `WarehouseError`: `fenced`
   * where the id belongs to something else, `cancelled` where it was stopped, `budget` and `quota` before it is sent.
   */
  async run(request: JobRequest): Promise<JobResult> {
    const controller = new AbortController();
    this.#running.add(controller);
    const signal = AbortSignal.any([request.signal, controller.signal]);
    try {
      return await this.#traced({...request, signal});
    } finally {
      this.#running.delete(controller);
    }
  }

  /** Nothing is run or billed. */
  async dryRun(work: JobWork, embedded?: Embedded): Promise<DryRun> {
    const {project: projectId, location} = this.#sender;
    const asked = this.#asked(work, embedded);
    const body = {jobReference: {projectId, location}, configuration: {...work, dryRun: true}};
    const job = await this.#asker.ask<JobResource>({method: 'POST', path: '/jobs', body}, asked);
    const failure = job.status?.errorResult;
    if (failure !== undefined) throw jobError(failure, asked);
    const {statistics, fields, referencedTables} = resultOf(job);
    return {bytes: statistics.bytesProcessed, fields, referencedTables};
  }

  /** Stops all that are at work, and waits until they have ended, a bounded time. */
  async cancelAll(): Promise<void> {
    const {cancelling, firstPoll} = this.#asker.pace;
    const stopped = [...this.#running];
    for (const controller of stopped) controller.abort();
    const end = Date.now() + cancelling;
    while (stopped.some(each => this.#running.has(each)) && Date.now() < end) await pause(firstPoll);
  }

  /**
   * After a crash: what became of a stem, whose process is gone. Where it had not begun, nobody can begin it any more.
   * A job that runs longer than `patience` milliseconds is stopped.
   */
  async settle(stem: string, patience = PATIENCE): Promise<Settled> {
    return await settleJob(this.#asker, {sender: this.#sender, stem, patience});
  }

  /** The rows that a job returned, in pages. */
  async *rows(id: string, {pageSize}: {readonly pageSize: number}): AsyncGenerator<QueryResult> {
    const asked = {...this.#asker.place, job: id};
    let pageToken: string | undefined;
    do {
      const query = {
        location: this.#sender.location,
        maxResults: pageSize,
        pageToken,
        'formatOptions.useInt64Timestamp': true,
      };
      const page = await this.#asker.ask<ResultPage>({path: `/queries/${id}`, query}, asked);
      if (page.jobComplete === false) throw new Error(`Internal error: rows of the job ${id}, which runs.`);
      yield pageOf(page, page.schema?.fields ?? []);
      pageToken = page.pageToken;
    } while (pageToken !== undefined && pageToken !== '');
  }

  #traced(request: JobRequest): Promise<JobResult> {
    const {trace = NO_TRACE} = this.#options;
    const {project, location} = this.#sender;
    const attributes = {
      'db.system.name': 'gcp.bigquery',
      'db.namespace': project,
      'db.operation.name': request.step,
      'gameplan.asset': request.asset,
      'gcp.bigquery.location': location,
    };
    return trace.span({name: `job ${request.step}`, isClient: true, attributes}, async span => {
      const result = await this.#within(request);
      const {bytesBilled, bytesProcessed, slotMs} = result.statistics;
      span.set({
        'gcp.bigquery.job.id': result.id,
        'gcp.bigquery.job.bytes_billed': bytesBilled,
        'gcp.bigquery.job.bytes_processed': bytesProcessed,
        'gcp.bigquery.job.slot_ms': slotMs,
      });
      return result;
    });
  }

  async #within(request: JobRequest): Promise<JobResult> {
    const {run, signal, writes = []} = request;
    refuseStopped(signal);
    const work = async (): Promise<JobResult> => {
      const aside = await this.#estimate(request);
      this.#budget.take(run, aside);
      const spent = {billed: 0};
      try {
        return await this.#attempts(request, spent);
      } finally {
        this.#budget.settle(run, {aside, billed: spent.billed});
      }
    };
    // A job that waits for its turn when all is stopped is never sent.
    return await this.#options.limits.within(writes, signal, work).catch((error: unknown) => {
      if (!(error instanceof WarehouseError)) refuseStopped(signal);
      throw error;
    });
  }

  /** Bytes that it may be billed at most; not asked for where nobody counts them. */
  async #estimate({work, embedded, maximumBytesBilled = Infinity}: JobRequest): Promise<number> {
    if (!('query' in work) || !this.#budget.isBounded) return 0;
    const {bytes, referencedTables} = await this.dryRun(work, embedded);
    const least = bytes === 0 ? 0 : LEAST_BILLED * Math.max(1, referencedTables.length);
    return Math.min(Math.max(bytes, least), maximumBytesBilled);
  }

  async #attempts(request: JobRequest, spent: {billed: number}): Promise<JobResult> {
    const {stem, signal, work, embedded} = request;
    const {pace} = this.#asker;
    for (let attempt = 1; ; attempt++) {
      const id = jobId(stem, attempt);
      const job = await this.#once(id, request);
      const result = resultOf(job);
      spent.billed += result.statistics.bytesBilled;
      request.onAttempt?.(result.statistics, id);
      const failure = job.status?.errorResult;
      if (failure === undefined) return result;
      refuseStopped(signal);
      const isPassing = outlook(refusalOfJob(failure)) === 'again';
      if (!isPassing || attempt >= pace.attempts) {
        throw jobError(failure, {...this.#asked(work, embedded), job: id});
      }
      await backOff(pace, attempt, signal);
    }
  }

  /** One attempt, sent or taken over, as it ended. */
  async #once(id: string, request: JobRequest): Promise<JobResource> {
    const {work, embedded, signal} = request;
    const body = jobBody(this.#sender, id, request);
    const asked = {...this.#asked(work, embedded), job: id};
    const {job, isTaken} = await this.#asker.insert(body, asked, signal);
    if (isTaken && !isOurs(job, request)) throw fenced(id, job);
    const ended = isDone(job) ? job : await this.#asker.untilDone(id, {isQuery: 'query' in work, signal});
    if (ended === undefined)
      throw new WarehouseError('cancelled', `The job ${id} was stopped before it began.`);
    return ended;
  }

  #asked(work: JobWork, embedded: Embedded | undefined): Asked {
    return {...this.#asker.place, ...('query' in work ? {statement: work.query.query} : {}), embedded};
  }
}

function refuseStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new WarehouseError('cancelled', 'The job was stopped.', {cause: signal.reason});
}

function fenced(id: string, job: JobResource): WarehouseError {
  const by = isFence(job) ? 'another process has settled it as not done' : 'that id is another job already';
  return new WarehouseError(
    'fenced',
    `The job ${id} was not sent: ${by}. Nothing was written; the next run plans it again.`,
  );
}
