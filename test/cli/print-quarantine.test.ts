import {expect, test} from 'vitest';
import {paintFor} from '../../cli/paint.ts';
import {heldTable, printHeld, printHeldBack} from '../../cli/print-quarantine.ts';
import type {HeldBack} from '../../runner/warehouse.ts';
import {expectFits, expectGolden} from './golden.ts';

const now = Date.parse('2026-07-22T13:00:00Z');
const base: HeldBack = {
  asset: 'raw.player_boxscores',
  key: '2023-02-23',
  run: '20260722-110000-k2x9',
  at: now - 3 * 3_600_000,
  rows: 187,
  kept: 187,
  error:
    'range(points): 2 rows have points above 110 (such as {"game_date":"2023-02-23","player_id":7,"points":1100}); unique(player_name): 2 rows share one value (player_name)',
  violations: [
    {
      check: 'range(points)',
      severity: 'error',
      penalty: 0,
      count: 2,
      message: 'points above 110 in 2 rows\u001b[31m',
      examples: ['{"game_date":"2023-02-23","player_id":7,"points":1100}'],
    },
    {
      check: 'zero_share(minutes)',
      severity: 'warn',
      penalty: 5,
      count: 90,
      message: '90 of 187 values of minutes are 0 (48.13 %), where at most 35 % may be',
      examples: [],
    },
  ],
};
const less: HeldBack = {
  ...base,
  key: '2023-02-24',
  at: now - 26 * 3_600_000,
  rows: 12_000,
  kept: 10_000,
  error: 'The new rows hold 3 games where the published ones hold 9; more is not replaced by less.',
  violations: [],
};
const schedule: HeldBack = {
  ...base,
  asset: 'raw.schedule',
  key: '2025-26',
  rows: 1,
  kept: 1,
  error: 'rows: 1 row where at least 1200 are expected',
};
const table = heldTable([
  '{"game_date":"2023-02-23","player_id":9007199254740993,"player_name":"Ana \\u001b[31m","points":1100,"share":NaN}',
  '{"game_date":"2023-02-23","player_id":7,"player_name":null,"points":-3,"share":-Infinity}',
]);

test.for([80, 200])('what is held back, a partition and all, %d columns wide', width => {
  const screen = {now, width, paint: paintFor(false)};
  const list = printHeldBack([base, less, schedule], screen);
  const texts = [list, printHeld({held: base, table, ...screen}), printHeld({held: less, table, ...screen})];
  for (const text of texts) expectFits(text, width);
  expectGolden(`print/quarantine-${width}.txt`, texts.join(`${'-'.repeat(width)}\n`));
});

test('what is kept is read with every digit, and what is no number stays told', () => {
  expect(table.columns).toEqual(['game_date', 'player_id', 'player_name', 'points', 'share']);
  expect(table.rows).toEqual([
    ['2023-02-23', 9007199254740993n, 'Ana \u001b[31m', 1100, 'NaN'],
    ['2023-02-23', 7, null, -3, '-Infinity'],
  ]);
});
