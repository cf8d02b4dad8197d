import {expect, test} from 'vitest';
import {cronTrouble, lastTime, nextTime} from '../../planner/cron.ts';

const next = (cron: string, zone: string, after: string): string | undefined => {
  const time = nextTime(cron, zone, Date.parse(after));
  return time === undefined ? undefined : new Date(time).toISOString();
};

test('the next time is by the clock of the zone, over the change to summer time too', () => {
  expect(next('0 9 * * *', 'America/New_York', '2024-03-09T13:59:59Z')).toBe('2024-03-09T14:00:00.000Z');
  expect(next('0 9 * * *', 'America/New_York', '2024-03-09T14:00:00Z')).toBe('2024-03-10T13:00:00.000Z');
  expect(next('*/15 * * * *', 'UTC', '2024-03-09T14:07:00Z')).toBe('2024-03-09T14:15:00.000Z');
});

test('the last time is the one that has come, to the second', () => {
  const last = (cron: string, at: string): string =>
    new Date(lastTime(cron, 'UTC', Date.parse(at)) ?? Number.NaN).toISOString();
  expect(last('15 * * * *', '2024-03-09T14:15:00.000Z')).toBe('2024-03-09T14:15:00.000Z');
  expect(last('15 * * * *', '2024-03-09T14:14:59.999Z')).toBe('2024-03-09T13:15:00.000Z');
  expect(last('* * * * * *', '2024-03-09T14:14:59.999Z')).toBe('2024-03-09T14:14:59.000Z');
  expect(cronTrouble('* * * * * *', {withSeconds: true})).toBeUndefined();
});

test('what is no schedule is told', () => {
  expect(cronTrouble('0 9 * * MON-FRI')).toBeUndefined();
  for (const text of ['', 'x', '0 9 * *', '0 0 9 * * *', '61 9 * * *', '@daily', '0 9 * * FOO'])
    expect(cronTrouble(text), text).toMatch(/^is no schedule: write minute/);
  expect(cronTrouble('0 9 31 2 *')).toBe('is a time that never comes: correct its day or month');
});
