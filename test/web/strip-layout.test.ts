import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {dateOf, dayOf} from '../../planner/day.ts';
import {CODE} from '../../planner/state.ts';
import type {AxisBody} from '../../server/schema/pipeline.ts';
import {STRIP} from '../../server/strip-format.ts';
import {LOOKS, type Look, lookOf, STATE_SCALE} from '../../web/looks.ts';
import {
  columnsOf,
  hit,
  type Layout,
  LEVELS,
  layoutOf,
  lineLayout,
  mondayOf,
  NO_RANK,
  placeOf,
  type Span,
  summaryOf,
} from '../../web/strip-layout.ts';
import {targetOf} from '../../web/strip-steps.ts';

const rankOf = (look: Look) => LOOKS[look].rank;
const looksAt = (bytes: readonly number[], pixels: number, view?: Span) => {
  const {ranks} = columnsOf(Uint8Array.from(bytes), view ?? {from: 0, to: bytes.length}, pixels, STATE_SCALE);
  return [...ranks].map(rank => STATE_SCALE.looks[rank]?.name ?? 'nothing');
};

describe('what a byte looks like', () => {
  test('is its state', () => {
    expect(lookOf(CODE.stale)).toBe('stale');
    expect(lookOf(CODE.fresh | STRIP.lowQuality | STRIP.planned)).toBe('fresh');
  });

  test('is the try that is at work, also after one that failed', () => {
    expect(lookOf(CODE.missing | STRIP.failed)).toBe('failed');
    expect(lookOf(CODE.missing | STRIP.failed | STRIP.running)).toBe('running');
  });

  test('is no failure where the partition need not exist or was signed off', () => {
    expect(lookOf(CODE.exempt | STRIP.failed)).toBe('exempt');
    expect(lookOf(CODE.accepted | STRIP.failed)).toBe('accepted');
  });
});

