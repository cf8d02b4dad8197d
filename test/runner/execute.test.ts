/** The whole slice over a calendar that is a list: every kind of asset, every grain, and what a change touches. */
import {afterEach, expect, test} from 'vitest';
import {at, ended, lines, listed, manifest, Project, rowsFrom, tally} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const FIRST = ['2023-04-01', '2023-04-04'];
const SECOND = ['2023-10-24', '2023-10-25', '2023-10-28'];
const DATES = [...FIRST, ...SECOND];

const columns = {game_date: 'date', player: 'string', points: 'float64'};
const key = ['game_date', 'player'];

const ASSETS = {
  'raw.points': {rows: 'assets/points.ts', columns, key},
  'mart.recent': {
    sql: 'assets/recent.sql',
    upstream: {points: {asset: 'raw.points', window: '2 dates', through: 'today'}},
    columns: {game_date: 'date', player: 'string', total: 'float64', dates: 'int64'},
    key,
  },
  'mart.season': {
    sql: 'assets/season.sql',
    partition_by: 'season',
    upstream: {points: 'raw.points'},
    columns: {season: 'string', player: 'string', total: 'float64'},
    key: ['season', 'player'],
  },
  'mart.share': {
    sql: 'assets/share.sql',
    upstream: {points: 'raw.points', season: 'mart.season'},
    columns: {game_date: 'date', player: 'string', share: 'float64'},
    key,
  },
  'mart.total': {
    sql: 'assets/total.sql',
    partition_by: 'all',
    upstream: {seasons: {asset: 'mart.season', window: 'all'}},
    columns: {player: 'string', total: 'float64'},
    key: ['player'],
  },
  'exports.totals': {
    sql: 'assets/export.sql',
    export: {format: 'json', path: 'v1/totals.json'},
    partition_by: 'all',
    upstream: {total: {asset: 'mart.total', window: 'all'}},
  },
};

const FILES = {
  'assets/points.ts': rowsFrom('points'),
  'assets/recent.sql': `SELECT w.key AS game_date, p.player, sum(p.points) AS total, count(*) AS dates
FROM points_window AS w JOIN points AS p ON p.game_date = w.upstream_key GROUP BY ALL`,
  'assets/season.sql': `SELECT s.season, p.player, sum(p.points) AS total
FROM partitions AS s JOIN points AS p ON season_of(p.game_date) = s.season GROUP BY ALL`,
  'assets/share.sql': `SELECT p.game_date, p.player, safe_divide(p.points, s.total) AS share
FROM points AS p JOIN season AS s ON s.season = season_of(p.game_date) AND s.player = p.player`,
  'assets/total.sql': 'SELECT player, sum(total) AS total FROM seasons GROUP BY player',
  'assets/export.sql': 'SELECT player, total FROM total ORDER BY player',
};

let project: Project;
afterEach(() => project.remove());

const points = (date: string, a: number, b = 1) => [
  {game_date: date, player: 'a', points: a},
  {game_date: date, player: 'b', points: b},
];
const all = (change: Record<string, ReturnType<typeof points>> = {}) => ({
  ...Object.fromEntries(DATES.map((date, i) => [date, points(date, i + 1)])),
  ...change,
});

function open(assets: object = ASSETS, files: Record<string, string> = {}): Project {
  const calendars = listed({'2022-23': FIRST, '2023-24': SECOND});
  const opened = new Project({'pipeline.yaml': manifest({calendars, assets}), ...FILES, ...files}, NOW);
  opened.data('points', all());
  return opened;
}

const table = (name: string, order = 'ALL') => project.query(`SELECT * FROM ${name} ORDER BY ${order}`);

