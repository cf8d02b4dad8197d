/**
 * Jobs as the REST interface describes them: https://cloud.google.com/bigquery/docs/reference/rest/v2/Job
 * It does not deal with running them.
 */
import type {TableBody} from './bigquery-catalog.ts';
import type {DmlStats} from './bigquery-dml.ts';
import type {ErrorProto} from './bigquery-error.ts';
import type {TableReference} from './bigquery-partition.ts';
import type {Parameter} from './bigquery-rows.ts';
import type {Field} from './bigquery-schema.ts';

interface WriteConfiguration extends TableBody {
  readonly destinationTable?: TableReference;
  readonly createDisposition?: string;
  readonly writeDisposition?: string;
  readonly schemaUpdateOptions?: readonly string[];
}

export interface QueryConfiguration extends WriteConfiguration {
  readonly query?: string;
  readonly useLegacySql?: boolean;
  readonly parameterMode?: string;
  readonly queryParameters?: readonly Parameter[];
  readonly defaultDataset?: {readonly projectId?: string; readonly datasetId?: string};
  readonly maximumBytesBilled?: string | number;
  readonly priority?: string;
}

export interface LoadConfiguration extends WriteConfiguration {
  readonly sourceUris?: readonly string[];
  readonly sourceFormat?: string;
  readonly autodetect?: boolean;
  readonly ignoreUnknownValues?: boolean;
  readonly maxBadRecords?: number;
  readonly destinationTableProperties?: {
    readonly description?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

export interface CopyConfiguration extends WriteConfiguration {
  readonly sourceTable?: TableReference;
  readonly sourceTables?: readonly TableReference[];
}

export interface JobConfiguration {
  readonly jobType?: string;
  readonly query?: QueryConfiguration;
  readonly load?: LoadConfiguration;
  readonly copy?: CopyConfiguration;
  readonly extract?: unknown;
  readonly dryRun?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly jobTimeoutMs?: string;
}

export interface JobReference {
  readonly projectId: string;
  readonly jobId: string;
  readonly location: string;
}

/** What a job did, once it is known; each part becomes a part of the resource's statistics. */
export interface JobStatistics {
  readonly totalBytesProcessed?: string;
  readonly totalSlotMs?: string;
  readonly numChildJobs?: string;
  readonly query?: {
    readonly statementType: string;
    readonly totalBytesProcessed: string;
    readonly totalBytesBilled: string;
    readonly totalSlotMs?: string;
    readonly cacheHit: boolean;
    readonly billingTier?: number;
    readonly referencedTables: readonly TableReference[];
    readonly numDmlAffectedRows?: string;
    readonly dmlStats?: DmlStats;
    readonly schema?: {readonly fields: readonly Field[]};
  };
  readonly load?: {
    readonly inputFiles: string;
    readonly inputFileBytes: string;
    readonly outputRows: string;
    readonly outputBytes: string;
  };
  readonly copy?: {readonly copiedRows: string; readonly copiedLogicalBytes: string};
}

/** The rows that getQueryResults reads. */
export interface JobResult {
  readonly relation: string;
  readonly fields: readonly Field[];
}

export interface Job {
  readonly reference: JobReference;
  readonly configuration: JobConfiguration;
  readonly parent: string | undefined;
  state: 'PENDING' | 'RUNNING' | 'DONE';
  readonly created: number;
  started: number | undefined;
  ended: number | undefined;
  error: ErrorProto | undefined;
  statistics: JobStatistics;
  result: JobResult | undefined;
  /** Aborted where someone cancels it. */
  readonly cancel: AbortController;
}

/** What a run of a job hands back. */
export interface Done {
  readonly statistics: JobStatistics;
  readonly result?: JobResult | undefined;
}

export function jobResource(job: Job): unknown {
  const {reference, configuration, state, error, created, started, ended, parent} = job;
  const {projectId, jobId, location} = reference;
  const times = {
    creationTime: String(created),
    ...(started === undefined ? {} : {startTime: String(started)}),
    ...(ended === undefined ? {} : {endTime: String(ended)}),
  };
  return {
    kind: 'bigquery#job',
    id: `${projectId}:${location}.${jobId}`,
    etag: `${jobId}-${state}`,
    selfLink: `https://bigquery.googleapis.com/bigquery/v2/projects/${projectId}/jobs/${jobId}?location=${location}`,
    user_email: 'tests@example.com',
    jobReference: reference,
    configuration,
    statistics: {...times, ...job.statistics, ...(parent === undefined ? {} : {parentJobId: parent})},
    status: {state, ...(error === undefined ? {} : {errorResult: error, errors: [error]})},
  };
}
