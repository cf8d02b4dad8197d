/**
 * What every warehouse must make of columns and slicings that are declared anew. DuckDB's table follows the declaration
 * where nothing is lost by it. BigQuery's gets the columns that it lacks: it loses none, and another type, key or slicing
 * is refused (docs/bigquery.md).
 */
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {ColumnType} from '../../planner/pipeline.ts';
import type {Row} from '../../runner/asset.ts';
import type {Former, TableSpec, Warehouse} from '../../runner/warehouse.ts';
import type {TestEngine} from '../kit/warehouses.ts';
import {temporaryFolder} from './ledger-cases.ts';
import {all, day, every, fill, good, same, stageQuery, stageRows, table} from './warehouse-fixture.ts';

const next = '2024-01-16';
const {yes: _yes, text: _text, ...kept} = every;
/** Without two columns and with a new one. */
const changed = table('raw.all', {...kept, fresh: 'int64'}, ['whole']);
const anew: Row = {game_date: next, whole: 2, real: null, moment: null, fresh: 1};

export function reshapeCases(engine: TestEngine): void {
  let folder: string;
  let warehouse: Warehouse;
  beforeEach(async () => {
    folder = temporaryFolder();
    warehouse = await engine.open(folder);
  });
  afterEach(() => warehouse.close());
  const read = async (sql: string) => (await warehouse.read(engine.sql(folder, sql))).rows;

  const isDuckdb = engine.engine === 'duckdb';
  const publish = async (
    spec: TableSpec,
    rows: readonly Row[],
    {key = next, former}: {readonly key?: string; readonly former?: Former} = {},
  ): Promise<void> => {
    const staged = await stageRows(warehouse, spec, [key], rows);
    try {
      const about = former === undefined ? {} : {former};
      await warehouse.publish({staged, keys: [key], receipts: [], ...about});
    } finally {
      await warehouse.discard(staged);
    }
  };
  /** Refused by the shape of the table, which stays as it is. */
  const refuses = async (spec: TableSpec, rows: readonly Row[], message: string): Promise<void> => {
    const before = await read('SELECT * FROM raw.all');
    const refused = publish(spec, rows);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({kind: 'shape'});
    expect(await read('SELECT * FROM raw.all')).toEqual(before);
  };

  test('a table follows its declaration with the first rows that are published under it', async () => {
    await fill(warehouse, all, [day], [good]);
    const staged = await stageRows(warehouse, changed, [next], [anew]);
    expect(await read('SELECT text FROM raw.all')).toEqual([['Dončić 🏀']]);
    await warehouse.discard(staged);
    await publish(changed, [anew]);
    expect(await read('SELECT game_date, whole, fresh FROM raw.all ORDER BY whole')).toEqual([
      [day, 1, null],
      [next, 2, 1],
    ]);
    const text = read('SELECT text FROM raw.all ORDER BY whole');
    if (isDuckdb) await expect(text).rejects.toThrow(/text/);
    else expect(await text).toEqual([['Dončić 🏀'], [null]]);
  });

  test('a column that is declared no more stays as long as published partitions were made with it', async () => {
    await fill(warehouse, all, [day], [good]);
    await publish(changed, [anew], {former: {columns: ['text']}});
    expect(await read('SELECT whole, text FROM raw.all ORDER BY whole')).toEqual([
      [1, 'Dončić 🏀'],
      [2, null],
    ]);
    await fill(warehouse, all, [next], [{...good, game_date: next, whole: 2}]);
    expect(await read('SELECT whole, text, yes FROM raw.all ORDER BY whole')).toEqual([
      [1, 'Dončić 🏀', isDuckdb ? null : true],
      [2, 'Dončić 🏀', true],
    ]);
  });

  test('a key that stands in another column is carried over, or refused', async () => {
    await fill(warehouse, all, [day], [good]);
    const {game_date: _date, ...others} = every;
    const renamed = table('raw.all', {played_on: 'date', ...others}, ['whole'], {
      kind: 'date',
      calendar: 'nba',
      column: 'played_on',
    });
    const {game_date: _day, ...values} = good;
    const rows = [{...values, played_on: next}];
    if (!isDuckdb)
      return await refuses(
        renamed,
        rows,
        "is cut into partitions by day of 'game_date', and the asset by day of 'played_on'. Make the table anew",
      );
    await publish(renamed, rows, {former: {columns: [], slicedBy: 'game_date'}});
    expect(await read('SELECT played_on, whole FROM raw.all ORDER BY played_on')).toEqual([
      [day, 1],
      [next, 1],
    ]);
  });

  const retyped = (column: string, type: ColumnType) =>
    table('raw.all', {...every, [column]: type}, ['whole']);
  const lossy: readonly (readonly [string, ColumnType, duckdb: string, bigquery: string])[] = [
    [
      'real',
      'int64',
      "'real' of raw.all is declared int64, and 1 published row holds a value that int64 cannot hold as it is, such as 1.5",
      'is FLOAT64, and the asset declares int64 (INT64). Declare the new column under another name, take the old type back, or drop the table and make it anew.',
    ],
    [
      'text',
      'int64',
      'such as Dončić 🏀. Declare the new column under another name',
      'is STRING, and the asset declares int64 (INT64).',
    ],
    ['moment', 'date', 'such as 2024-01-15 19:30:00', 'is TIMESTAMP, and the asset declares date (DATE).'],
    ['yes', 'date', 'such as true', 'is BOOL, and the asset declares date (DATE).'],
    ['whole', 'bool', 'such as 7', 'is INT64, and the asset declares bool (BOOL).'],
  ];
  test.each(lossy)(
    'a type that cannot hold what is published is refused: %s as %s',
    async (column, type, duckdb, bigquery) => {
      await fill(warehouse, all, [day], [{...good, whole: 7}]);
      const row = {...good, [column]: null};
      await refuses(retyped(column, type), [{...row, game_date: next}], isDuckdb ? duckdb : bigquery);
      // Rows that are replaced have no say, where a column can have another type at all.
      const replaced = publish(retyped(column, type), [row], {key: day});
      if (!isDuckdb) return await expect(replaced).rejects.toThrow(bigquery);
      await replaced;
      expect(await read(`SELECT ${column} FROM raw.all`)).toEqual([[null]]);
    },
  );

  test('a type that holds what is published takes it over, or is refused', async () => {
    await fill(warehouse, all, [day], [{...good, text: '12', real: 3, moment: '2024-01-15T00:00:00Z'}]);
    const spec = table(
      'raw.all',
      {...every, text: 'int64', real: 'int64', moment: 'date', whole: 'string', yes: 'string'},
      ['whole'],
    );
    const rows = [{game_date: next, text: 1, real: 2, moment: day, whole: 'a', yes: 'b'}];
    if (!isDuckdb) return await refuses(spec, rows, 'is BOOL, and the asset declares string (STRING).');
    await publish(spec, rows);
    expect(
      await read(`SELECT text, real, moment, whole, yes FROM raw.all WHERE game_date = '${day}'`),
    ).toEqual([[12, 3, day, '1', 'true']]);
  });

  test('a table that nobody published into anew is read in the columns that are declared now', async () => {
    await fill(warehouse, all, [day], [good]);
    const spec = table('out.sums', {game_date: 'date', whole: 'float64', fresh: 'int64'}, ['game_date']);
    const rowsOf = async (declared: TableSpec) => {
      const staged = await stageQuery(warehouse, {
        table: spec,
        query: 'SELECT game_date, whole, fresh FROM box',
        inputs: [same('box', declared, [day])],
      });
      const columns = ['whole', 'fresh'];
      const {rows} = await warehouse.select({from: {staged}, columns, where: undefined, keys: [day]});
      await warehouse.discard(staged);
      return rows;
    };
    const real = table('raw.all', {...kept, whole: 'float64', fresh: 'int64'}, ['whole']);
    expect(await rowsOf(real)).toEqual([[1, null]]);
    const declared = isDuckdb ? real : changed;
    await publish(declared, [anew]);
    expect(await rowsOf(declared)).toEqual([[1, null]]);
    await fill(warehouse, declared, [day], [{...anew, game_date: day}]);
    expect(await rowsOf(declared)).toEqual([[2, 1]]);
  });

  test('rows of another slicing leave with it, or it is refused', async () => {
    await fill(warehouse, all, [day], [good]);
    const {game_date: _date, ...rest} = every;
    const bySeason = table('raw.all', {season: 'string', ...rest}, ['whole'], {
      kind: 'season',
      calendar: 'nba',
      column: 'season',
    });
    if (!isDuckdb)
      return await refuses(
        bySeason,
        [],
        "is cut into partitions by day of 'game_date', and the asset into none.",
      );
    await fill(warehouse, bySeason, ['2023-24'], []);
    expect(await read('SELECT count(*) FROM raw.all')).toEqual([[0]]);
  });
}
