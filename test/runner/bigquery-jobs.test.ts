import {setTimeout as pause} from 'node:timers/promises';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {BigqueryClient} from '../../runner/bigquery-client.ts';
import type {JobRequest} from '../../runner/bigquery-job.ts';
import {Jobs, type JobsOptions} from '../../runner/bigquery-jobs.ts';
import {Limits} from '../../runner/bigquery-limits.ts';
import type {Pace} from '../../runner/bigquery-pace.ts';
import type {QueryResult} from '../../runner/warehouse.ts';
import {WarehouseError} from '../../runner/warehouse.ts';
import type {Trouble} from '../google/bigquery-faults.ts';
import {type BigqueryServer, startBigqueryServer} from '../google/bigquery-server.ts';

const HURRY: Pace = {
  firstPoll: 2,
  longestPoll: 10,
  firstBackoff: 2,
  longestBackoff: 10,
  attempts: 3,
  cancelling: 2000,
};

let server: BigqueryServer;
let client: BigqueryClient;
/** What each attempt was billed, by its id. */
let bills: (readonly [id: string, bytes: number])[] = [];
let count = 0;
/** Another one for each test: they share a server. */
let stem: string;

beforeAll(async () => {
  server = await startBigqueryServer({project: 'p'});
  client = new BigqueryClient({
    project: 'p',
    location: 'us-west2',
    endpoint: server.url,
    credentials: {kind: 'default', impersonate: undefined},
    root: '/',
    retry: {maxRetryDelay: 0.002, maxRetries: 1},
  });
  const post = (path: string, body: object) => client.request({method: 'POST', path, body});
  await post('/datasets', {datasetReference: {datasetId: 'nba_raw'}, location: 'us-west2'});
  await post('/datasets/nba_raw/tables', {
    tableReference: {projectId: 'p', datasetId: 'nba_raw', tableId: 'games'},
    schema: {fields: [{name: 'points', type: 'INT64'}]},
  });
  await run(jobs(), {
    stem: 'gp--fill',
    work: query('INSERT INTO `p.nba_raw.games` (points) VALUES (7), (8)'),
  });
});
afterAll(async () => {
  await server.close();
});
beforeEach(() => {
  bills = [];
  stem = `gp--test${++count}`;
});
afterEach(() => server.heal());

function jobs(about: Partial<JobsOptions> = {}): Jobs {
  return new Jobs(client, {
    pipeline: 'nba',
    limits: new Limits({
      concurrency: 10,
      statements: undefined,
      now: Date.now,
      sleep: (ms, signal) => pause(ms, undefined, {signal}),
    }),
    pace: HURRY,
    ...about,
  });
}

function query(sql: string): JobRequest['work'] {
  return {query: {query: sql, useLegacySql: false}};
}

function run(all: Jobs, about: Partial<JobRequest> = {}): ReturnType<Jobs['run']> {
  return all.run({
    stem,
    work: query('SELECT points FROM `p.nba_raw.games`'),
    asset: 'raw.games',
    run: 'R1',
    step: 'stage',
    signal: new AbortController().signal,
    onAttempt: ({bytesBilled}, id) => void bills.push([id, bytesBilled]),
    ...about,
  });
}

/** The error that a promise rejects with. */
async function refused(promise: Promise<unknown>): Promise<WarehouseError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof WarehouseError) return error;
  throw new Error(`Not a WarehouseError: ${String(error)}`);
}

/** Attempts of a stem that the server has had. */
function attempts(of = stem): readonly string[] {
  return server.jobs.map(({reference}) => reference.jobId).filter(id => id.startsWith(`${of}_`));
}

function fail(on: 'insert' | 'look' | 'cancel', trouble: Trouble, times = 1): void {
  const path = on === 'cancel' ? '/cancel' : on === 'insert' ? '/jobs(\\?|$)' : `/(jobs|queries)/${stem}_`;
  server.fail({on: {method: on === 'look' ? 'GET' : 'POST', path}, times, trouble});
}

