/** No threshold anywhere: an edge over many upstream partitions is as exact as one over one. */
import {expect, test} from 'vitest';
import {name, Toy} from '../kit/toy.ts';
import type {ToyGames} from '../kit/toy-spec.ts';

const DAY_MS = 86_400_000;

/** So many dates in a row, all of the past. */
function dates(count: number): readonly string[] {
  const first = Date.parse('2024-01-01') - (count - 1) * DAY_MS;
  return Array.from({length: count}, (_, i) => new Date(first + i * DAY_MS).toISOString().slice(0, 10));
}

const ONLY_ALL = [{assets: new Set([name('web.all')]), states: undefined}];
const reading = (box: object) => ({'raw.box': {}, 'web.all': {partition_by: 'all', upstream: {box}}});

for (const count of [1, 2, 99, 100, 101, 174, 1059, 20_000]) {
  test(`over ${count} partitions each change, arrival and loss is seen and named`, () => {
    const toy = new Toy({assets: reading({asset: 'raw.box', window: 'all', required: false})});
    const all = dates(count);
    const calendar: ToyGames = Object.fromEntries(all.map(date => [date, ['BOS-LAL final @2023-24']]));
    toy.calendar(calendar);
    toy.run();
    const told = (): unknown => {
      const {state, reasons} = toy.explain('web.all', 'all', {selection: ONLY_ALL});
      return [state, ...reasons];
    };
    const named = (kind: string, date: string | undefined) => [
      'stale',
      {kind, upstream: [`raw.box@${date}`], count: 1},
    ];
    expect(told()).toEqual(['fresh']);
    // The first, the last, and some between: a sum over prefixes has no place of its own for any of them.
    const places = count > 10_000 ? [count - 2] : [0, Math.floor(count / 3), count - 1];
    for (const at of new Set(places)) {
      const date = all[at] ?? '';
      toy.touch('raw.box', date, {version: '00000000000000ff'});
      expect(told()).toEqual(named('upstream-changed', date));
      toy.touch('web.all', 'all');
      toy.forget('raw.box', date);
      expect(told()).toEqual(named('upstream-lost', date));
      toy.touch('web.all', 'all');
      toy.touch('raw.box', date);
      expect(told()).toEqual(named('upstream-arrived', date));
      toy.touch('web.all', 'all');
      expect(told()).toEqual(['fresh']);
    }
  });
}
