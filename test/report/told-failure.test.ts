import {expect, test} from 'vitest';
import {withoutTold} from '../../report/told-failure.ts';

const ERROR =
  'No source has it: nba: landing.nba@2024-06-14: http://127.0.0.1:1/log?a=b answered HTTP 404; it begins: no. Check it; bdl: landing.bdl@2024-06-14: answered 200 with 0 lines; espn: rows of none of the games';

test('a source that failed beside it is named alone, and every other word stays', () => {
  expect(withoutTold(ERROR, new Set(['landing.nba@2024-06-14']))).toBe(
    'No source has it: nba: landing.nba@2024-06-14 failed; bdl: landing.bdl@2024-06-14: answered 200 with 0 lines; espn: rows of none of the games',
  );
  expect(withoutTold(ERROR, new Set(['landing.nba@2024-06-15']))).toBe(ERROR);
});

test('an error of no cascade stays as it is', () => {
  const error = 'nba: landing.nba@2024-06-14: HTTP 404';
  expect(withoutTold(error, new Set(['landing.nba@2024-06-14']))).toBe(error);
});
