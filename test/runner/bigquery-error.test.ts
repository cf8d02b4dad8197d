import {describe, expect, test} from 'vitest';
import {type Asked, jobError, requestError} from '../../runner/bigquery-error.ts';
import type {WarehouseError} from '../../runner/warehouse.ts';

const ASKED: Asked = {
  project: 'my-project',
  location: 'us-west2',
  endpoint: 'https://bigquery.googleapis.com',
};

/** As the client throws what the API answers. */
function answered(status: number, reason: string, message: string): Error {
  return Object.assign(new Error(message), {code: status, errors: [{reason, message, domain: 'global'}]});
}

describe('what a request or a job is refused with says its mend', () => {
  // Words of https://cloud.google.com/bigquery/docs/error-messages and of the issues that its users file.
  const refused: readonly [
    status: number,
    reason: string,
    message: string,
    kind: WarehouseError['kind'],
    mend: string,
  ][] = [
    [
      401,
      'authError',
      'Request had invalid authentication credentials.',
      'credentials',
      "The credentials are not accepted: they were revoked or have expired. Run 'gcloud auth application-default login', or give the target a new key under 'credentials:'.",
    ],
    [
      403,
      'accessDenied',
      'Access Denied: Project my-project: User does not have bigquery.jobs.create permission in project my-project.',
      'credentials',
      'Grant the account bigquery.jobs.create, such as by roles/bigquery.jobUser. See also that the project is spelled right.',
    ],
    [
      403,
      'accessDenied',
      'Access Denied: Dataset my-project:nba_raw: Permission bigquery.tables.create denied on dataset my-project:nba_raw (or it may not exist).',
      'denied',
      'Grant the account bigquery.tables.create, such as by roles/bigquery.dataEditor.',
    ],
    [
      403,
      'accessDenied',
      'Access Denied: Project my-project: User does not have bigquery.datasets.create permission in project my-project.',
      'denied',
      'Grant the account bigquery.datasets.create, such as by roles/bigquery.user.',
    ],
    [
      403,
      'accessNotConfigured',
      'BigQuery API has not been used in project 12345 before or it is disabled.',
      'credentials',
      'Enable it: gcloud services enable bigquery.googleapis.com --project my-project',
    ],
    [
      403,
      'billingNotEnabled',
      'Billing has not been enabled for this project. DML queries are not allowed in the free tier.',
      'credentials',
      "Enable billing for the project 'my-project': changes of data need it.",
    ],
    [
      404,
      'notFound',
      'Not found: Project my-projcet',
      'absent',
      "See that 'project: my-project' of the target is spelled right and the account may use it.",
    ],
    [
      404,
      'notFound',
      'Not found: Dataset my-project:nba_raw was not found in location US',
      'absent',
      "See that the dataset exists and lies in 'us-west2', which the target says. 'gameplan doctor' shows where it is.",
    ],
    [
      404,
      'notFound',
      'Not found: Table my-project:nba_raw.games was not found in location us-west2',
      'absent',
      "See that it exists and that the target's 'location: us-west2' is where its dataset lies.",
    ],
    [
      400,
      'invalid',
      'Cannot read and write in different locations: source: asia-south1, destination: us-west2',
      'absent',
      "The target says 'location: us-west2': datasets, bucket and jobs must share one. 'gameplan doctor' shows where they are.",
    ],
    [
      403,
      'quotaExceeded',
      'Quota exceeded: Your table exceeded quota for imports or query appends per table.',
      'quota',
      'It refills within 24 hours: run again then, or gather more partitions in one job (a longer batch of the asset).',
    ],
    [
      403,
      'rateLimitExceeded',
      'Exceeded rate limits: too many table update operations for this table.',
      'quota',
      'Too much was asked at once, again and again. Run again with a smaller --concurrency.',
    ],
    [
      400,
      'bytesBilledLimitExceeded',
      'Query exceeded limit for bytes billed: 1000000. 20971520 or higher required.',
      'budget',
      "Raise 'max_bytes_billed' of the target or of the asset ('bigquery:'), or let the query read fewer partitions.",
    ],
    [
      400,
      'invalid',
      'my-project:nba_raw.games is not allowed for this operation because it is currently a VIEW.',
      'shape',
      'A view stands in the place of a table: drop or rename it, or declare the asset as external.',
    ],
    [
      400,
      'invalid',
      'Incompatible table partitioning specification. Expected partitioning specification interval(type:month,field:d), but input partitioning specification is interval(type:day,field:d)',
      'shape',
      "The table is partitioned in another way than the asset: drop or rename it, or declare its 'bigquery: grain' as it is.",
    ],
    [
      400,
      'invalid',
      'Provided Schema does not match Table my-project:nba_raw.games. Field points has changed type from INTEGER to STRING',
      'shape',
      'The table has other columns than the asset declares: drop or rename it, or mend the declaration.',
    ],
    [
      400,
      'invalidQuery',
      'UPDATE or DELETE statement over table nba_raw.games would affect rows in the streaming buffer, which is not supported',
      'locked',
      'Rows that were streamed in can be changed only after up to 90 minutes: stop the stream and wait.',
    ],
    [
      400,
      'invalidQuery',
      "Cannot query over table 'my-project.nba_raw.games' without a filter over column(s) 'game_date' that can be used for partition elimination",
      'statement',
      "The table asks for 'require_partition_filter': compare that column with dates in the query.",
    ],
    [
      503,
      'backendError',
      'Error encountered during execution.',
      'unreadable',
      'BigQuery failed again and again by itself. Wait a while and run again.',
    ],
  ];
  for (const [status, reason, message, kind, mend] of refused) {
    test(`${reason}: ${message.slice(0, 60)}`, () => {
      const sentence = /[.]$/.test(message) ? message : `${message}.`;
      for (const error of [
        requestError(answered(status, reason, message), ASKED),
        ...(status === 401 ? [] : [jobError({reason, message}, ASKED)]),
      ]) {
        expect(error.message).toBe(`${sentence} ${mend}`);
        expect(error.kind).toBe(kind);
      }
    });
  }

  test('no answer names the endpoint', () => {
    const error = requestError(
      Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), {code: 'ECONNREFUSED'}),
      {...ASKED, endpoint: 'http://127.0.0.1:9'},
    );
    expect(error.kind).toBe('unreadable');
    expect(error.message).toBe(
      "connect ECONNREFUSED 127.0.0.1:9. BigQuery could not be reached at http://127.0.0.1:9 (ECONNREFUSED). See whether the network is there and the target's 'endpoint' is right, and run again.",
    );
  });

  test('a page of a proxy is told by its first line', () => {
    const error = requestError(
      Object.assign(new Error('Bad Gateway\n<html>many lines</html>'), {code: 502, errors: []}),
      ASKED,
    );
    expect(error.message).toMatch(/^Bad Gateway\. BigQuery failed again/);
  });
});

