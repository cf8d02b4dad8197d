/**
 * Whether BigQuery can be used as a target: credentials, API, clock, datasets and tables, quotas.
 * It does not deal with the bucket (doctor-bucket.ts).
 */
import type {BigqueryWarehouse, Credentials} from '../planner/pipeline.ts';
import {Asker} from './bigquery-asker.ts';
import {BigqueryClient} from './bigquery-client.ts';
import {requestError} from './bigquery-error.ts';
import {PACE} from './bigquery-pace.ts';
import type {JobResource} from './bigquery-rest.ts';
import type {Examined} from './doctor.ts';
import {examineDatasets} from './doctor-datasets.ts';
import {examineQuotas} from './doctor-quota.ts';
import {examineTables} from './doctor-tables.ts';
import {type Finding, finding} from './finding.ts';
import {googleAuth, isGoogles} from './google-auth.ts';

/** Who asks a doctor waits for the answer. */
const SHORTLY = {...PACE, attempts: 2};
const RETRY = {maxRetryDelay: 1, maxRetries: 1};

export async function* examineBigquery(
  examined: Examined,
  warehouse: BigqueryWarehouse,
): AsyncGenerator<Finding> {
  const {project, location, endpoint, credentials} = warehouse;
  const {root, now} = examined;
  const client = new BigqueryClient({project, location, endpoint, credentials, root, retry: RETRY});
  const asker = new Asker(client, SHORTLY);
  const known = await finding('credentials', '', async () => {
    try {
      const auth = await googleAuth(credentials, {endpoint, root});
      await auth.getAccessToken();
    } catch (error) {
      throw requestError(error, asker.place);
    }
    if (isGoogles(endpoint)) return {verdict: 'ok', says: `${nameOf(credentials)}: a token was given`};
    return {verdict: 'ok', says: "a token for tests, because the target's 'endpoint' is not Google's"};
  });
  yield known;
  yield await examineClock(client.endpoint, now);
  // All that follows would only fail by the same.
  if (known.verdict === 'fail') return;
  const usable = await finding('api', project, async () => {
    await asker.ask<JobResource>({method: 'POST', path: '/jobs', body: nothing(project, location)});
    return {verdict: 'ok', says: `a query may be run in ${location}`};
  });
  yield usable;
  if (usable.verdict === 'fail') return;
  yield* examineDatasets(examined, {warehouse, asker});
  yield* examineTables(examined, {warehouse, asker});
  yield await examineQuotas(asker, now);
}

/** A query that is looked at and not run. */
function nothing(projectId: string, location: string): object {
  return {
    jobReference: {projectId, location},
    configuration: {dryRun: true, query: {query: 'SELECT 1', useLegacySql: false}},
  };
}

function nameOf(credentials: Credentials): string {
  const own =
    credentials.kind === 'default'
      ? 'application default credentials'
      : `the key file '${credentials.keyFile}'`;
  return credentials.impersonate === undefined ? own : `${own}, acting as ${credentials.impersonate}`;
}

/** Seconds: Google refuses signatures of another hour; due times should not be off by minutes either. */
const WRONG = 300;
const INEXACT = 30;

async function examineClock(endpoint: string, now: () => number): Promise<Finding> {
  return await finding('clock', '', async () => {
    const response = await fetch(endpoint, {method: 'HEAD', signal: AbortSignal.timeout(10_000)}).catch(
      () => undefined,
    );
    const theirs = Date.parse(response?.headers.get('date') ?? '');
    if (Number.isNaN(theirs)) {
      return {
        verdict: 'warn',
        says: `could not be compared: ${endpoint} gave no time`,
        mend: "See whether the network is there and the target's 'endpoint' is right.",
      };
    }
    const seconds = Math.round((now() - theirs) / 1000);
    const size = Math.abs(seconds);
    if (size <= INEXACT) return {verdict: 'ok', says: "agrees with the server's"};
    return {
      verdict: size > WRONG ? 'fail' : 'warn',
      says: `is ${size} s ${seconds < 0 ? 'behind' : 'ahead of'} the server's`,
      mend: 'Set it by NTP: tokens are refused by a wrong clock, and due times are off by as much.',
    };
  });
}
