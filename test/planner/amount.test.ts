import {expect, test} from 'vitest';
import {ageText, bytesText, counted, durationText, number, percent, scoreText} from '../../planner/amount.ts';

test('numbers have commas, and nouns their number', () => {
  expect([number(36_904), number(999), counted(1, 'partition'), counted(2000, 'gap')]).toEqual([
    '36,904',
    '999',
    '1 partition',
    '2,000 gaps',
  ]);
});

test('nothing is rounded up to the whole', () => {
  expect([percent(1999, 2000), percent(2, 2), percent(0, 0), scoreText(99.99), scoreText(95)]).toEqual([
    '99.9%',
    '100%',
    '–',
    '99.9',
    '95',
  ]);
});

test('durations, ages and sizes have the unit that fits', () => {
  expect([850, 4200, 59_990, 200_000, 7_500_000].map(durationText)).toEqual([
    '850 ms',
    '4.2 s',
    '1 min 0 s',
    '3 min 20 s',
    '2 h 5 min',
  ]);
  expect([1_200_000, 5 * 3_600_000, 508 * 86_400_000].map(ageText)).toEqual(['20 min', '5 h', '508 d']);
  expect([512, 1536, 300 * 1024 ** 3].map(bytesText)).toEqual(['512 B', '1.5 KiB', '300 GiB']);
});
