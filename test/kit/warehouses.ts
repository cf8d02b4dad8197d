/**
 * Every warehouse that there is, to run one table of cases on: DuckDB, and BigQuery as a server on this machine keeps its
 * rules. It does not deal with the cases.
 */
import {join} from 'node:path';
import {afterAll, beforeAll} from 'vitest';
import type {Pipeline} from '../../planner/pipeline.ts';
import {connectBigquery} from '../../runner/bigquery-open.ts';
import {openDuckdb} from '../../runner/duckdb.ts';
import type {Warehouse} from '../../runner/warehouse.ts';
import {type BigqueryServer, startBigqueryServer} from '../google/bigquery-server.ts';
import {type StorageServer, startStorageServer} from '../google/storage-server.ts';

export interface TestEngine {
  readonly name: string;
  readonly engine: 'duckdb' | 'bigquery';
  /** Empty at the first call with a folder; the same again at the next. */
  open(folder: string): Promise<Warehouse>;
  /** A query of `read` that names tables as assets are named. */
  sql(folder: string, query: string): string;
  /** What stands after FROM and has more rows than can be counted while a test runs. */
  readonly endless: string;
}

export const inMemory: TestEngine = {
  name: 'DuckDB in memory',
  engine: 'duckdb',
  open: () => openDuckdb({path: ':memory:'}),
  sql: (_, query) => query,
  endless: 'range(10000000000) a, range(100) b',
};

export const inFile: TestEngine = {
  name: 'DuckDB in a file',
  engine: 'duckdb',
  open: folder => openDuckdb({path: join(folder, 'warehouse.duckdb')}),
  sql: (_, query) => query,
  endless: 'range(10000000000) a, range(100) b',
};

const PROJECT = 'league';
const LOCATION = 'us-west2';

/** Servers of this file's tests, started before the first of them. */
function googleServers(): {
  readonly bigquery: () => BigqueryServer;
  readonly storage: () => StorageServer;
} {
  let bigquery: BigqueryServer;
  let storage: StorageServer;
  beforeAll(async () => {
    storage = await startStorageServer({buckets: {rows: {location: LOCATION}}});
    bigquery = await startBigqueryServer({project: PROJECT, storageUrl: storage.url});
  });
  afterAll(async () => {
    await bigquery.close();
    await storage.close();
  });
  return {bigquery: () => bigquery, storage: () => storage};
}

/** Call it at the top of a file: it has servers of its own. */
export function onBigquery(): TestEngine {
  const servers = googleServers();
  // A folder stands for a warehouse of its own, as a file would.
  const prefixOf = (folder: string): string => `${folder.replaceAll(/\W/g, '_')}_`;
  return {
    name: 'BigQuery',
    engine: 'bigquery',
    open: folder => {
      const credentials = {kind: 'default', impersonate: undefined} as const;
      const warehouse = {
        engine: 'bigquery',
        project: PROJECT,
        location: LOCATION,
        datasetPrefix: prefixOf(folder),
        maxBytesBilled: undefined,
        maxBytesBilledPerRun: undefined,
        pricePerTib: 6.25,
        endpoint: servers.bigquery().url,
        credentials,
      } as const;
      const store = {
        kind: 'gcs',
        bucket: 'rows',
        prefix: '',
        endpoint: servers.storage().url,
        credentials,
      } as const;
      // Of a pipeline nothing else is looked at.
      const pipeline = {name: 'test', target: {warehouse, store}} as unknown as Pipeline;
      return connectBigquery({root: folder, pipeline, warehouse, owner: undefined, run: 'run-1'});
    },
    endless: 'UNNEST(GENERATE_ARRAY(1, 1000000)) AS a, UNNEST(GENERATE_ARRAY(1, 10000000)) AS b',
    sql: (folder, query) =>
      query
        .replaceAll(/\b(raw|analytics)\.(\w+)/g, `\`${PROJECT}.${prefixOf(folder)}$1.$2\``)
        .replaceAll('ORDER BY ALL', 'ORDER BY 1, 2, 3'),
  };
}
