/**
 * Every warehouse that there is, to run one table of cases on: DuckDB, and BigQuery as a server on this machine keeps its
 * rules. It does not deal with the cases.
 */
import {join} from 'node:path';
import {afterAll, beforeAll} from 'vitest';
import {openDuckdb} from '../../runner/duckdb.ts';
import type {Warehouse} from '../../runner/warehouse.ts';
import {connectGoogle, type Google, PROJECT, startGoogle} from './google.ts';

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

/** Call it at the top of a file: it has servers of its own. */
export function onBigquery(): TestEngine {
  let google: Google;
  beforeAll(async () => {
    google = await startGoogle();
  });
  afterAll(() => google.close());
  // A folder stands for a warehouse of its own, as a file would.
  const prefixOf = (folder: string): string => `${folder.replaceAll(/\W/g, '_')}_`;
  return {
    name: 'BigQuery',
    engine: 'bigquery',
    open: folder => connectGoogle(google, prefixOf(folder)),
    endless: 'UNNEST(GENERATE_ARRAY(1, 1000000)) AS a, UNNEST(GENERATE_ARRAY(1, 10000000)) AS b',
    sql: (folder, query) =>
      query
        .replaceAll(/\b(raw|analytics)\.(\w+)/g, `\`${PROJECT}.${prefixOf(folder)}$1.$2\``)
        .replaceAll('ORDER BY ALL', 'ORDER BY 1, 2, 3'),
  };
}
