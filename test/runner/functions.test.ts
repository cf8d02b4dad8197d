import {DuckDBInstance} from '@duckdb/node-api';
import {expect, test} from 'vitest';
import {functionsOf, temporaryFunctions} from '../../runner/functions.ts';
import {functionCases} from '../evaluator/function-cases.ts';

test('each function gives in DuckDB what its table says', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'; CREATE TEMP TYPE float64 AS DOUBLE");
  for (const [name, definition] of functionsOf('duckdb'))
    await connection.run(`CREATE TEMP MACRO ${name}${definition}`);
  const list = functionCases.map(({call}, i) => `${call} AS c${i}`).join(', ');
  const [row] = (await connection.runAndReadAll(`SELECT ${list}`)).getRows();
  expect(functionCases.map(({call}, i) => ({call, gives: String(row?.[i])}))).toEqual(functionCases);
  connection.closeSync();
  instance.closeSync();
});

test('the table has a case of every function, and both engines have every function', () => {
  const called = new Set(functionCases.map(({call}) => call.slice(0, call.indexOf('('))));
  expect([...called].sort()).toEqual([...functionsOf('duckdb').keys()].sort());
  expect([...functionsOf('bigquery').keys()]).toEqual([...functionsOf('duckdb').keys()]);
});

test('a query brings the functions that it calls to BigQuery, and no others', () => {
  const query = `
    -- season_of(d) is told in a comment, weekday_of in a text
    SELECT Days_After (game_date, 1) AS d, 'weekday_of(x)' AS t, week_start, safe_divide(a, b), my_season_of(d)
    FROM games`;
  expect(temporaryFunctions(query)).toBe(
    'CREATE TEMP FUNCTION days_after(d ANY TYPE, n ANY TYPE) AS (DATE_ADD(CAST(d AS DATE), INTERVAL CAST(n AS INT64) DAY));\n',
  );
  expect(temporaryFunctions('SELECT 1')).toBe('');
});
