import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';
import {afterEach, describe, expect, test} from 'vitest';
import {clientOf} from './bigquery-client.ts';
import {LOCATION, startTrial, type Trial} from './bigquery-try.ts';

let trial: Trial;
afterEach(async () => {
  await trial.server.close();
});

/** What a call of the client is refused with. */
async function refusal(
  work: Promise<unknown>,
): Promise<{readonly code: unknown; readonly reason: unknown; readonly message: string}> {
  try {
    await work;
  } catch (error) {
    // The client throws an ApiError: https://github.com/googleapis/nodejs-common
    const {code, errors, message} = error as {code: unknown; errors?: {reason: unknown}[]; message: string};
    return {code, reason: errors?.[0]?.reason, message};
  }
  throw new Error('It was not refused.');
}

const one = {query: {query: 'SELECT 1 AS x', useLegacySql: false}};

describe('jobs, https://cloud.google.com/bigquery/docs/running-jobs', () => {
  test('"jobs.insert" answers at once and the job goes PENDING, RUNNING, DONE', async () => {
    trial = await startTrial();
    trial.server.fail({
      on: {path: '/jobs$', method: 'POST'},
      trouble: {kind: 'slow', milliseconds: 60, at: 'start'},
    });
    const [job, inserted] = await trial.client.createJob({
      configuration: one,
      location: LOCATION,
      jobId: 'slow',
    });
    expect(inserted.status?.state).toBe('PENDING');
    await new Promise(resolve => setTimeout(resolve, 20));
    expect((await job.getMetadata())[0].status.state).toBe('RUNNING');
    const [rows] = await job.getQueryResults();
    expect(rows).toEqual([{x: 1}]);
    expect((await job.getMetadata())[0].status.state).toBe('DONE');
  });

  // https://cloud.google.com/bigquery/docs/running-jobs#generate-jobid: a retry with the same id starts no second job.
  test('the same id again is 409 duplicate, also after the answer was lost', async () => {
    trial = await startTrial();
    await trial.job(one, 'own');
    expect(
      await refusal(trial.client.createJob({configuration: one, location: LOCATION, jobId: 'own'})),
    ).toEqual({
      code: 409,
      reason: 'duplicate',
      message: 'Already Exists: Job league:us-west2.own',
    });
    // The client tries again after the reset, and meets its own job.
    trial.server.fail({on: {path: '/jobs$', method: 'POST'}, trouble: {kind: 'reset', when: 'after'}});
    expect(
      await refusal(trial.client.createJob({configuration: one, location: LOCATION, jobId: 'lost'})),
    ).toMatchObject({code: 409});
    expect(trial.server.jobs.filter(({reference}) => reference.jobId === 'lost')).toHaveLength(1);
  });

  test('an id holds letters, digits, dashes and underscores only', async () => {
    trial = await startTrial();
    expect(
      await refusal(trial.client.createJob({configuration: one, location: LOCATION, jobId: 'raw.games'})),
    ).toMatchObject({code: 400, reason: 'invalid'});
  });

  // https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobStatus: errorResult means the job did not succeed.
  test('a query with a mistake is inserted with 200, and its status holds errorResult', async () => {
    trial = await startTrial();
    const {error} = await trial.query('SELECT 1 FORM nba.games');
    expect(error).toMatchObject({
      reason: 'invalidQuery',
      message: 'Syntax error: Unexpected "nba" at [1:15]',
    });
  });

  // https://cloud.google.com/bigquery/docs/locations#specify_locations
  test('a job outside of US and EU is 404 without its location, and so is a dataset at another one', async () => {
    trial = await startTrial();
    const {id} = await trial.job(one);
    expect(await refusal(trial.client.job(id).getMetadata())).toMatchObject({code: 404, reason: 'notFound'});
    expect(await refusal(trial.client.job(id, {location: 'EU'}).getMetadata())).toMatchObject({code: 404});
    await trial.games();
    expect(await refusal(trial.client.query({query: 'SELECT * FROM nba.games', location: 'US'}))).toEqual({
      code: 404,
      reason: 'notFound',
      message: expect.stringContaining('Not found: Dataset league:nba was not found in location US'),
    });
  });

  // https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/cancel
  test('a cancelled job ends with the reason stopped and has changed nothing', async () => {
    trial = await startTrial();
    await trial.games();
    trial.server.fail({
      on: {path: '/jobs$', method: 'POST'},
      trouble: {kind: 'slow', milliseconds: 5000, at: 'commit'},
    });
    const [job] = await trial.client.createQueryJob({
      query: 'BEGIN TRANSACTION; DELETE FROM nba.games WHERE TRUE; COMMIT TRANSACTION',
      location: LOCATION,
    });
    await new Promise(resolve => setTimeout(resolve, 40));
    await job.cancel();
    expect((await refusal(job.getQueryResults())).message).toContain('Job execution was cancelled');
    expect(await trial.rows('SELECT COUNT(*) AS n FROM nba.games')).toEqual([{n: 3}]);
  });

  test('a query that would take for ever stops where it is', async () => {
    trial = await startTrial();
    const endless = 'UNNEST(GENERATE_ARRAY(1, 10000000))';
    const query = `SELECT COUNT(*) FROM ${endless} AS a, ${endless} AS b WHERE a > b`;
    const [job] = await trial.client.createQueryJob({query, location: LOCATION});
    await new Promise(resolve => setTimeout(resolve, 100));
    await job.cancel();
    expect((await refusal(job.getQueryResults())).message).toContain('Job execution was cancelled');
  });

  // https://cloud.google.com/bigquery/docs/paging-results
  test('results come in pages, no larger than the server allows, in one order', async () => {
    trial = await startTrial({pageRows: 3});
    const [job] = await trial.client.createQueryJob({
      query: 'SELECT x FROM UNNEST(GENERATE_ARRAY(1, 7)) AS x ORDER BY x',
      location: LOCATION,
    });
    const [first, next] = await job.getQueryResults({autoPaginate: false, maxResults: 100});
    expect(first.map(({x}) => x)).toEqual([1, 2, 3]);
    const [second] = await job.getQueryResults({autoPaginate: false, pageToken: String(next?.pageToken)});
    expect(second.map(({x}) => x)).toEqual([4, 5, 6]);
  });

  test('64-bit numbers, dates and timestamps keep every digit', async () => {
    trial = await startTrial();
    const [rows] = await trial.client.query({
      query:
        "SELECT 9007199254740993 AS big, DATE '2024-02-29' AS d, TIMESTAMP '2024-01-01 00:00:00.123456+00' AS t, NUMERIC '1.50' AS n, [1, 2] AS l, STRUCT(1 AS a, 'x' AS b) AS s, CAST(NULL AS STRING) AS nothing",
      location: LOCATION,
      wrapIntegers: true,
    });
    expect(JSON.parse(JSON.stringify(rows))).toMatchObject([
      {
        big: {value: '9007199254740993'},
        d: {value: '2024-02-29'},
        t: {value: '2024-01-01T00:00:00.123456000Z'},
        l: [{value: '1'}, {value: '2'}],
        s: {a: {value: '1'}, b: 'x'},
        nothing: null,
      },
    ]);
  });

  // https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/list
  test('jobs are listed newest first, those of a script under their parent', async () => {
    trial = await startTrial();
    await trial.query('SELECT 1; SELECT 2', {});
    const [jobs] = await trial.client.getJobs();
    expect(jobs).toHaveLength(1);
    expect(jobs[0]?.metadata.statistics).toMatchObject({numChildJobs: '2', query: {statementType: 'SCRIPT'}});
    const [children] = await trial.client.getJobs({parentJobId: String(jobs[0]?.id)});
    expect(children.map(({metadata}) => metadata.statistics.query.statementType)).toEqual([
      'SELECT',
      'SELECT',
    ]);
  });
});

