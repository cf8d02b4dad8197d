import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {dateOf, dayOf} from '../../planner/day.ts';
import {CODE} from '../../planner/state.ts';
import type {AxisBody} from '../../server/schema/pipeline.ts';
import {STRIP} from '../../server/strip-format.ts';
import {
  countOf,
  extended,
  type Item,
  isSelected,
  itemsOf,
  keysOf,
  ordinalsOf,
  PRESETS,
  parseSelection,
  printSelection,
  textOf,
  toggled,
  united,
} from '../../web/selection.ts';

const AXIS: AxisBody = (() => {
  const keys: string[] = [];
  const seasons = [2022, 2023, 2024].map(year => {
    const from = keys.length;
    for (let day = dayOf(`${year}-10-20`); day <= dayOf(`${year + 1}-04-14`); day++)
      if (day % 4 !== 0) keys.push(dateOf(day));
    return {season: `${year}-${String(year + 1).slice(2)}`, from, to: keys.length};
  });
  return {axis: 'nba', kind: 'date', keys, seasons};
})();

function itemsIn(text: string): readonly Item[] {
  const parsed = parseSelection(text);
  if (!parsed.isValid) throw new Error(parsed.mistakes[0]?.message);
  return parsed.items;
}

function keysIn(text: string, bytes?: Uint8Array): readonly string[] {
  return keysOf(ordinalsOf(itemsIn(text), AXIS, bytes), AXIS);
}

describe('a selection that is read', () => {
  test('may be dates, ranges, patterns, seasons and presets, with commas between', () => {
    expect(itemsIn('2024-10-22..2024-11-04, 2024-12-*,2023-24 , missing')).toEqual([
      {kind: 'range', from: '2024-10-22', to: '2024-11-04'},
      {kind: 'glob', glob: '2024-12-*'},
      {kind: 'range', from: '2023-24', to: '2023-24'},
      {kind: 'preset', preset: 'missing'},
    ]);
  });

  test('may be empty', () => {
    expect(itemsIn('  ')).toEqual([]);
  });

  test('says of each mistake where it is and what to write', () => {
    const text = 'missing, 2024-13-01, 2024-12-05..2024-12-01';
    const parsed = parseSelection(text);
    const told = parsed.isValid
      ? []
      : parsed.mistakes.map(({start, end, message}) => [text.slice(start, end), message]);
    expect(told).toEqual([
      ['2024-13-01', "'2024-13-01' is no key: write a date '2024-01-15', a season '2023-24' or 'all'."],
      [
        '2024-12-05..2024-12-01',
        "'2024-12-05..2024-12-01' ends before it starts: write '2024-12-01..2024-12-05'.",
      ],
    ]);
  });

  test('says that a key is missing after a comma', () => {
    const parsed = parseSelection('2024-12-01,');
    expect(parsed).toEqual({
      isValid: false,
      mistakes: [{start: 11, end: 12, message: expect.stringContaining('A key is missing here')}],
    });
  });
});

describe('what is meant', () => {
  test('by a range are the keys of the axis within it', () => {
    const keys = keysIn('2024-12-01..2024-12-10');
    expect(keys).toEqual(AXIS.keys.filter(key => key >= '2024-12-01' && key <= '2024-12-10'));
    expect(keys.length).toBeGreaterThan(5);
  });

  test('by a season or a range of seasons are their dates', () => {
    expect(keysIn('2023-24')).toEqual(AXIS.keys.slice(AXIS.seasons[1]?.from, AXIS.seasons[1]?.to));
    expect(keysIn('2022-23..2023-24')).toEqual(AXIS.keys.slice(0, AXIS.seasons[1]?.to));
  });

  test('by a preset are the partitions that look so, and the last season', () => {
    const bytes = new Uint8Array(AXIS.keys.length);
    bytes[3] = CODE.missing;
    bytes[4] = CODE.missing | STRIP.failed;
    bytes[9] = CODE.stale;
    expect(keysIn('missing', bytes)).toEqual([AXIS.keys[3]]);
    expect(keysIn('failed, stale', bytes)).toEqual([AXIS.keys[4], AXIS.keys[9]]);
    expect(keysIn('last-season')).toEqual(AXIS.keys.slice(AXIS.seasons[2]?.from));
    expect(keysIn('missing')).toEqual([]);
  });

  test('by several items is all that any of them means, once', () => {
    expect(keysIn('2024-12-*, 2024-12-05..2025-01-03')).toEqual(
      AXIS.keys.filter(key => key >= '2024-12-01' && key <= '2025-01-03'),
    );
  });
});

