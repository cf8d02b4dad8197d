/**
 * Asks BigQuery with patience: repeats what got no answer, looks at a job until it has ended, and stops one.
 * It does not deal with running a job again that failed.
 */
import {setTimeout as pause} from 'node:timers/promises';
import type {ApiRequest} from './bigquery-client.ts';
import {type Asked, requestError} from './bigquery-error.ts';
import {isDone} from './bigquery-job.ts';
import {backOff, nextPoll, type Pace} from './bigquery-pace.ts';
import {outlook, refusalOf} from './bigquery-reason.ts';
import type {JobResource, ResultPage} from './bigquery-rest.ts';
import {WarehouseError} from './warehouse.ts';

/** What asks BigQuery: its client. */
export interface Api {
  readonly project: string;
  readonly location: string;
  readonly endpoint: string;
  request<T>(request: ApiRequest): Promise<T>;
}

/** How long a server may keep a question for a job's end open. */
const LONGEST_QUESTION = 10_000;

export class Asker {
  readonly api: Api;
  readonly pace: Pace;

  constructor(api: Api, pace: Pace) {
    this.api = api;
    this.pace = pace;
  }

  /** Where it asks, for messages. */
  get place(): Asked {
    const {project, location, endpoint} = this.api;
    return {project, location, endpoint};
  }

  /** The answer to a request that may be sent twice; throws a `WarehouseError`. */
  async ask<T>(request: ApiRequest, asked: Asked = this.place): Promise<T> {
    try {
      return await this.#again(request);
    } catch (error) {
      throw requestError(error, asked);
    }
  }

  /** A job, or undefined where there is none of this id. */
  async find(id: string): Promise<JobResource | undefined> {
    try {
      return await this.#again({path: `/jobs/${id}`, query: {location: this.api.location}});
    } catch (error) {
      if (refusalOf(error).status === 404) return undefined;
      throw requestError(error, {...this.place, job: id});
    }
  }

  /** Begins a job under its id, or gives the one that has it already. Sent again where the answer was lost. */
  async insert(
    body: object,
    asked: Asked & {readonly job: string},
    signal?: AbortSignal,
  ): Promise<{readonly job: JobResource; readonly isTaken: boolean}> {
    for (let attempt = 1; ; attempt++) {
      try {
        return {job: await this.api.request({method: 'POST', path: '/jobs', body}), isTaken: false};
      } catch (error) {
        const refusal = refusalOf(error);
        const isTaken = refusal.status === 409;
        const taken = isTaken ? await this.find(asked.job) : undefined;
        if (taken !== undefined) return {job: taken, isTaken};
        // One that is there and cannot be found yet will be.
        const isPassing = isTaken || outlook(refusal) === 'again';
        if (!isPassing || attempt >= this.pace.attempts) throw requestError(error, asked);
        // It may be at work although nobody said so.
        if (signal?.aborted === true) return {job: {}, isTaken: false};
        await backOff(this.pace, attempt, signal).catch(() => undefined);
      }
    }
  }

  /**
   * Waits until a job is done. When the signal aborts it is stopped, and what it came to is given all the same: it may
   * have been done before. Undefined where it never began.
   */
  async untilDone(
    id: string,
    {isQuery, signal}: {readonly isQuery: boolean; readonly signal: AbortSignal},
  ): Promise<JobResource | undefined> {
    const aborted = new Promise<undefined>(resolve => {
      if (signal.aborted) resolve(undefined);
      signal.addEventListener('abort', () => resolve(undefined), {once: true});
    });
    for (let wait = this.pace.firstPoll; !signal.aborted; wait = nextPoll(this.pace, wait)) {
      const looking = this.#look(id, isQuery);
      // Left alone by an abort, it may still fail.
      looking.catch(() => undefined);
      const job = await Promise.race([looking, aborted]);
      if (job !== undefined && isDone(job)) return job;
      await pause(wait, undefined, {signal}).catch(() => undefined);
    }
    return await this.#stop(id);
  }

  /** The job as it stands; of a query the server keeps the question open until it ends. */
  async #look(id: string, isQuery: boolean): Promise<JobResource> {
    if (isQuery) {
      const query = {location: this.api.location, maxResults: 0, timeoutMs: LONGEST_QUESTION};
      // A failed job is answered with its error here; the job itself tells it in full.
      const page = await this.api.request<ResultPage>({path: `/queries/${id}`, query}).catch(() => undefined);
      if (page?.jobComplete === false) return {};
    }
    const job = await this.find(id);
    if (job !== undefined) return job;
    throw new WarehouseError(
      'absent',
      `BigQuery does not know the job ${id}, which it had begun. Run again.`,
    );
  }

  async #stop(id: string): Promise<JobResource | undefined> {
    const query = {location: this.api.location};
    await this.#again({method: 'POST', path: `/jobs/${id}/cancel`, query}).catch(() => undefined);
    const end = Date.now() + this.pace.cancelling;
    for (let wait = this.pace.firstPoll; ; wait = nextPoll(this.pace, wait)) {
      const job = await this.find(id);
      if (job === undefined || isDone(job)) return job;
      if (Date.now() > end) {
        throw new WarehouseError(
          'cancelled',
          `The job ${id} was asked to stop and has not ended in ${this.pace.cancelling / 1000} s. The next run settles what it writes.`,
        );
      }
      await pause(wait);
    }
  }

  async #again<T>(request: ApiRequest): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.api.request<T>(request);
      } catch (error) {
        if (outlook(refusalOf(error)) !== 'again' || attempt >= this.pace.attempts) throw error;
        await backOff(this.pace, attempt);
      }
    }
  }
}
