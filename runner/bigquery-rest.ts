/**
 * What we read and write of BigQuery's resources, as its REST reference names them. 64-bit numbers are texts there.
 * It does not deal with requests.
 */

export interface TableReference {
  readonly projectId: string;
  readonly datasetId: string;
  readonly tableId: string;
}

export interface Field {
  readonly name: string;
  readonly type: string;
  readonly mode?: string;
  readonly description?: string;
  readonly fields?: readonly Field[];
}

export interface Schema {
  readonly fields?: readonly Field[];
}

export interface ErrorProto {
  readonly reason?: string;
  readonly message?: string;
}

/** Of a query parameter: https://cloud.google.com/bigquery/docs/reference/rest/v2/QueryParameter */
export interface ParameterType {
  readonly type: string;
  readonly arrayType?: ParameterType;
  readonly structTypes?: readonly {readonly name: string; readonly type: ParameterType}[];
}
export interface ParameterValue {
  readonly value?: string | null;
  readonly arrayValues?: readonly ParameterValue[];
  readonly structValues?: Readonly<Record<string, ParameterValue>>;
}
export interface QueryParameter {
  readonly name: string;
  readonly parameterType: ParameterType;
  readonly parameterValue: ParameterValue;
}

/**
 * Where rows of a job go: a table that it makes. Nothing else can be said, so that no job replaces or adds to a table
 * that is there.
 */
export interface IntoNewTable {
  readonly destinationTable: TableReference;
  readonly createDisposition: 'CREATE_IF_NEEDED';
  readonly writeDisposition: 'WRITE_EMPTY';
}

export interface QueryConfiguration extends Partial<IntoNewTable> {
  readonly query: string;
  readonly useLegacySql: false;
  readonly parameterMode?: 'NAMED';
  readonly queryParameters?: readonly QueryParameter[];
  readonly maximumBytesBilled?: string;
  readonly useQueryCache?: boolean;
}

export interface LoadConfiguration extends IntoNewTable {
  readonly sourceUris: readonly string[];
  readonly sourceFormat: 'NEWLINE_DELIMITED_JSON';
  readonly schema: Schema;
}

/** What a job is to do. */
export type JobWork = {readonly query: QueryConfiguration} | {readonly load: LoadConfiguration};

/** Also of jobs that others sent. */
export interface JobResource {
  readonly jobReference?: {readonly jobId?: string};
  readonly configuration?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly query?: {readonly destinationTable?: TableReference};
    readonly load?: {readonly destinationTable?: TableReference};
    readonly copy?: {readonly destinationTable?: TableReference};
  };
  readonly status?: {readonly state?: string; readonly errorResult?: ErrorProto};
  readonly statistics?: {
    readonly totalBytesProcessed?: string;
    readonly totalSlotMs?: string;
    readonly query?: {
      readonly totalBytesBilled?: string;
      readonly schema?: Schema;
      readonly referencedTables?: readonly TableReference[];
    };
  };
}

/** A page of `jobs.getQueryResults`. */
export interface ResultPage {
  readonly jobComplete?: boolean;
  readonly schema?: Schema;
  readonly pageToken?: string;
  readonly rows?: readonly {readonly f?: readonly {readonly v?: unknown}[]}[];
}
