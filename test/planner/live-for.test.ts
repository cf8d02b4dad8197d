/** Sources that show only the present: after a while there is nothing to be asked for, and nothing is. */
import {expect, test} from 'vitest';
import {name, Toy} from '../kit/toy.ts';

const DAY = '2024-01-15';
const HOUR = 3_600_000;
const END_OF_DAY = Date.parse('2024-01-16T05:00:00Z');

function toyOf(more: object = {}): Toy {
  const toy = new Toy({
    assets: {
      'landing.injuries': {files: 'assets/injuries.ts', live_for: '2 days', refresh: {every: '6h'}, ...more},
      'raw.injuries': {rows: 'assets/rows.ts', upstream: {answers: 'landing.injuries'}},
    },
  });
  toy.calendar({[DAY]: ['BOS-LAL #1']});
  return toy;
}

test('within its time a hole is filled, after it the hole stays and says why, and what needs it waits', () => {
  const toy = toyOf();
  toy.now = END_OF_DAY + 48 * HOUR;
  expect(toy.verdict('landing.injuries', DAY)).toBe('missing run: never-materialized');
  toy.now += 1;
  expect(toy.verdict('landing.injuries', DAY)).toBe('missing: too-late');
  expect(toy.verdict('raw.injuries', DAY)).toBe('missing wait: never-materialized, upstream-missing');
  expect(toy.verdict('landing.injuries', DAY, {force: true})).toBe('missing run: too-late, forced');
});

test('no clock asks again: neither for what failed nor for what is there', () => {
  const failed = toyOf();
  failed.now = END_OF_DAY + 47 * HOUR;
  failed.fail('landing.injuries', DAY);
  failed.now += 100 * HOUR;
  expect(failed.verdict('landing.injuries', DAY)).toBe('missing: too-late, last-attempt-failed');
  const there = toyOf();
  there.now = END_OF_DAY + HOUR;
  there.touch('landing.injuries', DAY);
  there.now += 7 * HOUR;
  expect(there.verdict('landing.injuries', DAY)).toBe('fresh run: refresh');
  there.now += 60 * HOUR;
  expect(there.verdict('landing.injuries', DAY)).toBe('fresh');
});

test('a date whose games moved keeps what was fetched of it', () => {
  const toy = toyOf();
  toy.now = END_OF_DAY + HOUR;
  toy.touch('landing.injuries', DAY);
  toy.calendar({[DAY]: ['BOS-LAL #1', 'NYK-MIA #2']});
  toy.now += 60 * HOUR;
  expect(toy.verdict('landing.injuries', DAY)).toBe('stale: calendar-changed');
});

test('a cascade does not turn to a source whose time is over, unless someone forces it', () => {
  const source = (name: string) => ({name, upstream: `landing.${name}`});
  const toy = new Toy({
    assets: {
      'landing.first': {files: 'assets/first.ts'},
      'landing.lines': {files: 'assets/lines.ts', live_for: '2 days'},
      'raw.lines': {rows: 'assets/rows.ts', sources: [source('first'), source('lines')]},
    },
  });
  toy.calendar({[DAY]: ['BOS-LAL #1']});
  toy.now = END_OF_DAY + 48 * HOUR;
  expect(toy.actions()).toContain(`run-if landing.lines@${DAY}`);
  toy.now += 1;
  expect(toy.actions()).toEqual([`run landing.first@${DAY}`, `run raw.lines@${DAY}`]);
  toy.fail('landing.first', DAY);
  toy.fail('raw.lines', DAY);
  toy.now += 30 * HOUR;
  expect(toy.actions().filter(each => each.includes('landing.lines'))).toEqual([]);
  const selection = [{assets: new Set([name('landing.lines')]), states: undefined}];
  expect(toy.actions({force: true, selection})).toEqual([`run landing.lines@${DAY}`]);
});
