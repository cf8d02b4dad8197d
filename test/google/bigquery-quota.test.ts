import {afterEach, describe, expect, test} from 'vitest';
import type {Quotas} from './bigquery-quota.ts';
import {QUOTAS} from './bigquery-quota.ts';
import {type Ended, GAMES, startTrial, type Trial} from './bigquery-try.ts';

let trial: Trial;
let now = 0;
afterEach(async () => {
  await trial.server.close();
});

async function start(quotas: Partial<Quotas>): Promise<void> {
  now = Date.parse('2024-02-01T00:00:00Z');
  trial = await startTrial({now: () => now, quotas});
  await trial.client.dataset('nba').createTable('games', GAMES);
}

/** Writes so many dates as a query job with a destination. */
function write(dates: number, tableId = 'games'): Promise<Ended> {
  const query = `SELECT d AS game_date, 'x' AS game_id, 1 AS points FROM UNNEST(GENERATE_DATE_ARRAY('2024-01-01', DATE_ADD('2024-01-01', INTERVAL ${dates - 1} DAY))) AS d`;
  return trial.query(query, {
    destinationTable: {projectId: 'league', datasetId: 'nba', tableId},
    writeDisposition: 'WRITE_APPEND',
  });
}

test("the limits are Google's unless a test lowers them: https://cloud.google.com/bigquery/quotas", async () => {
  await start({});
  expect(QUOTAS).toEqual({
    partitionsPerJob: 4000,
    partitionModificationsPerDay: 30_000,
    partitionsPerTable: 10_000,
    partitionedWritesPer10Seconds: 50,
    tableUpdatesPer10Seconds: 5,
    loadJobsPerDay: 1500,
    dmlRunning: 2,
    dmlQueued: 20,
    queryLength: 1024 * 1024,
  });
});

// https://cloud.google.com/bigquery/quotas#partitioned_tables
describe('partitioned tables', () => {
  test('a job changes so many partitions at most', async () => {
    await start({partitionsPerJob: 3});
    expect((await write(3)).error).toBeUndefined();
    const message = 'Too many partitions produced by query, allowed 3, query produces at least 4 partitions';
    expect((await write(4)).error).toMatchObject({reason: 'invalidQuery', message});
    expect(
      (
        await trial.query(
          "INSERT INTO nba.games SELECT d, 'x', 1 FROM UNNEST(GENERATE_DATE_ARRAY('2024-01-01', '2024-01-04')) AS d",
        )
      ).error,
    ).toMatchObject({message});
    expect(await trial.rows('SELECT COUNT(*) AS n FROM nba.games')).toEqual([{n: 3}]);
  });

  test('a table takes so many modifications a day, DML not counted', async () => {
    await start({partitionModificationsPerDay: 5});
    expect((await write(3)).error).toBeUndefined();
    expect((await trial.query('UPDATE nba.games SET points = 2 WHERE TRUE')).error).toBeUndefined();
    expect((await write(3)).error).toMatchObject({
      reason: 'quotaExceeded',
      message: expect.stringContaining(
        'Your table exceeded quota for Number of partition modifications to a column partitioned table',
      ),
    });
    now += 86_400_001;
    expect((await write(3)).error).toBeUndefined();
  });

  test('a table has so many partitions', async () => {
    await start({partitionsPerTable: 4});
    expect((await write(4)).error).toBeUndefined();
    expect((await write(5)).error).toMatchObject({
      reason: 'quotaExceeded',
      message: expect.stringContaining('Number of partitions'),
    });
  });

  test('a table is written so often in 10 seconds', async () => {
    await start({partitionedWritesPer10Seconds: 2});
    expect([(await write(1)).error, (await write(1)).error]).toEqual([undefined, undefined]);
    expect((await write(1)).error).toMatchObject({
      reason: 'rateLimitExceeded',
      message: expect.stringContaining('too many partitioned table update operations for this table'),
    });
    now += 10_001;
    expect((await write(1)).error).toBeUndefined();
  });
});

// https://cloud.google.com/bigquery/quotas#standard_tables
test('another table is written so often in 10 seconds', async () => {
  await start({tableUpdatesPer10Seconds: 1});
  await trial.client.dataset('nba').createTable('plain', {schema: GAMES.schema});
  expect((await write(1, 'plain')).error).toBeUndefined();
  expect((await write(1, 'plain')).error).toMatchObject({reason: 'rateLimitExceeded'});
});

// https://cloud.google.com/bigquery/quotas#load_jobs
test('a table takes so many load jobs a day', async () => {
  const {createServer} = await import('node:http');
  const storage = createServer((_, response) => response.end('{"game_date":"2024-01-01","points":1}\n'));
  await new Promise<void>(resolve => storage.listen(0, '127.0.0.1', resolve));
  const address = storage.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  trial = await startTrial({storageUrl: `http://127.0.0.1:${port}`, quotas: {loadJobsPerDay: 1}});
  const load = () =>
    trial.job({
      load: {
        sourceUris: ['gs://lake/x'],
        sourceFormat: 'NEWLINE_DELIMITED_JSON',
        ...GAMES,
        destinationTable: {projectId: 'league', datasetId: 'nba', tableId: 'games'},
      },
    });
  expect((await load()).error).toBeUndefined();
  expect((await load()).error).toMatchObject({
    reason: 'quotaExceeded',
    message: expect.stringContaining('imports'),
  });
  storage.close();
});

// https://cloud.google.com/bigquery/quotas#data-manipulation-language-statements
test('so many statements that change rows wait for one table, the next fails', async () => {
  await start({dmlRunning: 1, dmlQueued: 1});
  await write(1);
  trial.server.fail({
    on: {method: 'POST', path: '/jobs$'},
    trouble: {kind: 'slow', milliseconds: 200, at: 'commit'},
  });
  const update = 'UPDATE nba.games SET points = points + 1 WHERE TRUE';
  const first = trial.query(`BEGIN TRANSACTION; ${update}; COMMIT TRANSACTION`);
  await new Promise(resolve => setTimeout(resolve, 80));
  const second = trial.query(update);
  await new Promise(resolve => setTimeout(resolve, 40));
  expect((await trial.query(update)).error).toEqual({
    reason: 'resourcesExceeded',
    message:
      'Resources exceeded during query execution: Too many DML statements outstanding against table league:nba.games, limit is 1.',
  });
  expect([(await first).error, (await second).error]).toEqual([undefined, undefined]);
});

// https://cloud.google.com/bigquery/quotas#query_jobs
test('a query is so long at most, comments included', async () => {
  await start({queryLength: 1024});
  expect((await trial.query(`SELECT 1 -- ${'x'.repeat(1024)}`)).error).toEqual({
    reason: 'invalidQuery',
    message:
      'The query is too large. The maximum standard SQL query length is 1.00K characters, including comments and white space characters.',
    location: 'query',
  });
});
