/**
 * Limits of https://cloud.google.com/bigquery/quotas, each of which a test may lower.
 * It does not deal with what a job does besides counting.
 */
import {BigqueryError} from './bigquery-error.ts';

export interface Quotas {
  /** Partitions that one job may change. */
  readonly partitionsPerJob: number;
  /** Partition modifications a day and table, DML not counted. */
  readonly partitionModificationsPerDay: number;
  readonly partitionsPerTable: number;
  /** Writes to a partitioned table in 10 seconds. */
  readonly partitionedWritesPer10Seconds: number;
  /** Writes to another table, and changes of a table's description or schema, in 10 seconds. */
  readonly tableUpdatesPer10Seconds: number;
  readonly loadJobsPerDay: number;
  /** UPDATE, DELETE and MERGE on one table at once. */
  readonly dmlRunning: number;
  /** And those that wait behind them. */
  readonly dmlQueued: number;
  /** Bytes of a query's text. */
  readonly queryLength: number;
}

export const QUOTAS: Quotas = {
  partitionsPerJob: 4000,
  partitionModificationsPerDay: 30_000,
  partitionsPerTable: 10_000,
  partitionedWritesPer10Seconds: 50,
  tableUpdatesPer10Seconds: 5,
  loadJobsPerDay: 1500,
  dmlRunning: 2,
  dmlQueued: 20,
  queryLength: 1024 * 1024,
};

interface Event {
  readonly at: number;
  readonly amount: number;
}

const DAY = 86_400_000;
const SEE = 'For more information, see https://cloud.google.com/bigquery/docs/troubleshoot-quotas';

/** Counts by table. */
export class QuotaBook {
  readonly #quotas: Quotas;
  readonly #now: () => number;
  readonly #events = new Map<string, readonly Event[]>();

  constructor(quotas: Quotas, now: () => number) {
    this.#quotas = quotas;
    this.#now = now;
  }

  /** A job that writes a table, before it does. */
  countWrite(table: string, isPartitioned: boolean): void {
    const limit = isPartitioned
      ? this.#quotas.partitionedWritesPer10Seconds
      : this.#quotas.tableUpdatesPer10Seconds;
    if (this.#count(`write ${table}`, 1, 10_000) > limit)
      throw new BigqueryError(
        'rateLimitExceeded',
        `Exceeded rate limits: too many ${isPartitioned ? 'partitioned ' : ''}table update operations for this table. ${SEE}`,
      );
  }

  countLoad(table: string): void {
    if (this.#count(`load ${table}`, 1, DAY) > this.#quotas.loadJobsPerDay)
      throw new BigqueryError(
        'quotaExceeded',
        `Quota exceeded: Your table exceeded quota for imports or query appends per table. ${SEE}`,
      );
  }

  /** The partitions that a job would change, and those that its table would then have. */
  countPartitions(table: string, changed: number, held: number): void {
    const {partitionsPerJob, partitionModificationsPerDay, partitionsPerTable} = this.#quotas;
    checkPartitionsOfJob(changed, partitionsPerJob);
    if (held > partitionsPerTable)
      throw new BigqueryError(
        'quotaExceeded',
        `Quota exceeded: Your table exceeded quota for Number of partitions of a partitioned table: ${partitionsPerTable}. ${SEE}`,
      );
    if (this.#count(`partitions ${table}`, changed, DAY) > partitionModificationsPerDay)
      throw new BigqueryError(
        'quotaExceeded',
        `Quota exceeded: Your table exceeded quota for Number of partition modifications to a column partitioned table. ${SEE}`,
      );
  }

  countDml(changed: number): void {
    checkPartitionsOfJob(changed, this.#quotas.partitionsPerJob);
  }

  checkQuery(query: string): void {
    if (Buffer.byteLength(query) > this.#quotas.queryLength)
      throw new BigqueryError(
        'invalidQuery',
        `The query is too large. The maximum standard SQL query length is ${this.#quotas.queryLength / 1024}.00K characters, including comments and white space characters.`,
      );
  }

  /** What has been counted within the last milliseconds, with this. What is refused is not counted. */
  #count(key: string, amount: number, within: number): number {
    const now = this.#now();
    const recent = (this.#events.get(key) ?? []).filter(({at}) => at > now - within);
    const total = recent.reduce((sum, event) => sum + event.amount, amount);
    this.#events.set(key, [...recent, {at: now, amount}]);
    return total;
  }
}

function checkPartitionsOfJob(changed: number, limit: number): void {
  if (changed > limit)
    throw new BigqueryError(
      'invalidQuery',
      `Too many partitions produced by query, allowed ${limit}, query produces at least ${changed} partitions`,
    );
}
