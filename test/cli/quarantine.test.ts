import {afterEach, beforeEach, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

const KEY = 'raw.points@2024-01-18';
const breakOne = () => project.declare('max: 100', 'max: 18');

test('before anything was made there is no warehouse to look in, and afterwards nothing in it', async () => {
  expect((await project.run('quarantine')).err).toBe(
    "error: There is no warehouse '.gameplan/warehouse.duckdb' of target 'local' yet; 'gameplan materialize' fills it, or --target names another one.\n",
  );
  await project.run('materialize');
  expect(await project.run('quarantine')).toEqual({code: 0, out: 'Nothing is held back.\n', err: ''});
  expect(await project.run('quarantine', KEY)).toEqual({
    code: 1,
    out: '',
    err: `error: Nothing is held back of '${KEY}'; 'gameplan quarantine' lists what is.\n`,
  });
});

test('what a run held back is listed, and shown with its rows in every form', async () => {
  breakOne();
  expect((await project.run('materialize')).code).toBe(1);
  const {out} = await project.run('quarantine');
  expect(out.split('\n').slice(0, 3)).toEqual([
    '  raw.points',
    expect.stringMatching(/^ {4}2024-01-18 {2}2 rows · 0 min ago · \S+$/),
    expect.stringMatching(/^ {8}range\(points\): 1 row has points outside 0 to 18 \(such as/),
  ]);
  expect((await project.run('quarantine', 'stats.*')).out).toBe('Nothing is held back.\n');
  expect(JSON.parse((await project.run('quarantine', 'group:raw', '--json')).out)).toMatchObject([
    {
      asset: 'raw.points',
      key: '2024-01-18',
      rows: 2,
      kept: 2,
      violations: [{check: 'range(points)', count: 1}],
    },
  ]);
  const shown = await project.run('quarantine', KEY);
  expect(shown.out).toContain(`
  range(points): 1 row has points outside 0 to 18
        {"game_date":"2024-01-18","player":"bo","points":19}

game_date   player  points
2024-01-18  ana         18
2024-01-18  bo          19

2 rows
`);
  expect((await project.run('quarantine', KEY, '--csv', '--limit', '1')).out).toBe(
    'game_date,player,points\n2024-01-18,ana,18\n',
  );
  expect(JSON.parse((await project.run('quarantine', KEY, '--json')).out)).toMatchObject({
    key: '2024-01-18',
    held: [{points: 18}, {player: 'bo', points: 19}],
  });
  project.declare('max: 100', 'max: 50');
  await project.run('materialize');
  expect((await project.run('quarantine')).out).toBe('Nothing is held back.\n');
});

test('flags and names that mean nothing are said', async () => {
  const told = async (...args: readonly string[]) => {
    const {code, err} = await project.run('quarantine', ...args);
    return `${code} ${err.split('\n')[0]}`;
  };
  expect(await told(KEY, '--csv', '--json')).toBe('64 error: --json and --csv: choose one.');
  expect(await told('--csv')).toBe('64 error: --csv prints rows: give one ASSET@KEY.');
  expect(await told(KEY, KEY)).toBe('64 error: give one ASSET@KEY, or selectors of assets.');
  expect(await told('raw.point@2024-01-18')).toBe(
    "64 error: No asset named 'raw.point'. Did you mean 'raw.points'?",
  );
  expect(await told('raw.point')).toBe('64 error: these assets cannot be selected:');
});
