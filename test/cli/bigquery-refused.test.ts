/**
 * What a run on BigQuery says where the target is wrong, or something of it is taken or not allowed: place, cause, mend.
 * Whole outputs, over real HTTP. `doctor` has tests of its own.
 */
import {afterAll, afterEach, beforeAll, beforeEach, expect, test} from 'vitest';
import {type Google, startGoogle} from '../kit/google.ts';
import {ToyProject} from './command-line.ts';
import {expectGolden} from './golden.ts';

const PROJECT = 'my-project';
let google: Google;
let project: ToyProject;
let prefixes = 0;
let prefix: string;

beforeAll(async () => {
  google = await startGoogle({project: PROJECT, buckets: {rows: {location: 'US-WEST2'}}});
});
afterAll(() => google.close());
beforeEach(() => {
  project = new ToyProject();
  // As long as what stands for it, so that lines break alike.
  prefix = `nb${String.fromCharCode(97 + prefixes++)}_`;
  declare();
});
afterEach(() => {
  google.bigquery.heal();
  google.bigquery.restore();
  project.remove();
});

function declare(about: {readonly project?: string; readonly location?: string} = {}): void {
  const {project: id = PROJECT, location = 'us-west2'} = about;
  project.declareGoogle(google, {project: id, location, prefix});
}

/** Runs the pipeline and holds what it prints against the golden; gives its exit code. */
async function refused(golden: string): Promise<number> {
  const {code, out, err} = await project.run('materialize');
  const plain = `${out}${err === '' ? '' : `--- on standard error\n${err}`}`
    .replaceAll(project.root, 'ROOT')
    .replaceAll(prefix, 'nba_')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/\bin [\d.]+ m?s\./g, 'in 1 s.')
    .replaceAll(/Run \S+-[0-9a-f]{6}/g, 'Run ID')
    .replaceAll(/gp--[\w-]+/g, 'JOB');
  expectGolden(`print/bigquery-${golden}.txt`, plain);
  return code;
}

async function ask(method: string, rest: string, body: object): Promise<void> {
  const response = await fetch(`${google.bigquery.url}/bigquery/v2/projects/${PROJECT}/${rest}`, {
    method,
    headers: {authorization: 'Bearer t'},
    body: JSON.stringify(body),
  });
  expect(response.ok, `${method} ${rest}: ${await response.text()}`).toBe(true);
}

async function makeDataset(schema: string, location = 'us-west2'): Promise<void> {
  await ask('POST', 'datasets', {datasetReference: {datasetId: `${prefix}${schema}`}, location});
}

async function makeTable(schema: string, tableId: string, about: object): Promise<void> {
  const datasetId = `${prefix}${schema}`;
  const tableReference = {projectId: PROJECT, datasetId, tableId};
  await ask('POST', `datasets/${datasetId}/tables`, {tableReference, ...about});
}

test('a project that is not there', async () => {
  declare({project: 'my-projcet'});
  expect(await refused('no-project')).toBe(1);
});

test('datasets that lie elsewhere', async () => {
  await project.run('materialize', 'raw.points');
  declare({location: 'EU'});
  expect(await refused('other-location')).toBe(1);
});

test('one dataset of an asset that lies elsewhere ends the run', async () => {
  await makeDataset('stats', 'EU');
  expect(await refused('other-location-of-one')).toBe(1);
});

test('datasets that may not be made', async () => {
  google.bigquery.denials.deny('bigquery.datasets.create');
  const code = await refused('no-dataset');
  google.bigquery.denials.allow('bigquery.datasets.create');
  expect(code).toBe(1);
});

test('jobs that may not be begun', async () => {
  google.bigquery.denials.deny('bigquery.jobs.create');
  const code = await refused('no-jobs');
  google.bigquery.denials.allow('bigquery.jobs.create');
  expect(code).toBe(1);
});

test('a table that may not be written', async () => {
  google.bigquery.denials.deny('bigquery.tables.updateData', `${prefix}stats.totals`);
  expect(await refused('no-writing')).toBe(1);
});

test("a table of the asset's name that others made", async () => {
  await makeDataset('raw');
  await makeTable('raw', 'points', {
    schema: {
      fields: [
        {name: 'game_date', type: 'DATE'},
        {name: 'player', type: 'INTEGER'},
      ],
    },
    timePartitioning: {type: 'DAY', field: 'game_date'},
  });
  expect(await refused('other-table')).toBe(1);
});

test("a table of the asset's name with the asset's columns is filled as it is", async () => {
  await makeDataset('raw');
  await makeTable('raw', 'points', {
    schema: {
      fields: [
        {name: 'game_date', type: 'DATE'},
        {name: 'player', type: 'STRING'},
        {name: 'points', type: 'INTEGER'},
      ],
    },
    timePartitioning: {type: 'DAY', field: 'game_date'},
  });
  expect(await project.run('materialize')).toMatchObject({code: 0, err: ''});
});

test('a view in the place of a table', async () => {
  await makeDataset('stats');
  await makeTable('stats', 'totals', {
    view: {query: 'SELECT DATE "2024-01-15" AS game_date, 7 AS total', useLegacySql: false},
  });
  expect(await refused('view')).toBe(1);
});

test('credentials that are revoked in the middle end the run, and it goes on once they are back', async () => {
  google.bigquery.fail({on: {method: 'POST', path: '/jobs$', body: 'stats'}, trouble: {kind: 'revoke'}});
  expect(await refused('revoked')).toBe(1);
  google.bigquery.restore();
  const {code, out} = await project.run('materialize');
  expect(code).toBe(0);
  expect(out).toContain('6 requested: 6 succeeded');
});
