import {describe, expect, test} from 'vitest';
import {Toy} from '../kit/toy.ts';
import type {ToyAsset, ToyGames} from '../kit/toy-spec.ts';

function dated(own: ToyAsset, games: ToyGames, now: string): Toy {
  const toy = new Toy({assets: {'own.table': own}});
  toy.at(now);
  toy.calendar(games);
  return toy;
}

/** The state of `own.table` on the first date of these games. */
function stateAt(own: ToyAsset, games: ToyGames, now: string): string {
  return dated(own, games, now).verdict('own.table', Object.keys(games)[0] ?? '');
}

describe('due: final', () => {
  const date = '2024-01-15';

  test('comes when every game is final', () => {
    expect(stateAt({}, {[date]: ['BOS-LAL final', 'NYK-MIA final']}, '2024-01-16T04:00:00Z')).toBe(
      'missing run: never-materialized',
    );
    const open = dated({}, {[date]: ['BOS-LAL final', 'NYK-MIA scheduled']}, '2024-01-16T04:00:00Z');
    expect(open.explain('own.table', date).reasons).toEqual([{kind: 'games-not-final', games: 1}]);
  });

  test('does not wait for games that were postponed or cancelled', () => {
    const games = {[date]: ['BOS-LAL final', 'NYK-MIA postponed', 'SEA-DEN cancelled']};
    expect(stateAt({}, games, '2024-01-16T04:00:00Z')).toBe('missing run: never-materialized');
  });

  test('comes 36 hours after the last game began all the same, with a note', () => {
    const games = {[date]: ['BOS-LAL scheduled 2024-01-16T00:30Z', 'NYK-MIA final 2024-01-16T03:00Z']};
    expect(stateAt({}, games, '2024-01-17T14:59:59Z')).toBe('not-due: games-not-final');
    const toy = dated({}, games, '2024-01-17T15:00:00Z');
    expect(toy.verdict('own.table', date)).toBe('missing run: never-materialized');
    expect(toy.explain('own.table', date).notes).toEqual([{kind: 'schedule-not-final'}]);
  });

  test('is counted from noon in the zone where the calendar has no times', () => {
    const games = {[date]: ['BOS-LAL scheduled']};
    expect(stateAt({}, games, '2024-01-17T04:59:59Z')).toBe('not-due: games-not-final');
    expect(stateAt({}, games, '2024-01-17T05:00:00Z')).toBe('missing run: never-materialized');
  });

  test('of a listed date comes when the day is over in the zone', () => {
    const calendars = {
      days: {dates: [{date, season: '2023-24'}], timezone: 'America/New_York'},
    };
    const toy = new Toy({manifest: {calendars}, assets: {'own.table': {}}});
    toy.at('2024-01-16T04:59:59Z');
    expect(toy.verdict('own.table', date)).toBe('not-due: games-not-final');
    toy.at('2024-01-16T05:00:00Z');
    expect(toy.verdict('own.table', date)).toBe('missing run: never-materialized');
  });
});

test('due: scheduled comes as soon as the date is known', () => {
  expect(stateAt({due: 'scheduled'}, {'2024-06-01': ['BOS-LAL']}, '2024-01-16T04:00:00Z')).toBe(
    'missing run: never-materialized',
  );
});