describe('a wrong query', () => {
  const text = 'SELECT game_id,\n\tpoints + nope AS total\nFROM games';
  const before = 'CREATE TEMP FUNCTION f() AS (1); -- é日😀\nWITH games AS (SELECT 1)\n';

  /** `place` as BigQuery counts it: characters, and a tab goes on to the next eighth column. */
  function failed(place: string, message = 'Unrecognized name: nope'): WarehouseError {
    return jobError(
      {reason: 'invalidQuery', message: `${message} at [${place}]`},
      {
        ...ASKED,
        job: 'gp--x_1',
        statement: `${before}${text}\n)`,
        embedded: {path: 'assets/a.sql', text, start: Buffer.byteLength(before)},
      },
    );
  }

  test("is told with its place in the asset's own file", () => {
    // The places that Google's own analyzer gives this statement.
    const error = failed('4:18');
    expect(error.message).toBe('assets/a.sql:2:11: Unrecognized name: nope.');
    expect(error.kind).toBe('statement');
    expect(text.slice(error.offset)).toMatch(/^nope AS/);
    expect(failed('3:8').message).toBe('assets/a.sql:1:8: Unrecognized name: nope.');
  });

  test('with a place in what was put around it keeps that place', () => {
    const error = failed('1:3');
    expect(error.offset).toBeUndefined();
    expect(error.message).toBe('assets/a.sql: Unrecognized name: nope at [1:3].');
  });

  test('at a place that the statement does not have loses nothing', () => {
    expect(failed('99:1').message).toBe('assets/a.sql: Unrecognized name: nope at [99:1].');
  });

  test('differs from one that only these rows make fail', () => {
    expect(failed('4:18', 'Query error: division by zero: 1 / 0').kind).toBe('query');
    expect(jobError({reason: 'invalidQuery', message: 'Bad int64 value: x'}, ASKED).kind).toBe('query');
    expect(
      jobError({reason: 'invalidQuery', message: 'Scalar subquery produced more than one element'}, ASKED)
        .kind,
    ).toBe('query');
  });

  test('that nothing is said of still says something', () => {
    expect(jobError({}, ASKED).message).toBe('BigQuery refused without a word.');
  });
});
