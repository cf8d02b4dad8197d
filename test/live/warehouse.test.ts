/**
 * The warehouse's table of cases on a BigQuery of Google's own, for who has a project:
 * `GAMEPLAN_LIVE_PROJECT=ID GAMEPLAN_LIVE_LOCATION=us-west2 GAMEPLAN_LIVE_BUCKET=NAME npm run test:live`, with application
 * default credentials. All datasets begin with a name of their own, and are removed at the end.
 */
import {randomBytes} from 'node:crypto';
import {basename} from 'node:path';
import {afterAll, describe, vi} from 'vitest';
import {BigqueryClient} from '../../runner/bigquery-client.ts';
import {connectTargets} from '../kit/google.ts';
import {bigqueryIn, type TestEngine} from '../kit/warehouses.ts';
import {warehouseCases} from '../runner/warehouse-cases.ts';

const read = (name: string): string => process.env[`GAMEPLAN_LIVE_${name}`] ?? '';
const [project, location, bucket] = [read('PROJECT'), read('LOCATION'), read('BUCKET')];
/** Of servers other than Google's. */
const endpoints = {bigquery: read('BIGQUERY_ENDPOINT'), storage: read('ENDPOINT')};
const isMeant = project !== '' && location !== '' && bucket !== '';

describe.skipIf(!isMeant)('the project that GAMEPLAN_LIVE_PROJECT, _LOCATION and _BUCKET name', () => {
  // A job takes seconds there, and a case dozens of them.
  vi.setConfig({testTimeout: 900_000, hookTimeout: 900_000});
  const own = `gameplan_test_${randomBytes(4).toString('hex')}_`;
  const prefixOf = (folder: string): string => `${own}${basename(folder).replaceAll(/\W/g, '_')}_`;
  const engine: TestEngine = {
    ...bigqueryIn(project, prefixOf),
    name: project,
    failAt: undefined,
    open: folder =>
      connectTargets({
        live: {
          warehouse: {
            engine: 'bigquery',
            project,
            location,
            dataset_prefix: prefixOf(folder),
            max_bytes_billed: '1 GiB',
            endpoint: endpoints.bigquery,
          },
          store: {kind: 'gcs', bucket, prefix: `gameplan-test/${own}/`, endpoint: endpoints.storage},
        },
      }),
  };

  afterAll(async () => {
    const client = new BigqueryClient({
      root: process.cwd(),
      project,
      location,
      endpoint: endpoints.bigquery === '' ? undefined : endpoints.bigquery,
      credentials: {kind: 'default', impersonate: undefined},
    });
    for (const id of await ownDatasets(client)) {
      await client.request({method: 'DELETE', path: `/datasets/${id}`, query: {deleteContents: true}});
    }
  });

  async function ownDatasets(client: BigqueryClient): Promise<readonly string[]> {
    const found: string[] = [];
    let pageToken: string | undefined;
    do {
      const page = await client.request<{
        readonly datasets?: readonly {readonly datasetReference: {readonly datasetId: string}}[];
        readonly nextPageToken?: string;
      }>({path: '/datasets', query: {maxResults: 1000, pageToken}});
      found.push(...(page.datasets ?? []).map(({datasetReference}) => datasetReference.datasetId));
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    return found.filter(id => id.startsWith(own));
  }

  warehouseCases(engine);
});
