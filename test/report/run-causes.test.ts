import {expect, test} from 'vitest';
import type {Outcome} from '../../planner/ledger.ts';
import type {Reason} from '../../planner/reason.ts';
import {causesByAsset, causesOf, causeText} from '../../report/run-causes.ts';
import type {AttemptRecord} from '../../runner/ledger-run.ts';

function attempt(name: string, outcome: Outcome, error?: string): AttemptRecord {
  const [asset = '', key = ''] = name.split('@');
  const none = {reasons: [], fingerprint: undefined, version: undefined, rows: undefined, retries: 0};
  return {run: 'r', asset, key, outcome, error, startedAt: 0, endedAt: 0, durationMs: 0, ...none};
}

const ATTEMPTS = [
  attempt('a.a@1', 'failed', 'HTTP 503 for 2024-01-15'),
  attempt('a.a@2', 'succeeded'),
  attempt('b.b@1', 'failed', 'HTTP 503 for 2024-01-16'),
  attempt('a.a@3', 'quarantined', 'HTTP 503 for 2024-01-15'),
  attempt('a.a@4', 'failed', 'no route'),
  attempt('a.a@5', 'not-needed'),
];

const told = (...args: Parameters<typeof causesOf>) =>
  causesOf(...args).map(({attempts}) => attempts.map(({asset, key}) => `${asset}@${key}`).join(' '));

test('what differs in numbers alone has one cause; outcomes are told apart, and what went well is not told', () => {
  expect(told(ATTEMPTS)).toEqual(['a.a@1 b.b@1', 'a.a@3', 'a.a@4']);
});

test('assets are told apart where that is asked for', () => {
  expect(told(ATTEMPTS, ({asset}) => asset)).toEqual(['a.a@1', 'b.b@1', 'a.a@3', 'a.a@4']);
});

test('without an error the reasons are the cause', () => {
  const reasons = [{kind: 'upstream-failed', upstream: 'a.a@1', count: 1}] as const;
  expect(causeText({...attempt('b.b@1', 'skipped'), reasons})).toBe('a.a@1 failed');
});

test('a season that was not begun is one cause of all its assets', () => {
  const stopped = {kind: 'season-stopped', season: '2023-24', count: 8} as const;
  const failed = {kind: 'upstream-failed', upstream: 'raw.a@2024-06-14', count: 1} as const;
  const skipped = (name: string, reason: Reason) => ({...attempt(name, 'skipped'), reasons: [reason]});
  const causes = causesByAsset([
    skipped('raw.a@2024-10-22', stopped),
    skipped('raw.b@2024-06-14', failed),
    skipped('raw.b@2024-10-22', stopped),
    skipped('raw.c@2024-06-14', failed),
  ]);
  expect(causes.map(({attempts}) => attempts.map(({asset, key}) => `${asset}@${key}`).join(' '))).toEqual([
    'raw.a@2024-10-22 raw.b@2024-10-22',
    'raw.b@2024-06-14',
    'raw.c@2024-06-14',
  ]);
});
