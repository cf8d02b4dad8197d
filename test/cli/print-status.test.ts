import {describe, expect, test} from 'vitest';
import {paintFor} from '../../cli/paint.ts';
import {printStatus} from '../../cli/print-status.ts';
import {STATES} from '../../planner/state.ts';
import type {AssetStatus, StateCounts, Status} from '../../report/status.ts';
import {statusJson} from '../../report/status.ts';
import type {RunRecord} from '../../runner/ledger-run.ts';
import {expectFits, expectGolden} from './golden.ts';
import {plan} from './sample-plan.ts';

const now = Date.parse('2026-07-22T13:00:00Z');
const seasons = ['2021-22', '2022-23', '2023-24', '2024-25'];

function counts(some: Partial<StateCounts>): StateCounts {
  // every state is there
  return {...(Object.fromEntries(STATES.map(state => [state, 0])) as StateCounts), ...some};
}

function asset(
  name: string,
  bySeason: Readonly<Record<string, Partial<StateCounts>>>,
  games?: {held: number; expected: number},
): AssetStatus {
  const parts = Object.entries(bySeason).map(([season, some]) => [season, counts(some)] as const);
  const total = Object.fromEntries(
    STATES.map(state => [state, parts.reduce((sum, [, each]) => sum + each[state], 0)]),
  );
  const {fresh} = counts(total);
  // What lacks games is not gold.
  const silver = games === undefined ? 0 : Math.floor(fresh / 100);
  const quality = {gold: fresh - silver, silver, bronze: 0, poor: 0, unusable: 0};
  return {name, states: counts(total), seasons: new Map(parts), games, quality};
}

const lastRun: RunRecord = {
  id: '20260722-120000-4f2a91',
  pipeline: 'nba',
  target: 'recorded',
  command: 'gameplan materialize --target recorded',
  startedAt: now - 3_600_000,
  end: {
    endedAt: now - 3_600_000 + 41_300,
    status: 'failed',
    counts: {
      requested: 20_123,
      succeeded: 20_120,
      unchanged: 0,
      'not-needed': 0,
      failed: 1,
      quarantined: 0,
      skipped: 2,
      cancelled: 0,
    },
  },
};

const dates = [213, 212, 208, 214];
const each = (of: (dates: number) => Partial<StateCounts>) =>
  Object.fromEntries(seasons.map((season, index) => [season, of(dates[index] ?? 0)]));

const status: Status = {
  plan: plan([], 19_000, {target: 'recorded'}),
  seasons: [...seasons, 'all'],
  groups: new Map([
    [
      'landing',
      [
        asset(
          'landing.nbac_schedule',
          each(() => ({fresh: 1})),
        ),
        asset(
          'landing.nbac_player_boxscores',
          each(amount => ({fresh: amount - 5, accepted: 3, missing: 2})),
        ),
      ],
    ],
    [
      'raw',
      [
        asset(
          'raw.player_boxscores',
          {
            ...each(amount => ({fresh: amount - 4, accepted: 3, partial: 1})),
            '2024-25': {fresh: 100, 'not-due': 114},
          },
          {held: 5221, expected: 5250},
        ),
        asset(
          'raw.play_by_play',
          each(amount => (amount === 214 ? {missing: 214} : {accepted: amount})),
        ),
        asset('raw.players', {all: {stale: 1}}),
      ],
    ],
    [
      'precompute',
      [
        asset(
          'precompute.player_shot_zone_analysis',
          each(amount => ({fresh: amount - 14, exempt: 14})),
        ),
      ],
    ],
  ]),
  lastRun,
  undeclared: [],
};

const SIZES = {ledger: 5_242_880, warehouse: 74_448_896, store: {bytes: 147_849_216, isWhole: false}};

describe('the status as text', () => {
  for (const width of [80, 200]) {
    test(`${width} columns wide`, () => {
      const text = printStatus({sizes: SIZES, status, width, paint: paintFor(false), now});
      expectGolden(`print/status-${width}.txt`, text);
      expectFits(text, width);
    });
  }

  test('more seasons than there is room for are summed up as earlier', () => {
    const years = Array.from({length: 12}, (_, index) => `${2010 + index}-${11 + index}`);
    const many = {
      ...status,
      seasons: years,
      groups: new Map([
        ['raw', [asset('raw.games', Object.fromEntries(years.map(year => [year, {fresh: 200}])))]],
      ]),
    };
    const text = printStatus({sizes: SIZES, status: many, width: 80, paint: paintFor(false), now});
    expectGolden('print/status-many-seasons.txt', text);
    expectFits(text, 80);
  });

  test('a run that has not ended is said to be at work or killed', () => {
    const open = {...status, lastRun: {...lastRun, end: undefined}};
    expect(printStatus({sizes: SIZES, status: open, width: 200, paint: paintFor(false), now})).toContain(
      'has not ended: it is at work, or was killed.',
    );
  });

  test('before the first run it says so', () => {
    const none = {...status, lastRun: undefined};
    expect(printStatus({sizes: SIZES, status: none, width: 80, paint: paintFor(false), now})).toContain(
      'No run yet.',
    );
  });
});

test('the status as JSON', () => {
  expectGolden('print/status.json', `${JSON.stringify(statusJson(status), null, 1)}\n`);
});
