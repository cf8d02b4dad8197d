/** What BigQuery bills for rows on their way to readers, also for what was tried in vain. */
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest';
import type {Staged, Warehouse} from '../../runner/warehouse.ts';
import {connectGoogle, type Google, startGoogle} from '../kit/google.ts';
import {fill, receipt, same, stageQuery, stageRows, table} from './warehouse-fixture.ts';

const DATE = '2024-01-15';
const scores = table('raw.scores', {game_date: 'date', player: 'string', points: 'int64'}, ['player']);
const ROWS = [{game_date: DATE, player: 'a', points: 1}];

let google: Google;
let warehouse: Warehouse;
let count = 0;
beforeAll(async () => {
  google = await startGoogle();
});
afterAll(() => google.close());
afterEach(async () => {
  google.bigquery.heal();
  await warehouse.close();
});

/** The bytes that the server billed for these steps of one warehouse, every attempt of each. */
function billed(prefix: string, ...steps: readonly string[]): number {
  return google.bigquery.jobs
    .filter(({configuration: {labels, query, load}, parent}) => {
      const isOwn = JSON.stringify([query, load]).includes(prefix);
      return parent === undefined && isOwn && steps.includes(labels?.['step'] ?? '');
    })
    .reduce((sum, {statistics}) => sum + Number(statistics.query?.totalBytesBilled ?? 0), 0);
}

async function open(): Promise<string> {
  const prefix = `bill${++count}_`;
  warehouse = await connectGoogle(google, prefix);
  return prefix;
}

/** The next publications fail as they are committed, after their statements were billed. */
function failCommits(times: number, reason = 'backendError'): void {
  google.bigquery.fail({
    on: {method: 'POST', path: '/jobs$', body: '"step":"publish"'},
    times,
    trouble: {kind: 'job', reason, at: 'commit'},
  });
}

function publish(staged: Staged): Promise<void> {
  return warehouse.publish({
    staged,
    keys: [DATE],
    receipts: [receipt('raw.scores', DATE, {intent: 'i'})],
  });
}

test('a publication that was tried again is billed for both attempts', async () => {
  const prefix = await open();
  const staged = await stageRows(warehouse, scores, [DATE], ROWS);
  failCommits(1);
  await publish(staged);
  expect(billed(prefix, 'publish')).toBeGreaterThanOrEqual(2 * 10 * 2 ** 20);
  expect(warehouse.spent(staged)).toMatchObject({bytesBilled: billed(prefix, 'publish'), jobs: 3});
});

test('a publication that failed for good is billed for what it did before', async () => {
  const prefix = await open();
  const staged = await stageRows(warehouse, scores, [DATE], ROWS);
  failCommits(1, 'resourcesExceeded');
  await expect(publish(staged)).rejects.toThrow();
  expect(billed(prefix, 'publish')).toBeGreaterThan(0);
  expect(warehouse.spent(staged)).toMatchObject({bytesBilled: billed(prefix, 'publish'), jobs: 2});
});

test('rows that are held back are billed to their batch', async () => {
  const prefix = await open();
  await fill(warehouse, scores, [DATE], ROWS);
  const staged = await stageQuery(warehouse, {
    table: {...scores, name: 'mart.scores'},
    query: 'SELECT * FROM scores',
    inputs: [same('scores', scores, [DATE])],
  });
  const before = billed(prefix, 'quarantine');
  await warehouse.holdBack({
    staged,
    run: 'run-1',
    at: 1,
    partitions: [{key: DATE, rows: 1, error: 'wrong', violations: []}],
  });
  const holding = billed(prefix, 'quarantine') - before;
  expect(holding).toBeGreaterThan(0);
  expect(warehouse.spent(staged)).toMatchObject({bytesBilled: billed(prefix, 'stage') + holding, jobs: 2});
});
