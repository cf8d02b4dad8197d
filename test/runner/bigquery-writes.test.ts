/** What a publication says of the tables that it writes, so that they are not written more often than BigQuery allows. */
import {randomUUID} from 'node:crypto';
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest';
import {openBigquery} from '../../runner/bigquery.ts';
import {Asker} from '../../runner/bigquery-asker.ts';
import {BigqueryClient} from '../../runner/bigquery-client.ts';
import {Jobs} from '../../runner/bigquery-jobs.ts';
import {Limits} from '../../runner/bigquery-limits.ts';
import {PACE} from '../../runner/bigquery-pace.ts';
import type {Warehouse} from '../../runner/warehouse.ts';
import {type BigqueryServer, startBigqueryServer} from '../google/bigquery-server.ts';
import {never, queryRequest, receipt, stageQuery, table} from './warehouse-fixture.ts';

const DATE = '2024-01-15';
const scores = table('raw.scores', {game_date: 'date', points: 'int64'}, ['points']);
const QUERY = "SELECT DATE '2024-01-15' AS game_date, 1 AS points";

let server: BigqueryServer;
let warehouse: Warehouse;
/** What was waited for, in seconds, on a clock that only waiting moves. */
let waits: number[] = [];
beforeAll(async () => {
  server = await startBigqueryServer({project: 'p'});
});
afterAll(() => server.close());
afterEach(() => warehouse.close());

/** A warehouse whose tables take so many statements in 10 seconds. */
async function open(statements: number): Promise<void> {
  let now = 0;
  waits = [];
  const api = new BigqueryClient({
    project: 'p',
    location: 'us-west2',
    endpoint: server.url,
    credentials: {kind: 'default', impersonate: undefined},
    root: '/',
  });
  const pace = {...PACE, firstPoll: 2, firstBackoff: 2};
  const sleep = async (ms: number): Promise<void> => {
    waits.push(ms / 1000);
    now += ms;
  };
  const limits = new Limits({concurrency: 4, statements, now: () => now, sleep});
  warehouse = await openBigquery({
    asker: new Asker(api, pace),
    jobs: new Jobs(api, {pipeline: 'nba', limits, pace}),
    place: {project: 'p', datasetPrefix: `${randomUUID().slice(0, 8)}_`},
    loading: {upload: () => Promise.reject(new Error('not asked for')), remove: () => Promise.resolve()},
    pipeline: undefined,
    run: 'run-1',
    maximumBytesBilled: undefined,
  });
}

async function publish(name: string): Promise<void> {
  const spec = {...scores, name};
  const staged = await stageQuery(warehouse, {table: spec, query: QUERY});
  const receipts = [receipt(name, DATE, {intent: randomUUID()})];
  await warehouse.publish({staged, keys: [DATE], receipts});
}

test('a publication is two statements on the table and one on the receipts', async () => {
  await open(4);
  await publish('raw.a');
  await publish('raw.a');
  expect(waits).toEqual([]);
  await publish('raw.a');
  expect(waits).toEqual([10]);
});

test('receipts of all tables are rows of one, which has its rate as well', async () => {
  await open(2);
  await publish('raw.a');
  await publish('raw.b');
  expect(waits).toEqual([]);
  await publish('raw.c');
  expect(waits).toEqual([10]);
});

test('rows that are held back are a statement on each of two tables', async () => {
  await open(2);
  const staged = await stageQuery(warehouse, {table: scores, query: QUERY});
  const partitions = [{key: DATE, rows: 1, error: 'wrong', violations: []}];
  for (let n = 0; n < 3; n++) await warehouse.holdBack({staged, run: 'run-1', at: n, partitions});
  expect(waits).toEqual([10]);
});

test("a staging and a reading query carry their asset's timeout, after which BigQuery ends them", async () => {
  await open(100);
  const before = server.jobs.length;
  const request = {...queryRequest({table: scores, query: QUERY}), timeoutMs: 1_800_000};
  await warehouse.stageQuery(request, never);
  await warehouse.readQuery(request, never);
  expect(server.jobs.slice(before).map(({configuration}) => configuration.jobTimeoutMs)).toEqual([
    '1800000',
    '1800000',
  ]);
});