/** The next jobs that are sent end so. */
function end(reason: string, message = 'The test asked for it.', times = 1): void {
  fail('insert', {kind: 'job', reason, message}, times);
}

/** The next job that is sent takes so long. */
function last(milliseconds: number): void {
  fail('insert', {kind: 'slow', milliseconds, at: 'start'});
}

const FOR_EVER = 600_000;

function sent(): readonly unknown[] {
  return server.calls.filter(({method, body}) => method === 'POST' && body.includes(`"${stem}_`));
}

describe('a job', () => {
  test('is sent under our id with its location, labels and bound, and is waited for', async () => {
    last(40);
    const result = await run(jobs(), {maximumBytesBilled: 1_000_000_000, timeoutMs: 60_000});
    expect(result.id).toBe(`${stem}_1`);
    const [job] = server.jobs.filter(({reference}) => reference.jobId === `${stem}_1`);
    expect(job?.reference).toEqual({projectId: 'p', location: 'us-west2', jobId: `${stem}_1`});
    expect(job?.configuration).toMatchObject({
      query: {useLegacySql: false, maximumBytesBilled: '1000000000'},
      labels: {
        pipeline: 'nba',
        asset: 'raw--games',
        run: expect.stringMatching(/^r1-[0-9a-f]{8}$/),
        step: 'stage',
      },
      jobTimeoutMs: '60000',
    });
  });

  test('tells what it was billed, read and returned', async () => {
    const result = await run(jobs());
    expect(result.statistics).toMatchObject({bytesBilled: 10_485_760, bytesProcessed: 16});
    expect(result.referencedTables).toEqual([{projectId: 'p', datasetId: 'nba_raw', tableId: 'games'}]);
    expect(bills).toEqual([[`${stem}_1`, 10_485_760]]);
  });

  test('that answered 200 may have failed all the same', async () => {
    // https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobStatus: "errorResult: Final error result of the
    // job. If present, indicates that the job has completed and was unsuccessful."
    end('invalidQuery', 'Unrecognized name: tow at [1:8]');
    const error = await refused(run(jobs()));
    expect(error.kind).toBe('statement');
    expect(error.message).toBe(`Unrecognized name: tow at [1:8]. (Job ${stem}_1.)`);
    expect(attempts()).toHaveLength(1);
  });

  test('that is billed more than it may is refused by BigQuery itself', async () => {
    const error = await refused(run(jobs(), {maximumBytesBilled: 1_000_000}));
    expect(error.kind).toBe('budget');
    expect(error.message).toMatch(/bytes billed.*Raise 'max_bytes_billed'/);
  });
});

describe('a lost answer', () => {
  // https://cloud.google.com/bigquery/docs/running-jobs#generate-jobid: "generate a unique job ID ... If your request
  // fails with a network error ... retry with the same job ID."
  const lost: readonly (readonly [name: string, trouble: Trouble])[] = [
    ['a reset after the job began', {kind: 'reset', when: 'after'}],
    ['a reset before it began', {kind: 'reset', when: 'before'}],
    ['a 503 after the job began', {kind: 'answer', status: 503, reason: 'backendError', when: 'after'}],
    ['a 500 before it began', {kind: 'answer', status: 500, reason: 'internalError', when: 'before'}],
    ['a 429', {kind: 'answer', status: 429, reason: 'rateLimitExceeded', when: 'before'}],
    ['a 403', {kind: 'answer', status: 403, reason: 'rateLimitExceeded', when: 'before'}],
    ['a 400', {kind: 'answer', status: 400, reason: 'jobRateLimitExceeded', when: 'before'}],
  ];
  for (const [name, trouble] of lost) {
    test(`${name}: sent again under the same id, and run once`, async () => {
      fail('insert', trouble);
      const result = await run(jobs());
      expect(result.id).toBe(`${stem}_1`);
      expect(attempts()).toEqual([`${stem}_1`]);
      expect(sent()).toHaveLength(2);
    });
  }

  test('many of them end in an error that says what to do', async () => {
    fail('insert', {kind: 'reset', when: 'before'}, 100);
    const error = await refused(run(jobs()));
    expect(error.kind).toBe('unreadable');
    expect(error.message).toMatch(
      /^.+ BigQuery could not be reached at http:.* See whether the network is there/,
    );
  });

  test('of a look at a running job only costs another look', async () => {
    last(30);
    fail('look', {kind: 'reset', when: 'after'}, 2);
    fail('look', {kind: 'answer', status: 503, reason: 'backendError', when: 'after'}, 2);
    await run(jobs());
    expect(attempts()).toHaveLength(1);
  });
});