describe('due on the clock', () => {
  test.for<readonly [what: string, due: ToyAsset, date: string, dueAt: string]>([
    ['in winter', {days_before: 0, at: '10:00'}, '2024-01-15', '2024-01-15T15:00:00.000Z'],
    [
      'on the day of the change in spring',
      {days_before: 0, at: '10:00'},
      '2024-03-10',
      '2024-03-10T14:00:00.000Z',
    ],
    ['at an hour that is skipped', {days_before: 0, at: '02:30'}, '2024-03-10', '2024-03-10T07:30:00.000Z'],
    ['the day before the change', {days_before: 1, at: '10:00'}, '2024-03-10', '2024-03-09T15:00:00.000Z'],
    ['the day after the change', {days_after: 1, at: '06:00'}, '2024-03-09', '2024-03-10T10:00:00.000Z'],
    [
      'on the day of the change in autumn',
      {days_before: 0, at: '10:00'},
      '2024-11-03',
      '2024-11-03T15:00:00.000Z',
    ],
    ['at an hour that comes twice', {days_before: 0, at: '01:30'}, '2024-11-03', '2024-11-03T05:30:00.000Z'],
    ['the day before that change', {days_before: 1, at: '10:00'}, '2024-11-03', '2024-11-02T14:00:00.000Z'],
    ['the day after that change', {days_after: 1, at: '06:00'}, '2024-11-02', '2024-11-03T11:00:00.000Z'],
  ])('%s', ([, due, date, dueAt]) => {
    const toy = dated({due}, {[date]: ['BOS-LAL']}, '2024-01-01T00:00:00Z');
    toy.now = Date.parse(dueAt) - 1;
    expect(toy.explain('own.table', date).reasons).toEqual([{kind: 'not-yet', dueAt: Date.parse(dueAt)}]);
    toy.now = Date.parse(dueAt);
    expect(toy.verdict('own.table', date)).toBe('missing run: never-materialized');
  });

  test('does not ask whether games are final', () => {
    expect(
      stateAt(
        {due: {days_before: 0, at: '10:00'}},
        {'2024-01-15': ['BOS-LAL scheduled']},
        '2024-01-15T16:00:00Z',
      ),
    ).toBe('missing run: never-materialized');
  });
});

describe('seasons', () => {
  test('without a known game are not due', () => {
    const toy = dated({partition_by: 'season'}, {'2024-01-15': ['BOS-LAL']}, '2024-08-01T00:00:00Z');
    expect(toy.verdict('own.table', '2023-24')).toBe('missing run: never-materialized');
    expect(toy.verdict('own.table', '2024-25')).toBe('not-due: no-known-games');
  });

  test('are due as soon as a game is known, or when their first date is by a rule of their own', () => {
    const games = {'2024-10-22': ['BOS-NYK scheduled'], '2024-10-23': ['LAL-PHX scheduled']};
    const at = (due: object, now: string, known: Record<string, readonly string[]> = games) =>
      dated({partition_by: 'season', ...due}, known, now).verdict('own.table', '2024-25');
    expect(at({}, '2024-08-01T00:00:00Z')).toBe('missing run: never-materialized');
    expect(at({due: 'scheduled'}, '2024-08-01T00:00:00Z')).toBe('missing run: never-materialized');
    expect(at({due: 'final'}, '2024-08-01T00:00:00Z')).toBe('not-due: games-not-final');
    expect(at({due: 'final'}, '2024-10-23T12:00:00Z', {...games, '2024-10-22': ['BOS-NYK final']})).toBe(
      'missing run: never-materialized',
    );
    const morning = {due: {days_before: 0, at: '10:00'}};
    expect(at(morning, '2024-10-22T13:59:59Z')).toBe('not-due: not-yet');
    expect(at(morning, '2024-10-22T14:00:00Z')).toBe('missing run: never-materialized');
  });

  test('that need a season which is not due are not due either, and leave out dates that are not', () => {
    const toy = new Toy({
      assets: {
        'own.answers': {partition_by: 'season', due: 'final'},
        'own.table': {partition_by: 'season', upstream: {answers: 'own.answers'}},
        'own.dates': {},
        'own.total': {partition_by: 'season', upstream: {dates: 'own.dates'}, empty: 'allowed'},
      },
    });
    toy.at('2024-08-01T00:00:00Z');
    toy.calendar({'2024-10-22': ['BOS-NYK scheduled']});
    expect(toy.verdict('own.table', '2024-25')).toBe('not-due: upstream-not-due');
    expect(toy.verdict('own.total', '2024-25')).toBe('missing run: never-materialized');
  });

  test('of the calendar’s own asset are due before any game is known', () => {
    const toy = new Toy({assets: {'own.table': {partition_by: 'season'}}});
    expect(toy.verdict('raw.schedule', '2023-24')).toBe('missing run: never-materialized');
    expect(toy.verdict('own.table', '2023-24')).toBe('not-due: no-known-games');
  });

  test('begin when their rollover has passed in the zone', () => {
    const toy = new Toy({assets: {}});
    toy.at('2024-07-01T03:59:59Z');
    expect(toy.asset('raw.schedule').keys).toEqual(['2023-24']);
    toy.at('2024-07-01T04:00:00Z');
    expect(toy.asset('raw.schedule').keys).toEqual(['2023-24', '2024-25']);
  });
});

