/** Sources that move within the day: asked again until the games begin, followed by what reads them, and then kept. */
import {describe, expect, test} from 'vitest';
import {comingRefresh} from '../../planner/next-refresh.ts';
import {sentence} from '../../planner/sentence.ts';
import {Toy} from '../kit/toy.ts';

const DAY = '2024-01-15';
const FIRST = '2024-01-15T23:00:00Z';
const GAMES = {[DAY]: [`BOS-LAL scheduled 2024-01-16T03:00:00Z`, `NYK-MIA scheduled ${FIRST}`]};
const TEN = '2024-01-15T15:00:00Z';

function tonight(more: object = {}, games: Record<string, readonly string[]> = GAMES): Toy {
  const due = {days_before: 0, at: '10:00'};
  const toy = new Toy({
    assets: {
      'landing.lines': {
        files: 'assets/lines.ts',
        due,
        refresh: {every: '15m', until: 'first start'},
        ...more,
      },
      'raw.lines': {rows: 'assets/rows.ts', due, upstream: {answers: 'landing.lines'}},
      'own.said': {due, protect: {from: 'first start'}, upstream: {lines: 'raw.lines'}},
    },
  });
  toy.at('2024-01-15T12:00:00Z');
  toy.calendar(games);
  toy.at(TEN);
  return toy;
}

const ALL = [`landing.lines@${DAY}`, `raw.lines@${DAY}`, `own.said@${DAY}`];

describe('refresh until the first start', () => {
  test('begins at the due time, asks every so often and ends when the first game begins', () => {
    const toy = tonight();
    toy.at('2024-01-15T14:59:59Z');
    expect(toy.actions()).toEqual([]);
    toy.at(TEN);
    expect(toy.actions()).toEqual(ALL.map(ref => `run ${ref}`));
    toy.run();
    toy.at('2024-01-15T15:14:59Z');
    expect(toy.actions()).toEqual([]);
    toy.at('2024-01-15T15:15:00Z');
    expect(toy.actions()).toEqual([`run ${ALL[0]}`, `run-if ${ALL[1]}`, `run-if ${ALL[2]}`]);
    const {reasons} = toy.explain('landing.lines', DAY);
    expect(reasons).toEqual([
      {kind: 'refresh', lastTriedAt: Date.parse(TEN), until: {start: 'first start', at: Date.parse(FIRST)}},
    ]);
    expect(reasons.map(reason => sentence(reason, toy.now))).toEqual([
      'asked for again on the clock until its first start in 8 h, last tried 15 min ago',
    ]);
    toy.at('2024-01-15T22:59:59Z');
    expect(toy.verdict('landing.lines', DAY)).toBe('fresh run: refresh');
    toy.at(FIRST);
    expect(toy.actions()).toEqual([]);
  });

  test('of the last start goes on until the last game begins', () => {
    const toy = tonight({refresh: {every: '15m', until: 'last start'}});
    toy.run();
    toy.at(FIRST);
    expect(toy.verdict('landing.lines', DAY)).toBe('fresh run: refresh');
    toy.at('2024-01-16T03:00:00Z');
    expect(toy.actions()).toEqual([]);
  });

  test('counts a game whose start is not known as beginning at noon', () => {
    const toy = tonight({}, {[DAY]: ['BOS-LAL scheduled 2024-01-16T03:00:00Z', 'NYK-MIA scheduled']});
    toy.run();
    toy.at('2024-01-15T16:59:59Z');
    expect(toy.verdict('landing.lines', DAY)).toBe('fresh run: refresh');
    toy.at('2024-01-15T17:00:00Z');
    expect(toy.actions()).toEqual([]);
  });

  test('does not ask for games that are absent once the first has begun', () => {
    const toy = tonight({covers: {at_least: '100%'}});
    toy.touch('landing.lines', DAY, {absent: [`${DAY}:BOS-LAL`]});
    toy.at('2024-01-15T15:15:00Z');
    expect(toy.verdict('landing.lines', DAY)).toBe('partial run: below-coverage, refresh');
    toy.at('2024-01-17T23:00:00Z');
    expect(toy.verdict('landing.lines', DAY)).toBe('partial: below-coverage');
  });

  test('follows a game that is put off or moved to an earlier hour', () => {
    const toy = tonight();
    toy.run();
    toy.at('2024-01-15T20:00:00Z');
    toy.calendar({
      [DAY]: ['BOS-LAL scheduled 2024-01-16T03:00:00Z', 'NYK-MIA scheduled 2024-01-15T20:00:00Z'],
    });
    expect(toy.actions()).toEqual([]);
    toy.calendar({
      [DAY]: ['BOS-LAL scheduled 2024-01-16T03:00:00Z', 'NYK-MIA scheduled 2024-01-16T01:00:00Z'],
    });
    expect(toy.verdict('landing.lines', DAY)).toBe('fresh run: refresh');
  });

  test('tells which is asked for next, and none after the end', () => {
    const toy = tonight();
    expect(comingRefresh(toy.frame())).toBeUndefined();
    toy.run();
    toy.at('2024-01-15T15:05:00Z');
    const at = Date.parse('2024-01-15T15:15:00Z');
    expect(comingRefresh(toy.frame())).toEqual({at, first: ALL[0], count: 1});
    toy.at('2024-01-15T22:50:00Z');
    toy.run();
    expect(comingRefresh(toy.frame())).toBeUndefined();
  });
});

describe('protected from the first start on', () => {
  test('what reads a source that moved is made again before it, and kept from then on', () => {
    const toy = tonight();
    toy.run();
    toy.at('2024-01-15T22:45:00Z');
    toy.touch('landing.lines', DAY, {version: '00000000000000a1'});
    expect([...toy.run()]).toEqual([
      [`raw.lines@${DAY}`, 'succeeded'],
      [`own.said@${DAY}`, 'succeeded'],
    ]);
    // Too late to be followed.
    toy.touch('landing.lines', DAY, {version: '00000000000000a2'});
    toy.at(FIRST);
    expect(toy.actions()).toEqual([`run raw.lines@${DAY}`]);
    toy.run();
    expect(toy.verdict('own.said', DAY)).toBe('stale skip: upstream-changed, protected');
    expect(toy.verdict('own.said', DAY, {allowProtected: true})).toBe('stale run: upstream-changed');
  });

  test('what was never made is made after it as well', () => {
    const toy = tonight();
    toy.at('2024-01-18T00:00:00Z');
    expect(toy.actions()).toEqual(ALL.map(ref => `run ${ref}`));
  });

  test('a fetch that answers the same makes nothing of what reads it', () => {
    const toy = tonight();
    toy.run();
    toy.at('2024-01-15T15:15:00Z');
    expect([...toy.run()]).toEqual([
      [ALL[0], 'unchanged'],
      [ALL[1], 'not-needed'],
      [ALL[2], 'not-needed'],
    ]);
    expect(toy.actions()).toEqual([]);
  });
});
