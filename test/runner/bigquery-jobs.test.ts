import {setTimeout as pause} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {BigqueryClient} from '../../runner/bigquery-client.ts';
import type {JobRequest} from '../../runner/bigquery-job.ts';
import {type JobCost, Jobs, type JobsOptions} from '../../runner/bigquery-jobs.ts';
import {Limits} from '../../runner/bigquery-limits.ts';
import type {Pace} from '../../runner/bigquery-pace.ts';
import {WarehouseError} from '../../runner/warehouse.ts';
import {type Ending, JobServer} from '../kit/job-server.ts';

const HURRY: Pace = {
  firstPoll: 2,
  longestPoll: 10,
  firstBackoff: 2,
  longestBackoff: 10,
  attempts: 3,
  cancelling: 2000,
};

let server: JobServer;
let costs: JobCost[];

beforeEach(async () => {
  server = await JobServer.start();
  costs = [];
});
afterEach(async () => {
  await server.stop();
});

function jobs(about: Partial<JobsOptions> = {}): Jobs {
  const client = new BigqueryClient({
    project: 'p',
    location: 'us-west2',
    endpoint: server.endpoint,
    credentials: {kind: 'default', impersonate: undefined},
    root: '/',
    retry: {maxRetryDelay: 0.002, maxRetries: 1},
  });
  return new Jobs(client, {
    pipeline: 'nba',
    limits: new Limits({
      concurrency: 10,
      now: Date.now,
      sleep: (ms, signal) => pause(ms, undefined, {signal}),
    }),
    pace: HURRY,
    onCost: cost => void costs.push(cost),
    ...about,
  });
}

