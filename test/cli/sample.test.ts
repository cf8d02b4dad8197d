import {afterEach, beforeEach, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

test('rows of the newest published partition, or of another, in every form', async () => {
  project.write('fail-2024-01-18', '');
  await project.run('materialize');
  expect((await project.run('sample', 'raw.points')).out).toBe(`raw.points@2024-01-16

game_date   player  points
2024-01-16  ana         16
2024-01-16  bo          17
`);
  expect((await project.run('sample', 'raw.points@2024-01-15', '--limit', '1', '--csv')).out).toBe(
    'game_date,player,points\n2024-01-15,ana,15\n',
  );
  expect(JSON.parse((await project.run('sample', 'stats.totals', '--json')).out)).toEqual({
    asset: 'stats.totals',
    key: '2024-01-16',
    columns: ['game_date', 'total'],
    rows: [{game_date: '2024-01-16', total: 33}],
  });
});

test('of what nobody counts as published no rows are shown, though they lie there', async () => {
  await project.run('materialize');
  await project.run('forget', 'raw.points@2024-01-18', '--reason', 'wrong');
  expect((await project.run('sample', 'raw.points')).out).toContain('raw.points@2024-01-16');
  expect(await project.run('sample', 'raw.points@2024-01-18')).toEqual({
    code: 1,
    out: '',
    err: "error: Nothing is published of 'raw.points@2024-01-18'; 'gameplan plan raw.points' says why.\n",
  });
});

test('of an empty partition it is said that it has no rows', async () => {
  project.declare('    sql: assets/totals.sql', '    sql: assets/totals.sql\n    empty: allowed');
  project.write('assets/totals.sql', 'SELECT game_date, 1 AS total FROM points WHERE points > 99\n');
  await project.run('materialize', '+stats.totals');
  expect(await project.run('sample', 'stats.totals')).toEqual({
    code: 0,
    out: 'stats.totals@2024-01-18\n\ngame_date  total\n',
    err: 'It has no rows.\n',
  });
});

test('what is no table, or no asset, is said', async () => {
  project.write('pipeline.yaml', EXPORT);
  project.write('assets/days.sql', 'SELECT game_date FROM points\n');
  expect((await project.run('sample', 'out.days')).err).toBe(
    "error: 'out.days' has no table: its partitions are objects in the store. 'gameplan explain out.days@KEY' says where one lies.\n",
  );
  expect(await project.run('sample', 'raw.pointz')).toMatchObject({
    code: 64,
    err: "error: No asset named 'raw.pointz'. Did you mean 'raw.points'?\n",
  });
});

const EXPORT = `name: toy
calendars:
  days: {dates: [{date: 2024-01-15, season: 2023-24}], timezone: UTC}
targets:
  local:
    warehouse: {engine: duckdb, path: .gameplan/warehouse.duckdb}
    store: {kind: folder, path: .gameplan/store}
    ledger: .gameplan/ledger.sqlite
assets:
  raw.points:
    rows: assets/points.ts
    columns: {game_date: date, player: string, points: int64}
    key: [game_date, player]
  out.days:
    sql: assets/days.sql
    export: {format: json, path: 'days/{key}.json'}
    upstream: {points: raw.points}
`;
