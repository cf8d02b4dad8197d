import {describe, expect, test} from 'vitest';
import {paintFor} from '../../cli/paint.ts';
import {type PlanView, printPlan} from '../../cli/print-plan.ts';
import type {Estimate} from '../../planner/estimate.ts';
import type {LeftOut} from '../../planner/left-out.ts';
import type {Plan} from '../../planner/plan.ts';
import type {PartitionRef} from '../../planner/reason.ts';
import type {JobsView} from '../../report/jobs-text.ts';
import {planJson} from '../../report/plan-json.ts';
import {name} from '../kit/toy.ts';
import {expectFits, expectGolden} from './golden.ts';
import {dates, everyAction, keyOrder, partition, plan} from './sample-plan.ts';

const built = (key: string, upstream: PartitionRef, count: number) =>
  partition('own.table', key, 'stale', {
    action: 'run',
    reasons: [{kind: 'definition-changed', part: 'query'}],
    notes: [{kind: 'built-on-stale', upstream, count}],
  });
const builtOnStale = [
  built('2022-04-12', 'raw.games@2022-04-12', 1),
  built('2022-04-13', 'raw.games@2022-04-13', 1),
  built('2022-04-15', 'raw.players@2022-04-12', 3),
  partition('own.other', '2022-04-12', 'missing', {
    action: 'wait',
    reasons: [{kind: 'upstream-missing', upstream: 'raw.more@2022-04-12', count: 1}],
  }),
];
const leftOut: readonly LeftOut[] = [
  {
    state: 'stale',
    count: 1203,
    first: 'landing.schedule@2021-22',
    readers: [name('own.table')],
    because: ['selection', 'range'],
  },
  {
    state: 'missing',
    count: 1,
    first: 'raw.more@2022-04-12',
    readers: [name('own.other')],
    because: ['selection'],
  },
];

const NO_WORK = {fetches: 0, batches: 0};
const AT_ONCE = {fetches: 32, batches: 2};
const NO_ESTIMATE: Estimate = {
  run: NO_WORK,
  runIf: NO_WORK,
  known: 0,
  unknown: 0,
  atOnce: AT_ONCE,
  engine: 'DuckDB',
};
const ESTIMATE: Estimate = {
  run: {fetches: 2_500, batches: 3_000},
  runIf: {fetches: 0, batches: 17_000},
  known: 83,
  unknown: 0,
  atOnce: AT_ONCE,
  engine: 'DuckDB',
};

const NOTHING = {
  leftOut: [],
  estimate: NO_ESTIMATE,
  jobs: undefined,
  follows: [],
  coming: undefined,
  budgets: [],
};

const counts = (jobs: number, loads: number, partitionWrites: number, bytes: number) => ({
  batches: jobs / 3,
  jobs,
  loads,
  partitionWrites,
  bytes,
});
const JOBS: JobsView = {
  price: 6.25,
  jobs: {
    run: counts(414, 86, 172_000, Math.round(1.2 * 1024 ** 4)),
    runIf: counts(12, 0, 139, 64 * 1024 ** 2),
    assets: [
      {
        asset: name('raw.player_boxscores'),
        run: counts(414, 86, 172_000, Math.round(1.2 * 1024 ** 4)),
        runIf: counts(12, 0, 139, 64 * 1024 ** 2),
      },
    ],
    unbilled: 4_300,
    shortfalls: [
      {
        kind: 'loads-a-day',
        asset: name('raw.player_boxscores'),
        loads: 172_000,
        allowed: 100_000,
        days: 2,
        batch: 2,
      },
      {kind: 'partitions-of-table', asset: name('raw.odds'), partitions: 16_425, allowed: 10_000},
      {kind: 'one-by-one', asset: name('analytics.form'), batches: 4_300, batch: 4_000, fewer: 2},
    ],
  },
};

function print(shown: Plan, rest: Partial<PlanView> = {}): string {
  return printPlan({
    plan: shown,
    leftOut: [],
    unknownKeys: [],
    estimate: shown === everyAction ? ESTIMATE : NO_ESTIMATE,
    jobs: undefined,
    coming: undefined,
    budgets: [],
    assets: 31,
    keyOrder,
    all: false,
    width: 120,
    paint: paintFor(false),
    ...rest,
  });
}