function request(about: Partial<JobRequest> = {}): JobRequest {
  return {
    stem: 'gp--raw-2egames--all--stage--i1',
    work: {query: {query: 'SELECT 1 AS one', useLegacySql: false}},
    asset: 'raw.games',
    run: 'R1',
    step: 'stage',
    signal: new AbortController().signal,
    ...about,
  };
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

describe('a job', () => {
  test('is sent under our id with its location, labels and bound, and is waited for', async () => {
    server.endings.push({looks: 5, bytesBilled: 10_485_760});
    const result = await jobs().run(request({maximumBytesBilled: 1_000_000_000, timeoutMs: 60_000}));
    expect(result.id).toBe('gp--raw-2egames--all--stage--i1_1');
    expect(result.statistics).toMatchObject({bytesBilled: 10_485_760, slotMs: 7});
    expect(server.bodies).toEqual([
      {
        jobReference: {projectId: 'p', location: 'us-west2', jobId: 'gp--raw-2egames--all--stage--i1_1'},
        configuration: {
          query: {query: 'SELECT 1 AS one', useLegacySql: false, maximumBytesBilled: '1000000000'},
          labels: {
            pipeline: 'nba',
            asset: 'raw--games',
            run: expect.stringMatching(/^r1-[0-9a-f]{8}$/),
            step: 'stage',
          },
          jobTimeoutMs: '60000',
        },
      },
    ]);
    expect(costs).toEqual([
      {
        asset: 'raw.games',
        run: 'R1',
        step: 'stage',
        job: 'gp--raw-2egames--all--stage--i1_1',
        bytesBilled: 10_485_760,
        slotMs: 7,
      },
    ]);
  });

  test('that answered 200 may have failed all the same', async () => {
    // https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobStatus: "errorResult: Final error result of the
    // job. If present, indicates that the job has completed and was unsuccessful."
    server.endings.push({error: {reason: 'invalidQuery', message: 'Unrecognized name: tow at [1:8]'}});
    const error = await refused(jobs().run(request()));
    expect(error.kind).toBe('statement');
    expect(error.message).toBe('Unrecognized name: tow at [1:8]. (Job gp--raw-2egames--all--stage--i1_1.)');
    expect(server.ids()).toHaveLength(1);
  });
});

describe('a lost answer', () => {
  // https://cloud.google.com/bigquery/docs/running-jobs#generate-jobid: "generate a unique job ID ... If your request
  // fails with a network error ... retry with the same job ID."
  const lost = [
    {name: 'a reset after the job began', when: 'after', answer: 'reset'},
    {name: 'a 503 after the job began', when: 'after', answer: {status: 503}},
    {name: 'a 500 before it began', when: 'before', answer: {status: 500, reason: 'internalError'}},
    {name: 'a 429', when: 'before', answer: {status: 429, reason: 'rateLimitExceeded'}},
    {name: 'a 403 rateLimitExceeded', when: 'before', answer: {status: 403, reason: 'rateLimitExceeded'}},
    {
      name: 'a 400 jobRateLimitExceeded',
      when: 'before',
      answer: {status: 400, reason: 'jobRateLimitExceeded'},
    },
  ] as const;
  for (const {name, when, answer} of lost) {
    test(`${name}: sent again under the same id, and run once`, async () => {
      server.faults.push({on: 'insert', when, answer});
      const result = await jobs().run(request());
      expect(result.id).toBe('gp--raw-2egames--all--stage--i1_1');
      expect(server.ids()).toEqual(['gp--raw-2egames--all--stage--i1_1']);
      expect(server.requests.filter(each => each === 'POST /jobs')).toHaveLength(2);
    });
  }

  test('many of them end in an error that says what to do', async () => {
    for (let n = 0; n < 50; n++) server.faults.push({on: 'insert', when: 'before', answer: 'reset'});
    const error = await refused(jobs().run(request()));
    expect(error.kind).toBe('unreadable');
    expect(error.message).toMatch(
      /^.+ BigQuery could not be reached at http:.* See whether the network is there/,
    );
  });

  test('of a look at a running job only costs another look', async () => {
    server.endings.push({looks: 6});
    for (const answer of ['reset', {status: 503}, {status: 500}] as const) {
      server.faults.push({on: 'get', when: 'after', answer});
    }
    await jobs().run(request());
    expect(server.ids()).toHaveLength(1);
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
      server.endings.push({error: {reason, message}, bytesBilled: 5}, {bytesBilled: 7});
      const result = await jobs().run(request());
      expect(result.id).toBe('gp--raw-2egames--all--stage--i1_2');
      expect(costs.map(({job, bytesBilled}) => [job.slice(-2), bytesBilled])).toEqual([
        ['_1', 5],
        ['_2', 7],
      ]);
    });
  }

  // The same page: these "will not succeed" by being repeated.
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
      server.endings.push({error: {reason, message}});
      const error = await refused(jobs().run(request()));
      expect(error.kind).toBe(kind);
      expect(server.ids()).toHaveLength(1);
    });
  }

  test('every time is given up after a bounded number', async () => {
    const ending: Ending = {error: {reason: 'backendError', message: 'Error encountered during execution.'}};
    server.endings.push(ending, ending, ending, ending);
    const error = await refused(jobs().run(request()));
    expect(error.message).toMatch(/BigQuery failed again and again by itself.*_3\.\)$/);
    expect(server.ids()).toHaveLength(HURRY.attempts);
  });
});

describe('an id that is taken', () => {
  test('by what we sent before is taken over, whatever it came to', async () => {
    await jobs().run(request());
    await jobs().run(request());
    expect(server.ids()).toEqual(['gp--raw-2egames--all--stage--i1_1']);
  });

  test('by another job refuses', async () => {
    await jobs().run(request({step: 'publish'}));
    const error = await refused(jobs().run(request()));
    expect(error.kind).toBe('fenced');
    expect(error.message).toContain('that id is another job already');
  });
});

