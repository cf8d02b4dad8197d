import {describe, expect, test} from 'vitest';
import {googleFacts} from '../../planner/google-facts.ts';
import {canonicalGoogle} from '../../planner/google-tokens.ts';

const tables = (text: string) => googleFacts(text).tables.map(({name}) => name);
const calls = (text: string) => googleFacts(text).functions.map(({name}) => name);

describe('the canonical form of GoogleSQL', () => {
  test('comments, white space, case of words and final semicolons do not count', () => {
    const plain = canonicalGoogle("SELECT a, 'It' FROM games");
    expect(canonicalGoogle("select A ,\n'It' -- it's\n from /* ' */ Games # \"x\n;;")).toBe(plain);
  });

  test.each([
    ["'a'", "'A'"],
    ['"a b"', '"a  b"'],
    ["'''a'b'''", "'''a' b'''"],
    ['r"\\""', 'r"\\" "'],
    ['`a-b`', '`a-B`'],
    ["'a -- b'", "'a -- c'"],
    ['a <= b', 'a < = b'],
  ])('%s and %s are not the same', (one, other) => {
    expect(canonicalGoogle(`SELECT ${one}`)).not.toBe(canonicalGoogle(`SELECT ${other}`));
  });
});

describe('tables that a GoogleSQL query reads', () => {
  test.each<[text: string, names: readonly string[]]>([
    ['SELECT 1', []],
    ['SELECT * FROM games AS g, box b JOIN `plays` USING (game_id, team)', ['games', 'box', 'plays']],
    ['SELECT * FROM games g LEFT JOIN (SELECT * FROM box) x ON x.a = g.a, plays', ['games', 'box', 'plays']],
    [
      'SELECT * FROM (games JOIN box ON TRUE), UNNEST([1, 2]) AS n WITH OFFSET AS o, plays',
      ['games', 'box', 'plays'],
    ],
    ['WITH a AS (SELECT * FROM games), b AS (SELECT * FROM a) SELECT * FROM b, a', ['games']],
    // A CTE does not see itself: this reads the edge of its name.
    ['WITH games AS (SELECT * FROM games) SELECT * FROM games', ['games']],
    ['WITH RECURSIVE a AS (SELECT 1 UNION ALL SELECT * FROM a) SELECT * FROM a', []],
    // A CTE is seen in its own brackets alone.
    ['SELECT (WITH a AS (SELECT 1) SELECT 1 FROM a) FROM a', ['a']],
    [
      'SELECT EXTRACT(YEAR FROM game_date), a IS DISTINCT FROM b, a IS NOT DISTINCT FROM c FROM games',
      ['games'],
    ],
    ['SELECT x FROM games WHERE x IN (SELECT y FROM box) ORDER BY a, b', ['games', 'box']],
    ['SELECT * FROM games g, g.plays AS p, UNNEST(p.parts)', ['games']],
    ['SELECT (SELECT COUNT(*) FROM g.plays) FROM games g', ['games']],
    [
      'SELECT * FROM raw.games, `my-project.raw.box`, my-project.raw.plays p',
      ['raw.games', 'my-project.raw.box', 'my-project.raw.plays'],
    ],
    ['SELECT \'FROM box\', "FROM box" /* FROM box */ FROM games -- , box', ['games']],
    ['SELECT * FROM games UNION ALL SELECT a, b FROM box', ['games', 'box']],
    ['FROM games |> JOIN box USING (a) |> WHERE a > 1', ['games', 'box']],
  ])('%s', (text, names) => {
    expect(tables(text)).toEqual(names);
    expect(googleFacts(text).error).toBeUndefined();
  });

  test('a name points at its place, and knows whether it is qualified', () => {
    const text = 'SELECT * FROM `raw.games` g';
    expect(googleFacts(text).tables).toEqual([{name: 'raw.games', start: 14, end: 25, qualified: true}]);
  });
});

test('calls, table functions, samples and limits without an order are told', () => {
  expect(calls('SELECT COUNT(*), Safe_Divide (a, b), x IN (1), current_date FROM games WHERE f(x)')).toEqual([
    'count',
    'safe_divide',
    'current_date',
    'f',
  ]);
  const named = (text: string) => googleFacts(text).tableFunctions.map(({name}) => name);
  expect(named('SELECT * FROM ML.PREDICT(1), EXTERNAL_QUERY("a", "b")')).toEqual([
    'ml.predict',
    'external_query',
  ]);
  expect(named('SELECT * FROM games TABLESAMPLE SYSTEM (1 PERCENT)')).toEqual(['tablesample']);
  expect(named('SELECT * FROM games FOR SYSTEM_TIME AS OF t')).toEqual(['for']);
  const limits = (text: string) => googleFacts(text).unorderedLimits.length;
  expect(limits('SELECT * FROM games ORDER BY a LIMIT 1')).toBe(0);
  expect(limits('SELECT * FROM (SELECT * FROM games LIMIT 1) ORDER BY a')).toBe(1);
});

test.each([
  ['', /empty/],
  ['-- nothing', /empty/],
  ['DELETE FROM games', /not a plain SELECT/],
  ['SELECT 1; SELECT 2', /more than one statement/],
  ['SELECT @key', /no parameters/],
  ["SELECT 'a", /does not end/],
  ['SELECT (1', /not closed/],
  ['SELECT 1) FROM x', /never opened/],
])('%s is no query', (text, message) => {
  expect(googleFacts(text).error?.message).toMatch(message);
});
