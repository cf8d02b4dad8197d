import {expect, test} from 'vitest';
import {sentence} from '../../planner/sentence.ts';

test('a sentence has no full stop, also where it ends with what others wrote', () => {
  const error = "No rows for 2024-01-15; if that can be right, declare 'empty: allowed'.";
  expect(sentence({kind: 'last-attempt-failed', error})).toBe(
    "the last attempt failed: No rows for 2024-01-15; if that can be right, declare 'empty: allowed'",
  );
  expect(sentence({kind: 'parked', failures: 3, error: 'HTTP 500.', nextTryAt: undefined})).toBe(
    'parked: failed 3 times (HTTP 500); --force tries again',
  );
  expect(sentence({kind: 'accepted-gap', by: 'a@b.c', on: '2026-07-01', reason: 'No recording.'})).toBe(
    'accepted by a@b.c on 2026-07-01: No recording',
  );
  expect(sentence({kind: 'last-attempt-failed', error: 'and so on...'})).toBe(
    'the last attempt failed: and so on...',
  );
});