describe('refresh', () => {
  const date = '2024-01-15';
  const own = {files: 'assets/own.ts', refresh: {every: '24h', until: '3d'}};
  const games = {[date]: ['BOS-LAL final']};
  const fetched = (at: string, refresh: ToyAsset = own): Toy => {
    const toy = dated(refresh, games, at);
    toy.touch('own.table', Object.keys(games)[0] ?? '');
    return toy;
  };

  test('plans a fetch again when the last try is old enough', () => {
    const toy = fetched('2024-01-16T10:00:00Z');
    toy.at('2024-01-17T09:59:59Z');
    expect(toy.verdict('own.table', date)).toBe('fresh');
    toy.at('2024-01-17T10:00:00Z');
    expect(toy.explain('own.table', date)).toMatchObject({
      state: 'fresh',
      action: 'run',
      reasons: [{kind: 'refresh', lastTriedAt: Date.parse('2024-01-16T10:00:00Z')}],
    });
  });

  test('is over once it was fetched after the due time and until', () => {
    const toy = fetched('2024-01-19T05:00:00Z');
    toy.at('2024-02-19T05:00:00Z');
    expect(toy.verdict('own.table', date)).toBe('fresh');
  });

  test('without until is over after three days', () => {
    const refresh = {files: 'assets/own.ts', refresh: {every: '12h'}};
    const toy = fetched('2024-01-19T04:59:59Z', refresh);
    toy.at('2024-01-20T05:00:00Z');
    expect(toy.verdict('own.table', date)).toBe('fresh run: refresh');
    toy.touch('own.table', date);
    toy.at('2024-01-21T05:00:00Z');
    expect(toy.verdict('own.table', date)).toBe('fresh');
  });

  test('ends also where the source answers the same each time', () => {
    const toy = fetched('2024-01-16T10:00:00Z');
    for (const at of ['2024-01-17T10:00:00Z', '2024-01-18T10:00:00Z', '2024-01-19T10:00:00Z']) {
      toy.at(at);
      expect(toy.run().get(`own.table@${date}`)).toBe('unchanged');
    }
    toy.at('2024-01-20T10:00:00Z');
    expect(toy.actions()).toEqual([]);
  });

  test('waits after a failed try as after a good one', () => {
    const toy = fetched('2024-01-16T10:00:00Z');
    toy.at('2024-01-17T10:00:00Z');
    toy.fail('own.table', date);
    toy.at('2024-01-18T09:00:00Z');
    expect(toy.verdict('own.table', date)).toBe('fresh: last-attempt-failed');
    toy.at('2024-01-18T10:00:00Z');
    expect(toy.verdict('own.table', date)).toBe('fresh run: last-attempt-failed, refresh');
  });

  test('of a season goes on while a game is open, and a while after its last', () => {
    const season = {files: 'assets/own.ts', partition_by: 'season', refresh: {every: '12h', until: '1d'}};
    const toy = dated(season, {[date]: ['BOS-LAL final'], '2024-01-18': ['BOS-LAL']}, '2024-01-16T10:00:00Z');
    toy.touch('own.table', '2023-24');
    toy.at('2024-01-17T00:00:00Z');
    expect(toy.verdict('own.table', '2023-24')).toBe('fresh run: refresh');
    toy.calendar({[date]: ['BOS-LAL final'], '2024-01-18': ['BOS-LAL final']});
    toy.at('2024-01-20T06:00:00Z');
    expect(toy.verdict('own.table', '2023-24')).toBe('fresh run: refresh');
    toy.touch('own.table', '2023-24');
    toy.at('2024-03-20T06:00:00Z');
    expect(toy.verdict('own.table', '2023-24')).toBe('fresh');
  });

  test('of a season ends with the first fetch after its last day, whatever was never declared final', () => {
    const season = {files: 'assets/own.ts', partition_by: 'season', refresh: {every: '12h'}};
    const toy = dated(season, {[date]: ['BOS-LAL scheduled']}, '2024-06-30T10:00:00Z');
    toy.touch('own.table', '2023-24');
    toy.at('2024-07-01T10:00:00Z');
    expect(toy.verdict('own.table', '2023-24')).toBe('fresh run: refresh');
    toy.touch('own.table', '2023-24');
    toy.at('2024-09-01T10:00:00Z');
    expect(toy.verdict('own.table', '2023-24')).toBe('fresh');
  });
});
