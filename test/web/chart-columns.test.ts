import fc from 'fast-check';
import {expect, test} from 'vitest';
import {
  columnsOf,
  countsOf,
  extentOf,
  medianOf,
  placeOfLeast,
  runsOf,
  ticksOf,
} from '../../web/chart-columns.ts';

test('every value lies in exactly one column, and no column is empty', () => {
  fc.assert(
    fc.property(fc.nat(3000), fc.integer({min: 1, max: 900}), (length, most) => {
      const columns = columnsOf(length, most);
      expect(columns.length).toBe(Math.min(length, most));
      expect(columns.flatMap(({from, to}) => (to > from ? [from] : [])).length).toBe(columns.length);
      expect(columns.map(({to}) => to)).toEqual([
        ...columns.slice(1).map(({from}) => from),
        ...(length > 0 ? [length] : []),
      ]);
    }),
  );
});

test('the least value of a column is kept, however many there are', () => {
  const values = Array.from({length: 1000}, (_, at) => (at === 777 ? 12 : 100));
  const extents = columnsOf(values.length, 10).map(column => extentOf(values, column));
  expect(extents.map(extent => extent?.least)).toEqual([100, 100, 100, 100, 100, 100, 100, 12, 100, 100]);
  expect(extentOf([null, null], {from: 0, to: 2})).toBeUndefined();
  expect(extentOf([1, null, 3], {from: 0, to: 3})).toEqual({least: 1, most: 3, mean: 2});
});

test('a line stops at a hole and goes on behind it', () => {
  expect(runsOf([1, 2, undefined, 3])).toEqual([
    [
      [0, 1],
      [1, 2],
    ],
    [[3, 3]],
  ]);
  expect(runsOf([undefined])).toEqual([]);
});

test('ticks are round and hold all values', () => {
  expect(ticksOf(0, 100)).toEqual([0, 25, 50, 75, 100]);
  expect(ticksOf(0, 7)).toEqual([0, 2, 4, 6, 8]);
  expect(ticksOf(0, 0.3)).toEqual([0, 0.1, 0.2, 0.3]);
  expect(ticksOf(5, 5).length).toBeGreaterThan(1);
  fc.assert(
    fc.property(
      fc.double({min: 0, max: 1e9, noNaN: true}),
      fc.double({min: 1e-3, max: 1e9, noNaN: true}),
      (from, span) => {
        const ticks = ticksOf(from, from + span);
        expect(ticks.length).toBeLessThan(12);
        expect(ticks[0]).toBeLessThanOrEqual(from * (1 + 1e-9) + 1e-9);
        expect(ticks.at(-1)).toBeGreaterThanOrEqual((from + span) * (1 - 1e-9));
      },
    ),
  );
});

test('sources are counted a column, and what is not asked for is left out', () => {
  expect(countsOf([0, 1, 1, -2, -1, 0], columnsOf(6, 2), [0, 1, -2])).toEqual([
    [1, 2, 0],
    [1, 0, 1],
  ]);
});

test('the middle and the ends of values with holes', () => {
  expect([medianOf([null, 3, 1, 2]), medianOf([]), medianOf([4, 1])]).toEqual([2, undefined, 1]);
  expect([placeOfLeast([3, null, 1, 1]), placeOfLeast([3, null, 5], -1), placeOfLeast([null])]).toEqual([
    2,
    2,
    undefined,
  ]);
});
