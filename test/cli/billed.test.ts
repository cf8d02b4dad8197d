/** What an engine billed, as `runs show` and `status` print it; and that nothing is said of one that bills nothing. */
import {afterEach, describe, expect, test} from 'vitest';
import {paintFor} from '../../cli/paint.ts';
import {printRun} from '../../cli/print-runs.ts';
import {runMarkdown} from '../../cli/run-markdown.ts';
import {usdText} from '../../report/billed-text.ts';
import {countOutcomes} from '../../runner/event.ts';
import type {AttemptRecord} from '../../runner/ledger-run.ts';
import {billing} from '../kit/billing.ts';
import {openAt} from '../kit/project.ts';
import {ToyProject} from './command-line.ts';
import {expectFits, expectGolden} from './golden.ts';

const START = Date.parse('2026-01-02T03:04:05Z');
const GIB = 1024 ** 3;

function attempt(asset: string, key: string, bytesBilled: number): AttemptRecord {
  return {
    run: 'r1',
    asset,
    key,
    outcome: 'succeeded',
    startedAt: START,
    endedAt: START + 500,
    durationMs: 500,
    error: undefined,
    reasons: [],
    fingerprint: undefined,
    version: undefined,
    rows: 12,
    retries: 0,
    billed: {bytesBilled, slotMs: Math.round(bytesBilled / 1_000_000)},
  };
}

const ATTEMPTS = [
  ...Array.from({length: 30}, (_, i) =>
    attempt('analytics.player_game_summary', `2024-01-${String(i + 1).padStart(2, '0')}`, 1.5 * GIB),
  ),
  attempt('raw.games', '2023-24', 10_485_760),
  // An export asks for no staging, and nobody knows what it was billed.
  {...attempt('exports.totals', 'all', 0), billed: undefined},
];

const RUN = {
  id: 'r1',
  pipeline: 'nba',
  target: 'prod',
  command: 'gameplan materialize --target prod',
  startedAt: START,
  attempts: ATTEMPTS,
  end: {
    endedAt: START + 61_000,
    status: 'succeeded',
    counts: countOutcomes(ATTEMPTS.map(({outcome}) => outcome)),
  },
  expectedBytes: {'analytics.player_game_summary': 40 * GIB, 'raw.games': 20_971_520},
} as const;

const about = {run: RUN, isAtWork: false, keyOrder: () => new Map<string, number>(), price: 6.25};

describe('a run that was billed', () => {
  for (const width of [80, 200]) {
    test(`tells bytes, slots and money beside what was expected, ${width} columns wide`, () => {
      const text = printRun({...about, width, paint: paintFor(false)});
      expectGolden(`print/run-billed-${width}.txt`, text);
      if (width === 200) expectFits(text, width);
    });
  }

  test('as Markdown', () => {
    expectGolden('print/run-billed.md', runMarkdown({...about, tries: []}).split('<details>')[0] ?? '');
  });

  test('without a price tells no money, and without an expectation none of it', () => {
    const text = printRun({
      ...about,
      run: {...RUN, expectedBytes: undefined},
      price: undefined,
      width: 100,
      paint: paintFor(false),
    });
    expect(text).toContain('  billed: 45 GiB; 48.3 s of slots.\n');
    expect(text).toContain('spent   billed  slots\n');
    expect(text).not.toMatch(/USD|expected/);
  });
});

test('less than a cent is said to be that, and nothing is nothing', () => {
  expect([0, 0.0001, 0.01, 1234.5, 1_999.999].map(usdText)).toEqual([
    '0.00',
    '<0.01',
    '0.01',
    '1,234.50',
    '2,000.00',
  ]);
});

describe('on the command line', () => {
  let toy: ToyProject | undefined;
  afterEach(() => toy?.remove());

  test('status adds up what each asset was billed over its runs, and runs show what one was', async () => {
    toy = new ToyProject();
    const project = openAt(toy.root, toy.begun);
    const through = billing({staging: 3 * GIB, publication: GIB});
    await project.materialize({through});
    await project.materialize({through, select: 'stats.totals', force: true});
    const status = await toy.run('status');
    expect(status.out).toMatch(/ raw\.points +3 {2}4\.0 GiB billed\n/);
    expect(status.out).toMatch(/ stats\.totals +3 {2}8\.0 GiB billed\n/);
    expect(status.out).toContain('\nBilled so far: 16 GiB; 4 h 46 min of slots.\n');
    const {assets} = JSON.parse((await toy.run('status', '--json')).out);
    expect(assets.map((each: {asset: string; billed: object}) => [each.asset, each.billed])).toEqual([
      ['raw.points', {bytesBilled: 4 * GIB, slotMs: 4_294_967}],
      ['stats.totals', {bytesBilled: 8 * GIB, slotMs: 8_589_934}],
      ['stats.running', {bytesBilled: 4 * GIB, slotMs: 4_294_967}],
    ]);
    const run = JSON.parse((await toy.run('runs', 'show', 'last', '--json')).out);
    expect([run.billed, run.expectedBytes]).toEqual([
      {bytesBilled: 4 * GIB, slotMs: 4_294_967},
      {'stats.totals': 4 * GIB},
    ]);
    expect((await toy.run('runs', 'show', 'last')).out).toContain('billed: 4.0 GiB (4.0 GiB expected)');
  });

  test('of DuckDB nothing is said', async () => {
    toy = new ToyProject();
    await toy.run('materialize');
    const said = [
      await toy.run('status'),
      await toy.run('status', '--json'),
      await toy.run('runs', 'show', 'last'),
      await toy.run('runs', 'show', 'last', '--json'),
      await toy.run('runs', 'show', 'last', '--markdown'),
    ];
    for (const {code, out} of said) {
      expect(code).toBe(0);
      expect(out).not.toMatch(/billed|expectedBytes|slots|USD/i);
    }
  });
});
