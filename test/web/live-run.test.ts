import {expect, test} from 'vitest';
import type {RunLineBody} from '../../server/schema/run.ts';
import {leftText, rateText, type Told, withProgress} from '../../web/run/live-run.ts';

const counts = {
  requested: 10,
  succeeded: 1,
  unchanged: 0,
  'not-needed': 0,
  failed: 0,
  quarantined: 0,
  skipped: 0,
  cancelled: 0,
};
const line: RunLineBody = {
  id: 'a',
  kind: 'run',
  command: 'gameplan materialize',
  startedAt: 0,
  endedAt: null,
  status: 'running',
  counts,
  by: null,
  why: null,
};
const told: Told = {
  counts: {...counts, succeeded: 4},
  rate: 2,
  etaMs: 3000,
};

test('what was told since the answer is newer than it', () => {
  const run = withProgress(line, new Map([['a', told]]));
  expect(run.counts.succeeded).toBe(4);
  expect([run.rate, run.etaMs]).toEqual([2, 3000]);
});

test('a run that has ended is as the ledger has it', () => {
  const ended = {...line, status: 'succeeded', endedAt: 9} as const;
  expect(withProgress(ended, new Map([['a', told]])).counts.succeeded).toBe(1);
});

test('another run says nothing of this one', () => {
  const run = withProgress(line, new Map([['b', told]]));
  expect([run.counts.succeeded, run.rate]).toEqual([1, null]);
});

test('rates and what is left are told as roughly as they are known', () => {
  expect(rateText(24.6)).toBe('25 a second');
  expect(rateText(1.25)).toBe('1.3 a second');
  expect(rateText(0.3)).toBe('18 a minute');
  expect(leftText(400)).toBe('about 1 s left');
  expect(leftText(47_000)).toBe('about 45 s left');
  expect(leftText(200_000)).toBe('about 3 min left');
  expect(leftText(2.5 * 3_600_000)).toBe('about 2.5 h left');
});
