import {expect, test} from 'vitest';
import {calledNames, canonicalQuery} from '../../planner/canonical.ts';

const same: readonly (readonly [why: string, one: string, other: string])[] = [
  ['line comments', 'SELECT 1 -- one\nFROM t', 'SELECT 1 FROM t'],
  ['block comments, nested', 'SELECT /* a /* b */ c */ 1', 'SELECT 1'],
  ['a comment between words', 'a/**/b', 'a b'],
  ['white space', 'SELECT\n\t a ,b  FROM t', 'SELECT a, b FROM t'],
  ['no white space', 'a>=1', 'a >= 1'],
  ['the case of keywords and names', 'select Points from T', 'SELECT points FROM t'],
  ['semicolons at the end', 'SELECT 1;;', 'SELECT 1'],
  ['a sign behind an operator', 'a<-1', 'a < -1'],
  ['a sign behind a product', '2*-x', '2 * - x'],
  ['a sign within a slice', 'l[1:-1]', 'l[1: -1]'],
];
test.for(same)('%s say nothing', ([, one, other]) => {
  expect(canonicalQuery(one)).toBe(canonicalQuery(other));
});

const different: readonly (readonly [why: string, one: string, other: string])[] = [
  ['the case of a string', "'A'", "'a'"],
  ['the case of a quoted name', '"A"', '"a"'],
  ['a space in a string', "'a b'", "'a  b'"],
  ['a comment in a string', "'a--b'", "'a'"],
  ['the case of a string with an escaped quote', String.raw`E'a\' B'`, String.raw`E'a\' b'`],
  ['a space behind an escaped quote', String.raw`E'a\'  b'`, String.raw`E'a\' b'`],
  ['a space in a dollar-quoted string', '$q$a  b$q$', '$q$a b$q$'],
  ['the case of letters that the engine does not fold', 'É', 'é'],
  ['two words and one', 'a b', 'ab'],
  ['a number and a number with a point', '1.5', '1 5'],
  ['two minus signs and a comment', '1 - -1', '1 --1'],
  ['an operator and two', 'a ->> b', 'a -> > b'],
];
test.for(different)('%s count', ([, one, other]) => {
  expect(canonicalQuery(one)).not.toBe(canonicalQuery(other));
});

test('the names that a query calls are found, and only those', () => {
  const query = "SELECT safe_divide (a, b), SUM(x) FROM t WHERE y = 'season_of(z)' -- days_between(1)\n";
  expect([...calledNames(query)].sort()).toEqual(['safe_divide', 'sum']);
});
