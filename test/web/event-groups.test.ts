import {expect, test} from 'vitest';
import type {EventBody} from '../../server/schema/gap.ts';
import {groupEvents} from '../../web/event-groups.ts';

const event = (game: string | null, rest: Partial<EventBody> = {}): EventBody => ({
  at: 5,
  run: 'r1',
  asset: 'raw.plays',
  key: '2024-01-15',
  game,
  kind: 'source-degraded',
  severity: 'warning',
  source: null,
  detail: 'not in the answer',
  resolution: 'open',
  end: 'open',
  ...rest,
});
const games = (events: readonly EventBody[]) => groupEvents(events).map(each => each.games);

test('the same of several games is told once', () => {
  expect(games([event('1'), event('2'), event('3', {key: '2024-01-16'}), event('4')])).toEqual([
    ['1', '2'],
    ['3'],
    ['4'],
  ]);
});

test('what ended in another way stays apart, and so does what is of no game', () => {
  expect(
    games([event('1'), event('2', {resolution: 'accepted', end: 'accepted'}), event(null), event(null)]),
  ).toEqual([['1'], ['2'], [], []]);
});
