import {describe, expect, test} from 'vitest';
import {dateOf, dayOf, hasCome, instantOf, isTimezone, wallClock} from '../../planner/day.ts';

const NEW_YORK = 'America/New_York';
const at = (date: string, minute: number): string =>
  new Date(instantOf(dayOf(date), minute, NEW_YORK)).toISOString();

test('a day number is a date and back', () => {
  expect(dayOf('1970-01-01')).toBe(0);
  expect(dateOf(dayOf('2024-02-29'))).toBe('2024-02-29');
});

test.for(['2024-02-30', '2023-02-29', '2024-1-1', '2024-13-01', 'all', '2023-24', ''])(
  '%s is no date',
  text => {
    expect(dayOf(text)).toBeNaN();
  },
);

test('a time zone is one that the system knows', () => {
  expect(isTimezone('America/New_York')).toBe(true);
  expect(isTimezone('Eastern')).toBe(false);
  expect(isTimezone('')).toBe(false);
});

describe('a time of day in New York', () => {
  test('is five hours behind in winter and four in summer', () => {
    expect(at('2024-01-15', 600)).toBe('2024-01-15T15:00:00.000Z');
    expect(at('2024-07-15', 600)).toBe('2024-07-15T14:00:00.000Z');
  });

  test('is right on both sides of the change in spring', () => {
    expect(at('2024-03-10', 60)).toBe('2024-03-10T06:00:00.000Z');
    expect(at('2024-03-10', 180)).toBe('2024-03-10T07:00:00.000Z');
    expect(at('2024-03-10', 0)).toBe('2024-03-10T05:00:00.000Z');
    expect(at('2024-03-11', 0)).toBe('2024-03-11T04:00:00.000Z');
  });

  test('that is skipped in spring is taken with the offset before it', () => {
    expect(at('2024-03-10', 150)).toBe('2024-03-10T07:30:00.000Z');
  });

  test('that comes twice in autumn is its first', () => {
    expect(at('2024-11-03', 90)).toBe('2024-11-03T05:30:00.000Z');
  });

  test('is right on both sides of the change in autumn', () => {
    expect(at('2024-11-03', 0)).toBe('2024-11-03T04:00:00.000Z');
    expect(at('2024-11-03', 120)).toBe('2024-11-03T07:00:00.000Z');
    expect(at('2024-11-04', 0)).toBe('2024-11-04T05:00:00.000Z');
  });

  test('is what its wall clock shows', () => {
    expect(wallClock(Date.parse('2024-11-03T06:30:00Z'), NEW_YORK)).toEqual({
      day: dayOf('2024-11-03'),
      minute: 90,
    });
  });
});

test('an instant has come exactly when it is not after now, in the furthest zones and long ago', () => {
  for (const timezone of ['Pacific/Kiritimati', 'Etc/GMT+12', 'America/New_York', 'UTC']) {
    for (const day of [-20_000, 19_792, 19_793, 90_000]) {
      for (const minute of [0, 1, 600, 1439]) {
        const at = instantOf(day, minute, timezone);
        const come = [at - 90_000_000, at - 1, at, at + 1, at + 90_000_000].map(now =>
          hasCome(day, minute, timezone, now),
        );
        expect(come, `${timezone} ${day} ${minute}`).toEqual([false, false, true, true, true]);
      }
    }
  }
});
