import {afterAll, describe, expect, test} from 'vitest';
import {closeQueryParser, readAllQueryFacts, readQueryFacts} from '../../runner/query-facts.ts';

afterAll(closeQueryParser);

/** Names in order, each held against the text at its own place. */
async function found(text: string) {
  const facts = await readQueryFacts(text);
  expect(facts.error).toBeUndefined();
  const spelled = ({start, end}: {start: number; end: number}) => text.slice(start, end);
  return {
    facts,
    tables: facts.tables.map(table => table.name),
    spelledTables: facts.tables.map(spelled),
    functions: facts.functions.map(call => call.name),
    spelledFunctions: facts.functions.map(spelled),
    tableFunctions: facts.tableFunctions.map(call => call.name),
    limits: facts.unorderedLimits.map(spelled),
    columns: facts.columns,
  };
}

describe('tables', () => {
  const cases: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
    ['a plain name', 'SELECT a FROM games', ['games'], ['games']],
    ['a FROM without a SELECT', 'FROM games', ['games'], ['games']],
    ['a qualified name', 'SELECT a FROM raw.games g', ['raw.games'], ['raw.games']],
    ['three parts', 'SELECT a FROM "x y".raw . games', ['x y.raw.games'], ['"x y".raw . games']],
    ['a file as a table', "SELECT a FROM 'box.parquet'", ['box.parquet'], ["'box.parquet'"]],
    ['joins and commas', 'SELECT 1 FROM a JOIN b USING (k), c', ['a', 'b', 'c'], ['a', 'b', 'c']],
    [
      'sub-queries everywhere',
      'SELECT (SELECT 1 FROM a) FROM (SELECT 1 FROM b) x WHERE EXISTS (FROM c)',
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ],
    ['text before it in other letters', "SELECT 'Dončić 🏀' AS é FROM games", ['games'], ['games']],
    ['a CTE is no table', 'WITH g AS (SELECT 1 FROM games) SELECT * FROM G', ['games'], ['games']],
    [
      'a CTE named like an edge reads the edge, then hides it',
      'WITH games AS (SELECT 1 FROM games) SELECT 1 FROM games',
      ['games'],
      ['games'],
    ],
    [
      'a later CTE does not hide an earlier read',
      'WITH a AS (SELECT 1 FROM b), b AS (SELECT 1 FROM c) SELECT 1 FROM a, b',
      ['b', 'c'],
      ['b', 'c'],
    ],
    [
      'a recursive CTE reads itself',
      'WITH RECURSIVE r AS (SELECT 1 AS n FROM seed UNION ALL SELECT n + 1 FROM r) SELECT * FROM r',
      ['seed'],
      ['seed'],
    ],
    [
      'an inner CTE ends with its brackets',
      'SELECT 1 FROM (WITH a AS (SELECT 1) SELECT 1 FROM a) x, a',
      ['a'],
      ['a'],
    ],
    [
      'a schema is never a CTE',
      'WITH games AS (SELECT 1) SELECT 1 FROM raw.games',
      ['raw.games'],
      ['raw.games'],
    ],
    [
      'both sides of a set operation',
      'SELECT 1 FROM a UNION SELECT 1 FROM b UNION SELECT 1 FROM c',
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ],
  ];
  test.each(cases)('%s', async (_, text, tables, spelled) => {
    const {facts, ...names} = await found(text);
    expect(names.tables).toEqual(tables);
    expect(names.spelledTables).toEqual(spelled);
    expect(facts.tables.map(table => table.qualified)).toEqual(
      tables.map(name => name !== 'box.parquet' && name.includes('.')),
    );
  });
});

describe('functions', () => {
  test('calls, aggregates and windows are named in lower case at their places, operators are not', async () => {
    const {functions, spelledFunctions} = await found(
      'SELECT NOW(), a + b, sum(x) OVER (PARTITION BY lower(y)), count(*) FROM t WHERE z > RANDOM()',
    );
    expect(functions.toSorted()).toEqual(['count', 'lower', 'now', 'random', 'sum']);
    expect(spelledFunctions.toSorted()).toEqual(['NOW', 'RANDOM', 'count', 'lower', 'sum']);
  });

  test('functions that are written without brackets count, quoted columns of that name do not', async () => {
    const {functions} = await found(
      'SELECT current_date, Current_Timestamp, "current_date", t.current_date FROM t',
    );
    expect(functions).toEqual(['current_date', 'current_timestamp']);
  });

  test('what the parser puts in for INTERVAL is not a call', async () => {
    expect((await found('SELECT d - INTERVAL 3 DAY FROM t')).functions).toEqual([]);
  });

  test('table functions and samples are told apart from calls', async () => {
    const {tableFunctions, functions, tables} = await found(
      "SELECT 1 FROM range(length('x')), read_csv('y'), games TABLESAMPLE 10%",
    );
    expect([tableFunctions, functions, tables]).toEqual([
      ['range', 'read_csv', 'tablesample'],
      ['length'],
      ['games'],
    ]);
  });
});