describe('a job is stopped', () => {
  test('by its signal: it is cancelled, and has ended when the caller hears of it', async () => {
    server.endings.push({looks: 'never'});
    const controller = new AbortController();
    const running = refused(jobs().run(request({signal: controller.signal})));
    await expect.poll(() => server.ids()).toHaveLength(1);
    controller.abort();
    expect((await running).kind).toBe('cancelled');
    expect(server.jobs.get('gp--raw-2egames--all--stage--i1_1')?.isCancelled).toBe(true);
  });

  test('by its timeout, which its error names', async () => {
    server.endings.push({looks: 'never'});
    const error = await refused(jobs().run(request({timeoutMs: 30})));
    expect(error.kind).toBe('query');
    expect(error.message).toMatch(/^The job took longer than 0\.03 s and was stopped\. Raise 'timeout'/);
    expect(server.requests).toContain('POST /jobs/gp--raw-2egames--all--stage--i1_1/cancel');
  });

  test('with all others by an interrupt', async () => {
    server.endings.push({looks: 'never'}, {looks: 'never'});
    const all = jobs();
    const running = [
      refused(all.run(request())),
      refused(all.run(request({stem: 'gp--other', asset: 'other'}))),
    ];
    await expect.poll(() => server.ids()).toHaveLength(2);
    await all.cancelAll();
    expect((await Promise.all(running)).map(error => error.kind)).toEqual(['cancelled', 'cancelled']);
    expect([...server.jobs.values()].every(job => job.isCancelled)).toBe(true);
  });

  test('too late: what it did is told', async () => {
    // https://cloud.google.com/bigquery/docs/managing-jobs#cancel_jobs: a job may succeed although it was cancelled.
    server.endings.push({looks: 'never'});
    const controller = new AbortController();
    const running = jobs().run(request({signal: controller.signal}));
    await expect.poll(() => server.ids()).toHaveLength(1);
    const held = server.jobs.get('gp--raw-2egames--all--stage--i1_1');
    if (held !== undefined) held.ending = {looks: 0};
    controller.abort();
    expect((await running).id).toBe('gp--raw-2egames--all--stage--i1_1');
  });

  test('before it is sent: nothing is sent', async () => {
    const error = await refused(jobs().run(request({signal: AbortSignal.abort()})));
    expect(error.kind).toBe('cancelled');
    expect(server.requests).toEqual([]);
  });
});

describe('the budget of a run', () => {
  test('refuses a job that would pass it before the job is sent', async () => {
    server.dryRunBytes = 600;
    server.endings.push({bytesBilled: 600});
    const bounded = jobs({maximumBytesBilledPerRun: 1000});
    await bounded.run(request());
    const error = await refused(bounded.run(request({stem: 'gp--second'})));
    expect(error.kind).toBe('budget');
    expect(error.message).toBe(
      "The run may be billed 1000 B ('max_bytes_billed_per_run' of the target), has used or set aside 600 B, and the next job would read up to 600 B: it was not sent. Raise the bound, or run fewer partitions at once.",
    );
    expect(server.ids()).toHaveLength(1);
    await bounded.run(request({stem: 'gp--third', run: 'R2'}));
  });

  test('counts what was billed, and not what a job might have read', async () => {
    server.endings.push({bytesBilled: 10}, {bytesBilled: 10});
    const bounded = jobs({maximumBytesBilledPerRun: 1000});
    await bounded.run(request({estimate: 900}));
    await bounded.run(request({stem: 'gp--second', estimate: 900}));
    expect(server.bodies.some(body => JSON.stringify(body).includes('dryRun'))).toBe(false);
  });

  test('sets aside what jobs at work may read', async () => {
    server.endings.push({looks: 20});
    const bounded = jobs({maximumBytesBilledPerRun: 1000});
    const first = bounded.run(request({estimate: 900}));
    const error = await refused(bounded.run(request({stem: 'gp--second', estimate: 900})));
    expect(error.kind).toBe('budget');
    await first;
  });
});

