/**
 * A job as it is asked for, as it is sent, and as it came back. It does not deal with sending it.
 */
import {labelValue} from './bigquery-job-id.ts';
import type {TableWrite} from './bigquery-limits.ts';
import type {Field, JobResource, JobWork, TableReference} from './bigquery-rest.ts';
import type {Embedded} from './sql-dialect.ts';

export interface JobRequest {
  /** Of `jobStem`; attempts are told apart by what is put after it. */
  readonly stem: string;
  readonly work: JobWork;
  readonly asset: string;
  readonly run: string;
  readonly step: string;
  readonly signal: AbortSignal;
  /** After which BigQuery ends it, also where the process that sent it is gone. */
  readonly timeoutMs?: number | undefined;
  /** Bytes that this job alone may be billed. */
  readonly maximumBytesBilled?: number | undefined;
  /** What its statements do to tables that are there. */
  readonly writes?: readonly TableWrite[];
  /** The user's piece of the statement, for places in messages. */
  readonly embedded?: Embedded | undefined;
  /** Hears what each attempt took as it ends, also one that failed: what a script did before it failed is billed. */
  readonly onAttempt?: ((statistics: JobStatistics, id: string) => void) | undefined;
}

export interface JobStatistics {
  readonly bytesBilled: number;
  readonly bytesProcessed: number;
  readonly slotMs: number;
}

export interface JobResult {
  readonly id: string;
  readonly statistics: JobStatistics;
  readonly fields: readonly Field[];
  readonly referencedTables: readonly TableReference[];
}

/** The step of a job that only holds an id, so that no process can do anything under it any more. */
const FENCE = 'fence';

export interface Sender {
  readonly project: string;
  readonly location: string;
  readonly pipeline: string;
}

/** What is sent to begin a job. */
export function jobBody(
  {project, location, pipeline}: Sender,
  id: string,
  request: Pick<JobRequest, 'work' | 'asset' | 'run' | 'step' | 'timeoutMs' | 'maximumBytesBilled'>,
): object {
  const {work, asset, run, step, timeoutMs, maximumBytesBilled} = request;
  const bounded =
    'query' in work && maximumBytesBilled !== undefined
      ? {query: {...work.query, maximumBytesBilled: String(maximumBytesBilled)}}
      : work;
  const labels = {
    pipeline: labelValue(pipeline),
    asset: labelValue(asset),
    run: labelValue(run),
    step: labelValue(step),
  };
  const ends = timeoutMs === undefined ? {} : {jobTimeoutMs: String(timeoutMs)};
  return {
    jobReference: {projectId: project, location, jobId: id},
    configuration: {...bounded, labels, ...ends},
  };
}

/** What is sent to take an id for good. */
export function fenceBody(sender: Sender, id: string): object {
  const work = {query: {query: 'SELECT 1', useLegacySql: false as const}};
  return jobBody(sender, id, {work, asset: FENCE, run: FENCE, step: FENCE});
}

export function isDone(job: JobResource): boolean {
  return job.status?.state === 'DONE';
}

export function isFence(job: JobResource): boolean {
  return job.configuration?.labels?.['step'] === FENCE;
}

/** Whether a job that has our id was sent for the same as this one. */
export function isOurs(job: JobResource, {asset, step}: Pick<JobRequest, 'asset' | 'step'>): boolean {
  const {labels} = job.configuration ?? {};
  return labels?.['asset'] === labelValue(asset) && labels['step'] === labelValue(step);
}

export function resultOf({jobReference, statistics = {}}: JobResource): JobResult {
  const {query} = statistics;
  return {
    id: jobReference?.jobId ?? '',
    statistics: {
      bytesBilled: Number(query?.totalBytesBilled ?? 0),
      bytesProcessed: Number(statistics.totalBytesProcessed ?? 0),
      slotMs: Number(statistics.totalSlotMs ?? 0),
    },
    fields: query?.schema?.fields ?? [],
    referencedTables: query?.referencedTables ?? [],
  };
}