describe('a selection that is printed', () => {
  test('names whole seasons and whole months', () => {
    const [first, second] = AXIS.seasons;
    expect(textOf([{from: 0, to: second?.to ?? 0}], AXIS)).toBe('2022-23..2023-24');
    const month = ordinalsOf(itemsIn('2024-12-*'), AXIS);
    expect(textOf(month, AXIS)).toBe('2024-12-*');
    expect(textOf([{from: 5, to: (first?.to ?? 0) + 1}], AXIS)).toBe(
      `${AXIS.keys[5]}..${AXIS.keys[first?.to ?? 0]}`,
    );
    expect(textOf([{from: 5, to: 6}], AXIS)).toBe(AXIS.keys[5]);
  });

  test('names keys of a season axis as they are', () => {
    const axis: AxisBody = {axis: 's', kind: 'season', keys: ['2022-23', '2023-24', '2024-25'], seasons: []};
    expect(textOf([{from: 1, to: 3}], axis)).toBe('2023-24..2024-25');
    expect(ordinalsOf(itemsIn('2023-24..2024-25'), axis)).toEqual([{from: 1, to: 3}]);
  });

  const day = fc.integer({min: dayOf('2022-01-01'), max: dayOf('2025-12-31')}).map(dateOf);
  const season = fc.integer({min: 1990, max: 2060}).map(year => `${year}-${String(year + 1).slice(2)}`);
  const between = (key: fc.Arbitrary<string>) =>
    fc.tuple(key, key).map((ends): Item => {
      const [from = '', to = ''] = ends.toSorted();
      return {kind: 'range', from, to};
    });
  const item = fc.oneof(
    between(day),
    between(season),
    fc.constantFrom('2024-12-*', '202?-01-0*', '*').map((glob): Item => ({kind: 'glob', glob})),
    fc.constantFrom(...PRESETS).map((preset): Item => ({kind: 'preset', preset})),
  );

  test('is read as the same items', () => {
    fc.assert(
      fc.property(fc.array(item, {maxLength: 6}), items => {
        expect(itemsIn(printSelection(items))).toEqual(items);
      }),
    );
  });

  const spans = fc
    .array(fc.tuple(fc.nat(AXIS.keys.length), fc.nat(AXIS.keys.length)), {maxLength: 5})
    .map(pairs => united(pairs.map(([a, b]) => ({from: Math.min(a, b), to: Math.max(a, b)}))));

  test('means the same partitions when it is read again', () => {
    fc.assert(
      fc.property(spans, ordinals => {
        expect(ordinalsOf(itemsIn(textOf(ordinals, AXIS)), AXIS)).toEqual(ordinals);
        expect(keysOf(ordinals, AXIS).length).toBe(countOf(ordinals));
      }),
    );
  });

  test('has no fewer partitions than were dragged over, also at the ends of seasons', () => {
    for (const {from, to} of AXIS.seasons)
      for (const span of [
        {from, to},
        {from: Math.max(0, from - 1), to},
        {from, to: Math.min(to + 1, AXIS.keys.length)},
      ])
        expect(ordinalsOf(itemsOf([span], AXIS), AXIS)).toEqual([span]);
  });
});

test('Spans are united where they overlap or touch', () => {
  const ordinals = united([
    {from: 5, to: 8},
    {from: 1, to: 3},
    {from: 3, to: 4},
    {from: 9, to: 9},
  ]);
  expect(ordinals).toEqual([
    {from: 1, to: 4},
    {from: 5, to: 8},
  ]);
  expect([0, 1, 4, 7, 8].map(ordinal => isSelected(ordinals, ordinal))).toEqual([
    false,
    true,
    false,
    true,
    false,
  ]);
});

describe('a selection by keys', () => {
  const spans = [
    {from: 3, to: 6},
    {from: 10, to: 12},
  ];

  test('takes one partition in and out again', () => {
    const without = toggled(spans, 4);
    expect(without).toEqual([{from: 3, to: 4}, {from: 5, to: 6}, spans[1]]);
    expect(toggled(without, 4)).toEqual(spans);
    expect(toggled([{from: 3, to: 4}], 3)).toEqual([]);
  });

  test('grows and shrinks at the end that the cursor stands at', () => {
    expect(extended(spans, 5, 6)).toEqual([{from: 3, to: 7}, spans[1]]);
    expect(extended(spans, 5, 4)).toEqual([{from: 3, to: 5}, spans[1]]);
    expect(extended(spans, 3, 2)).toEqual([{from: 2, to: 6}, spans[1]]);
    expect(extended(spans, 3, 4)).toEqual([{from: 4, to: 6}, spans[1]]);
  });

  test('begins anew where the cursor stands in none, and turns over where it began', () => {
    expect(extended([], 8, 9)).toEqual([{from: 8, to: 10}]);
    expect(extended([{from: 8, to: 9}], 8, 7)).toEqual([{from: 7, to: 9}]);
  });
});
