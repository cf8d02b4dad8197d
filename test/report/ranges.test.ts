import {expect, test} from 'vitest';
import {fitRanges, mergeRanges} from '../../report/ranges.ts';

const keys = ['2024-01-01', '2024-01-02', '2024-01-05', '2024-01-06', '2024-01-09'];
const order = new Map(keys.map((key, index) => [key, index]));

test('keys that are neighbours in the calendar merge, also over days without games', () => {
  expect(mergeRanges(keys, order)).toEqual(['2024-01-01 … 2024-01-09']);
});

test('a calendar date between two keys keeps them apart', () => {
  expect(mergeRanges(['2024-01-01', '2024-01-05', '2024-01-06', '2024-01-09'], order)).toEqual([
    '2024-01-01',
    '2024-01-05 … 2024-01-09',
  ]);
});

test('two neighbours are listed, in order', () => {
  expect(mergeRanges(['2024-01-02', '2024-01-01'], order)).toEqual(['2024-01-01', '2024-01-02']);
});

test('a key that the calendar does not know stands alone', () => {
  expect(mergeRanges(['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-05'], order)).toEqual([
    '2024-01-01',
    '2024-01-02',
    '2024-01-03',
    '2024-01-05',
  ]);
});

test('what does not fit is counted', () => {
  expect(fitRanges(['2024-01-01', '2024-01-05', '2024-01-09'], 40)).toBe(
    '2024-01-01, 2024-01-05, 2024-01-09',
  );
  expect(fitRanges(['2024-01-01', '2024-01-05', '2024-01-09'], 33)).toBe('2024-01-01, 2024-01-05 and 1 more');
  expect(fitRanges(['2024-01-01', '2024-01-05', '2024-01-09'], 5)).toBe('2024-01-01 and 2 more');
});
