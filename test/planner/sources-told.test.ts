import {expect, test} from 'vitest';
import type {Try} from '../../planner/coverage-event.ts';
import {sourcesTold, withoutTold} from '../../planner/sources-told.ts';

const DATE = '2024-06-14';

function tried(source: string, detail: string | null, outcome: Try['outcome'] = 'error'): Try {
  return {
    asset: 'raw.games',
    key: DATE,
    source,
    outcome,
    found: 2,
    expected: 3,
    detail,
    at: 0,
    durationMs: 0,
  };
}

const NBA = `landing.nba@${DATE}: http://127.0.0.1:1/log?a=b answered HTTP 404; it begins: no. Check it`;
const TRIES = [
  tried('nba', `${NBA}.`),
  tried('bdl', `landing.bdl@${DATE}: answered 200 with 0 lines`),
  tried('espn', null, 'partial'),
];

test('every source is told with its cause, or with how much it has', () => {
  expect(sourcesTold('No source has it', TRIES)).toBe(
    `No source has it: nba: ${NBA}; bdl: landing.bdl@${DATE}: answered 200 with 0 lines; espn: partial 2 of 3 games`,
  );
});

test('a source that failed beside it is named alone, and every other word stays', () => {
  for (const lead of [
    'No source has it',
    'No source passed',
    `No source covers raw.games@${DATE}`,
  ] as const) {
    const error = sourcesTold(lead, TRIES);
    expect(withoutTold(error, new Set([`landing.nba@${DATE}`]))).toBe(
      `${lead}: nba: landing.nba@${DATE} failed; bdl: landing.bdl@${DATE}: answered 200 with 0 lines; espn: partial 2 of 3 games`,
    );
    expect(withoutTold(error, new Set(['landing.nba@2024-06-15']))).toBe(error);
  }
});

test('an error of no cascade stays as it is', () => {
  const error = `nba: landing.nba@${DATE}: HTTP 404`;
  expect(withoutTold(error, new Set([`landing.nba@${DATE}`]))).toBe(error);
});