describe('a plan as text', () => {
  for (const width of [80, 120, 200]) {
    test(`with every action, ${width} columns wide`, () => {
      const text = print(everyAction, {width});
      expectGolden(`print/plan-every-action-${width}.txt`, text);
      expectFits(text, width);
    });
  }

  test('nothing to do says what was compared', () => {
    expectGolden('print/plan-nothing.txt', print(plan([], 36_904)));
  });

  test('keys that no asset has are named', () => {
    const one = print(plan([], 1), {unknownKeys: ['2024-07-04']});
    expect(one).toContain('\n2024-07-04 is no key of any asset: dates are those on which a game is known.\n');
    const two = print(plan([], 1), {unknownKeys: ['2024-07-04', '2024-07-05']});
    expect(two).toContain('\n2024-07-04, 2024-07-05 are no keys of any asset');
  });

  test('where no partition is selected nothing is said to be up to date', () => {
    expect(print(plan([], 0))).toContain('\nNo partition of 31 assets is selected.\n');
  });

  test('nothing to do while something waits is not called nothing to do', () => {
    const waits = everyAction.partitions.filter(({action}) => action === 'wait' || action === 'skip');
    expectGolden('print/plan-only-waits.txt', print(plan(waits, 36_904)));
  });

  test('before the schedule is there the calendar is made first', () => {
    const shown = plan(
      [
        partition('landing.nbac_schedule', '2021-22', 'missing', {
          action: 'run',
          reasons: [{kind: 'never-materialized'}],
        }),
        partition('raw.schedule', '2021-22', 'missing', {
          action: 'run',
          reasons: [{kind: 'never-materialized'}],
        }),
      ],
      0,
      {
        settled: false,
        calendars: [{name: 'nba', dates: 0, from: undefined, to: undefined, timezone: 'America/New_York'}],
      },
    );
    expectGolden('print/plan-unsettled.txt', print(shown));
  });

  test('a selection without the calendar’s own asset, where no calendar is known, is not called done', () => {
    const shown = plan([], 0, {
      settled: false,
      states: {...plan([], 0).states, 'not-due': 1},
      calendars: [{name: 'nba', dates: 0, from: undefined, to: undefined, timezone: 'America/New_York'}],
    });
    expectGolden('print/plan-no-calendar.txt', print(shown));
  });

  test('many dates that changed for like reasons are one line, counted', () => {
    const changed = dates.slice(0, 40).map(key =>
      partition('analytics.player_game_summary', key, 'stale', {
        action: 'run',
        reasons: [
          {kind: 'definition-changed', part: 'query'},
          {kind: 'upstream-changed', upstream: [`raw.player_boxscores@${key}`], count: 1},
        ],
      }),
    );
    expectGolden('print/plan-many-changed.txt', print(plan(changed, 100)));
  });

  test('what two edges of one asset saw alike is said once', () => {
    const arrived = {
      kind: 'upstream-arrived',
      upstream: ['raw.player_boxscores@2022-04-12'],
      count: 1,
    } as const;
    const read = partition('analytics.player_game_summary', '2022-04-13', 'stale', {
      action: 'run',
      reasons: [arrived, arrived],
    });
    expect(print(plan([read], 0)).match(/arrived/g)).toHaveLength(1);
  });

  test('a hundred single dates do not fill the screen', () => {
    const odd = dates.filter((_, index) => index % 2 === 0);
    const gaps = odd.map(key =>
      partition('raw.games', key, 'missing', {action: 'run', reasons: [{kind: 'never-materialized'}]}),
    );
    const text = print(plan(gaps, 0), {width: 80});
    expectGolden('print/plan-many-ranges-80.txt', text);
    expectFits(text, 80);
  });

  test('everything is listed where all is asked for', () => {
    const some = [
      partition('raw.games', '2022-04-01', 'fresh'),
      partition('raw.games', '2022-04-02', 'accepted', {
        reasons: [{kind: 'accepted-gap', reason: 'not recorded', by: 'ana', on: '2026-01-02'}],
      }),
      partition('raw.games', '2023-03-28', 'not-due', {reasons: [{kind: 'games-not-final', games: 3}]}),
      partition('raw.games', '2022-04-03', 'fresh', {
        action: 'run',
        reasons: [{kind: 'refresh', lastTriedAt: Date.parse('2026-07-21T12:00:00Z')}],
        notes: [{kind: 'schedule-not-final'}],
      }),
      partition('raw.games', '2021-01-01', 'orphan', {reasons: [{kind: 'undeclared'}]}),
    ];
    expectGolden('print/plan-all.txt', print(plan(some, 0), {all: true}));
  });

  test('control characters in an error cannot steer the terminal', () => {
    const text = print(
      plan(
        [
          partition('raw.games', '2022-04-01', 'missing', {
            action: 'skip',
            reasons: [{kind: 'parked', failures: 3, error: 'bad\u001b[2Janswer\nline', nextTryAt: undefined}],
          }),
        ],
        0,
      ),
    );
    expect(text).toContain('parked: failed 3 times (bad·[2Janswer line); --force tries again');
  });

  for (const width of [80, 200]) {
    test(`what is left out stands before the summary, ${width} columns wide`, () => {
      const text = print(plan(builtOnStale, 36_904), {leftOut, width});
      expectGolden(`print/plan-left-out-${width}.txt`, text);
      expectFits(text, width);
    });
  }

  test('many assets that hang on what is left out are not listed', () => {
    const readers = ['a.a', 'a.b', 'a.c', 'a.d', 'a.e'].map(name);
    const because = ['selection', 'range', 'only'] as const;
    const text = print(plan([], 1), {leftOut: leftOut.map(each => ({...each, readers, because}))});
    expect(text.replaceAll('\n', ' ')).toContain(
      "put '+' before what is selected and ask for more dates and leave out --failed",
    );
  });

  test('colours change no letter', () => {
    const colored = print(everyAction, {paint: paintFor(true)});
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters.
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(print(everyAction));
    expect(colored).not.toBe(print(everyAction));
  });
});

