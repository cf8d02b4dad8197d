import {expect, test} from 'vitest';
import {paintFor} from '../../cli/paint.ts';
import {printCsv, printTable, rowsJson} from '../../cli/table.ts';

const data = {
  columns: ['game_date', 'points', 'name'],
  rows: [
    ['2024-01-15', 187, 'Luka, "the Don"'],
    ['2024-01-16', null, ''],
    ['2024-01-17', 12_345_678_901_234_567_890n, 'two\nlines \u001b[2J'],
  ],
} as const;

test('a text is cut where it is too wide, unless it may be as wide as it is', () => {
  const wide = {columns: ['outcomes'], rows: [['a'.repeat(70)]]};
  expect(printTable(wide, paintFor(false)).split('\n')[1]).toBe(`${'a'.repeat(59)}…`);
  expect(printTable(wide, paintFor(false), Number.POSITIVE_INFINITY).split('\n')[1]).toBe('a'.repeat(70));
});

test('numbers stand right and nothing steers the terminal', () => {
  expect(printTable(data, paintFor(false))).toBe(
    [
      'game_date                 points  name',
      '2024-01-15                   187  Luka, "the Don"',
      '2024-01-16                  null',
      '2024-01-17  12345678901234567890  two lines ·[2J',
      '',
    ].join('\n'),
  );
});

test('CSV tells null from an empty text and quotes what needs it', () => {
  expect(printCsv(data)).toBe(
    'game_date,points,name\n2024-01-15,187,"Luka, ""the Don"""\n2024-01-16,,""\n2024-01-17,12345678901234567890,"two\nlines \u001b[2J"\n',
  );
});

test('JSON keeps a number that it cannot hold as text', () => {
  expect(rowsJson(data)[2]).toEqual({
    game_date: '2024-01-17',
    points: '12345678901234567890',
    name: 'two\nlines \u001b[2J',
  });
});
