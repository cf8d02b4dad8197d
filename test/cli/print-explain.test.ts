import {expect, test} from 'vitest';
import {paintFor} from '../../cli/paint.ts';
import {printExplanation} from '../../cli/print-explain.ts';
import type {AssetName, PartitionKey} from '../../planner/pipeline.ts';
import type {Explanation, InputNode} from '../../report/explain.ts';
import {explanationJson} from '../../report/explanation-json.ts';
import {expectFits, expectGolden} from './golden.ts';
import {dates, keyOrder, partition} from './sample-plan.ts';

const now = Date.parse('2026-07-22T13:00:00Z');

const schedule: InputNode = {
  edge: 'schedule',
  asset: 'raw.schedule',
  window: 'the season that holds the date',
  keys: ['2022-23'],
  states: new Map([['fresh', 1]]),
  publishedAt: now - 86_400_000,
  version: '00f1e2d3c4b5a697',
  rows: 1321,
  inputs: [],
};

const signed = {by: 'ops@example.com', on: '2026-01-15', until: undefined, isExpired: false};

const explanation: Explanation = {
  acceptances: [
    {
      ...signed,
      reason: 'No source has this game.',
      until: '2027-06-30',
      games: ['0022200881', '0022200882'],
      void: ['0022200882'],
    },
    {
      ...signed,
      reason: 'Not recorded',
      until: '2026-06-30',
      isExpired: true,
      games: ['0022200883'],
      void: [],
    },
    {...signed, reason: 'The site was moving.', games: [], void: 'all'},
  ],
  partition: partition('precompute.team_form', '2023-02-23', 'stale', {
    action: 'run',
    reasons: [{kind: 'upstream-changed', upstream: ['analytics.team_games@2023-02-22'], count: 1}],
    notes: [{kind: 'schedule-not-final'}],
  }),
  kind: 'sql',
  file: 'assets/precompute/team_form.sql',
  object: undefined,
  isProtected: false,
  protectedFrom: undefined,
  nextRefresh: undefined,
  fingerprint: 'aa'.repeat(32),
  digest: '0123456789abcdef',
  publication: {
    version: 'fedcba9876543210',
    rows: 30,
    publishedAt: now - 7_200_000,
    durationMs: 34,
    fingerprint: 'aa'.repeat(32),
    digest: '1111111111111111',
    games: {found: 4, expected: 5, absent: ['0022200881']},
  },
  lastAttempt: {
    at: now - 3_600_000,
    outcome: 'quarantined',
    error: 'range(wins): 1 row has wins outside 0 to 82',
  },
  quality: {
    score: 72.96,
    own: 100,
    tier: 'bronze',
    inputs: 72.96,
    gate: 70,
    edges: [{edge: 'games', asset: 'analytics.team_games', score: 72.96}],
    issues: [
      {kind: 'early-season', held: 8, declared: 10, origin: 'precompute.team_form@2023-02-23'},
      {kind: 'backup-source', source: 'bdl', origin: 'raw.box@2023-02-22'},
      {kind: 'missing-games', games: ['0022200901', '0022200902'], origin: 'raw.box@2023-02-22'},
    ],
    more: 3,
  },
  tries: [
    {
      asset: 'raw.box',
      key: '2024-01-15',
      source: 'bdl',
      outcome: 'covered',
      expected: 11,
      found: 11,
      detail: null,
      at: Date.parse('2024-01-16T12:00:01Z'),
      durationMs: 12,
      run: 'r1',
    },
    {
      asset: 'raw.box',
      key: '2024-01-15',
      source: 'nba',
      outcome: 'error',
      expected: 11,
      found: 0,
      detail: 'landing.box@2024-01-15: https://stats.nba.com answered HTTP 500',
      at: Date.parse('2024-01-16T12:00:00Z'),
      durationMs: 12,
      run: 'r1',
    },
  ],
  attempts: [
    {
      run: 'r-18',
      asset: 'precompute.team_form',
      key: '2023-02-23',
      outcome: 'quarantined',
      startedAt: now - 3_600_030,
      endedAt: now - 3_600_000,
      durationMs: 30,
      error: 'range(wins): 1 row has wins outside 0 to 82',
      reasons: [],
      fingerprint: 'aa'.repeat(32),
      version: undefined,
      rows: undefined,
      retries: 0,
    },
    {
      run: 'r-17',
      asset: 'precompute.team_form',
      key: '2023-02-23',
      outcome: 'succeeded',
      startedAt: now - 7_200_034,
      endedAt: now - 7_200_000,
      durationMs: 34,
      error: undefined,
      reasons: [{kind: 'never-materialized'}],
      fingerprint: 'aa'.repeat(32),
      version: 'fedcba9876543210',
      rows: 30,
      retries: 0,
    },
  ],
  checks: [
    {name: 'key(team)', severity: 'error'},
    {name: 'range(wins)', severity: 'error'},
    {name: 'rows', severity: 'warn'},
  ],
  inputs: [
    {
      edge: 'games',
      asset: 'analytics.team_games',
      window: '15 games per team, at least 80%',
      keys: dates.filter(date => date >= '2023-02' && date < '2023-02-23'),
      states: new Map([
        ['fresh', 20],
        ['stale', 1],
        ['accepted', 1],
      ]),
      publishedAt: now - 60_000,
      version: undefined,
      rows: undefined,
      inputs: [{...schedule, inputs: undefined}],
    },
    {...schedule, edge: 'raw.schedule'},
    {
      ...schedule,
      edge: 'before',
      asset: 'precompute.team_form',
      window: 'previous',
      keys: [],
      states: new Map(),
      inputs: [],
    },
  ],
  root: undefined,
  read: [{partition: 'raw.schedule@2022-23', version: '2222222222222222'}],
  steps: [
    {
      asset: 'raw.schedule' as AssetName,
      keys: ['2022-23' as PartitionKey],
      verb: 'fetched',
      by: {
        kind: 'skip',
        because: {kind: 'parked', failures: 3, error: 'HTTP 500', nextTryAt: now + 21_600_000},
      },
      canBeSignedOff: true,
    },
    {
      asset: 'analytics.team_games' as AssetName,
      keys: dates.filter(date => date >= '2023-02' && date < '2023-02-23') as PartitionKey[],
      verb: 'made',
      by: {kind: 'steps-before'},
      canBeSignedOff: false,
    },
    {
      asset: 'precompute.team_form' as AssetName,
      keys: ['2023-02-23' as PartitionKey],
      verb: 'made',
      by: {kind: 'due', because: {kind: 'games-not-final', games: 2}},
      canBeSignedOff: false,
    },
  ],
};

