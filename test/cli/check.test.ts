import {readFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {paintFor} from '../../cli/paint.ts';
import {checkedJson, printChecked} from '../../cli/print-check.ts';
import type {CheckedAsset} from '../../runner/check-history.ts';
import {ToyProject} from './command-line.ts';
import {expectFits, expectGolden} from './golden.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

const CHECKS = 'checks: [{range: {column: points, min: 0, max: 100}}]';
const declare = (...checks: readonly string[]) => project.declare(CHECKS, `checks: [${checks.join(', ')}]`);
const stored = (name: string) => readFileSync(path.join(project.root, '.gameplan', name));

test('published rows are judged by the checks of today, and nothing is written', async () => {
  expect((await project.run('check')).err).toContain('There is no warehouse');
  await project.run('materialize');
  const good = await project.run('check');
  expect(good).toMatchObject({code: 0, err: ''});
  expect(good.out).toContain('4 checks of 3 tables on 9 partitions: 4 hold\n');
  declare('{range: {column: points, max: 16}}', '{sql: assets/bo.sql, severity: warn}');
  project.write('assets/bo.sql', "SELECT game_date, points FROM new_rows WHERE player = 'bo'\n");
  const [warehouse, ledger] = [stored('warehouse.duckdb'), stored('ledger.sqlite')];
  const {code, out} = await project.run('check', '--now', '2024-02-01T12:00:00Z');
  expect(code).toBe(1);
  expectGolden('print/check-history.txt', out);
  expect(stored('warehouse.duckdb').equals(warehouse)).toBe(true);
  expect(stored('ledger.sqlite').equals(ledger)).toBe(true);
  expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
});

test('only what is asked for is judged, and warnings alone are no failure', async () => {
  await project.run('materialize');
  declare('{range: {column: points, max: 16}, severity: warn}');
  const {code, out} = await project.run(
    'check',
    'raw.points',
    '--from',
    '2024-01-16',
    '--to',
    '2024-01-17',
    '--json',
  );
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual([
    {
      asset: 'raw.points',
      partitions: 1,
      checks: [
        {check: 'key', severity: 'error', violations: 0, failed: []},
        {
          check: 'range(points)',
          severity: 'warn',
          violations: 1,
          failed: [
            {
              key: '2024-01-16',
              count: 1,
              message: '1 row has points above 16',
              examples: ['{"game_date":"2024-01-16","player":"bo","points":17}'],
            },
          ],
        },
      ],
    },
  ]);
  const none = await project.run('check', '--from', '2025-01-01');
  expect(none.out).toContain('Nothing is published of what was asked for: there is nothing to judge.');
});

test('rows of columns that the table does not have yet are judged as nulls', async () => {
  await project.run('materialize');
  project.declare(
    `points: {type: int64, unit: points}}`,
    `points: {type: int64, unit: points}, note: string}`,
  );
  const text = readFileSync(path.join(project.root, 'pipeline.yaml'), 'utf8');
  project.write('pipeline.yaml', text.replace(CHECKS, 'checks: [{not_null: [note]}, {unique: [note]}]'));
  const {code, out} = await project.run('check', 'raw.points', '--json');
  expect(code).toBe(1);
  expect(
    JSON.parse(out)[0].checks.map(({check, violations}: {check: string; violations: number}) => [
      check,
      violations,
    ]),
  ).toEqual([
    ['key', 0],
    ['not_null(note)', 6],
    ['unique(note)', 0],
  ]);
});

test('a fresh value is fresh by the time that its partition was published', async () => {
  declare('{freshness: {column: game_date, within: 18 days}}');
  await project.run('materialize');
  const found = JSON.parse(
    (await project.run('check', 'raw.points', '--now', '2030-01-01T00:00:00Z', '--json')).out,
  );
  expect(found[0].checks[1].failed).toEqual([]);
  declare('{freshness: {column: game_date, within: 15 days}}');
  const shorter = JSON.parse((await project.run('check', 'raw.points', '--json')).out);
  expect(
    shorter[0].checks[1].failed.map(({key, message}: {key: string; message: string}) => [key, message]),
  ).toEqual([
    ['2024-01-15', expect.stringMatching(/^the newest game_date is 2024-01-15 00:00:00 UTC, 420 h old/)],
    ['2024-01-16', expect.stringMatching(/396 h old where at most 360 h/)],
  ]);
});

test('a check that can never run is a mistake with its place', async () => {
  await project.run('materialize');
  declare('{sql: assets/bo.sql}');
  project.write('assets/bo.sql', 'SELECT game_date FROM new_rows WHERE pts > 1\n');
  const {code, err} = await project.run('check');
  expect(code).toBe(1);
  expect(err).toContain('assets/bo.sql:1:38 error [unknown-column]');
});

const KEYS = Array.from({length: 30}, (_, i) => `2024-01-${String(i + 1).padStart(2, '0')}`);
const checked: readonly CheckedAsset[] = [
  {
    asset: 'raw.player_boxscores',
    partitions: 1059,
    checks: [
      {check: 'key', severity: 'error', failed: []},
      {
        check: 'range(points)',
        severity: 'error',
        failed: [0, 1, 2, 20].map(index => ({
          key: KEYS[index] ?? '',
          violation: {
            check: 'range(points)',
            severity: 'error',
            penalty: 0,
            count: 1200,
            message: '1200 rows have points outside 0 to 110\u001b[31m',
            examples: [
              '{"game_date":"2024-01-01","game_id":"0022300123","player_id":7,"player_name":"Ana","points":1100}',
              '{}',
            ],
          },
        })),
      },
      {
        check: 'zero_share(minutes)',
        severity: 'warn',
        failed: KEYS.filter((_, index) => index % 2 === 0).map(key => ({
          key,
          violation: {
            check: 'zero_share(minutes)',
            severity: 'warn',
            penalty: 5,
            count: 1,
            message: 'zeros',
            examples: [],
          },
        })),
      },
    ],
  },
  {asset: 'raw.games', partitions: 2, checks: [{check: 'key', severity: 'error', failed: []}]},
];

test.for([80, 200])('what does not hold, %d columns wide', width => {
  const order = new Map(KEYS.map((key, index) => [key, index]));
  const head = {pipeline: 'nba', target: 'local', now: '2026-07-22T13:00:00Z', calendars: []};
  const text = printChecked({head, checked, keyOrder: () => order, width, paint: paintFor(false)});
  expectFits(text, width);
  expectGolden(`print/check-${width}.txt`, text);
  expect(JSON.stringify(checkedJson(checked))).toContain('"violations":4800');
});
