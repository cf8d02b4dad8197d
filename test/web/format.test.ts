import {expect, test} from 'vitest';
import {agoText, asSentence, fullTime, keyInWords, shortTime, windowInFull} from '../../web/format.ts';

const at = Date.parse('2026-07-22T13:00:05Z');

test('a time is told in the zone of the pipeline, and no longer than needed', () => {
  const zone = 'America/New_York';
  expect(fullTime(at, zone)).toBe('Wed 22 Jul 2026, 09:00:05 ET');
  expect(fullTime(at, null)).toBe('Wed 22 Jul 2026, 13:00:05 UTC');
  expect(shortTime(at, at + 3_600_000, zone)).toBe('09:00 ET');
  expect(shortTime(at, at + 86_400_000, zone)).toBe('22 Jul, 09:00 ET');
  expect(shortTime(at, at + 365 * 86_400_000, zone)).toBe('22 Jul 2026, 09:00 ET');
  // Three in the morning of the 23rd in London is still the 22nd in New York.
  expect(shortTime(Date.parse('2026-07-23T02:00:00Z'), at, zone)).toBe('22:00 ET');
});

test('what is to come and what was are told apart', () => {
  expect([agoText(at - 5000, at), agoText(at - 1_200_000, at), agoText(at + 18_000_000, at)]).toEqual([
    'just now',
    '20 min ago',
    'in 5 h',
  ]);
});

test('what stands after a name becomes a sentence', () => {
  expect([asSentence('it is fresh and lacks nothing')]).toEqual(['It is fresh and lacks nothing.']);
});

test('a date is written out, a season and the whole stay as they are', () => {
  expect(['2024-10-22', '2023-24', 'all'].map(keyInWords)).toEqual([
    'Tuesday 22 October 2024',
    '2023-24',
    'all',
  ]);
});

test('a window without a name is the same key', () => {
  expect(['', 'not required', 'at least 1%', 'season to date, at least 90%'].map(windowInFull)).toEqual([
    'the same key',
    'the same key, not required',
    'the same key, at least 1%',
    'season to date, at least 90%',
  ]);
});