test('every kind and grain is filled from nothing, and the second run does nothing', async () => {
  project = open();
  const done = await project.materialize();
  expect(tally(done)).toEqual({succeeded: 5 + 5 + 2 + 5 + 1 + 1});
  expect(done.counts.requested).toBe(19);
  expect(await table('mart.recent')).toEqual([
    ['2023-04-01', 'a', 1, 1],
    ['2023-04-01', 'b', 1, 1],
    ['2023-04-04', 'a', 3, 2],
    ['2023-04-04', 'b', 2, 2],
    ['2023-10-24', 'a', 3, 1],
    ['2023-10-24', 'b', 1, 1],
    ['2023-10-25', 'a', 7, 2],
    ['2023-10-25', 'b', 2, 2],
    ['2023-10-28', 'a', 9, 2],
    ['2023-10-28', 'b', 2, 2],
  ]);
  expect(await table('mart.season')).toEqual([
    ['2022-23', 'a', 3],
    ['2022-23', 'b', 2],
    ['2023-24', 'a', 12],
    ['2023-24', 'b', 3],
  ]);
  expect((await table('mart.share')).at(-2)).toEqual(['2023-10-28', 'a', 5 / 12]);
  expect(JSON.parse(project.text('.gameplan/store/v1/totals.json'))).toEqual([
    {player: 'a', total: 15},
    {player: 'b', total: 5},
  ]);
  const again = await project.materialize();
  expect(again.counts.requested).toBe(0);
  expect(again.warehouseCalls).toBe(0);
  expect(lines(await project.plan())).toEqual([]);
});

test('a correction makes exactly what reads it, and what comes out the same ends there', async () => {
  project = open();
  await project.materialize();
  // The season's total stays: what one date loses, another gains.
  project.data(
    'points',
    all({[SECOND[0] ?? '']: points('2023-10-24', 4), [SECOND[1] ?? '']: points('2023-10-25', 3)}),
  );
  const done = await project.materialize({
    select: 'raw.points',
    range: {keys: ['2023-10-24', '2023-10-25']},
    force: true,
  });
  expect(ended(done)).toEqual(['raw.points@2023-10-24 succeeded', 'raw.points@2023-10-25 succeeded']);
  expect(ended(await project.materialize())).toEqual([
    'exports.totals@all not-needed',
    'mart.recent@2023-10-24 succeeded',
    'mart.recent@2023-10-25 unchanged',
    'mart.recent@2023-10-28 succeeded',
    'mart.season@2023-24 unchanged',
    'mart.share@2023-10-24 succeeded',
    'mart.share@2023-10-25 succeeded',
    'mart.share@2023-10-28 not-needed',
    'mart.total@all not-needed',
  ]);
  expect((await project.materialize()).counts.requested).toBe(0);
});

test('what differs by less than a billionth is unchanged, and the old rows stay', async () => {
  project = open();
  await project.materialize();
  project.data('points', all({'2023-10-28': points('2023-10-28', 5 + 1e-12)}));
  const done = await project.materialize({select: 'raw.points', range: {keys: ['2023-10-28']}, force: true});
  expect(ended(done)).toEqual(['raw.points@2023-10-28 unchanged']);
  expect((await table('raw.points')).at(-2)).toEqual(['2023-10-28', 'a', 5]);
  expect((await project.materialize()).counts.requested).toBe(0);
});

test('a run that makes an input again does not make what reads it where the input stays', async () => {
  project = open();
  await project.materialize();
  const done = await project.materialize({force: true, select: 'raw.points+', range: {keys: ['2023-04-04']}});
  expect(tally(done)['failed']).toBeUndefined();
  await project.forget('raw.points', ['2023-04-04']);
  expect(ended(await project.materialize())).toEqual([
    'exports.totals@all not-needed',
    'mart.recent@2023-04-04 not-needed',
    'mart.season@2022-23 not-needed',
    'mart.share@2023-04-01 not-needed',
    'mart.share@2023-04-04 not-needed',
    'mart.total@all not-needed',
    'raw.points@2023-04-04 succeeded',
  ]);
});

test('a comment makes nothing stale; a changed query makes its asset stale, and its readers where rows change', async () => {
  project = open();
  await project.materialize();
  project.write('assets/total.sql', `-- all of it\n${FILES['assets/total.sql']}`);
  expect((await project.materialize()).counts.requested).toBe(0);
  project.write('assets/total.sql', 'SELECT player, sum(total + 0) AS total FROM seasons GROUP BY player');
  expect(ended(await project.materialize())).toEqual([
    'exports.totals@all not-needed',
    'mart.total@all unchanged',
  ]);
  project.write('assets/total.sql', 'SELECT player, 2 * sum(total) AS total FROM seasons GROUP BY player');
  expect(ended(await project.materialize())).toEqual([
    'exports.totals@all succeeded',
    'mart.total@all succeeded',
  ]);
  expect(JSON.parse(project.text('.gameplan/store/v1/totals.json'))[0]).toEqual({player: 'a', total: 30});
});