describe('what a plan asks of an engine that is sent jobs', () => {
  for (const width of [80, 200]) {
    test(`as text, ${width} columns wide`, () => {
      const estimate = {...ESTIMATE, engine: 'BigQuery'};
      const text = print(plan([], 36_904), {estimate, jobs: JOBS, width});
      expectGolden(`print/plan-jobs-${width}.txt`, text);
      expectFits(text, width);
    });
  }

  test('as JSON', () => {
    const {jobs} = JSON.parse(JSON.stringify(planJson(plan([], 1), {...NOTHING, jobs: JOBS})));
    expectGolden('print/plan-jobs.json', `${JSON.stringify(jobs, null, 1)}\n`);
  });

  test('is not told where there is nothing to send', () => {
    const none = counts(0, 0, 0, 0);
    const jobs = {...JOBS, jobs: {run: none, runIf: none, assets: [], unbilled: 0, shortfalls: []}};
    expect(print(plan([], 1), {jobs})).not.toContain('Jobs:');
  });

  test('of what was never billed nothing is guessed', () => {
    const run = counts(3, 1, 1, 0);
    const jobs = {...JOBS, jobs: {...JOBS.jobs, run, runIf: counts(0, 0, 0, 0), unbilled: 1, shortfalls: []}};
    expect(print(plan([], 1), {jobs, width: 200})).toContain(
      '\nJobs: 3 (of them 1 load), 1 partition write. Not counted in bytes: 1 partition of assets that were never billed.\n',
    );
  });
});

test('a plan as JSON', () => {
  expectGolden(
    'print/plan-every-action.json',
    `${JSON.stringify(planJson(everyAction, {...NOTHING, estimate: ESTIMATE}), null, 1)}\n`,
  );
});

test('a plan as JSON tells what is left out', () => {
  expect(planJson(plan(builtOnStale, 1), {...NOTHING, leftOut})).toMatchObject({
    leftOut: [leftOut[0], leftOut[1]],
  });
  expect(planJson(plan([], 1), NOTHING)).not.toHaveProperty('leftOut');
  expect(planJson(plan([], 1), NOTHING)).not.toHaveProperty('estimate');
});
