import {expect, test} from 'vitest';
import {googleFacts} from '../../planner/google-facts.ts';
import {notPortable} from '../../planner/portable-rules.ts';

const ABOUT = {
  library: new Set(['safe_divide']),
  doubles: new Set(['minutes']),
  columns: new Set(['points', 'minutes', 'home']),
  relations: new Set(['games']),
  isOrdered: false,
};

const found = (text: string, about = ABOUT): readonly string[] =>
  notPortable(text, about).map(({severity, start, end}) => `${severity} ${text.slice(start, end)}`);

test('comments and texts are not looked into', () => {
  expect(found('SELECT \'a::b // c\' AS a -- x::y\n/* "x" % y */ FROM games')).toEqual([]);
});

test('the order of rows matters where rows are kept in it, or cut by it', () => {
  const text = 'SELECT home FROM games ORDER BY home';
  expect(found(text)).toEqual([]);
  expect(found(text, {...ABOUT, isOrdered: true})).toEqual(['warning home']);
  expect(found(`${text} LIMIT 1`)).toEqual(['warning home']);
  expect(found(`${text} NULLS FIRST LIMIT 1`)).toEqual([]);
  expect(found('SELECT RANK() OVER (ORDER BY home NULLS LAST, points DESC) AS r FROM games')).toEqual([
    'warning points',
  ]);
});

test('a name that a SELECT gives is known after its list, and in what reads it', () => {
  expect(found('SELECT points + 1 AS p, p + 1 AS q FROM games')).toEqual(['error p']);
  expect(found('SELECT points + 1 AS p FROM games WHERE p > 1')).toEqual(['error p']);
  expect(found('SELECT points + 1 AS p FROM games WHERE EXISTS (SELECT 1 FROM games WHERE p > 1)')).toEqual([
    'error p',
  ]);
  expect(
    found('WITH a AS (SELECT points + 1 AS p FROM games) SELECT p + 1 AS q FROM a WHERE p > 1 ORDER BY q'),
  ).toEqual([]);
  expect(found('SELECT home AS h, COUNT(*) AS n FROM games GROUP BY h HAVING n > 1')).toEqual([]);
  // DuckDB too reads the column where there is one.
  expect(found('SELECT points + 1 AS minutes FROM games WHERE minutes > 1')).toEqual([]);
});

test('a divisor that is a number other than 0 is none', () => {
  expect(found('SELECT points / 2 + points / 0 + points / minutes AS a FROM games')).toEqual([
    'warning /',
    'warning /',
  ]);
});

test('large and deep texts take no long time', () => {
  const many = (each: (i: number) => string, between = ', ') =>
    Array.from({length: 10_000}, (_, i) => each(i)).join(between);
  const texts = [
    `SELECT ${many(i => `a.c${i} + 1 AS x${i}`)} FROM games AS a`,
    `SELECT a FROM games ORDER BY ${many(i => `c${i}`)} LIMIT 1`,
    `SELECT a FROM games WHERE a IN (${many(String)})`,
    `SELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)} FROM games`,
    `SELECT * FROM ${many(i => `t${i}`, ' JOIN ')}`,
    `SELECT ${"'x\\".repeat(10_000)}`,
  ];
  const startedAt = performance.now();
  for (const text of texts) {
    notPortable(text, ABOUT);
    googleFacts(text);
  }
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