describe('a job that failed', () => {
  // https://cloud.google.com/bigquery/docs/error-messages, of backendError: "If the job completes but includes an error
  // object that contains backendError, the job failed. You can safely retry the job without concerns about data
  // consistency"; of tableUnavailable, jobBackendError, jobInternalError, rateLimitExceeded, jobRateLimitExceeded: retry.
  // https://cloud.google.com/bigquery/docs/transactions#transaction_concurrency: "one of the transactions is cancelled".
  const passing: readonly [reason: string, message: string][] = [
    ['backendError', 'Error encountered during execution. Retrying may solve the problem.'],
    ['internalError', 'An internal error occurred and the request could not be completed.'],
    ['jobBackendError', 'The job encountered an internal error.'],
    ['jobInternalError', 'The job encountered an internal error.'],
    ['rateLimitExceeded', 'Exceeded rate limits: too many table update operations for this table.'],
    ['jobRateLimitExceeded', 'Exceeded rate limits: too many concurrent queries.'],
    ['tableUnavailable', 'Table is not available at the moment.'],
    ['invalidQuery', 'Transaction is aborted due to concurrent update against table p:d.t.'],
    ['invalidQuery', 'Could not serialize access to table p:d.t due to concurrent update'],
  ];
  for (const [reason, message] of passing) {
    test(`by ${reason} (${message.slice(0, 34)}) is run again under a new id`, async () => {
      end(reason, message);
      const result = await run(jobs());
      expect(result.id).toBe(`${stem}_2`);
      expect(bills).toEqual([
        [`${stem}_1`, 0],
        [`${stem}_2`, 10_485_760],
      ]);
    });
  }

  // The same page: what does not succeed by being repeated.
  const lasting: readonly [reason: string, message: string, kind: WarehouseError['kind']][] = [
    ['invalidQuery', 'Syntax error: Unexpected end at [1:1]', 'statement'],
    ['notFound', 'Not found: Dataset p:nba_raw was not found in location us-west2', 'absent'],
    [
      'accessDenied',
      'Access Denied: Table p:d.t: Permission bigquery.tables.getData denied on table p:d.t',
      'denied',
    ],
    [
      'bytesBilledLimitExceeded',
      'Query exceeded limit for bytes billed: 1. 10485760 or higher required.',
      'budget',
    ],
    ['responseTooLarge', 'Response too large to return.', 'query'],
    ['resourcesExceeded', 'Resources exceeded during query execution.', 'query'],
    ['stopped', 'Job execution was cancelled: User requested cancellation', 'cancelled'],
    [
      'quotaExceeded',
      'Quota exceeded: Your table exceeded quota for imports or query appends per table',
      'quota',
    ],
    ['duplicate', 'Already Exists: Table p:d.t', 'query'],
  ];
  for (const [reason, message, kind] of lasting) {
    test(`by ${reason} is not run again`, async () => {
      end(reason, message);
      expect((await refused(run(jobs()))).kind).toBe(kind);
      expect(attempts()).toHaveLength(1);
    });
  }

  test('every time is given up after a bounded number', async () => {
    end('backendError', 'Error encountered during execution.', 9);
    const error = await refused(run(jobs()));
    expect(error.message).toMatch(/BigQuery failed again and again by itself.*_3\.\)$/);
    expect(attempts()).toHaveLength(HURRY.attempts);
  });
});

