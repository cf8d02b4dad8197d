import {expect, test} from 'vitest';
import {
  isMonthDay,
  isSeason,
  parseDays,
  parseDuration,
  parsePercentage,
  parseSize,
  parseTimeOfDay,
  seasonHolding,
} from '../../planner/duration.ts';
import {defaultWindow, parseWindow} from '../../planner/window-text.ts';

test.for([
  ['90s', 90_000],
  ['3m', 180_000],
  ['1.5h', 5_400_000],
  ['14 days', 1_209_600_000],
  ['1 day', 86_400_000],
  ['2 weeks', 1_209_600_000],
  ['250ms', 250],
  ['', undefined],
  ['14', undefined],
  ['0s', undefined],
  ['-3m', undefined],
  ['3 months', undefined],
  ['mss', undefined],
  ['1 constructor', undefined],
  ['1e9d', undefined],
  ['999999999 weeks', undefined],
] as const)('the duration "%s" is %s milliseconds', ([text, ms]) => {
  expect(parseDuration(text)).toBe(ms);
});

test('days are whole', () => {
  expect(parseDays('48h')).toBe(2);
  expect(parseDays('36h')).toBeUndefined();
});

test('a size counts in tens or in twos, as its unit says', () => {
  expect(parseSize('512 MB')).toBe(512_000_000);
  expect(parseSize('4GiB')).toBe(4 * 2 ** 30);
  for (const wrong of ['4', '4 gigs', '0 B', '-1 GB', '4 gb']) expect(parseSize(wrong)).toBeUndefined();
});

test('a percentage lies from 0 to 100 and has its sign', () => {
  expect(parsePercentage('90%')).toBe(0.9);
  expect(parsePercentage('99.5 %')).toBe(0.995);
  expect(parsePercentage('0%')).toBe(0);
  for (const wrong of ['90', '100.1%', '-1%', '%', '0.9']) expect(parsePercentage(wrong)).toBeUndefined();
});

test('a time of day has hours and minutes', () => {
  expect(parseTimeOfDay('10:00')).toBe(600);
  expect(parseTimeOfDay('6:30')).toBe(390);
  for (const wrong of ['24:00', '10', '10:60', '10:00:00']) expect(parseTimeOfDay(wrong)).toBeUndefined();
});

test('a season is a year and the two digits of the next', () => {
  expect(['2023-24', '1999-00'].every(isSeason)).toBe(true);
  expect(['2023-25', '2023', '2023-2024', '23-24'].some(isSeason)).toBe(false);
});

test('a season rolls over on its day', () => {
  expect(seasonHolding('2024-06-30', '07-01')).toBe('2023-24');
  expect(seasonHolding('2024-07-01', '07-01')).toBe('2024-25');
  expect(seasonHolding('1999-12-31', '07-01')).toBe('1999-00');
});

test('the last of February is no day that every year has', () => {
  expect(isMonthDay('07-01')).toBe(true);
  expect(isMonthDay('02-29')).toBe(false);
  expect(isMonthDay('31-12')).toBe(false);
});

test('what an edge reads without a window follows from the grains of both ends', () => {
  const kind = (own: 'date' | 'season' | 'all', upstream: 'date' | 'season' | 'all') => {
    const result = defaultWindow(own, upstream);
    return result.kind === 'window' ? result.window.kind : 'wrong';
  };
  expect(kind('date', 'date')).toBe('same');
  expect(kind('season', 'season')).toBe('same');
  expect(kind('all', 'all')).toBe('same');
  expect(kind('date', 'season')).toBe('season-of-date');
  expect(kind('season', 'date')).toBe('dates-of-season');
  expect(kind('date', 'all')).toBe('whole');
  expect(kind('season', 'all')).toBe('whole');
  expect(kind('all', 'date')).toBe('wrong');
  expect(kind('all', 'season')).toBe('wrong');
});

test.for([
  ['30 days', {kind: 'days', count: 30}],
  ['1 day', {kind: 'days', count: 1}],
  ['10 dates', {kind: 'dates', count: 10}],
  ['15 games per team', {kind: 'games', count: 15, teams: 'every'}],
  ['15 games per playing team', {kind: 'games', count: 15, teams: 'playing'}],
  ['season to date', {kind: 'season-to-date'}],
  ['Season  To Date', {kind: 'season-to-date'}],
  ['previous', {kind: 'previous'}],
  ['all', {kind: 'all'}],
] as const)('the window "%s" is read', ([text, window]) => {
  const result = parseWindow(text, {own: 'date', upstream: 'date', crossesSeasons: false});
  expect(result).toEqual({kind: 'window', window});
});
