import {expect, test} from 'vitest';
import {bigqueryDialect} from '../../runner/bigquery-dialect.ts';
import {duckdbDialect} from '../../runner/duckdb-dialect.ts';
import {columnMistakes, wrap} from '../../runner/sql-wrap.ts';
import {table} from './warehouse-fixture.ts';

test('the asset stands in its brackets as it is written, and its place in bytes is known', () => {
  const query = "SELECT 'é' AS a -- the end; of it";
  const {sql, embedded} = wrap(duckdbDialect, {
    before: 'CREATE TABLE "ü" AS ',
    relations: [{name: 'a "b"', sql: 'SELECT 1'}],
    select: '*',
    query,
    path: 'a.sql',
  });
  expect(sql).toBe(
    `CREATE TABLE "ü" AS WITH "a ""b""" AS NOT MATERIALIZED (SELECT 1)\nSELECT * FROM (\n${query}\n) AS result`,
  );
  expect(Buffer.from(sql).subarray(embedded.start).toString()).toBe(`${query}\n) AS result`);
});

test('a semicolon is taken out of a statement, and never out of strings, names and comments', () => {
  const kept = `SELECT ';', "a;b", E'it\\';', $$;$$ /* ; */ -- ;`;
  expect(duckdbDialect.openEnded(kept)).toBe(kept);
  expect(duckdbDialect.openEnded("SELECT 'a;';\n-- b;\n;")).toBe("SELECT 'a;' \n-- b;\n ");
});

test('in GoogleSQL too, where a backslash takes a quote with it', () => {
  const kept = `SELECT 'it\\'s; x', "a;b", '''a';''', r'\\';', \`a;b\` /* ; */ # ; `;
  expect(bigqueryDialect.openEnded(kept)).toBe(kept);
  expect(bigqueryDialect.openEnded("SELECT 'a;';\n-- b;\n;")).toBe("SELECT 'a;' \n-- b;\n ");
});

test('columns that differ from the declaration are named, without looking at case', () => {
  const spec = table('raw.games', {game_date: 'date', Home: 'string', away: 'string'}, []);
  expect(columnMistakes(spec, ['AWAY', 'home', 'GAME_DATE'])).toEqual([]);
  expect(columnMistakes(spec, ['game_date', 'home', 'arena'])).toEqual([
    "returns the column 'arena', which raw.games does not declare; declare it or leave it out",
    "lacks the column 'away' that raw.games declares",
  ]);
});