// https://cloud.google.com/bigquery/pricing#on_demand_pricing: what ended before a script failed is billed.
test('a script that fails is billed for the statements before that one', async () => {
  trial = await startTrial();
  await trial.games();
  const done = await trial.query('SELECT COUNT(points) FROM nba.games');
  const failed = await trial.query('SELECT COUNT(points) FROM nba.games; SELECT 1 / 0');
  expect(failed.error).toMatchObject({reason: 'invalidQuery'});
  expect(Number(done.statistics.query?.['totalBytesBilled'])).toBeGreaterThan(0);
  expect(failed.statistics.query?.['totalBytesBilled']).toBe(done.statistics.query?.['totalBytesBilled']);
  const alone = await trial.query('SELECT SUM(points) / 0 FROM nba.games');
  expect(alone.statistics.query).toBeUndefined();
});

describe('access, https://cloud.google.com/bigquery/docs/access-control', () => {
  test('a denied permission is 403 accessDenied and names the resource', async () => {
    trial = await startTrial();
    await trial.games();
    trial.server.denials.deny('bigquery.tables.getData', 'nba.games');
    expect((await trial.query('SELECT * FROM nba.games')).error).toEqual({
      reason: 'accessDenied',
      message:
        'Access Denied: Table league:nba.games: Permission bigquery.tables.getData denied on table league:nba.games (or it may not exist).',
    });
    trial.server.denials.deny('bigquery.jobs.create');
    expect(await refusal(trial.client.query('SELECT 1'))).toMatchObject({code: 403, reason: 'accessDenied'});
    trial.server.denials.allow('bigquery.jobs.create');
    expect(await refusal(clientOf(trial.server, 'other').query('SELECT 1'))).toMatchObject({
      code: 404,
      reason: 'notFound',
    });
  });

  // https://cloud.google.com/bigquery/docs/error-messages: 401 UNAUTHENTICATED
  test('revoked credentials are 401 for every request, until they are restored', async () => {
    trial = await startTrial();
    trial.server.fail({on: {path: '/queries'}, skip: 1, trouble: {kind: 'revoke'}});
    expect(await trial.rows('SELECT 1 AS x')).toEqual([{x: 1}]);
    expect(await refusal(trial.rows('SELECT 1 AS x'))).toMatchObject({code: 401});
    expect(await refusal(trial.client.getDatasets())).toMatchObject({code: 401});
    trial.server.restore();
    expect(await trial.rows('SELECT 1 AS x')).toEqual([{x: 1}]);
  });
});

