import {expect, test} from 'vitest';
import {paintFor} from '../../cli/paint.ts';
import {againstJson, againstMarkdown, printAgainst} from '../../cli/print-against.ts';
import type {Against, AssetDifference} from '../../planner/against.ts';
import {expectFits, expectGolden} from './golden.ts';
import {dates, everyAction, keyOrder} from './sample-plan.ts';

const NONE: Omit<AssetDifference, 'asset'> = {
  change: undefined,
  parts: [],
  edges: {added: [], dropped: [], changed: []},
  becomes: [],
  run: [],
  runIf: [],
};
const april = dates.filter(date => date < '2022-05');
const spread = dates.filter((_, index) => index % 3 === 0);

const assets: readonly AssetDifference[] = [
  {
    ...NONE,
    asset: 'landing.nbac_schedule',
    change: 'redefined',
    parts: [{kind: 'definition-changed', part: 'code'}],
    becomes: [{state: 'stale', keys: ['2021-22', '2022-23']}],
  },
  {
    ...NONE,
    asset: 'raw.player_boxscores',
    change: 'redefined',
    parts: [
      {
        kind: 'schema-changed',
        added: ['plus_minus'],
        dropped: ['pm'],
        retyped: ['minutes'],
        types: {minutes: {was: 'int64', is: 'float64'}},
      },
      {kind: 'definition-changed', part: 'upstream'},
    ],
    edges: {added: ['players'], dropped: ['rosters'], changed: ['games']},
    becomes: [
      {state: 'exempt', keys: ['2022-04-01']},
      {state: 'stale', keys: april.slice(1)},
    ],
    run: april.slice(1),
  },
  {...NONE, asset: 'analytics.player_game_summary', runIf: april},
  {
    ...NONE,
    asset: 'analytics.new|odd',
    change: 'added',
    becomes: [{state: 'missing', keys: spread}],
    run: spread,
  },
  {...NONE, asset: 'analytics.old', change: 'removed', becomes: [{state: 'orphan', keys: april}]},
];

const commit = {ref: 'main', hash: '3f2a91c0d4e5f60718293a4b5c6d7e8f90a1b2c3'};

function against(about: Partial<Against> = {}): Against {
  // The printers ask the frame for nothing.
  return {
    basis: 'ledger',
    unsettles: false,
    plan: everyAction,
    frame: undefined as unknown as Against['frame'],
    assets,
    ...about,
  };
}

for (const width of [80, 200]) {
  test(`what a change does, ${width} columns wide`, () => {
    const text = printAgainst({against: against(), commit, keyOrder, width, paint: paintFor(false)});
    expectGolden(`print/against-${width}.txt`, text);
    expectFits(text, width);
  });
}

test('what a change does, as a table for a pull request', () => {
  const text = againstMarkdown({against: against(), commit, keyOrder});
  expectGolden('print/against.md', text);
  const rows = text.split('\n').filter(line => line.startsWith('|'));
  expect(new Set(rows.map(row => row.replaceAll('\\|', '').split('|').length))).toEqual(new Set([6]));
});

test('what a change does, as JSON', () => {
  expectGolden(
    'print/against.json',
    `${JSON.stringify(againstJson({against: against(), commit}), null, 1)}\n`,
  );
});

test('a change that does nothing says so', () => {
  const nothing = against({assets: [], basis: 'all-due', unsettles: true});
  const view = {against: nothing, commit, keyOrder, width: 100, paint: paintFor(false)};
  expectGolden('print/against-nothing.txt', printAgainst(view));
  expectGolden('print/against-nothing.md', againstMarkdown(view));
});
