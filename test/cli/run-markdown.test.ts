/** The report of a run: what can be pasted into a ticket. */
import {expect, test} from 'vitest';
import {paintFor} from '../../cli/paint.ts';
import {printRun} from '../../cli/print-runs.ts';
import {runMarkdown} from '../../cli/run-markdown.ts';
import {countOutcomes} from '../../runner/event.ts';
import type {AttemptRecord} from '../../runner/ledger-run.ts';

const START = Date.parse('2026-01-02T03:04:05Z');

function attempt(asset: string, key: string, about: Partial<AttemptRecord> = {}): AttemptRecord {
  const made = {
    run: 'r1',
    asset,
    key,
    outcome: 'succeeded',
    startedAt: START,
    endedAt: START + 500,
    durationMs: 500,
  } as const;
  const inputs = {
    error: undefined,
    reasons: [],
    fingerprint: undefined,
    version: undefined,
    rows: 12,
    retries: 0,
  };
  return {...made, ...inputs, ...about};
}

const day = (i: number): string => new Date(Date.UTC(2024, 0, 1) + i * 86_400_000).toISOString().slice(0, 10);
const FAILED = Array.from({length: 303}, (_, i) =>
  attempt('landing.box', day(i), {
    outcome: 'failed',
    rows: undefined,
    retries: 3,
    durationMs: 2_000 + i,
    error: `http://league/box?date=${day(i)} answered HTTP 503: try again in ${i} s.`,
  }),
);
const ORDER = new Map(Array.from({length: 366}, (_, i) => [day(i), i]));
const keyOrder = () => ORDER;
const ATTEMPTS = [
  ...FAILED,
  attempt('landing.box', '2025-01-01'),
  attempt('raw.box', '2025-01-01', {rows: 186}),
];

function runOf(attempts: readonly AttemptRecord[]) {
  const counts = countOutcomes(attempts.map(({outcome}) => outcome));
  const end = {endedAt: START + 61_000, status: 'failed', counts} as const;
  return {
    id: 'r1',
    pipeline: 'nba',
    target: 'local',
    command: 'gameplan materialize `x`',
    startedAt: START,
    attempts,
    end,
  };
}

test('303 dates with one cause are one line, in Markdown and on the terminal', () => {
  const run = runOf(ATTEMPTS);
  const markdown = runMarkdown({run, isAtWork: false, tries: [], keyOrder});
  const troubles = markdown.split('\n').filter(line => line.startsWith('- **'));
  expect(troubles).toHaveLength(1);
  expect(troubles[0]).toMatch(
    /^- \*\*failed\*\* landing\.box, 303 partitions \(2024-01-01 … 2024-10-29\): http:\/\/league/,
  );
  const text = printRun({run, isAtWork: false, keyOrder, width: 100, paint: paintFor(false)});
  expect(text.split('\n').filter(line => line.startsWith('failed '))).toEqual([
    'failed landing.box (303 partitions)  2024-01-01 … 2024-10-29',
  ]);
});

test('the report tells outcomes, retries, rows, the slowest, sources and every partition', () => {
  const tried = {
    run: 'r1',
    asset: 'raw.box',
    key: '2025-01-01',
    expected: 9,
    detail: null,
    at: START,
    durationMs: 5,
  };
  const tries = [
    {...tried, source: 'nba', outcome: 'partial', found: 8} as const,
    {...tried, source: 'bdl', outcome: 'covered', found: 9} as const,
  ];
  const markdown = runMarkdown({run: runOf(ATTEMPTS), isAtWork: false, tries, keyOrder});
  expect(markdown).toContain('| landing.box | 1 | 303 | 12 | 909 |');
  expect(markdown).toContain('| raw.box | nba | 1 partial |\n| raw.box | bdl | 1 covered |');
  expect(markdown).toContain('| landing.box@2024-10-29 | 2.3 s |  | 3 |');
  expect(markdown).toContain('<summary>305 partitions</summary>');
  expect(markdown.split('\n').filter(line => line.startsWith('| landing.box@'))).toHaveLength(304 + 10);
  expect(markdown).toContain('```\ngameplan materialize `x`\n```');
});

test('what others wrote is no Markdown and no HTML', () => {
  const bad = attempt('landing.box', day(0), {
    outcome: 'failed',
    error: '<img src=x> | **bold** `x`\n# head',
  });
  const markdown = runMarkdown({run: runOf([bad]), isAtWork: false, tries: [], keyOrder});
  expect(markdown).not.toMatch(/[^\\]<img/);
  expect(markdown).not.toContain('\n# head');
  expect(markdown).toContain('\\<img src=x\\> \\| \\*\\*bold\\*\\* \\`x\\` # head');
});

test('a run that has not ended is at work, or its process has died', () => {
  const run = {...runOf([]), end: undefined};
  expect(runMarkdown({run, isAtWork: true, tries: [], keyOrder})).toContain(
    'at work; this is what it did so far.',
  );
  expect(runMarkdown({run, isAtWork: false, tries: [], keyOrder})).toContain(
    'its process died; the next run goes on from here.',
  );
});