test('a limit is unordered unless its own select is ordered', async () => {
  expect((await found('SELECT 1 FROM a LIMIT 3')).limits).toEqual(['LIMIT']);
  expect((await found('SELECT 1 FROM a offset 3')).limits).toEqual(['offset']);
  expect((await found('SELECT 1 FROM a ORDER BY b LIMIT 3')).limits).toEqual([]);
  expect((await found('SELECT 1 FROM (SELECT 1 FROM a ORDER BY b) LIMIT 10%')).limits).toEqual(['LIMIT']);
  expect((await found('SELECT 1 FROM a FETCH FIRST 2 ROWS ONLY')).limits).toEqual(['FETCH']);
  expect(
    (await found('(SELECT 1 LIMIT 1) UNION SELECT 2 ORDER BY 1 LIMIT 1')).facts.unorderedLimits,
  ).toHaveLength(1);
});

test('output columns are known unless a star hides them', async () => {
  expect((await found('SELECT a, t.b, c AS "D e", sum(x) AS y, 1 FROM t')).columns).toEqual([
    'a',
    'b',
    'D e',
    'y',
    'expression 5',
  ]);
  expect((await found('SELECT count(*) AS n FROM t')).columns).toEqual(['n']);
  expect((await found('SELECT a FROM t UNION ALL SELECT b FROM u')).columns).toEqual(['a']);
  expect((await found('WITH x AS (SELECT * FROM t) SELECT a FROM x')).columns).toEqual(['a']);
  for (const text of [
    'SELECT * FROM t',
    'SELECT a, t.* FROM t',
    'SELECT COLUMNS(*) + 1 FROM t',
    'FROM t',
    'VALUES (1)',
  ]) {
    expect((await found(text)).columns, text).toBeUndefined();
  }
});

describe('a text that is not one SELECT is an error with its place', () => {
  const cases: readonly (readonly [string, string, RegExp, string])[] = [
    ['nothing', '', /empty/, ''],
    ['only a comment', '-- later', /empty/, '-- later'],
    ['two statements', 'SELECT 1; SELECT two', /more than one/, 'two'],
    ['another statement', 'DELETE FROM games', /plain SELECT/, 'DELETE FROM games'],
    ['a pivot', 'PIVOT a ON b USING sum(c)', /plain SELECT/, 'PIVOT a ON b USING sum(c)'],
    ['a description', 'DESCRIBE games', /SHOW/, 'DESCRIBE games'],
    ['a syntax error after other letters', "SELECT 'Jokić' AS é FROM WHERE 1", /syntax error/, 'WHERE 1'],
    [
      'a bracket that would leave the wrapping',
      'SELECT 1) FROM (SELECT 2',
      /syntax error/,
      ') FROM (SELECT 2',
    ],
    ['an unfinished comment', 'SELECT 1 /* and', /unterminated/, '/* and'],
    ['a parameter', 'SELECT a FROM t WHERE b = $1', /parameters/, '$1'],
  ];
  test.each(cases)('%s', async (_, text, message, from) => {
    const facts = await readQueryFacts(text);
    expect(facts.error?.message).toMatch(message);
    expect(text.slice(facts.error?.offset)).toBe(from);
    expect(facts.tables).toEqual([]);
  });
});

test('many queries in one call answer in their order', async () => {
  const texts = Array.from({length: 500}, (_, i) =>
    i % 7 === 0 ? `SELECT ${i} +` : `SELECT a${i} FROM t${i}`,
  );
  const all = await readAllQueryFacts(texts);
  expect(all.map(({tables, error}) => tables[0]?.name ?? error?.message)).toEqual(
    texts.map((_, i) => (i % 7 === 0 ? 'syntax error at end of input.' : `t${i}`)),
  );
  expect(await readAllQueryFacts([])).toEqual([]);
});