describe('after a crash', () => {
  const STEM = 'gp--raw-2egames--all--publish--i7';
  const publish = request({stem: STEM, step: 'publish'});

  test('a job that ended well is done', async () => {
    await jobs().run(publish);
    expect(await jobs().settle(STEM)).toBe('done');
  });

  test('a job that still runs is waited for', async () => {
    server.endings.push({looks: 8});
    const abandoned = jobs().run(publish);
    await expect.poll(() => server.ids()).toHaveLength(1);
    expect(await jobs().settle(STEM)).toBe('done');
    await abandoned;
  });

  test('a job that does not end is stopped', async () => {
    server.endings.push({looks: 'never'});
    const abandoned = refused(jobs().run(publish));
    await expect.poll(() => server.ids()).toHaveLength(1);
    expect(await jobs().settle(STEM, 20)).toBe('failed');
    await abandoned;
  });

  test('a job that was never sent cannot be sent any more', async () => {
    expect(await jobs().settle(STEM)).toBe('fenced');
    const error = await refused(jobs().run(publish));
    expect(error.kind).toBe('fenced');
    expect(error.message).toContain('another process has settled it as not done');
    expect(await jobs().settle(STEM)).toBe('fenced');
  });

  test('a job that would have been run again is not', async () => {
    server.endings.push({error: {reason: 'backendError', message: 'x'}});
    const late = jobs({pace: {...HURRY, firstBackoff: 300, longestBackoff: 300}});
    const running = refused(late.run(publish));
    await expect.poll(() => costs).toHaveLength(1);
    expect(await jobs().settle(STEM)).toBe('failed');
    expect((await running).kind).toBe('fenced');
  });

  test('a job that failed for good has failed, and its second attempt may have succeeded', async () => {
    server.endings.push({error: {reason: 'invalidQuery', message: 'x'}});
    await refused(jobs().run(publish));
    expect(await jobs().settle(STEM)).toBe('failed');
    server.endings.push({error: {reason: 'backendError', message: 'x'}});
    const other = request({stem: 'gp--other', step: 'publish'});
    await jobs().run(other);
    expect(await jobs().settle('gp--other')).toBe('done');
  });

  test('a lost answer to the taking of an id is no other process', async () => {
    server.faults.push({on: 'insert', when: 'after', answer: 'reset'});
    expect(await jobs().settle(STEM)).toBe('fenced');
  });
});

test('rows come in pages as plain values', async () => {
  const fields = [
    {name: 'id', type: 'INTEGER'},
    {name: 'big', type: 'INTEGER'},
    {name: 'x', type: 'FLOAT'},
    {name: 'n', type: 'NUMERIC'},
    {name: 'ok', type: 'BOOLEAN'},
    {name: 'd', type: 'DATE'},
    {name: 't', type: 'TIMESTAMP'},
    {name: 'tags', type: 'STRING', mode: 'REPEATED'},
    {
      name: 'point',
      type: 'RECORD',
      fields: [
        {name: 'x', type: 'INTEGER'},
        {name: 'label', type: 'STRING'},
      ],
    },
  ];
  const cells = (...values: unknown[]): unknown => ({f: values.map(v => ({v}))});
  const point = {f: [{v: '3'}, {v: null}]};
  server.pages = {
    '': {
      jobComplete: true,
      schema: {fields},
      pageToken: 'next',
      rows: [
        cells(
          '7',
          '9007199254740993',
          '0.5',
          '1.25',
          'true',
          '2024-01-15',
          '1705347000250000',
          [{v: 'a'}, {v: 'b'}],
          point,
        ),
      ],
    },
    next: {
      jobComplete: true,
      schema: {fields},
      rows: [cells(null, '-1', 'NaN', '123456789012345678.9', 'false', null, '-1', [], null)],
    },
  };
  const all = jobs();
  const {id} = await all.run(request());
  const pages = [];
  for await (const page of all.rows(id, {pageSize: 1})) pages.push(page);
  expect(pages.map(page => page.rows)).toEqual([
    [
      [
        7,
        9007199254740993n,
        0.5,
        1.25,
        true,
        '2024-01-15',
        '2024-01-15T19:30:00.25Z',
        '["a","b"]',
        '{"x":3,"label":null}',
      ],
    ],
    [[null, -1, Number.NaN, '123456789012345678.9', false, null, '1969-12-31T23:59:59.999999Z', '[]', null]],
  ]);
  expect(pages[0]?.columns).toEqual(fields.map(field => field.name));
});
