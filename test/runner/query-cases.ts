/** What every warehouse must make of queries: those of assets, of people, and conditions of the manifest. */
import {afterEach, beforeEach, expect, test} from 'vitest';
import {type Warehouse, WarehouseError} from '../../runner/warehouse.ts';
import type {TestEngine} from '../kit/warehouses.ts';
import {temporaryFolder} from './ledger-cases.ts';
import {all, day, fill, good, never, queryRequest, same, stageQuery, table} from './warehouse-fixture.ts';

export function queryCases(engine: TestEngine): void {
  let folder: string;
  let warehouse: Warehouse;
  beforeEach(async () => {
    folder = temporaryFolder();
    warehouse = await engine.open(folder);
  });
  afterEach(() => warehouse.close());
  const read = async (sql: string) => (await warehouse.read(engine.sql(folder, sql))).rows;

  test('a query is cast to the declared columns in their order, whatever its own', async () => {
    const spec = table('out.sums', {game_date: 'date', total: 'int64', ratio: 'float64'}, ['game_date']);
    const query =
      "SELECT 0.1 AS RATIO, sum(x) AS total, '2024-01-15' AS game_date FROM (SELECT 1 AS x UNION ALL SELECT 2) AS t;";
    const staged = await stageQuery(warehouse, {table: spec, query});
    const {rows} = await warehouse.select({
      from: {staged},
      columns: ['game_date', 'total', 'ratio'],
      where: undefined,
      keys: [day],
    });
    expect(rows).toEqual([[day, 3, 0.1]]);
  });

  test('a wrong query is refused with its path, its place and the name of what is wrong', async () => {
    const spec = table('out.wrong', {game_date: 'date', points: 'int64'}, ['points']);
    const isDuckdb = engine.engine === 'duckdb';
    const cases: readonly (readonly [query: string, duckdb: RegExp, bigquery: RegExp])[] = [
      [
        "SELECT 'é' AS e,\n  poins AS points FROM partitions",
        /^assets\/a.sql:2:3: .*"poins" not found/,
        /^assets\/a.sql:2:3: .*poins/,
      ],
      [
        'SELECT game_date,\n 1 AS points FROM gmaes',
        /^assets\/a.sql:2:19: .*gmaes/,
        /^assets\/a.sql:2:19: .*gmaes/,
      ],
      ["SELECT 'ü' FROM WHERE 1", /^assets\/a.sql:1:17: syntax error/, /^assets\/a.sql:1:17: .*WHERE/],
      [
        'SELECT 1) UNION (SELECT 2',
        /^assets\/a.sql:1:9: syntax error/,
        /^assets\/a.sql has a bracket without its other half/,
      ],
      ['SELECT 1; DROP TABLE x', /^assets\/a.sql holds 2 statements/, /^assets\/a.sql holds 2 statements/],
      ['SELECT 1 AS a) TO x; --', /syntax error/, /^assets\/a.sql has a bracket without its other half/],
      // BigQuery's server says what of it is wrong; it may look for the table first.
      ['DELETE FROM gameplan.receipts', /syntax error/, /^assets\/a.sql/],
      ['', /^assets\/a.sql is empty/, /^assets\/a.sql is empty/],
      ['-- nothing', /^assets\/a.sql is empty/, /^assets\/a.sql is empty/],
      [
        'SELECT game_date FROM partitions',
        /^assets\/a.sql lacks the column 'points' that out.wrong declares\.$/,
        /^assets\/a.sql lacks the column 'points' that out.wrong declares\.$/,
      ],
      [
        'SELECT *, 1 AS points FROM partitions',
        /^assets\/a.sql returns the column 'season', which out.wrong does not/,
        /^assets\/a.sql returns the column 'season', which out.wrong does not/,
      ],
      [
        "SELECT game_date, 'many' AS points FROM partitions",
        /^assets\/a.sql: .*'many'/,
        // Where in the text it is and what it was is the server's to say.
        /^assets\/a.sql.*many/,
      ],
      [
        'SELECT game_date,\n CAST(season AS BIGINT) AS points FROM partitions',
        /^assets\/a.sql:2:2: .*2023-24/,
        /^assets\/a.sql.*2023-24/,
      ],
    ];
    for (const [query, duckdb, bigquery] of cases) {
      const error: unknown = await stageQuery(warehouse, {table: spec, query}).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      // Only what hangs on the rows is worth another try with fewer of them.
      const isOther = !isDuckdb && query.startsWith('DELETE');
      const kind = /'many'|AS BIGINT/.test(query)
        ? 'query'
        : expect.stringMatching(isOther ? /^(statement|absent)$/ : /^statement$/);
      const message = isDuckdb ? duckdb : bigquery;
      expect(error, query).toMatchObject({kind, message: expect.stringMatching(message)});
      const place = /^assets\/a.sql:(\d+):(\d+)/.exec(error instanceof Error ? error.message : '');
      const before = query.split('\n').slice(0, Number(place?.[1]) - 1);
      const offset = [...before, ''].join('\n').length + Number(place?.[2]) - 1;
      expect(error instanceof WarehouseError ? error.offset : 'another error', query).toBe(
        place === null ? undefined : offset,
      );
    }
  });

  test('an upstream without published keys is an empty relation, even without a table', async () => {
    const query =
      'SELECT p.game_date, count(a.whole) AS n FROM partitions p LEFT JOIN soft a ON a.game_date = p.game_date GROUP BY 1';
    const spec = table('out.soft', {game_date: 'date', n: 'int64'}, []);
    const {rows} = await warehouse.readQuery(
      queryRequest({table: spec, query, inputs: [same('soft', all, [])]}),
      never,
    );
    expect(rows).toEqual([[day, 0]]);
  });

  test('an edge never shows a key between others that was not given', async () => {
    const keys = ['2024-01-15', '2024-01-16', '2024-01-17'];
    await fill(
      warehouse,
      all,
      keys,
      keys.map((game_date, whole) => ({...good, game_date, whole})),
    );
    const spec = table('out.seen', {game_date: 'date'}, []);
    const request = (given: readonly string[]) =>
      queryRequest({
        table: spec,
        query: 'SELECT game_date FROM a',
        inputs: [same('a', all, given)],
      });
    const seen = async (given: readonly string[]) =>
      (await warehouse.readQuery(request(given), never)).rows.flat().map(String).toSorted().toReversed();
    expect(await seen(['2024-01-17', '2024-01-15'])).toEqual(['2024-01-17', '2024-01-15']);
    expect(await seen(['2024-01-16', '2024-01-15'])).toEqual(['2024-01-16', '2024-01-15']);
    expect(await seen(['2024-01-01', '2024-01-16'])).toEqual(['2024-01-16', '2024-01-15'].slice(0, 1));
    expect(await seen(['2024-01-16'])).toEqual(['2024-01-16']);
  });

  test('reads give plain values, take parameters and change nothing', async () => {
    await fill(warehouse, all, [day], [good]);
    const parameters = {text: 'Dončić 🏀', day};
    const [sql, meant] =
      engine.engine === 'duckdb'
        ? [
            "SELECT 1::HUGEINT, (2::HUGEINT ** 70)::HUGEINT, 1.25::DECIMAL(10, 2), TIMESTAMPTZ '2024-01-15 12:00:00+02', [1, 2], INTERVAL 1 DAY, whole FROM raw.all WHERE text = $text AND game_date = $day",
            [1, 2n ** 70n, 1.25, '2024-01-15T10:00:00Z', '[1, 2]', '1 day', 1],
          ]
        : [
            "SELECT 1, 4611686018427387904, CAST('1.25' AS NUMERIC), TIMESTAMP '2024-01-15 12:00:00+02', whole FROM raw.all WHERE text = @text AND game_date = CAST(@day AS DATE)",
            [1, 2n ** 62n, 1.25, '2024-01-15T10:00:00Z', 1],
          ];
    const {rows} = await warehouse.read(engine.sql(folder, sql), parameters);
    expect(rows).toEqual([meant]);
    for (const writing of [
      'DELETE FROM raw.all',
      'DROP TABLE raw.all',
      "INSERT INTO gameplan.receipts (asset) VALUES ('x')",
      'COMMIT; DELETE FROM raw.all',
    ]) {
      await expect(read(writing), writing).rejects.toThrow();
    }
    expect(await read('SELECT count(*) FROM raw.all')).toEqual([[1]]);
  });

  test('the function library means the same in every query', async () => {
    const rows = await read(`SELECT safe_divide(1, 0), safe_divide(1, 4), safe_divide(NULL, 2),
        days_between(DATE '2024-02-28', DATE '2024-03-01'), days_between('2024-03-01', '2024-02-28'),
        days_after(DATE '2024-02-28', 2), days_after(DATE '2024-03-01', -1),
        season_of(DATE '2024-06-30'), season_of(DATE '2024-07-01'), season_of(DATE '1999-12-31'), season_of(NULL),
        CAST(2.0 AS FLOAT64), CAST('7' AS INT64), CAST(7 AS STRING), CAST('true' AS BOOL)`);
    expect(rows).toEqual([
      [
        null,
        0.25,
        null,
        2,
        -2,
        '2024-03-01',
        '2024-02-29',
        '2023-24',
        '2024-25',
        '1999-00',
        null,
        2,
        7,
        '7',
        true,
      ],
    ]);
  });

  test('a condition of the manifest stays a condition', async () => {
    await fill(warehouse, all, [day], [good]);
    const select = (where: string) =>
      warehouse.select({from: {table: all}, columns: ['whole'], where, keys: [day]});
    expect((await select("text LIKE 'D%' OR whole = 9 -- both")).rows).toEqual([[1]]);
    await expect(select('true) UNION SELECT (1')).rejects.toThrow(
      engine.engine === 'duckdb' ? /syntax error/ : /has a bracket without its other half/,
    );
    await expect(select('wole = 1')).rejects.toThrow(/wole/);
  });
}
