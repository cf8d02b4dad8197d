/** Tests of assets: fixture rows in, expected rows out, with the windows that the planner makes. */
import {afterEach, describe, expect, test} from 'vitest';
import type {AssetName} from '../../planner/pipeline.ts';
import {type CaseResult, runCase} from '../../runner/asset-test.ts';
import {openDuckdb} from '../../runner/duckdb.ts';
import {readCases} from '../../runner/test-cases.ts';
import {at, listed, manifest, Project} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const columns = {game_date: 'date', team: 'string', points: 'float64'};
const ASSETS = {
  'raw.points': {sql: 'assets/points.sql', columns, key: ['game_date', 'team']},
  'mart.mean': {
    sql: 'assets/mean.sql',
    upstream: {points: {asset: 'raw.points', window: '2 dates'}},
    columns: {game_date: 'date', team: 'string', mean: 'float64'},
    key: ['game_date', 'team'],
  },
  'exports.mean': {
    sql: 'assets/export.sql',
    export: {format: 'json', path: 'v1/{game_date}.json'},
    upstream: {mean: 'mart.mean'},
  },
};
const FILES = {
  'pipeline.yaml': manifest({calendars: listed({'2023-24': ['2024-01-01']}), assets: ASSETS}),
  'assets/points.sql': "SELECT game_date, 'BOS' AS team, 1 AS points FROM partitions",
  'assets/mean.sql': `SELECT w.key AS game_date, p.team, avg(p.points) AS mean
FROM points_window AS w JOIN points AS p ON p.game_date = w.upstream_key GROUP BY ALL`,
  'assets/export.sql': 'SELECT team, mean FROM mean ORDER BY team',
};
const CASE = `
- name: the mean of the last two dates, in its season
  calendar:
    - {date: 2023-04-01, season: 2022-23}
    - {date: 2023-10-24, season: 2023-24}
    - {date: 2023-10-26, season: 2023-24}
    - {date: 2023-10-30, season: 2023-24}
    - {date: 2023-10-31, season: 2023-24}
  partitions: [2023-10-31]
  inputs:
    points:
      - {game_date: 2023-04-01, team: BOS, points: 99}
      - {game_date: 2023-10-24, team: BOS, points: 50}
      - {game_date: 2023-10-26, team: BOS, points: 1}
      - {game_date: 2023-10-30, team: BOS, points: 2}
      - {game_date: 2023-10-31, team: BOS, points: 70}
  expect:
    - {game_date: 2023-10-31, team: BOS, mean: 1.5}
`;

let project: Project;
afterEach(() => project.remove());

async function run(
  text: string,
  name = 'mart.mean',
  files: Record<string, string> = {},
): Promise<CaseResult> {
  project = new Project({...FILES, ...files}, NOW);
  const {pipeline, sources, close} = await project.open();
  await close();
  const asset = pipeline.assets.get(name as AssetName); // a name of this test
  const [first] = readCases({path: 'assets/mean.test.yaml', text}).cases;
  if (asset === undefined || first === undefined) throw new Error('no case');
  return await runCase(first, {
    asset,
    pipeline,
    sources,
    openWarehouse: () => openDuckdb({path: ':memory:'}),
    clock: Date.now,
  });
}

test('a case passes where the rows are those expected, over the windows of its own calendar', async () => {
  expect(await run(CASE)).toMatchObject({asset: 'mart.mean', differences: []});
});

test('an upstream of which a case gives no row is there and empty', async () => {
  const bare = CASE.replace(/ {2}inputs:[\s\S]*/, '  inputs: {points: []}\n  expect: []\n');
  expect((await run(bare)).differences).toEqual([]);
});

describe('a case fails', () => {
  test('where a value differs, and says which', async () => {
    expect((await run(CASE.replace('mean: 1.5', 'mean: 1.6'))).differences).toEqual([
      'row ["2023-10-31","BOS"]: mean is 1.5, expected 1.6',
    ]);
  });

  test('where a row is lacking or too many', async () => {
    const {differences} = await run(CASE.replace('team: BOS, mean', 'team: MIA, mean'));
    expect(differences).toEqual([
      'expected a row ["2023-10-31","MIA"], and there is none',
      'row ["2023-10-31","BOS"] was not expected',
    ]);
  });

  test('where a row comes twice', async () => {
    const twice = `${FILES['assets/mean.sql'].replace(' GROUP BY ALL', ' CROSS JOIN range(2) AS r(n) GROUP BY w.key, p.team, r.n')}`;
    const {differences} = await run(CASE, 'mart.mean', {'assets/mean.sql': twice});
    expect(differences).toEqual(['2 rows have only 1 keys']);
  });

  test('where the query forgets its window', async () => {
    const wrong = `SELECT p.game_date, x.team, avg(x.points) AS mean FROM partitions AS p, points AS x
      WHERE EXISTS (FROM points_window) GROUP BY ALL`;
    // Of one partition the rows are cut already; of two they are not.
    const two = CASE.replace('partitions: [2023-10-31]', 'partitions: [2023-10-30, 2023-10-31]');
    expect((await run(CASE, 'mart.mean', {'assets/mean.sql': wrong})).differences).toEqual([]);
    expect((await run(two, 'mart.mean', {'assets/mean.sql': wrong})).differences).not.toEqual([]);
  });

  test('where the query fails, with its place', async () => {
    const {differences} = await run(CASE, 'mart.mean', {
      'assets/mean.sql': 'SELECT game_date, team,\n  nothing AS mean FROM points, points_window',
    });
    expect(differences).toEqual([expect.stringMatching(/^assets\/mean\.sql:2:3: .*nothing/)]);
  });

  test.each([
    [
      'an input that is no edge',
      CASE.replace('    points:\n', '    pionts:\n'),
      /'pionts', which are no edges of mart\.mean/,
    ],
    [
      'a column that the input has not',
      CASE.replace('points: 70', 'score: 70'),
      /the column 'score', which raw\.points has not/,
    ],
    [
      'a partition that its calendar has not',
      CASE.replace('[2023-10-31]', '[2023-11-05]'),
      /'2023-11-05' is not in the case's calendar/,
    ],
  ])('where it names %s', async (_, text, said) => {
    expect((await run(text)).differences).toEqual([expect.stringMatching(said)]);
  });
});

test('a tolerance of its own is kept to', async () => {
  const near = CASE.replace('mean: 1.5', 'mean: 1.5004');
  expect((await run(near)).differences).not.toEqual([]);
  project.remove();
  expect((await run(`${near}  tolerance: 0.001\n`)).differences).toEqual([]);
});

test('exports are tested by all their columns', async () => {
  const text = `
- name: as it is
  calendar: [{date: 2023-10-24, season: 2023-24}]
  partitions: [2023-10-24]
  inputs: {mean: [{game_date: 2023-10-24, team: BOS, mean: 1}]}
  expect: [{team: BOS, mean: 1}]
`;
  expect((await run(text, 'exports.mean')).differences).toEqual([]);
  project.remove();
  expect(
    (await run(text.replace('BOS, mean: 1}]\n', 'BOS, mean: 2}]\n'), 'exports.mean')).differences,
  ).toHaveLength(2);
});