describe('columns of pixels', () => {
  test('show one gap among a thousand cells in ten pixels', () => {
    const bytes = Array.from({length: 1000}, (_, i) => (i === 437 ? CODE.missing : CODE.fresh));
    const looks = looksAt(bytes, 10);
    expect(looks).toEqual(looks.map((_, pixel) => (pixel === 4 ? 'missing' : 'fresh')));
  });

  test('show the worst of their cells', () => {
    const bytes = [
      CODE.stale,
      CODE.missing,
      CODE.partial,
      CODE.missing | STRIP.failed,
      CODE.fresh,
      CODE.exempt,
    ];
    expect(looksAt(bytes, 3)).toEqual(['missing', 'failed', 'exempt']);
    expect(looksAt(bytes, 1)).toEqual(['failed']);
  });

  test('show a cell as often as it is wide', () => {
    expect(looksAt([CODE.fresh, CODE.missing], 6)).toEqual([
      ...Array<string>(3).fill('fresh'),
      ...Array<string>(3).fill('missing'),
    ]);
  });

  test('show nothing where no cell is', () => {
    const {ranks} = columnsOf(new Uint8Array(2), {from: 0, to: 4}, 4, STATE_SCALE);
    expect([...ranks]).toEqual([0, 0, NO_RANK, NO_RANK]);
    expect(looksAt([], 3)).toEqual(['nothing', 'nothing', 'nothing']);
  });

  test('mark low quality beside the look', () => {
    const bytes = Uint8Array.of(CODE.fresh, CODE.fresh | STRIP.lowQuality, CODE.fresh, CODE.fresh);
    expect([...columnsOf(bytes, {from: 0, to: 4}, 2, STATE_SCALE).low]).toEqual([1, 0]);
  });

  test('never hide a gap, whatever the zoom and the width', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...Object.values(CODE)), {minLength: 1, maxLength: 300}),
        fc.integer({min: 1, max: 400}),
        fc.double({min: 0, max: 1, noNaN: true}),
        fc.double({min: 0, max: 1, noNaN: true}),
        (bytes, pixels, a, b) => {
          const [from, to] = [Math.min(a, b) * bytes.length, Math.max(a, b) * bytes.length];
          fc.pre(to - from > 0.01);
          const seen = looksAt(bytes, pixels, {from, to});
          const inView = bytes.filter((_, i) => i + 1 > from + 0.001 && i < to - 0.001);
          const worst = Math.max(...inView.map(byte => rankOf(lookOf(byte))));
          // A cell of which next to nothing is in view may be seen or not.
          const shown = Math.max(
            ...seen.filter(look => look !== 'nothing').map(look => rankOf(look as Look)),
          );
          expect(shown).toBeGreaterThanOrEqual(worst);
          expect(new Set(seen).has('nothing')).toBe(false);
        },
      ),
    );
  });

  test('show each gap of the whole strip somewhere, and as many gaps as there is room for', () => {
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 5000}),
        fc.integer({min: 1, max: 500}),
        fc.nat(),
        (count, pixels, where) => {
          const gap = where % count;
          const bytes = Array.from({length: count}, (_, i) => (i === gap ? CODE.missing : CODE.fresh));
          const looks = looksAt(bytes, pixels);
          const at = looks.indexOf('missing');
          expect(at).not.toBe(-1);
          // No further than a pixel from where it belongs.
          expect(Math.abs(at - (gap / count) * pixels)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

test('A summary counts looks, the worst first', () => {
  const bytes = Uint8Array.of(CODE.fresh, CODE.missing, CODE.fresh, CODE.stale);
  const words = summaryOf(bytes, {from: 0, to: 4}, STATE_SCALE).map(
    ({rank, count}) => `${count} ${STATE_SCALE.looks[rank]?.word}`,
  );
  expect(words).toEqual(['1 missing', '1 stale', '2 fresh']);
});

/** Game dates of two seasons: none on Mondays, and none between the seasons. */
const AXIS = axisOf([
  ['2023-24', '2023-10-24', '2024-06-17'],
  ['2024-25', '2024-10-22', '2025-04-13'],
]);

function axisOf(seasons: readonly (readonly [season: string, first: string, last: string])[]): AxisBody {
  const keys: string[] = [];
  const spans = seasons.map(([season, first, last]) => {
    const from = keys.length;
    for (let day = dayOf(first); day <= dayOf(last); day++) if (mondayOf(day) !== day) keys.push(dateOf(day));
    return {season, from, to: keys.length};
  });
  return {axis: 'nba', kind: 'date', keys, seasons: spans};
}

function middleOf(layout: Layout, ordinal: number): readonly [number, number] {
  const box = placeOf(layout, ordinal);
  if (box === undefined) throw new Error(`${ordinal} has no place`);
  return [box.x + box.width / 2, box.y + box.height / 2];
}

describe('a layout', () => {
  for (const level of LEVELS) {
    test(`of ${level} finds every cell where it lies`, () => {
      const layout = layoutOf(AXIS, level, 1600);
      for (let ordinal = 0; ordinal < AXIS.keys.length; ordinal++)
        expect(hit(layout, ...middleOf(layout, ordinal))).toEqual({from: ordinal, to: ordinal + 1});
    });

    test(`of ${level} keeps within its width and height`, () => {
      for (const width of [320, 900, 2400]) {
        const layout = layoutOf(AXIS, level, width);
        for (const ordinal of [0, 100, AXIS.keys.length - 1]) {
          const {x, y, width: own, height} = placeOf(layout, ordinal) ?? {x: -1, y: 0, width: 0, height: 0};
          expect(x).toBeGreaterThanOrEqual(layout.left);
          expect(x + own).toBeLessThanOrEqual(width + 1e-6);
          expect(y + height).toBeLessThanOrEqual(layout.height + 1e-6);
        }
      }
    });
  }

  test('of seasons has a bar a season, of the same scale', () => {
    const {blocks, pitchX} = layoutOf(AXIS, 'seasons', 1000);
    expect(blocks.map(({title}) => title)).toEqual(['2023-24', '2024-25']);
    expect(new Set(blocks.map(({y}) => y)).size).toBe(2);
    expect(pitchX).toBeCloseTo((1000 - 64) / (blocks[0]?.to ?? 0));
  });

  test('of months has a row a month and a column a day', () => {
    const layout = layoutOf(AXIS, 'months', 1000, '2023-24');
    expect(layout.blocks.map(({title}) => title)).toEqual([
      '2023-10',
      '2023-11',
      '2023-12',
      '2024-01',
      '2024-02',
      '2024-03',
      '2024-04',
      '2024-05',
      '2024-06',
    ]);
    const christmas = placeOf(layout, AXIS.keys.indexOf('2023-12-26'));
    expect(christmas?.x).toBe(layout.left + 25 * layout.pitchX);
  });

  test('of weeks has Mondays in the first row and a column a week', () => {
    const layout = layoutOf(AXIS, 'weeks', 1600, '2024-25');
    const [block] = layout.blocks;
    // A Tuesday, and the one a week later.
    const [first, next] = ['2024-10-22', '2024-10-29'].map(key => placeOf(layout, AXIS.keys.indexOf(key)));
    expect(first?.y).toBe((block?.y ?? 0) + layout.pitchY);
    expect(next?.y).toBe(first?.y);
    expect((next?.x ?? 0) - (first?.x ?? 0)).toBeCloseTo(layout.pitchX);
  });

  test('knows off-days: a hit on one holds no cell, and stands before the next', () => {
    const layout = layoutOf(AXIS, 'weeks', 1600, '2024-25');
    const [block] = layout.blocks;
    const place = [layout.left + layout.pitchX * 1.5, (block?.y ?? 0) + layout.pitchY / 2] as const;
    const next = AXIS.keys.indexOf('2024-10-29');
    expect(hit(layout, ...place)).toEqual({from: next, to: next});
  });

  test('gives all cells that share a pixel', () => {
    const axis = axisOf([['1999-00', '1900-01-01', '1999-12-31']]);
    const layout = lineLayout(axis, {from: 0, to: axis.keys.length}, 100, 20);
    const found = hit(layout, 50, 10);
    expect((found?.to ?? 0) - (found?.from ?? 0)).toBe(Math.ceil(axis.keys.length / 100));
  });

  test('of an axis without dates has bars alone', () => {
    const axis: AxisBody = {axis: 's', kind: 'season', keys: ['2023-24', '2024-25'], seasons: []};
    expect(layoutOf(axis, 'weeks', 400).level).toBe('seasons');
    expect(placeOf(layoutOf(axis, 'weeks', 400), 1)).toEqual({x: 96, y: 0, width: 96, height: 20});
  });

  test('of nothing has no place', () => {
    const axis: AxisBody = {axis: 'nba', kind: 'date', keys: [], seasons: []};
    for (const level of LEVELS) expect(hit(layoutOf(axis, level, 500), 3, 3)).toBeUndefined();
    expect(placeOf(lineLayout(axis, {from: 0, to: 0}, 500, 20), 0)).toBeUndefined();
  });
});

describe('a key leads', () => {
  const whole = {from: 0, to: AXIS.keys.length};
  const bytes = new Uint8Array(AXIS.keys.length);
  bytes[40] = CODE.missing;
  bytes[44] = CODE.fresh | STRIP.failed;
  const from = (key: string, level: (typeof LEVELS)[number], press: string) => {
    const layout = layoutOf(AXIS, level, 1600);
    const target = targetOf(press, {layout, whole, at: AXIS.keys.indexOf(key), bytes, scale: STATE_SCALE});
    return target === undefined ? undefined : AXIS.keys[target];
  };

  test('to the next game date, over an off-day', () => {
    // 2024-10-28 is a Monday.
    expect(from('2024-10-27', 'seasons', 'ArrowRight')).toBe('2024-10-29');
    expect(from('2024-10-29', 'months', 'ArrowLeft')).toBe('2024-10-27');
    expect(from('2024-10-27', 'weeks', 'ArrowDown')).toBe('2024-10-29');
  });

  test('to the same weekday where weeks are columns', () => {
    expect(from('2024-10-29', 'weeks', 'ArrowRight')).toBe('2024-11-05');
    expect(from('2024-11-05', 'weeks', 'ArrowLeft')).toBe('2024-10-29');
  });

  test('to the same place of the next season where seasons are bars', () => {
    expect(from(AXIS.keys[5] ?? '', 'seasons', 'ArrowDown')).toBe(
      AXIS.keys[(AXIS.seasons[1]?.from ?? 0) + 5],
    );
    expect(from(AXIS.keys[5] ?? '', 'seasons', 'ArrowUp')).toBe(AXIS.keys[5]);
  });

  test('to the ends and no further', () => {
    expect(from('2024-10-27', 'weeks', 'Home')).toBe(AXIS.keys[0]);
    expect(from(AXIS.keys[1] ?? '', 'weeks', 'PageUp')).toBe(AXIS.keys[0]);
    expect(from(AXIS.keys.at(-1) ?? '', 'seasons', 'ArrowRight')).toBe(AXIS.keys.at(-1));
  });

  test('from gap to gap, and nowhere after the last', () => {
    expect(from(AXIS.keys[3] ?? '', 'seasons', 'n')).toBe(AXIS.keys[40]);
    expect(from(AXIS.keys[40] ?? '', 'seasons', 'n')).toBe(AXIS.keys[44]);
    expect(from(AXIS.keys[44] ?? '', 'seasons', 'n')).toBeUndefined();
    expect(from(AXIS.keys[44] ?? '', 'seasons', 'p')).toBe(AXIS.keys[40]);
    expect(from(AXIS.keys[44] ?? '', 'seasons', 'x')).toBeUndefined();
  });
});
