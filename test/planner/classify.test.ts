import {describe, expect, test} from 'vitest';
import {Toy} from '../kit/toy.ts';
import type {ToyAsset, ToySpec} from '../kit/toy-spec.ts';

const [DAY1, DAY2, DAY3] = ['2024-01-15', '2024-01-16', '2024-01-20'] as const;
const GAMES = {
  [DAY1]: ['BOS-LAL #1', 'NYK-MIA #2'],
  [DAY2]: ['SEA-DEN #3'],
  [DAY3]: ['BOS-NYK #4', 'LAL-MIA #5'],
};
const COVERS = {column: 'game_id'};

function toyOf(assets: Readonly<Record<string, ToyAsset>>, more: Partial<ToySpec> = {}): Toy {
  const toy = new Toy({assets, ...more});
  toy.calendar(GAMES);
  return toy;
}

function gap(asset: string, more: Readonly<Record<string, unknown>> = {}) {
  return {asset, keys: [DAY2], reason: 'no rows', accepted_by: 'a@b.c', accepted_on: '2024-01-20', ...more};
}

describe('the order of decision', () => {
  test('exempt goes before published', () => {
    const toy = toyOf({'raw.box': {}});
    toy.touch('raw.box', DAY1);
    toy.change({assets: {'raw.box': {start: DAY2}}});
    expect(toy.explain('raw.box', DAY1)).toMatchObject({
      state: 'exempt',
      action: undefined,
      reasons: [{kind: 'before-start', start: DAY2}],
    });
  });

  test('stale goes before partial', () => {
    const toy = toyOf({'raw.box': {covers: COVERS}});
    toy.touch('raw.box', DAY1, {absent: ['1']});
    toy.change({texts: {'raw.box': 'SELECT 2'}});
    expect(toy.verdict('raw.box', DAY1)).toBe('stale run: definition-changed');
  });

  test('published goes before accepted', () => {
    const toy = toyOf({'raw.box': {}}, {knownGaps: [gap('raw.box')]});
    expect(toy.explain('raw.box', DAY2).state).toBe('accepted');
    toy.touch('raw.box', DAY2);
    expect(toy.verdict('raw.box', DAY2)).toBe('fresh');
  });

  test('accepted goes before not due', () => {
    const toy = toyOf({'raw.box': {due: {days_after: 300, at: '10:00'}}}, {knownGaps: [gap('raw.box')]});
    expect(toy.explain('raw.box', DAY1).state).toBe('not-due');
    expect(toy.explain('raw.box', DAY2).state).toBe('accepted');
  });

  test('a published partition stays fresh before its time', () => {
    const toy = toyOf({'raw.box': {due: {days_after: 300, at: '10:00'}}});
    toy.touch('raw.box', DAY1);
    expect(toy.verdict('raw.box', DAY1)).toBe('fresh');
  });
});