describe('an id that is taken', () => {
  test('by what we sent before is taken over, whatever it came to', async () => {
    await run(jobs());
    expect((await run(jobs())).id).toBe(`${stem}_1`);
    expect(attempts()).toEqual([`${stem}_1`]);
  });

  test('by another job refuses', async () => {
    await run(jobs(), {step: 'publish'});
    const error = await refused(run(jobs()));
    expect(error.kind).toBe('fenced');
    expect(error.message).toContain('that id is another job already');
  });
});

describe('a job is stopped', () => {
  const isCancelled = (of = stem): boolean =>
    server.jobs.some(({reference, cancel}) => reference.jobId === `${of}_1` && cancel.signal.aborted);

  test('by its signal: it is cancelled, and has ended when the caller hears of it', async () => {
    last(FOR_EVER);
    const controller = new AbortController();
    const running = refused(run(jobs(), {signal: controller.signal}));
    await expect.poll(attempts).toHaveLength(1);
    controller.abort();
    expect((await running).kind).toBe('cancelled');
    expect(isCancelled()).toBe(true);
    expect(server.jobs.find(({reference}) => reference.jobId === `${stem}_1`)?.state).toBe('DONE');
  });

  test('by its timeout, which BigQuery itself keeps', async () => {
    last(FOR_EVER);
    const error = await refused(run(jobs(), {timeoutMs: 30}));
    expect(error.kind).toBe('query');
    expect(error.message).toBe(
      `Job execution was cancelled: Job timed out after 0.03 sec. Raise the asset's 'timeout', or make smaller batches. (Job ${stem}_1.)`,
    );
    expect(server.calls.some(({path}) => path.endsWith(`/${stem}_1/cancel`))).toBe(false);
  });

  test('with all others by an interrupt', async () => {
    const all = jobs();
    last(FOR_EVER);
    const running = [refused(run(all))];
    await expect.poll(attempts).toHaveLength(1);
    last(FOR_EVER);
    running.push(refused(run(all, {stem: `${stem}b`})));
    await expect.poll(() => attempts(`${stem}b`)).toHaveLength(1);
    await all.cancelAll();
    expect((await Promise.all(running)).map(error => error.kind)).toEqual(['cancelled', 'cancelled']);
    expect([isCancelled(), isCancelled(`${stem}b`)]).toEqual([true, true]);
  });

  test('too late: what it did is told', async () => {
    // https://cloud.google.com/bigquery/docs/managing-jobs#cancel_jobs: a job may succeed although it was cancelled.
    last(50);
    fail('cancel', {kind: 'answer', status: 404, reason: 'notFound', when: 'before'});
    const controller = new AbortController();
    const running = run(jobs(), {signal: controller.signal});
    await expect.poll(attempts).toHaveLength(1);
    controller.abort();
    expect((await running).id).toBe(`${stem}_1`);
  });

  test('before it is sent: nothing is sent', async () => {
    expect((await refused(run(jobs(), {signal: AbortSignal.abort()}))).kind).toBe('cancelled');
    expect(sent()).toEqual([]);
  });
});

