/** Exports: one object a partition, whole, in a form that depends on the rows alone. */
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, expect, test} from 'vitest';
import {at, ended, listed, manifest, Project, rowsFrom, tally} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const DATES = ['2024-01-01', '2024-01-02'];
const SCORES = {
  rows: 'assets/scores.ts',
  columns: {game_date: 'date', name: 'string', points: 'int64', share: 'float64'},
  key: ['game_date', 'name'],
};
const SQL = `SELECT game_date, name, points, share FROM scores ORDER BY name`;

let project: Project;
afterEach(() => project.remove());

const declare = (format: string, about: object = {}): string =>
  manifest({
    calendars: listed({'2023-24': DATES}),
    assets: {
      'raw.scores': SCORES,
      'exports.scores': {
        sql: 'assets/export.sql',
        export: {format, path: `v1/{season}/{game_date}.${format}`},
        upstream: {scores: 'raw.scores'},
        ...about,
      },
    },
  });

const rows = (date: string, points: number) => [
  {game_date: date, name: 'Ann "A", Jr.', points, share: 0.1},
  {game_date: date, name: 'Bo', points: null, share: null},
];

function open(format: string): void {
  const texts = {'assets/scores.ts': rowsFrom('scores'), 'assets/export.sql': SQL};
  project = new Project({'pipeline.yaml': declare(format), ...texts}, NOW);
  project.data('scores', Object.fromEntries(DATES.map((date, i) => [date, rows(date, i + 1)])));
}

const first = (format: string): string => project.text(`.gameplan/store/v1/2023-24/2024-01-01.${format}`);

test.each([
  [
    'json',
    '[\n  {"game_date":"2024-01-01","name":"Ann \\"A\\", Jr.","points":1,"share":0.1},\n  {"game_date":"2024-01-01","name":"Bo","points":null,"share":null}\n]\n',
  ],
  [
    'ndjson',
    '{"game_date":"2024-01-01","name":"Ann \\"A\\", Jr.","points":1,"share":0.1}\n{"game_date":"2024-01-01","name":"Bo","points":null,"share":null}\n',
  ],
  ['csv', 'game_date,name,points,share\r\n2024-01-01,"Ann ""A"", Jr.",1,0.1\r\n2024-01-01,Bo,,\r\n'],
])('as %s hold the rows of their own date in the order of the query', async (format, text) => {
  open(format);
  expect(tally(await project.materialize())).toEqual({succeeded: 4});
  expect(first(format)).toBe(text);
  expect((await project.materialize()).counts.requested).toBe(0);
});

test('a correction rewrites its own object, and one that comes out the same is unchanged', async () => {
  open('json');
  await project.materialize();
  project.data('scores', {'2024-01-01': rows('2024-01-01', 9), '2024-01-02': rows('2024-01-02', 2)});
  await project.materialize({select: 'raw.scores', force: true});
  expect(ended(await project.materialize())).toEqual(['exports.scores@2024-01-01 succeeded']);
  expect(JSON.parse(first('json'))[0].points).toBe(9);
  project.write('assets/export.sql', `${SQL}, points`);
  expect(tally(await project.materialize())).toEqual({unchanged: 2});
});

test('a query that fails leaves the old object, and no rows are an error unless they are allowed', async () => {
  open('json');
  await project.materialize();
  const before = first('json');
  project.write('assets/export.sql', `SELECT game_date,\n  CAST(name AS BIGINT) AS name FROM scores`);
  const failed = await project.materialize();
  expect(tally(failed)).toEqual({failed: 2});
  expect(failed.errors.get('exports.scores@2024-01-01')).toMatch(/^assets\/export\.sql.*Ann/);
  expect(first('json')).toBe(before);
  project.write('assets/export.sql', `${SQL.replace('ORDER', 'WHERE false ORDER')}`);
  const empty = await project.materialize();
  expect(empty.errors.get('exports.scores@2024-01-01')).toMatch(/empty: allowed/);
  expect(first('json')).toBe(before);
  project.write('pipeline.yaml', declare('json', {empty: 'allowed'}));
  expect(tally(await project.materialize())).toEqual({succeeded: 2});
  expect(first('json')).toBe('[\n]\n');
  expect(existsSync(join(project.root, '.gameplan/store/v1/2023-24/2024-01-02.json'))).toBe(true);
});

test('an object whose receipt cannot be written is known for what it holds, also when its input goes back', async () => {
  open('json');
  await project.materialize();
  const before = first('json');
  const correct = async (points: number): Promise<void> => {
    project.data('scores', {'2024-01-01': rows('2024-01-01', points), '2024-01-02': rows('2024-01-02', 2)});
    await project.materialize({select: 'raw.scores', force: true});
  };
  await correct(9);
  const done = await project.materialize({
    through: workshop => ({
      ...workshop,
      store: () => ({
        ...workshop.store(),
        replace: async (path, bytes) => {
          if (path.endsWith('.receipt.json')) throw new Error('no receipt today');
          await workshop.store().replace(path, bytes);
        },
      }),
    }),
  });
  expect(ended(done)).toEqual(['exports.scores@2024-01-01 failed']);
  await correct(1);
  await project.materialize();
  expect(first('json')).toBe(before);
  expect((await project.materialize()).counts.requested).toBe(0);
});

test('a column that is spelled in another case is written anew', async () => {
  open('csv');
  await project.materialize();
  project.write('assets/export.sql', SQL.replace('name, points', 'name AS Name, points'));
  expect(tally(await project.materialize())).toEqual({succeeded: 2});
  expect(first('csv')).toMatch(/^game_date,Name,points/);
});