describe('exempt', () => {
  test('before the start and after the end, for dates and seasons', () => {
    const toy = toyOf({
      'raw.late': {start: DAY2, end: DAY2},
      'raw.season': {partition_by: 'season', start: '2024-07-01'},
      'raw.ended': {partition_by: 'season', end: '2023-06-30'},
      'raw.touched': {partition_by: 'season', start: '2024-06-30', end: '2024-06-30'},
    });
    expect(toy.verdict('raw.late', DAY1)).toBe('exempt: before-start');
    expect(toy.verdict('raw.late', DAY2)).toBe('missing run: never-materialized');
    expect(toy.verdict('raw.late', DAY3)).toBe('exempt: after-end');
    expect(toy.verdict('raw.season', '2023-24')).toBe('exempt: before-start');
    expect(toy.verdict('raw.ended', '2023-24')).toBe('exempt: after-end');
    expect(toy.verdict('raw.touched', '2023-24')).toBe('missing run: never-materialized');
  });

  test('in the first days of every season', () => {
    const toy = new Toy({assets: {'raw.box': {skip_first: '2 days'}}});
    toy.at('2024-12-01T00:00:00Z');
    toy.calendar({...GAMES, '2024-10-22': ['BOS-LAL'], '2024-10-24': ['BOS-LAL']});
    expect(
      [DAY1, DAY2, DAY3, '2024-10-22', '2024-10-24'].map(key => toy.explain('raw.box', key).state),
    ).toEqual(['exempt', 'exempt', 'missing', 'exempt', 'missing']);
    expect(toy.explain('raw.box', DAY2).reasons).toEqual([{kind: 'bootstrap', days: 2}]);
  });

  test('passes down required edges of the same key, and no others', () => {
    const toy = toyOf({
      'raw.box': {start: DAY2},
      'own.needs': {upstream: {box: 'raw.box'}},
      'own.deeper': {upstream: {box: 'own.needs'}},
      'own.soft': {upstream: {box: {asset: 'raw.box', required: false}}},
      'own.window': {upstream: {box: {asset: 'raw.box', window: '3 dates', through: 'today'}}},
    });
    expect(toy.explain('own.deeper', DAY1).reasons).toEqual([
      {kind: 'upstream-exempt', upstream: `own.needs@${DAY1}`},
    ]);
    expect(toy.explain('own.soft', DAY1).state).toBe('missing');
    expect(toy.explain('own.window', DAY1).state).toBe('missing');
  });
});

describe('accepted', () => {
  const assets = {
    'raw.box': {covers: COVERS},
    'own.needs': {upstream: {box: 'raw.box'}},
    'own.window': {upstream: {box: {asset: 'raw.box', window: '2 dates'}}},
  };

  test('is a gap that is signed off, and what needs it on the same key', () => {
    const toy = toyOf(assets, {knownGaps: [gap('raw.box')]});
    expect(toy.explain('raw.box', DAY2)).toMatchObject({
      state: 'accepted',
      action: undefined,
      reasons: [{kind: 'accepted-gap', reason: 'no rows', by: 'a@b.c', on: '2024-01-20'}],
    });
    expect(toy.explain('own.needs', DAY2).reasons).toEqual([
      {kind: 'upstream-accepted', upstream: `raw.box@${DAY2}`},
    ]);
    expect(toy.explain('own.window', DAY2).state).toBe('missing');
  });

  test('by games, when all of the date’s are signed off', () => {
    const one = toyOf(assets, {knownGaps: [gap('raw.box', {keys: [DAY1], games: ['1']})]});
    expect(one.explain('raw.box', DAY1).state).toBe('missing');
    const both = toyOf(assets, {knownGaps: [gap('raw.box', {keys: [DAY1], games: ['1', '2']})]});
    expect(both.explain('raw.box', DAY1).state).toBe('accepted');
  });

  test('holds for ranges, both ends meant', () => {
    const toy = toyOf(assets, {knownGaps: [gap('raw.box', {keys: [`${DAY1}..${DAY2}`]})]});
    expect([DAY1, DAY2, DAY3].map(key => toy.explain('raw.box', key).state)).toEqual([
      'accepted',
      'accepted',
      'missing',
    ]);
  });

  test('ends on the day of until, in the calendar’s zone', () => {
    const toy = toyOf(assets, {knownGaps: [gap('raw.box', {until: '2024-02-02'})]});
    toy.at('2024-02-02T04:59:59Z');
    expect(toy.explain('raw.box', DAY2).state).toBe('accepted');
    toy.at('2024-02-02T05:00:00Z');
    expect(toy.explain('raw.box', DAY2).state).toBe('missing');
  });
});