for (const width of [80, 200]) {
  test(`a partition is explained back to the root, ${width} columns wide`, () => {
    const text = printExplanation({
      explanation,
      keyOrder,
      width,
      paint: paintFor(false),
      now,
      timezone: 'America/New_York',
    });
    expectGolden(`print/explain-${width}.txt`, text);
    expectFits(text, width);
  });
}

test('a partition that was never made is explained without a record', () => {
  const bare: Explanation = {
    ...explanation,
    partition: partition('raw.games', '2023-02-23', 'missing', {reasons: [{kind: 'never-materialized'}]}),
    publication: undefined,
    lastAttempt: undefined,
    attempts: [],
    tries: [],
    quality: undefined,
    acceptances: [],
    checks: [],
    inputs: [],
    root: {ref: 'landing.games@2023-02-23', cause: {kind: 'failed', error: 'answered HTTP 404.'}},
    read: [],
    steps: [],
  };
  const text = printExplanation({
    explanation: bare,
    keyOrder,
    width: 80,
    paint: paintFor(false),
    now,
    timezone: undefined,
  });
  expectGolden('print/explain-missing.txt', text);
});

test('an error is told once, where the last attempt left it', () => {
  const [attempt] = explanation.attempts;
  const error = 'range(wins): 1 row has wins outside 0 to 82';
  const told = printExplanation({
    explanation: {
      ...explanation,
      partition: partition('raw.games', '2023-02-23', 'missing', {
        action: 'run',
        reasons: [{kind: 'never-materialized'}, {kind: 'last-attempt-quarantined', error}],
      }),
      attempts: attempt === undefined ? [] : [attempt],
    },
    keyOrder,
    width: 200,
    paint: paintFor(false),
    now,
    timezone: undefined,
  });
  expect(told.split(error)).toHaveLength(2);
  expect(told).toContain('last attempt 1 h 0 min ago: quarantined\n');
  expect(told).toContain('quarantined in 30 ms (run r-18), as told above\n');
});

test('an explanation as JSON', () => {
  const text = JSON.stringify(explanationJson(explanation), null, 1);
  expectGolden('print/explain.json', `${text}\n`);
  expect(JSON.parse(text).inputs[0].states).toEqual({fresh: 20, stale: 1, accepted: 1});
});
