/** How several runs share what a site allows in a minute. */
import {expect, test} from 'vitest';
import {Allowance} from '../../runner/allowance.ts';

const SECOND = 1_000;

/** Asks as fast as it may, second by second; when requests began. */
function askAll(allowance: Allowance, from: number, to: number): readonly number[] {
  const begun: number[] = [];
  for (let now = from; now < to; now += SECOND) {
    while (allowance.freeAt(now) <= now) {
      allowance.begin(now);
      begun.push(now);
    }
  }
  return begun;
}

/** The most that any 60 seconds saw. */
function mostInAMinute(begun: readonly number[]): number {
  return Math.max(
    ...begun.map(start => begun.filter(each => each >= start && each < start + 60 * SECOND).length),
  );
}

test('one alone has all that the site allows', () => {
  const begun = askAll(new Allowance(30), 0, 180 * SECOND);
  expect(begun).toHaveLength(90);
  expect(mostInAMinute(begun)).toBe(30);
});

test('when another comes and goes, no 60 seconds see more than the site allows', () => {
  const first = new Allowance(30);
  const begun = [...askAll(first, 0, 70 * SECOND)];
  const second = new Allowance(30);
  second.shareAmong({runs: 2, at: 70 * SECOND});
  first.shareAmong({runs: 2, at: 70 * SECOND});
  for (let now = 70 * SECOND; now < 300 * SECOND; now += SECOND)
    begun.push(...askAll(first, now, now + SECOND), ...askAll(second, now, now + SECOND));
  first.shareAmong({runs: 1, at: 300 * SECOND});
  begun.push(...askAll(first, 300 * SECOND, 480 * SECOND));
  expect(mostInAMinute(begun)).toBe(30);
  // Each of the two had its half in the end, and the one that is left has all again after a minute.
  expect(begun.filter(at => at >= 180 * SECOND && at < 300 * SECOND)).toHaveLength(60);
  expect(begun.filter(at => at >= 360 * SECOND && at < 480 * SECOND).length).toBeGreaterThan(45);
});

test('more runs than the site allows requests take turns over more than a minute', () => {
  const allowance = new Allowance(2);
  allowance.shareAmong({runs: 6, at: 0});
  const begun = askAll(allowance, 0, 600 * SECOND);
  expect(begun).toHaveLength(3);
});
