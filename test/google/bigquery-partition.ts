/**
 * Partitions of a table: their ids, and the SQL that tells which one a row belongs to
 * (https://cloud.google.com/bigquery/docs/partitioned-tables). Only partitioning by a column is modelled.
 * It does not deal with changing them.
 */
import {BigqueryError, notModelled} from './bigquery-error.ts';
import {quotedName} from './bigquery-schema.ts';

export interface TimePartitioning {
  readonly type: string;
  readonly field?: string;
  readonly expirationMs?: string;
  readonly requirePartitionFilter?: boolean;
}

const FORMATS: Readonly<Record<string, string>> = {
  HOUR: '%Y%m%d%H',
  DAY: '%Y%m%d',
  MONTH: '%Y%m',
  YEAR: '%Y',
};

/** What INFORMATION_SCHEMA.PARTITIONS calls the partition of null. */
const OF_NULL = '__NULL__';

/** The id of a row's partition, as an expression over its columns. */
export function partitionId(partitioning: TimePartitioning, prefix = ''): string {
  const format = FORMATS[partitioning.type];
  if (format === undefined)
    throw new BigqueryError('invalid', `Unsupported time partitioning type: ${partitioning.type}`);
  return `coalesce(strftime(${prefix}${quotedName(columnOf(partitioning))}, '${format}'), '${OF_NULL}')`;
}

export function columnOf({field}: TimePartitioning): string {
  if (field === undefined) throw notModelled('partitioning by the time of ingestion');
  return field;
}

/** When a partition begins, in milliseconds since 1970; undefined for that of null. */
export function startOf(id: string): number | undefined {
  if (!/^\d{4,10}$/.test(id)) return undefined;
  const [year, month, day, hour] = [
    id.slice(0, 4),
    id.slice(4, 6) || '01',
    id.slice(6, 8) || '01',
    id.slice(8, 10) || '00',
  ];
  return Date.parse(`${year}-${month}-${day}T${hour}:00:00Z`);
}

export interface Destination {
  readonly project: string;
  readonly dataset: string;
  readonly table: string;
  /** What follows `$`, such as 20240115. */
  readonly partition: string | undefined;
}

export interface TableReference {
  readonly projectId?: string;
  readonly datasetId?: string;
  readonly tableId?: string;
}

export function destinationOf(reference: TableReference | undefined, project: string): Destination {
  const {datasetId, tableId} = reference ?? {};
  if (datasetId === undefined || tableId === undefined)
    throw new BigqueryError('invalid', 'Required parameter is missing: tableReference');
  const [table = '', partition, ...more] = tableId.split('$');
  if (more.length > 0) throw new BigqueryError('invalid', `Invalid table ID "${tableId}".`);
  return {project: reference?.projectId ?? project, dataset: datasetId, table, partition};
}

/** Refuses a decorator that does not fit the table's grain. */
export function checkDecorator(
  partition: string,
  partitioning: TimePartitioning | undefined,
  name: string,
): void {
  if (partitioning === undefined)
    throw new BigqueryError(
      'invalid',
      `Cannot write to partition ${partition} of the table ${name} that is not partitioned`,
    );
  const length = {HOUR: 10, DAY: 8, MONTH: 6, YEAR: 4}[partitioning.type];
  if (!/^\d+$/.test(partition) || partition.length !== length || Number.isNaN(startOf(partition)))
    throw new BigqueryError(
      'invalid',
      `Invalid time partition decorator: $${partition} for the ${partitioning.type} partitioned table ${name}`,
    );
}
