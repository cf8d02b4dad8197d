import {expect, test} from 'vitest';
import {paintFor} from '../../cli/paint.ts';
import {type DiffView, diffJson, printDiff} from '../../cli/print-diff.ts';
import type {Difference} from '../../runner/diff.ts';
import type {RowComparison} from '../../runner/warehouse.ts';
import {expectFits, expectGolden} from './golden.ts';

const now = Date.parse('2026-07-22T13:00:00Z');

const rows: RowComparison = {
  added: 1234,
  removed: 1,
  changed: 2,
  same: 183,
  columns: {points: 2, usage_rate: 1},
  examples: [
    {
      kind: 'changed',
      key: {game_date: '2023-02-23', player_id: 201939},
      columns: [
        {name: 'points', was: 30, is: 31},
        {name: 'usage_rate', was: 0.2713567839, is: null},
      ],
    },
    {
      kind: 'added',
      key: {game_date: '2023-02-23', player_id: 7},
      columns: [
        {name: 'points', was: null, is: 2},
        {name: 'note', was: null, is: `a note of many words\u001b[31m ${'that goes on and on '.repeat(4)}`},
        {name: 'usage_rate', was: null, is: 0.01},
      ],
    },
    {
      kind: 'removed',
      key: {game_date: '2023-02-23', player_id: 9007199254740993n},
      columns: [{name: 'points', was: 8, is: null}],
    },
  ],
  newColumns: ['plus_minus'],
  oldColumns: ['pm'],
};

const CASES: readonly Difference[] = [
  {kind: 'rows', rows, refused: 'range(points): 1 row has points outside 0 to 30'},
  {
    kind: 'rows',
    rows: {
      ...rows,
      added: 0,
      removed: 0,
      changed: 0,
      columns: {},
      examples: [],
      newColumns: [],
      oldColumns: [],
    },
    refused: undefined,
  },
  {
    kind: 'objects',
    objects: [
      {name: 'a.json', was: 120, is: 120, isSame: true, line: undefined},
      {
        name: 'site/2023-02-23.csv',
        was: 1200,
        is: 1180,
        isSame: false,
        line: {number: 3, was: '2023-02-23,ana,30', is: '2023-02-23,ana,31'},
      },
      {name: 'new.bin', was: undefined, is: 12, isSame: false, line: undefined},
      {name: 'old.bin', was: 12, is: undefined, isSame: false, line: undefined},
      {name: 'other.bin', was: 12, is: 13, isSame: false, line: undefined},
    ],
  },
  {kind: 'unknown', why: 'raw.box asks a site, and what it would answer now is known only by fetching.'},
];

function view(difference: Difference, width: number): DiffView {
  return {
    ref: 'analytics.player_game_summary@2023-02-23',
    state: 'stale',
    reasons: [{kind: 'definition-changed', part: 'query'}],
    publishedAt: difference.kind === 'unknown' ? undefined : now - 7_200_000,
    difference,
    width,
    paint: paintFor(false),
    now,
  };
}

for (const width of [80, 200]) {
  test(`a difference is counted and shown by example, ${width} columns wide`, () => {
    const text = CASES.map(difference => printDiff(view(difference, width))).join('\n');
    expectGolden(`print/diff-${width}.txt`, text);
    expectFits(text, width);
  });
}

test('a difference as JSON', () => {
  const all = CASES.map(difference => diffJson(view(difference, 80)));
  const text = JSON.stringify(all, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each), 1);
  expectGolden('print/diff.json', `${text}\n`);
  expect(JSON.parse(text)[0].rows.columns).toEqual({points: 2, usage_rate: 1});
});
