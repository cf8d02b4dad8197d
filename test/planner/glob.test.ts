import {expect, test} from 'vitest';
import {globOf} from '../../planner/glob.ts';

test.for<readonly [pattern: string, text: string, fits: boolean]>([
  ['a', 'a', true],
  ['a', 'ab', false],
  ['a*b*c', 'aXbYc', true],
  ['a*a', 'a', false],
  ['*', '', true],
  ['?', '', false],
  ['a?c', 'abc', true],
  ['*.b', 'a.b', true],
  ['a**', 'a', true],
])("'%s' against '%s': %s", ([pattern, text, fits]) => {
  expect(globOf(pattern)(text)).toBe(fits);
});

test('a glob of many stars is read in no time', () => {
  expect(globOf(`${'*a'.repeat(200)}*b`)('a'.repeat(5000))).toBe(false);
});
