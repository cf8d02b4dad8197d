/**
 * Runs statements and gives their rows: functions of the library in front, parameters typed, costs counted.
 * It does not deal with what they say.
 */
import {randomUUID} from 'node:crypto';
import type {JobRequest, JobResult, JobStatistics} from './bigquery-job.ts';
import {jobStem} from './bigquery-job-id.ts';
import type {Jobs} from './bigquery-jobs.ts';
import type {TableWrite} from './bigquery-limits.ts';
import {type BigqueryParameters, queryParameters} from './bigquery-parameters.ts';
import type {IntoNewTable, JobWork, QueryConfiguration} from './bigquery-rest.ts';
import {temporaryFunctions} from './functions.ts';
import type {Embedded} from './sql-dialect.ts';
import type {QueryResult, Spent, Value} from './warehouse.ts';

/** Rows of a page: bounded memory, and few requests. */
const PAGE = 10_000;

const NEVER = new AbortController().signal;

/** Attempts of the jobs of one piece of work, added up. */
export class Bill {
  #bytesBilled = 0;
  #slotMs = 0;
  #jobs = 0;

  add({bytesBilled, slotMs}: JobStatistics): void {
    this.#bytesBilled += bytesBilled;
    this.#slotMs += slotMs;
    this.#jobs += 1;
  }

  get spent(): Spent {
    return {bytesBilled: this.#bytesBilled, slotMs: this.#slotMs, jobs: this.#jobs};
  }
}

/** Whose work it is. */
export interface About {
  readonly asset: string;
  /** Such as `stage` or `audit`. */
  readonly step: string;
  readonly bill?: Bill | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly maximumBytesBilled?: number | undefined;
}

export interface Statement {
  readonly sql: string;
  readonly parameters?: BigqueryParameters | undefined;
  readonly embedded?: Embedded | undefined;
}

export class Statements {
  readonly #jobs: Jobs;
  readonly #run: string;
  readonly #maximumBytesBilled: number | undefined;

  constructor(jobs: Jobs, about: {readonly run: string; readonly maximumBytesBilled: number | undefined}) {
    this.#jobs = jobs;
    this.#run = about.run;
    this.#maximumBytesBilled = about.maximumBytesBilled;
  }

  /** All rows of a statement, as plain values. */
  async rows(statement: Statement, about: About): Promise<readonly (readonly Value[])[]> {
    return (await this.read(statement, about)).rows;
  }

  async read(statement: Statement, about: About): Promise<QueryResult> {
    const rows: (readonly Value[])[] = [];
    let columns: readonly string[] = [];
    for await (const page of this.pages(statement, about)) {
      ({columns} = page);
      for (const row of page.rows) rows.push(row);
    }
    return {columns, rows};
  }

  /** The same a page at a time, so that no result is held in memory. */
  async *pages(statement: Statement, about: About): AsyncGenerator<QueryResult> {
    const {id} = await this.run(statement, about);
    yield* this.#jobs.rows(id, {pageSize: PAGE});
  }

  /** Runs a statement. */
  async run(
    statement: Statement,
    about: About & {
      /** Of `jobStem`; without one, of its own. */
      readonly stem?: string;
      /** Where its rows go; undefined: they are read from the job. */
      readonly into?: IntoNewTable;
      readonly writes?: readonly TableWrite[];
    },
  ): Promise<JobResult> {
    const {query, embedded} = queryOf(statement, about.into);
    return await this.send({query}, {...about, embedded});
  }

  /** Runs any job. */
  async send(
    work: JobWork,
    about: About & {
      readonly stem?: string;
      readonly writes?: readonly TableWrite[];
      readonly embedded?: Embedded | undefined;
    },
  ): Promise<JobResult> {
    const {asset, step, bill, signal = NEVER, timeoutMs, embedded, writes} = about;
    const request: JobRequest = {
      stem: about.stem ?? jobStem({asset, key: '', step, intent: randomUUID()}),
      work,
      asset,
      run: this.#run,
      step,
      signal,
      timeoutMs,
      maximumBytesBilled: about.maximumBytesBilled ?? this.#maximumBytesBilled,
      embedded,
      ...(writes === undefined ? {} : {writes}),
      ...(bill === undefined ? {} : {onAttempt: statistics => bill.add(statistics)}),
    };
    return await this.#jobs.run(request);
  }

  async dryRun(statement: Statement): ReturnType<Jobs['dryRun']> {
    const {query, embedded} = queryOf(statement);
    return await this.#jobs.dryRun({query}, embedded);
  }
}

function queryOf(
  {sql, parameters = {}, embedded}: Statement,
  into?: IntoNewTable,
): {readonly query: QueryConfiguration; readonly embedded: Embedded | undefined} {
  const functions = temporaryFunctions(sql);
  const bound = queryParameters(parameters);
  return {
    query: {
      query: `${functions}${sql}`,
      useLegacySql: false,
      // What an earlier one found may have been replaced a moment ago.
      useQueryCache: false,
      ...(bound.length === 0 ? {} : {parameterMode: 'NAMED', queryParameters: bound}),
      ...into,
    },
    embedded:
      embedded === undefined
        ? undefined
        : {...embedded, start: embedded.start + Buffer.byteLength(functions)},
  };
}
