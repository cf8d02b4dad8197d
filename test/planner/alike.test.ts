import {expect, test} from 'vitest';
import {mergeAlike} from '../../planner/alike.ts';
import type {Reason} from '../../planner/reason.ts';
import {sentence} from '../../planner/sentence.ts';

const gate = (score: number, upstream: Extract<Reason, {kind: 'gate'}>['upstream']): Reason => ({
  kind: 'gate',
  score,
  gate: 80,
  upstream,
  count: 1,
});
const told = (...reasons: readonly Reason[]): string => sentence(mergeAlike(reasons, () => 0));

test('what is said of several partitions holds for each of them', () => {
  expect(told(gate(66.66, 'raw.a@1'))).toBe(
    'its inputs score 66.6, below its gate of 80: raw.a@1 pulls them down',
  );
  expect(told(gate(66.66, 'raw.a@1'), gate(66.66, 'raw.a@1'))).toBe(told(gate(66.66, 'raw.a@1')));
  expect(told(gate(66.66, 'raw.a@2'), gate(61.6, 'raw.a@1'))).toBe(
    'its inputs score as little as 61.6, below its gate of 80: raw.a@1 and others pull them down',
  );
  const failed = (upstream: 'raw.a@1' | 'raw.a@2'): Reason => ({kind: 'upstream-failed', upstream, count: 1});
  expect(told(failed('raw.a@2'), failed('raw.a@1'))).toBe('raw.a@1 and 1 more failed');
});

test('the share of a window is said of the window', () => {
  const partial = (held: number, upstream: 'raw.a@1' | 'raw.a@2', parts = 3): Reason => ({
    kind: 'upstream-partial',
    upstream,
    parts,
    held,
    expected: 3,
    atLeast: 0.5,
    count: 1,
  });
  expect(told(partial(1, 'raw.a@1', 1))).toBe('raw.a@1 holds 33.3% of what it should, below 50%');
  expect(told(partial(1, 'raw.a@1'))).toBe(
    'its window of raw.a, which lacks raw.a@1, holds 33.3% of what it should, below 50%',
  );
  expect(told(partial(1, 'raw.a@2'), partial(0, 'raw.a@1'))).toBe(
    'its window of raw.a, which lacks raw.a@1, holds as little as 0% of what it should, below 50%',
  );
});
