import {describe, expect, test} from 'vitest';
import {OUTCOMES} from '../../planner/ledger.ts';
import {CODE, STATES} from '../../planner/state.ts';
import type {OverviewBody} from '../../server/schema/overview.ts';
import type {DeclaredAssetBody} from '../../server/schema/pipeline.ts';
import {STRIP} from '../../server/strip-format.ts';
import {figuresOf, healthOf} from '../../web/overview/health.ts';
import {rowsOf, worstOf} from '../../web/overview/matrix-rows.ts';
import {trendLayout} from '../../web/overview/trend.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const DAY = 86_400_000;

type States = OverviewBody['states'];

function statesOf(counts: Partial<States>): States {
  return Object.fromEntries(STATES.map(state => [state, counts[state] ?? 0])) as States; // every state is there
}

function overviewOf(counts: Partial<States>, more: Partial<OverviewBody> = {}): OverviewBody {
  const states = statesOf(counts);
  return {
    sequence: 1,
    now: NOW,
    states,
    assets: ['a', 'b'].map((asset, i) => ({
      asset,
      group: 'g',
      states: i === 0 ? states : statesOf({fresh: 10}),
      quality: {gold: 0, silver: 0, bronze: 0, poor: 0, unusable: 0},
      seasons: {},
    })),
    openGaps: states.missing + states.partial,
    acceptedGaps: states.accepted,
    causes: [],
    planned: {run: 0, 'run-if': 0, wait: 0, skip: 0, drop: 0},
    atWork: [],
    lastRuns: [],
    quality: {gold: 0, silver: 0, bronze: 0, poor: 0, unusable: 0},
    trend: [],
    ...more,
  };
}

describe('the sentence on the pipeline', () => {
  test('counts its gaps first, with the assets that have any and how old the oldest is', () => {
    const cause = {cause: {kind: 'x', text: 'x'}, count: 3, assets: ['a'], ranges: ''};
    const causes = [
      {...cause, since: NOW - 508 * DAY},
      {...cause, since: null},
      {...cause, since: NOW - DAY},
    ];
    const {standing, sentence} = healthOf(
      overviewOf({missing: 3, partial: 1, stale: 7, fresh: 20}, {causes}),
    );
    expect([standing, sentence]).toEqual([
      'gaps',
      '4 gaps are open in 1 of 2 assets, the oldest for 508 days.',
    ]);
  });

  test('speaks of one gap as of one', () => {
    expect(healthOf(overviewOf({missing: 1, fresh: 20})).sentence).toBe('1 gap is open in 1 of 2 assets.');
  });

  test('says that nothing is made before it counts holes', () => {
    expect(healthOf(overviewOf({missing: 1200})).sentence).toBe(
      'Nothing is made yet: 1,200 partitions are due.',
    );
    expect(healthOf(overviewOf({'not-due': 3})).sentence).toBe('Nothing is made yet, and nothing is due.');
  });

  test('says what is stale where no gap is open', () => {
    expect(healthOf(overviewOf({stale: 12, fresh: 3})).sentence).toBe(
      'No gap is open. 12 partitions are stale in 1 asset.',
    );
    expect(healthOf(overviewOf({fresh: 3})).sentence).toBe('No gap is open, and all that is due is fresh.');
  });

  test('is followed by what the next run does', () => {
    const next = (planned: Partial<OverviewBody['planned']>) =>
      healthOf(
        overviewOf({fresh: 1}, {planned: {run: 0, 'run-if': 0, wait: 0, skip: 0, drop: 0, ...planned}}),
      ).next;
    expect(next({run: 311, 'run-if': 20, wait: 2, skip: 1})).toBe(
      'The next run makes 311, may make 20, 2 wait, 1 is skipped.',
    );
    expect(next({wait: 1})).toBe('The next run makes nothing: 1 waits.');
    expect(next({})).toBe('');
  });
});