describe('partial', () => {
  test('is below the declared coverage, with the games named', () => {
    const toy = toyOf({'raw.box': {covers: COVERS}});
    toy.touch('raw.box', DAY1, {absent: ['2']});
    expect(toy.explain('raw.box', DAY1)).toMatchObject({
      state: 'partial',
      action: undefined,
      reasons: [{kind: 'below-coverage', found: 1, expected: 2, absent: ['2']}],
    });
  });

  test('is not what reaches a lower bound', () => {
    const toy = toyOf({'raw.box': {covers: {column: 'game_id', at_least: '50%'}}});
    toy.touch('raw.box', DAY1, {absent: ['2']});
    toy.touch('raw.box', DAY3, {absent: ['4', '5']});
    expect(toy.verdict('raw.box', DAY1)).toBe('fresh');
    expect(toy.explain('raw.box', DAY3).state).toBe('partial');
  });

  test('leaves out games that are signed off', () => {
    const toy = toyOf(
      {'raw.box': {covers: COVERS}},
      {knownGaps: [gap('raw.box', {keys: [DAY1], games: ['2']})]},
    );
    toy.touch('raw.box', DAY1, {absent: ['2']});
    expect(toy.verdict('raw.box', DAY1)).toBe('fresh');
    toy.touch('raw.box', DAY1, {absent: ['1', '2']});
    expect(toy.explain('raw.box', DAY1).reasons).toEqual([
      {kind: 'below-coverage', found: 0, expected: 1, absent: ['1']},
    ]);
  });

  test('is nothing that an asset without coverage can be', () => {
    const toy = toyOf({'raw.box': {covers: COVERS}});
    toy.touch('raw.box', DAY1, {absent: ['2']});
    toy.change({assets: {'raw.box': {}}});
    expect(toy.explain('raw.box', DAY1).state).not.toBe('partial');
  });
});

describe('missing', () => {
  test('says whether it ever was, and how the last attempt went', () => {
    const toy = toyOf({'raw.box': {}});
    expect(toy.explain('raw.box', DAY1).reasons).toEqual([{kind: 'never-materialized'}]);
    toy.fail('raw.box', DAY1, {error: 'HTTP 503'});
    expect(toy.explain('raw.box', DAY1).reasons).toEqual([
      {kind: 'never-materialized'},
      {kind: 'last-attempt-failed', error: 'HTTP 503'},
    ]);
    toy.touch('raw.box', DAY1);
    toy.forget('raw.box', DAY1);
    expect(toy.verdict('raw.box', DAY1)).toBe('missing run: forgotten');
  });

  test('a quarantined attempt leaves the published rows and their state alone', () => {
    const toy = toyOf({'raw.box': {}});
    toy.touch('raw.box', DAY1);
    toy.fail('raw.box', DAY1, {quarantined: true, error: 'range(points)'});
    expect(toy.explain('raw.box', DAY1)).toMatchObject({
      state: 'fresh',
      reasons: [{kind: 'last-attempt-quarantined', error: 'range(points)'}],
    });
  });
});

