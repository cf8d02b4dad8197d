/**
 * Every warehouse that there is, to run one table of cases on: DuckDB, BigQuery as a server on this machine keeps its
 * rules, and a BigQuery of one's own. It does not deal with the cases.
 */
import {join} from 'node:path';
import {DuckDBConnection} from '@duckdb/node-api';
import {afterAll, beforeAll, vi} from 'vitest';
import {openDuckdb} from '../../runner/duckdb.ts';
import type {Warehouse} from '../../runner/warehouse.ts';
import {connectGoogle, type Google, PROJECT, startGoogle} from './google.ts';

export interface TestEngine {
  readonly name: string;
  readonly engine: 'duckdb' | 'bigquery';
  /** Empty at the first call with a folder; the same again at the next, where it is kept. */
  open(folder: string): Promise<Warehouse>;
  /** A query of `read` that names tables after FROM as assets are named. */
  sql(folder: string, query: string): string;
  /** What stands after FROM and has more rows than can be counted while a test runs. */
  readonly endless: string;
  /** Makes the engine's call number `at` from now on fail for good; undefined where nobody can make it fail. */
  readonly failAt: ((at: number) => Breaking) | undefined;
}

export interface Breaking {
  /** Nothing fails any more; gives the number of calls since. */
  restore(): number;
}

const duckdb = {
  engine: 'duckdb',
  sql: (_, query) => query,
  endless: 'range(10000000000) a, range(100) b',
  failAt: failDuckdbAt,
} as const satisfies Partial<TestEngine>;

export const inMemory: TestEngine = {
  ...duckdb,
  name: 'DuckDB in memory',
  open: () => openDuckdb({path: ':memory:'}),
};

export const inFile: TestEngine = {
  ...duckdb,
  name: 'DuckDB in a file',
  open: folder => openDuckdb({path: join(folder, 'warehouse.duckdb')}),
};

function failDuckdbAt(at: number): Breaking {
  let calls = 0;
  const fail = (): void => {
    calls += 1;
    if (calls === at) throw new Error(`{"exception_type":"IO","exception_message":"call ${at} broke"}`);
  };
  const {run, createAppender} = DuckDBConnection.prototype;
  vi.spyOn(DuckDBConnection.prototype, 'run').mockImplementation(async function (
    this: DuckDBConnection,
    ...args
  ) {
    if (args[0] !== 'ROLLBACK') fail();
    return await run.apply(this, args);
  });
  vi.spyOn(DuckDBConnection.prototype, 'createAppender').mockImplementation(async function (
    this: DuckDBConnection,
    ...args
  ) {
    fail();
    return await createAppender.apply(this, args);
  });
  return {
    restore: () => {
      vi.restoreAllMocks();
      return calls;
    },
  };
}

/** Call it at the top of a file: it has servers of its own. */
export function onBigquery(): TestEngine {
  let google: Google;
  beforeAll(async () => {
    google = await startGoogle();
  });
  afterAll(() => google.close());
  return {
    ...bigqueryIn(PROJECT, prefixOf),
    name: 'BigQuery',
    open: folder => connectGoogle(google, prefixOf(folder)),
    failAt: at => failGoogleAt(google, at),
  };
}

/** A folder stands for a warehouse of its own, as a file would. */
function prefixOf(folder: string): string {
  return `${folder.replaceAll(/\W/g, '_')}_`;
}

/** `prefix` gives the prefix of all datasets of a folder. */
export function bigqueryIn(project: string, prefix: (folder: string) => string) {
  return {
    engine: 'bigquery',
    endless: 'UNNEST(GENERATE_ARRAY(1, 1000000)) AS a, UNNEST(GENERATE_ARRAY(1, 10000000)) AS b',
    sql: (folder, query) =>
      query.replaceAll(
        /\bFROM (\w+)(?:\.(\w+))?/g,
        (_, first: string, second: string | undefined) =>
          `FROM \`${project}.${prefix(folder)}${second === undefined ? `main.${first}` : `${first}.${second}`}\``,
      ),
  } as const satisfies Partial<TestEngine>;
}

/** A refusal that is not asked for again, in place of what the request would have done. */
function failGoogleAt({bigquery}: Google, at: number): Breaking {
  const before = bigquery.calls.length;
  bigquery.fail({
    on: {},
    skip: at - 1,
    trouble: {
      kind: 'answer',
      status: 403,
      reason: 'accessDenied',
      message: `Access Denied: call ${at} broke`,
      when: 'before',
    },
  });
  return {
    restore: () => {
      bigquery.heal();
      return bigquery.calls.length - before;
    },
  };
}