test('The share of what is fresh is never rounded up to the whole, and leaves out what is not due', () => {
  const share = (counts: Partial<States>) => figuresOf(overviewOf(counts))[0]?.value;
  expect(share({fresh: 99_999, missing: 1, 'not-due': 400})).toBe('99.9%');
  expect(share({fresh: 5, 'not-due': 400})).toBe('100%');
  expect(share({'not-due': 1})).toBe('–');
});

describe('rows of the matrix', () => {
  const asset = (name: string, tags: readonly string[] = []): DeclaredAssetBody => ({
    asset: name,
    group: name.split('.')[0] ?? '',
    kind: 'table',
    partitionedBy: 'date',
    axis: 'nba',
    partitions: 0,
    description: null,
    owner: null,
    tags: [...tags],
    upstream: [],
  });
  const pipeline = {
    groups: ['raw', 'features'],
    assets: [asset('raw.games'), asset('raw.odds', ['nightly']), asset('features.form')],
  };
  const namesOf = (filter: string, closed: readonly string[] = []) =>
    rowsOf(pipeline, filter, new Set(closed)).map(row =>
      row.kind === 'group' ? `${row.isOpen ? 'v' : '>'} ${row.group} ${row.assets.length}` : row.asset.asset,
    );

  test('stand below the head of their group', () => {
    expect(namesOf('')).toEqual(['v raw 2', 'raw.games', 'raw.odds', 'v features 1', 'features.form']);
  });

  test('are left out where their group is closed', () => {
    expect(namesOf('', ['raw'])).toEqual(['> raw 2', 'v features 1', 'features.form']);
  });

  test('are those in which every word of the filter stands, also of groups that are closed', () => {
    expect(namesOf('RAW nightly', ['raw'])).toEqual(['v raw 1', 'raw.odds']);
    expect(namesOf('elo')).toEqual([]);
  });

  test('of a closed group show the worst of its assets at each place', () => {
    const failed = CODE.missing | STRIP.failed;
    expect([
      ...worstOf([
        Uint8Array.of(CODE.fresh, CODE.missing, CODE.fresh, CODE['not-due']),
        Uint8Array.of(CODE.stale, failed, CODE.fresh, CODE.exempt),
        Uint8Array.of(CODE.exempt, CODE.fresh, CODE.exempt, CODE.exempt),
      ]),
    ]).toEqual([CODE.stale, failed, CODE.fresh, CODE['not-due']]);
    expect(worstOf([]).length).toBe(0);
  });
});

describe('the trend', () => {
  type Outcomes = OverviewBody['trend'][number]['outcomes'];
  const day = (date: string, counts: Partial<Outcomes>) => ({
    date,
    outcomes: Object.fromEntries(OUTCOMES.map(outcome => [outcome, counts[outcome] ?? 0])) as Outcomes, // all are there
  });
  const size = {width: 100, up: 50, down: 20};

  test('shows one failure beside thousands that succeeded', () => {
    const {bars, most} = trendLayout(
      [day('2026-02-28', {succeeded: 5000, failed: 1}), day('2026-03-01', {failed: 400, skipped: 100})],
      size,
    );
    const failed = bars.find(bar => bar.outcome === 'failed' && bar.date === '2026-02-28');
    expect(failed?.height).toBeGreaterThanOrEqual(2);
    expect(failed?.y).toBe(51);
    expect(most).toEqual({made: 5000, wrong: 500});
  });

  test('keeps within its height on the day with the most, and what is stacked touches', () => {
    const {bars} = trendLayout(
      [day('2026-03-01', {succeeded: 90, unchanged: 9, 'not-needed': 1, failed: 3, skipped: 4})],
      size,
    );
    expect(Math.min(...bars.map(({y}) => y))).toBeCloseTo(0);
    expect(Math.max(...bars.map(({y, height}) => y + height))).toBeCloseTo(71);
    const [first, second] = bars;
    expect((second?.y ?? 0) + (second?.height ?? 0)).toBeCloseTo(first?.y ?? 0);
  });

  test('of days without any attempt is empty', () => {
    expect(trendLayout([day('2026-03-01', {})], size).bars).toEqual([]);
  });
});
