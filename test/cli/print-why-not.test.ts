import {expect, test} from 'vitest';
import {paintFor} from '../../cli/paint.ts';
import {printWhyNot, type WhyNotView, whyNotJson} from '../../cli/print-why-not.ts';
import type {AssetName, PartitionKey} from '../../planner/pipeline.ts';
import type {WhyNot} from '../../planner/why-not.ts';
import {expectFits, expectGolden} from './golden.ts';
import {keyOrder, partition} from './sample-plan.ts';

const now = Date.parse('2026-07-22T13:00:00Z');
const NOT_FINAL = {kind: 'games-not-final', games: 2} as const;
const PARKED = {kind: 'parked', failures: 3, error: 'HTTP 500', nextTryAt: now + 21_600_000} as const;
const MISSING = {kind: 'never-materialized'} as const;

function of(state: Parameters<typeof partition>[2], about: Parameters<typeof partition>[3]) {
  return partition('raw.games', '2023-02-23', state, about);
}

/** One of each rule. */
const CASES: readonly WhyNot[] = [
  {rule: 'key', whereabouts: {kind: 'not-played', games: 2, before: '2023-02-22', after: '2023-02-24'}},
  {rule: 'key', whereabouts: {kind: 'none-known'}},
  {rule: 'selection', state: 'fresh', isAssetSelected: false},
  {rule: 'selection', state: 'fresh', isAssetSelected: true},
  {rule: 'range', state: 'fresh'},
  {rule: 'named', state: 'fresh'},
  {rule: 'state', partition: of('exempt', {reasons: [{kind: 'before-start', start: '2023-03-01'}]})},
  {rule: 'state', partition: of('not-due', {reasons: [NOT_FINAL]})},
  {rule: 'state', partition: of('orphan', {reasons: [{kind: 'undeclared'}]})},
  {
    rule: 'state',
    partition: of('accepted', {
      reasons: [{kind: 'accepted-gap', reason: 'lost.', by: 'a@b.c', on: '2024-01-20'}],
    }),
  },
  {rule: 'state', partition: of('stale', {reasons: [{kind: 'definition-changed', part: 'code'}]})},
  {rule: 'state', partition: of('missing', {action: 'skip', reasons: [MISSING, PARKED]})},
  {rule: 'flags', flag: '--missing-only', partition: of('stale', {reasons: [{kind: 'window-changed'}]})},
  {rule: 'flags', flag: '--allow-protected', partition: of('fresh', {reasons: []})},
  {
    rule: 'waits',
    partition: of('missing', {
      action: 'wait',
      reasons: [MISSING, {kind: 'upstream-missing', upstream: 'raw.schedule@2022-23', count: 1}],
    }),
  },
  {rule: 'inputs', partition: of('fresh', {reasons: []}), reads: 1234, isFetch: false, unselected: undefined},
  {rule: 'inputs', partition: of('fresh', {reasons: []}), reads: 0, isFetch: true, unselected: undefined},
  {
    rule: 'inputs',
    partition: of('fresh', {reasons: []}),
    reads: 2,
    isFetch: false,
    unselected: 'raw.schedule@2022-23',
  },
  {
    rule: 'inputs',
    partition: of('partial', {
      reasons: [{kind: 'below-coverage', found: 3, expected: 4, absent: ['0022200881']}],
    }),
    reads: 1,
    isFetch: false,
    unselected: undefined,
  },
  {
    rule: 'inputs',
    partition: of('partial', {reasons: [{kind: 'below-coverage', found: 3, expected: 4, absent: []}]}),
    reads: 0,
    isFetch: true,
    unselected: undefined,
  },
  {rule: 'limit', partition: of('missing', {reasons: [MISSING]}), limit: 10},
  {rule: undefined, partition: of('missing', {action: 'run', reasons: [MISSING]})},
  {
    rule: undefined,
    partition: of('fresh', {
      action: 'run-if',
      reasons: [{kind: 'upstream-planned', upstream: 'raw.schedule@2022-23', count: 1}],
    }),
  },
];

function view(found: WhyNot, width: number): WhyNotView {
  return {
    ref: 'raw.games@2023-02-23',
    found,
    asked: {selectors: "'group:raw' +analytics.team_games", range: '--from 2023-02-01 --season 2022-23'},
    steps:
      found.rule === 'waits'
        ? [
            {
              asset: 'raw.schedule' as AssetName,
              keys: ['2022-23' as PartitionKey],
              verb: 'fetched',
              by: {kind: 'skip', because: PARKED},
              canBeSignedOff: true,
            },
            {
              asset: 'raw.games' as AssetName,
              keys: ['2023-02-23' as PartitionKey],
              verb: 'made',
              by: {kind: 'steps-before'},
              canBeSignedOff: false,
            },
          ]
        : [],
    keyOrder,
    width,
    paint: paintFor(false),
    now,
  };
}

for (const width of [80, 200]) {
  test(`every rule says what it let pass and why it kept a partition out, ${width} columns wide`, () => {
    const text = CASES.map(found => printWhyNot(view(found, width))).join('\n');
    expectGolden(`print/why-not-${width}.txt`, text);
    expectFits(text, width);
  });
}

test('the same as JSON', () => {
  const all = CASES.map(found => whyNotJson(view(found, 80)));
  expectGolden('print/why-not.json', `${JSON.stringify(all, null, 1)}\n`);
  expect(new Set(all.map(each => Reflect.get(each, 'planned')))).toEqual(new Set([true, false]));
});

test('the key of an orphan is not called declared', () => {
  const orphan = of('orphan', {reasons: [{kind: 'undeclared'}]});
  const text = printWhyNot(view({rule: 'state', partition: orphan}, 120));
  expect(text).toContain('yes  its key is recorded');
  expect(text).not.toContain('is declared');
});