test('a column that is added is filled, and the other rows of the table stay', async () => {
  project = open();
  await project.materialize();
  const wider = {
    ...ASSETS,
    'mart.total': {...ASSETS['mart.total'], columns: {player: 'string', total: 'float64', seasons: 'int64'}},
  };
  project.write(
    'pipeline.yaml',
    manifest({calendars: listed({'2022-23': FIRST, '2023-24': SECOND}), assets: wider}),
  );
  project.write(
    'assets/total.sql',
    'SELECT player, sum(total) AS total, count(*) AS seasons FROM seasons GROUP BY player',
  );
  expect(ended(await project.materialize())).toEqual([
    'exports.totals@all unchanged',
    'mart.total@all succeeded',
  ]);
  expect(await table('mart.total')).toEqual([
    ['a', 15, 2],
    ['b', 5, 2],
  ]);
});

test('a query whose type is declared another way stays true', async () => {
  project = open();
  await project.materialize();
  const retyped = {
    ...ASSETS,
    'mart.total': {...ASSETS['mart.total'], columns: {player: 'string', total: 'int64'}},
  };
  const calendars = listed({'2022-23': FIRST, '2023-24': SECOND});
  project.write('pipeline.yaml', manifest({calendars, assets: retyped}));
  const done = await project.materialize();
  expect(done.outcomes.get('mart.total@all')).toMatch(/succeeded|unchanged/);
  expect(await table('mart.total')).toEqual([
    ['a', 15],
    ['b', 5],
  ]);
  expect((await project.materialize()).counts.requested).toBe(0);
});

test('a forced run makes what is fresh, once', async () => {
  project = open();
  await project.materialize();
  const done = await project.materialize({force: true});
  expect(done.counts).toMatchObject({requested: 19, unchanged: 19});
});

test('a date that is added to the list is made, with what it changes', async () => {
  project = open();
  await project.materialize();
  const calendars = listed({'2022-23': FIRST, '2023-24': [...SECOND, '2023-10-26']});
  project.write('pipeline.yaml', manifest({calendars, assets: ASSETS}));
  project.data('points', {...all(), '2023-10-26': points('2023-10-26', 0, 0)});
  const done = await project.materialize();
  expect(ended(done)).toEqual([
    'exports.totals@all not-needed',
    'mart.recent@2023-10-26 succeeded',
    'mart.recent@2023-10-28 succeeded',
    'mart.season@2023-24 unchanged',
    'mart.share@2023-10-24 not-needed',
    'mart.share@2023-10-25 not-needed',
    'mart.share@2023-10-26 succeeded',
    'mart.share@2023-10-28 not-needed',
    'mart.total@all not-needed',
    'raw.points@2023-10-26 succeeded',
  ]);
});

test('a season of files counts as one partition, whatever games its code names', async () => {
  const assets = {
    'landing.schedule': {files: 'assets/season.ts', path: 'schedule/{season}/', partition_by: 'season'},
  };
  const dates = {'2022-23': ['2023-01-01'], '2023-24': ['2024-01-01']};
  project = new Project(
    {
      'pipeline.yaml': manifest({calendars: listed(dates), assets}),
      'assets/season.ts': `import type {Files} from 'gameplan';
export const files: Files = async ({put}) => {
  await put('a.json', '{}');
  return {games: ['g1', 'g2']};
};\n`,
    },
    at('2024-03-01T12:00:00Z'),
  );
  await project.materialize();
  const {ledger, close} = await project.open();
  const record = ledger
    .snapshot()
    .find('landing.schedule' as Parameters<ReturnType<typeof ledger.snapshot>['find']>[0]);
  expect([...(record?.expected ?? [])]).toEqual([-1, -1]);
  await close();
  expect((await project.plan()).states).toMatchObject({fresh: 2});
});
