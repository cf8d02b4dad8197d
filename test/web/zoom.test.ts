import fc from 'fast-check';
import {expect, test} from 'vitest';
import {moved, zoomed} from '../../web/zoom.ts';

test('what is zoomed keeps what lies under the pointer where it is, and stays within the whole', () => {
  fc.assert(
    fc.property(
      fc.integer({min: 0, max: 1000}),
      fc.integer({min: 20, max: 100_000}),
      fc.double({min: 0, max: 1, noNaN: true}),
      fc.double({min: 0.2, max: 5, noNaN: true}),
      (start, count, share, factor) => {
        const whole = {from: start, to: start + count};
        const view = {from: start + count * 0.25, to: start + count * 0.75};
        const around = view.from + share * (view.to - view.from);
        const {from, to} = zoomed(view, {factor, around}, whole, 8);
        expect(from).toBeGreaterThanOrEqual(whole.from);
        expect(to).toBeLessThanOrEqual(whole.to + 1e-6);
        expect(to - from).toBeGreaterThanOrEqual(8 - 1e-6);
        const isFree = from > whole.from && to < whole.to && to - from > 8;
        if (isFree) expect((around - from) / (to - from)).toBeCloseTo(share, 5);
        if (isFree) expect((view.to - view.from) / (to - from)).toBeCloseTo(factor, 5);
      },
    ),
  );
});

test('a whole that is shorter than the least is seen whole', () => {
  const whole = {from: 10, to: 14};
  expect(zoomed(whole, {factor: 3, around: 11}, whole, 8)).toEqual(whole);
});

test('what is moved keeps its length, and stops at the ends', () => {
  const whole = {from: 0, to: 100};
  expect(moved({from: 10, to: 30}, 5, whole)).toEqual({from: 15, to: 35});
  expect(moved({from: 10, to: 30}, 1000, whole)).toEqual({from: 80, to: 100});
  expect(moved({from: 10, to: 30}, -1000, whole)).toEqual({from: 0, to: 20});
});