describe('the budget of a run', () => {
  // https://cloud.google.com/bigquery/pricing: "a minimum 10 MB data processed per table referenced by the query".
  test('refuses a job that would pass it before the job is sent', async () => {
    const bounded = jobs({maximumBytesBilledPerRun: 15 * 2 ** 20});
    await run(bounded);
    const error = await refused(run(bounded, {stem: `${stem}b`}));
    expect(error.kind).toBe('budget');
    expect(error.message).toBe(
      "The run may be billed 15 MiB ('max_bytes_billed_per_run' of the target), has used or set aside 10 MiB, and the next job would read up to 10 MiB: it was not sent. Raise the bound, or run fewer partitions at once.",
    );
    expect(attempts(`${stem}b`)).toEqual([]);
    await run(bounded, {stem: `${stem}c`, run: 'R2'});
  });

  /** Of the job itself, and not of the dry run before it. */
  const on = () => ({method: 'POST', path: '/jobs$', body: `"jobId":"${stem}_1"`});

  test('counts what was billed, and not what a job might have read', async () => {
    const bounded = jobs({maximumBytesBilledPerRun: 15 * 2 ** 20});
    server.fail({on: on(), trouble: {kind: 'job', reason: 'invalidQuery'}});
    await refused(run(bounded));
    await run(bounded, {stem: `${stem}b`});
  });

  test('sets aside what jobs at work may read', async () => {
    server.fail({on: on(), trouble: {kind: 'slow', milliseconds: 100, at: 'start'}});
    const bounded = jobs({maximumBytesBilledPerRun: 15 * 2 ** 20});
    const first = run(bounded);
    await expect.poll(attempts).toHaveLength(1);
    const error = await refused(run(bounded, {stem: `${stem}b`}));
    expect(error.kind).toBe('budget');
    await first;
  });
});

describe('after a crash', () => {
  const publish = (all: Jobs) => run(all, {step: 'publish'});

  test('a job that ended well is done', async () => {
    await publish(jobs());
    expect(await jobs().settle(stem)).toBe('done');
  });

  test('a job that still runs is waited for', async () => {
    last(60);
    const abandoned = publish(jobs());
    await expect.poll(attempts).toHaveLength(1);
    expect(await jobs().settle(stem)).toBe('done');
    await abandoned;
  });

  test('a job that does not end is stopped', async () => {
    last(FOR_EVER);
    const abandoned = refused(publish(jobs()));
    await expect.poll(attempts).toHaveLength(1);
    expect(await jobs().settle(stem, 20)).toBe('failed');
    await abandoned;
  });

  test('a job that was never sent cannot be sent any more', async () => {
    expect(await jobs().settle(stem)).toBe('fenced');
    const error = await refused(publish(jobs()));
    expect(error.kind).toBe('fenced');
    expect(error.message).toContain('another process has settled it as not done');
    expect(await jobs().settle(stem)).toBe('fenced');
  });

  test('a job that would have been run again is not', async () => {
    end('backendError');
    const late = jobs({pace: {...HURRY, firstBackoff: 400, longestBackoff: 400}});
    const running = refused(publish(late));
    await expect.poll(() => bills).toHaveLength(1);
    expect(await jobs().settle(stem)).toBe('failed');
    expect((await running).kind).toBe('fenced');
  });

  test('a job that failed for good has failed', async () => {
    end('invalidQuery');
    await refused(publish(jobs()));
    expect(await jobs().settle(stem)).toBe('failed');
  });

  test('a job whose second attempt succeeded is done', async () => {
    end('backendError');
    await publish(jobs());
    expect(await jobs().settle(stem)).toBe('done');
  });

  test('a lost answer to the taking of an id is no other process', async () => {
    fail('insert', {kind: 'reset', when: 'after'});
    expect(await jobs().settle(stem)).toBe('fenced');
  });
});

test('rows come in pages', async () => {
  const all = jobs();
  const {id} = await run(all, {work: query('SELECT n FROM UNNEST(GENERATE_ARRAY(1, 5)) AS n ORDER BY n')});
  const pages: QueryResult[] = [];
  for await (const page of all.rows(id, {pageSize: 2})) pages.push(page);
  expect(pages).toEqual([
    {columns: ['n'], rows: [[1], [2]]},
    {columns: ['n'], rows: [[3], [4]]},
    {columns: ['n'], rows: [[5]]},
  ]);
});