describe('stale', () => {
  const assets = {'raw.box': {}, 'own.table': {upstream: {box: {asset: 'raw.box', window: '5 dates'}}}};
  const made = (): Toy => {
    const toy = toyOf(assets);
    toy.touch('raw.box', DAY1);
    toy.touch('raw.box', DAY2);
    toy.touch('own.table', DAY3);
    return toy;
  };

  test('names what changed, what arrived and what was lost', () => {
    const toy = made();
    toy.touch('raw.box', DAY1, {version: '00000000000000aa'});
    expect(toy.explain('own.table', DAY3).reasons).toEqual([
      {kind: 'upstream-changed', upstream: [`raw.box@${DAY1}`], count: 1},
    ]);
    toy.forget('raw.box', DAY2);
    expect(toy.explain('own.table', DAY3).reasons).toEqual([
      {kind: 'upstream-changed', upstream: [`raw.box@${DAY1}`], count: 1},
      {kind: 'upstream-lost', upstream: [`raw.box@${DAY2}`], count: 1},
    ]);
    const other = toyOf(assets);
    other.touch('raw.box', DAY1);
    other.touch('own.table', DAY3);
    other.touch('raw.box', DAY2);
    expect(other.explain('own.table', DAY3).reasons).toEqual([
      {kind: 'upstream-arrived', upstream: [`raw.box@${DAY2}`], count: 1},
    ]);
  });

  test('by a window that shifted, where nothing in it is newer', () => {
    const toy = toyOf(assets);
    for (const key of [DAY1, DAY2]) toy.touch('raw.box', key);
    toy.touch('own.table', DAY3);
    toy.change({assets: {...assets, 'raw.box': {start: DAY2}}});
    expect(toy.explain('own.table', DAY3).reasons).toEqual([{kind: 'window-changed'}]);
  });

  test('names no partition that is exempt, as it was never read', () => {
    const skipping = {...assets, 'raw.box': {start: DAY2}};
    const toy = toyOf(skipping);
    toy.touch('raw.box', DAY2);
    toy.touch('own.table', DAY3);
    toy.touch('raw.box', DAY1);
    expect(toy.explain('own.table', DAY3).state).toBe('fresh');
    toy.touch('raw.box', DAY2, {version: '00000000000000aa'});
    expect(toy.explain('own.table', DAY3).reasons).toEqual([
      {kind: 'upstream-changed', upstream: [`raw.box@${DAY2}`], count: 1},
    ]);
  });

  test('is over when the inputs are what they were', () => {
    const toy = made();
    toy.forget('raw.box', DAY2);
    toy.touch('raw.box', DAY2);
    expect(toy.explain('own.table', DAY3).state).toBe('fresh');
  });

  test('is not what reads without tracking', () => {
    const loose = {upstream: {box: {asset: 'raw.box', window: '5 dates', tracks: false}}};
    const toy = toyOf({...assets, 'own.table': loose});
    for (const key of [DAY1, DAY2]) toy.touch('raw.box', key);
    toy.touch('own.table', DAY3);
    toy.touch('raw.box', DAY1, {version: '00000000000000aa'});
    expect(toy.verdict('own.table', DAY3)).toBe('fresh');
  });

  test('soft and at_least edges count like the others', () => {
    const soft = {upstream: {box: {asset: 'raw.box', window: '5 dates', required: false}}};
    const some = {upstream: {box: {asset: 'raw.box', window: '5 dates', at_least: '50%'}}};
    const toy = toyOf({...assets, 'own.soft': soft, 'own.some': some});
    toy.touch('raw.box', DAY1);
    toy.touch('own.soft', DAY3);
    toy.touch('own.some', DAY3);
    toy.touch('raw.box', DAY2);
    expect(toy.explain('own.soft', DAY3).state).toBe('stale');
    expect(toy.explain('own.some', DAY3).state).toBe('stale');
  });
});

test('not due passes down required edges of a date, and is left out by seasons and by all', () => {
  const toy = toyOf({
    'raw.box': {due: {days_after: 14, at: '10:00'}},
    'own.table': {upstream: {box: 'raw.box'}},
    'own.window': {upstream: {box: {asset: 'raw.box', window: '2 dates', at_least: '10%'}}},
    'own.soft': {upstream: {box: {asset: 'raw.box', required: false}}},
    'own.season': {partition_by: 'season', upstream: {box: 'raw.box'}},
    'own.all': {partition_by: 'all', upstream: {box: {asset: 'raw.box', window: 'all'}}},
  });
  expect(toy.explain('own.table', DAY3)).toMatchObject({
    state: 'not-due',
    reasons: [{kind: 'upstream-not-due', upstream: `raw.box@${DAY3}`}],
  });
  expect(toy.explain('own.window', DAY3).state).toBe('missing');
  toy.at('2024-01-28T00:00:00Z');
  expect(toy.explain('own.window', DAY3)).toMatchObject({
    state: 'not-due',
    reasons: [{kind: 'upstream-not-due', upstream: `raw.box@${DAY1}`}],
  });
  expect(toy.verdict('own.soft', DAY3)).toBe('missing run: never-materialized');
  expect(toy.verdict('own.season', '2023-24')).toBe('missing run: never-materialized');
  expect(toy.verdict('own.all', 'all')).toBe('missing run: never-materialized');
});
