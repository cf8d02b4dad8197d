import {describe, expect, test} from 'vitest';
import {pan, ticksOf, wholeOf, zoom} from '../../web/run/time-scale.ts';

const whole = {from: 1000, to: 11_000};

describe('the whole', () => {
  test('is from the first beginning to the last end', () => {
    expect(wholeOf([500, 100, 900], [600, 2000, 950])).toEqual({from: 100, to: 2000});
  });

  test('is never empty, whatever there is', () => {
    expect(wholeOf([], [])).toEqual({from: 0, to: 1000});
    const {from, to} = wholeOf([500], [500]);
    expect(to).toBeGreaterThan(from);
  });
});

describe('zooming', () => {
  test('keeps what lies under the pointer where it is', () => {
    const at = 3500;
    const seen = zoom(whole, 2, at, whole);
    expect(seen.to - seen.from).toBeCloseTo(5000);
    expect((at - seen.from) / (seen.to - seen.from)).toBeCloseTo((at - 1000) / 10_000);
  });

  test('out ends at the whole', () => {
    expect(zoom({from: 4000, to: 5000}, 0.001, 4500, whole)).toEqual(whole);
  });

  test('in ends where nothing more would be told apart', () => {
    const {from, to} = zoom(whole, 1e9, 4000, whole);
    expect(to - from).toBeCloseTo(20);
    expect(from).toBeLessThanOrEqual(4000);
    expect(to).toBeGreaterThanOrEqual(4000);
  });

  test('in at an edge stays inside', () => {
    expect(zoom(whole, 4, whole.from, whole)).toEqual({from: 1000, to: 3500});
    expect(zoom(whole, 4, whole.to, whole)).toEqual({from: 8500, to: 11_000});
  });
});

describe('moving', () => {
  test('goes by a share of what is seen, and stops at the ends without growing or shrinking', () => {
    const seen = {from: 4000, to: 6000};
    expect(pan(seen, 0.5, whole)).toEqual({from: 5000, to: 7000});
    expect(pan(seen, -100, whole)).toEqual({from: 1000, to: 3000});
    expect(pan(seen, 100, whole)).toEqual({from: 9000, to: 11_000});
  });
});

describe('ticks', () => {
  test('stand at round times since the run began, no closer than they can be read', () => {
    const ticks = ticksOf({from: 0, to: 60_000}, 0, 600, 90);
    expect(ticks.map(({text}) => text)).toEqual(['0:00', '0:10', '0:20', '0:30', '0:40', '0:50', '1:00']);
  });

  test('count from the beginning of the run, not from what is seen', () => {
    const ticks = ticksOf({from: 3_725_000, to: 3_785_000}, 5000, 200, 90);
    expect(ticks.map(({text}) => text)).toEqual(['1:02:00', '1:02:30', '1:03:00']);
  });

  test('tell parts of a second when these are seen', () => {
    const ticks = ticksOf({from: 0, to: 1000}, 0, 500, 90);
    expect(ticks.map(({text}) => text)).toEqual(['0:00.0', '0:00.2', '0:00.4', '0:00.6', '0:00.8', '0:01.0']);
  });

  test('are few over days', () => {
    const ticks = ticksOf({from: 0, to: 10 * 86_400_000}, 0, 500, 90);
    expect(ticks.length).toBeLessThanOrEqual(6);
  });
});