describe('faults on request', () => {
  test('an answer is replaced before the effect or after it', async () => {
    trial = await startTrial();
    const table = (id: string) =>
      trial.client.dataset('nba').createTable(id, {schema: {fields: [{name: 'x', type: 'INT64'}]}});
    const trouble = {kind: 'answer', status: 400, reason: 'invalid'} as const;
    trial.server.fail({on: {path: '/tables$'}, trouble: {...trouble, when: 'before'}});
    expect(await refusal(table('before'))).toMatchObject({code: 400});
    trial.server.fail({on: {path: '/tables$'}, trouble: {...trouble, when: 'after'}});
    expect(await refusal(table('after'))).toMatchObject({code: 400});
    expect(trial.server.table('nba', 'before')).toBeUndefined();
    expect(trial.server.table('nba', 'after')).toBeDefined();
  });

  // https://cloud.google.com/bigquery/docs/error-messages: the reasons
  test.each(['backendError', 'internalError', 'rateLimitExceeded', 'jobRateLimitExceeded', 'quotaExceeded'])(
    'the n-th job ends with %s',
    async reason => {
      trial = await startTrial();
      trial.server.fail({
        on: {method: 'POST', path: '/jobs$', body: 'SELECT'},
        skip: 1,
        trouble: {kind: 'job', reason},
      });
      expect((await trial.query('SELECT 1')).error).toBeUndefined();
      expect((await trial.query('SELECT 1')).error).toMatchObject({reason});
      expect((await trial.query('SELECT 1')).error).toBeUndefined();
    },
  );

  test('a server in a process of its own reads them line by line', async () => {
    trial = await startTrial();
    const child = spawn(process.execPath, ['test/google/bigquery-process.ts', '{"project":"other"}']);
    const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
    const {value: url = ''} = await lines.next();
    const trouble = {kind: 'answer', status: 403, reason: 'quotaExceeded', when: 'before'};
    child.stdin.write(`${JSON.stringify({on: {path: '/datasets$'}, trouble})}\n`);
    await lines.next();
    const client = clientOf({url: String(url)}, 'other');
    expect(await refusal(client.getDatasets())).toMatchObject({code: 403, reason: 'quotaExceeded'});
    expect((await client.query('SELECT 1 AS x'))[0]).toEqual([{x: 1}]);
    child.stdin.end();
    expect(await new Promise(resolve => child.on('exit', resolve))).toBe(0);
  });
});
