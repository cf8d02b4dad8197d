/** What `doctor` says of a target: on one machine, and of BigQuery and Cloud Storage over real HTTP. */

import {chmodSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {type Google, startGoogle} from '../kit/google.ts';
import {ToyProject} from './command-line.ts';
import {expectGolden} from './golden.ts';

let project: ToyProject;

beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

/** What differs from machine to machine. */
function plain(text: string): string {
  return (
    text
      .replaceAll(project.root, 'ROOT')
      .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
      .replaceAll(/[\d.]+ GiB are free/g, '9 GiB are free')
      // The server tells whole seconds.
      .replaceAll(/is 9\d s ahead/g, 'is 90 s ahead')
  );
}

/** In lines as long as they are: where one breaks hangs on how long the name of the temporary folder is. */
function unbroken(text: string): string {
  return plain(text).replaceAll(/\n {6}(?=\S)/g, ' ');
}

describe('on one machine', () => {
  test('a target that nobody has used yet is ready', async () => {
    const {code, out} = await project.run('doctor');
    expectGolden('print/doctor-local-new.txt', plain(out));
    expect(code).toBe(0);
    expect(project.files().filter(name => /\.gameplan./.test(name))).toEqual([]);
  });

  test('one that was used is ready, and looking changes nothing', async () => {
    await project.run('materialize');
    const files = project.files();
    const {code, out} = await project.run('doctor');
    expectGolden('print/doctor-local.txt', plain(out));
    expect(code).toBe(0);
    expect(project.files()).toEqual(files);
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
  });

  test('broken files are told each with its mend', async () => {
    mkdirSync(path.join(project.root, '.gameplan'));
    for (const name of ['warehouse.duckdb', 'ledger.sqlite']) {
      writeFileSync(path.join(project.root, '.gameplan', name), 'nothing that anybody reads'.repeat(1000));
    }
    const {code, out} = await project.run('doctor');
    expectGolden('print/doctor-local-broken.txt', unbroken(out));
    expect(code).toBe(1);
  });

  test('a store that is a file is told', async () => {
    mkdirSync(path.join(project.root, '.gameplan'));
    writeFileSync(path.join(project.root, '.gameplan/store'), 'x');
    const {code, out} = await project.run('doctor');
    expect(code).toBe(1);
    expect(unbroken(out)).toContain(
      "fail  store .gameplan/store: 'ROOT/.gameplan/store' cannot be written (ENOTDIR) Let this user write there",
    );
  });

  test.skipIf(process.getuid?.() === 0)('a folder that may not be written is told', async () => {
    chmodSync(project.root, 0o555);
    const {code, out} = await project.run('doctor');
    chmodSync(project.root, 0o755);
    expect(code).toBe(1);
    expect(plain(out)).toContain("'ROOT' cannot be written (EACCES)");
  });

  test('it looks also where a query is wrong', async () => {
    rmSync(path.join(project.root, 'assets/totals.sql'));
    expect((await project.run('doctor')).code).toBe(0);
  });

  test('a manifest that is wrong, and a target that is not there, are refused as everywhere', async () => {
    expect((await project.run('doctor', '--target', 'lcoal')).err).toContain("Did you mean 'local'?");
    project.declare('kind: folder', 'kind: folders');
    const {code, err} = await project.run('doctor');
    expect(code).toBe(1);
    expect(err).toContain('pipeline.yaml:');
  });
});

describe('of BigQuery and Cloud Storage', () => {
  let google: Google;
  const PROJECT = 'my-project';

  beforeEach(async () => {
    google = await startGoogle({
      project: PROJECT,
      buckets: {games: {location: 'US-WEST2'}, far: {location: 'ASIA-SOUTH1'}},
    });
    // The servers' clocks are real.
    project.clockMs = Date.now() - project.begun;
    declare({});
  });
  afterEach(() => google.close());

  function declare(about: {project?: string; bucket?: string; endpoint?: string; location?: string}): void {
    const {
      project: id = PROJECT,
      bucket = 'games',
      endpoint = google.bigquery.url,
      location = 'us-west2',
    } = about;
    project.declare(
      'assets:\n',
      `  prod:
    warehouse: {engine: bigquery, project: ${id}, location: ${location}, dataset_prefix: nba_, endpoint: '${endpoint}'}
    store: {kind: gcs, bucket: ${bucket}, prefix: nba/, endpoint: '${google.storage.url}'}
assets:
`,
    );
  }

  async function ask(method: string, rest: string, body?: object): Promise<void> {
    const response = await fetch(`${google.bigquery.url}/bigquery/v2/projects/${PROJECT}/${rest}`, {
      method,
      headers: {authorization: 'Bearer t'},
      ...(body === undefined ? {} : {body: JSON.stringify(body)}),
    });
    expect(response.ok, `${method} ${rest}: ${await response.text()}`).toBe(true);
  }

  async function dataset(datasetId: string, about: object = {}): Promise<void> {
    await ask('POST', 'datasets', {datasetReference: {datasetId}, location: 'us-west2', ...about});
  }

  async function table(datasetId: string, tableId: string, about: object = {}): Promise<void> {
    const fields = [
      {name: 'game_date', type: 'DATE'},
      {name: 'player', type: 'STRING'},
      {name: 'points', type: 'INTEGER'},
    ];
    await ask('POST', `datasets/${datasetId}/tables`, {
      tableReference: {projectId: PROJECT, datasetId, tableId},
      schema: {fields},
      timePartitioning: {type: 'DAY', field: 'game_date'},
      ...about,
    });
  }

  const doctor = async (...more: string[]) => {
    const {code, out} = await project.run('doctor', '--target', 'prod', ...more);
    return {code, out: plain(out)};
  };

  test('an empty project is ready, and nothing is left behind', async () => {
    const {code, out} = await doctor();
    expectGolden('print/doctor-new.txt', out);
    expect(code).toBe(0);
    const left = await fetch(`${google.bigquery.url}/bigquery/v2/projects/${PROJECT}/datasets`, {
      headers: {authorization: 'Bearer t'},
    });
    expect(await left.json()).toMatchObject({datasets: []});
    expect(google.storage.requests.filter(({operation}) => operation === 'objects.delete')).toHaveLength(1);
  });

  test('datasets and tables that are there are looked at', async () => {
    for (const id of ['nba_raw', 'nba_stats', 'nba_gameplan', 'nba_gameplan_staging']) await dataset(id);
    await table('nba_raw', 'points');
    const {code, out} = await doctor();
    expectGolden('print/doctor-used.txt', out);
    expect(code).toBe(0);
  });

  test('everything that is wrong is told at once, each with its mend', async () => {
    declare({bucket: 'far'});
    await dataset('nba_raw', {defaultPartitionExpirationMs: String(30 * 86_400_000)});
    await dataset('nba_stats', {location: 'EU'});
    await dataset('nba_gameplan', {defaultTableExpirationMs: String(86_400_000)});
    await dataset('nba_gameplan_staging', {defaultTableExpirationMs: String(86_400_000)});
    await table('nba_raw', 'points', {timePartitioning: {type: 'MONTH', field: 'game_date'}});
    google.bigquery.denials.deny('bigquery.tables.create', 'nba_gameplan_staging');
    project.clockMs += 90_000;
    const {code, out} = await doctor();
    expectGolden('print/doctor-wrong.txt', out);
    expect(code).toBe(1);
  });

  test('a view in the place of a table, rows that may not be read, partitions that vanish', async () => {
    for (const id of ['nba_raw', 'nba_stats', 'nba_gameplan', 'nba_gameplan_staging']) await dataset(id);
    await ask('POST', 'datasets/nba_stats/tables', {
      tableReference: {projectId: PROJECT, datasetId: 'nba_stats', tableId: 'totals'},
      view: {query: 'SELECT DATE "2024-01-15" AS game_date, 7 AS total', useLegacySql: false},
    });
    await table('nba_raw', 'points', {
      timePartitioning: {type: 'DAY', field: 'game_date', expirationMs: String(7 * 86_400_000)},
    });
    const first = await doctor();
    expect(first.code).toBe(1);
    expect(first.out).toContain(
      'fail  table raw.points: partitions older than 7 days are deleted, and the pipeline goes back to\n      2024-01-15: a backfill would vanish as it is written\n',
    );
    expect(first.out).toMatch(/fail {2}table stats\.totals: .*is a view and no table/);
    await ask('PATCH', 'datasets/nba_raw/tables/points', {
      timePartitioning: {type: 'DAY', field: 'game_date'},
    });
    google.bigquery.denials.deny('bigquery.tables.getData', 'nba_raw.points');
    expect((await doctor()).out).toContain(
      "fail  table raw.points: lacks bigquery.tables.getData on 'nba_raw.points'\n      Grant the account roles/bigquery.dataEditor on the dataset.\n",
    );
  });

  test('datasets that may not be made', async () => {
    google.bigquery.denials.deny('bigquery.datasets.create');
    const {code, out} = await doctor();
    expect(code).toBe(1);
    expect(out).toMatch(
      /fail {2}dataset nba_\*: Access Denied: Project my-project: Permission bigquery\.datasets\.create/,
    );
  });

  test('revoked credentials: nothing that depends on them is tried', async () => {
    google.bigquery.revoke();
    google.storage.revoke();
    const {code, out} = await doctor();
    expectGolden('print/doctor-revoked.txt', out);
    expect(code).toBe(1);
  });

  test('another project', async () => {
    declare({project: 'my-projcet'});
    const {code, out} = await doctor();
    expect(code).toBe(1);
    expect(out).toMatch(/fail {2}api my-projcet: .*\n?.*/);
  });

  test('no network: it is told in seconds, with the endpoint', async () => {
    const gone = createServer();
    await new Promise<void>(resolve => gone.listen(0, '127.0.0.1', resolve));
    // A server that listens on a port has an address with one.
    const {port} = gone.address() as AddressInfo;
    await new Promise(resolve => gone.close(resolve));
    declare({endpoint: `http://127.0.0.1:${port}`});
    const {code, out} = await doctor();
    expectGolden('print/doctor-no-network.txt', out);
    expect(code).toBe(1);
  });

  test('a bucket that is not there, and one that may not be written', async () => {
    declare({bucket: 'nowhere'});
    expect((await doctor()).out).toMatch(
      /fail {2}bucket gs:\/\/nowhere\/nba\/: .*\n {6}Make it: gcloud storage buckets create gs:\/\/nowhere --project my-project/,
    );
    declare({});
    google.storage.fail({
      on: 'objects.insert',
      times: 9,
      trouble: {kind: 'status', status: 403, when: 'before'},
    });
    expect((await doctor()).out).toMatch(
      /fail {2}bucket gs:\/\/games\/nba\/: .*\n {6}Grant the account roles\/storage\.objectAdmin and/,
    );
  });

  test('JSON has every finding', async () => {
    const {code, out} = await doctor('--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      pipeline: 'toy',
      target: 'prod',
      warn: 0,
      fail: 0,
      checks: expect.arrayContaining([
        {check: 'api', of: 'my-project', verdict: 'ok', says: 'a query may be run in us-west2'},
      ]),
    });
  });
});
