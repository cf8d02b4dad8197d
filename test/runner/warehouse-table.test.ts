import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {ColumnType} from '../../planner/pipeline.ts';
import type {Row} from '../../runner/asset.ts';
import {openDuckdb} from '../../runner/duckdb.ts';
import type {Former, TableSpec, Warehouse} from '../../runner/warehouse.ts';
import {dates, fill, never, queryRequest, same, stageQuery, stageRows, table} from './warehouse-fixture.ts';

const engines = [{name: 'DuckDB', open: () => openDuckdb({path: ':memory:'})}];
const day = '2024-01-15';
const every: Readonly<Record<string, ColumnType>> = {
  game_date: 'date',
  yes: 'bool',
  whole: 'int64',
  real: 'float64',
  text: 'string',
  moment: 'timestamp',
};
const all = table('raw.all', every, ['whole']);
const good: Row = {
  game_date: day,
  yes: true,
  whole: 1,
  real: 1.5,
  text: 'Dončić 🏀',
  moment: '2024-01-15T19:30:00Z',
};

for (const engine of engines) {
  describe(engine.name, () => {
    let warehouse: Warehouse;
    beforeEach(async () => {
      warehouse = await engine.open();
    });
    afterEach(() => warehouse.close());

    test('every type comes back as it went in', async () => {
      const rows: readonly Row[] = [
        good,
        {...good, whole: 2n ** 60n, real: -0.1, yes: false, moment: '2024-01-15 19:30:00.1234567', text: ''},
        {...good, whole: -3, real: Number.NaN, moment: '1969-12-31T19:00:00.5-05:00', text: 'a\u0000b'},
        {game_date: day, yes: null, whole: 4, real: null, text: null, moment: null},
      ];
      await fill(warehouse, all, [day], rows);
      const found = await warehouse.read('SELECT * FROM raw.all ORDER BY whole');
      expect(found.columns).toEqual(Object.keys(every));
      expect(found.rows).toEqual([
        [day, true, -3, Number.NaN, 'a\u0000b', '1970-01-01T00:00:00.5Z'],
        [day, true, 1, 1.5, 'Dončić 🏀', '2024-01-15T19:30:00Z'],
        [day, null, 4, null, null, null],
        [day, false, 2n ** 60n, -0.1, '', '2024-01-15T19:30:00.123456Z'],
      ]);
    });

    test('published rows come back a page at a time as they went in, and those of the keys alone', async () => {
      const rows = Array.from(
        {length: 5_000},
        (_, i): Row => ({
          ...good,
          game_date: i % 5 === 0 ? '2024-01-16' : day,
          whole: i === 7 ? 2n ** 60n : i,
          real: [1, -0.1, Number.NaN, null][i % 4] ?? null,
          moment: i % 2 === 0 ? null : '2024-01-15T19:30:00.123456Z',
        }),
      );
      await fill(warehouse, all, [day, '2024-01-16'], rows);
      const pages: (readonly Row[])[] = [];
      for await (const page of warehouse.rows({table: all, keys: [day]}, never)) pages.push(page);
      const found = pages.flat().toSorted((a, b) => Number(a['whole']) - Number(b['whole']));
      const meant = rows.filter(row => row['game_date'] === day);
      expect(found).toEqual(meant.toSorted((a, b) => Number(a['whole']) - Number(b['whole'])));
      expect(Math.max(...pages.map(({length}) => length))).toBeLessThan(5_000 * 0.8);
    });

    test('reading rows ends where it is cancelled, and the warehouse goes on', async () => {
      await fill(warehouse, all, [day], [good]);
      const read = async () => {
        for await (const _ of warehouse.rows({table: all, keys: [day]}, AbortSignal.abort()))
          throw new Error('a page came');
      };
      await expect(read()).rejects.toThrow(expect.objectContaining({kind: 'cancelled'}));
      expect((await warehouse.read('SELECT count(*) FROM raw.all')).rows).toEqual([[1]]);
    });

    test('a value that does not fit its column is refused by name, value and key', async () => {
      const wrong: readonly (readonly [Row, string])[] = [
        [{...good, whole: 1.5}, "with whole 1.5 has 1.5 in the column 'whole', which is declared int64"],
        [{...good, whole: 2 ** 53}, "in the column 'whole', which is declared int64"],
        [{...good, whole: 2n ** 63n}, "in the column 'whole', which is declared int64"],
        [{...good, real: '1.5'}, "has '1.5' in the column 'real', which is declared float64"],
        [{...good, yes: 1}, "has 1 in the column 'yes', which is declared bool"],
        [{...good, text: 7}, "has 7 in the column 'text', which is declared string"],
        [
          {...good, game_date: '2024-02-30'},
          "has '2024-02-30' in the column 'game_date', which is declared date",
        ],
        [{...good, moment: 'soon'}, "has 'soon' in the column 'moment', which is declared timestamp"],
        [{...good, arena: 'x'}, "has the property 'arena', which raw.all does not declare"],
        [
          {game_date: day, yes: null, whole: 1, real: null, text: null},
          "with whole 1 lacks the column 'moment'",
        ],
      ];
      for (const [row, message] of wrong) {
        await expect(stageRows(warehouse, all, [day], [good, row])).rejects.toThrow(message);
      }
      await expect(stageRows(warehouse, all, ["15 January'; --"], [])).rejects.toThrow(/is not a date/);
    });

    const {yes: _yes, text: _text, ...kept} = every;
    const next = '2024-01-16';
    const changed = table('raw.all', {...kept, whole: 'float64', fresh: 'int64'}, ['whole']);
    const anew: Row = {game_date: next, whole: 0.5, real: null, moment: null, fresh: 1};
    const read = async (sql: string) => (await warehouse.read(sql)).rows;
    const publish = async (spec: TableSpec, rows: readonly Row[], former?: Former): Promise<void> => {
      const staged = await stageRows(warehouse, spec, [next], rows);
      try {
        await warehouse.publish({
          staged,
          keys: [next],
          receipts: [],
          ...(former === undefined ? {} : {former}),
        });
      } finally {
        await warehouse.discard(staged);
      }
    };

    test('a table follows its declaration with the first rows that are published under it', async () => {
      await fill(warehouse, all, [day], [good]);
      const staged = await stageRows(warehouse, changed, [next], [anew]);
      expect(await read('SELECT text FROM raw.all')).toEqual([['Dončić 🏀']]);
      await warehouse.discard(staged);
      await publish(changed, [anew]);
      expect(await read('SELECT game_date, whole, fresh FROM raw.all ORDER BY ALL')).toEqual([
        [day, 1, null],
        [next, 0.5, 1],
      ]);
      await expect(read('SELECT text FROM raw.all')).rejects.toThrow(/text/);
    });

    test('a column that is declared no more stays as long as published partitions were made with it', async () => {
      await fill(warehouse, all, [day], [good]);
      await publish(changed, [anew], {columns: ['text']});
      expect(await read('SELECT whole, text FROM raw.all ORDER BY ALL')).toEqual([
        [0.5, null],
        [1, 'Dončić 🏀'],
      ]);
      await fill(warehouse, all, [next], [{...good, game_date: next, whole: 2}]);
      expect(await read('SELECT whole, text, yes FROM raw.all ORDER BY ALL')).toEqual([
        [1, 'Dončić 🏀', null],
        [2, 'Dončić 🏀', true],
      ]);
    });

    test('a key that stands in another column is carried over', async () => {
      await fill(warehouse, all, [day], [good]);
      const {game_date: _date, ...others} = every;
      const renamed = table('raw.all', {played_on: 'date', ...others}, ['whole'], {
        kind: 'date',
        calendar: 'nba',
        column: 'played_on',
      });
      const {game_date: _day, ...values} = good;
      await publish(renamed, [{...values, played_on: next}], {columns: [], slicedBy: 'game_date'});
      expect(await read('SELECT played_on, whole FROM raw.all ORDER BY ALL')).toEqual([
        [day, 1],
        [next, 1],
      ]);
    });

    const retyped = (column: string, type: ColumnType) =>
      table('raw.all', {...every, [column]: type}, ['whole']);
    const lossy: readonly (readonly [string, ColumnType, unknown, string])[] = [
      [
        'real',
        'int64',
        null,
        "'real' of raw.all is declared int64, and 1 published row holds a value that int64 cannot hold as it is, such as 1.5",
      ],
      ['text', 'int64', null, 'such as Dončić 🏀. Declare the new column under another name'],
      ['moment', 'date', null, 'such as 2024-01-15 19:30:00'],
      ['yes', 'date', null, 'such as true'],
      ['whole', 'bool', null, 'such as 7'],
    ];
    test.each(lossy)(
      'a type that cannot hold what is published is refused: %s as %s',
      async (column, type, value, message) => {
        await fill(warehouse, all, [day], [{...good, whole: 7}]);
        const before = await read('SELECT * FROM raw.all');
        const row = {...good, game_date: next, [column]: value as null};
        const refused = publish(retyped(column, type), [row]);
        await expect(refused).rejects.toThrow(message);
        await expect(refused).rejects.toMatchObject({kind: 'shape'});
        expect(await read('SELECT * FROM raw.all')).toEqual(before);
        // Rows that are replaced have no say.
        const staged = await stageRows(
          warehouse,
          retyped(column, type),
          [day],
          [{...good, [column]: value as null}],
        );
        await warehouse.publish({staged, keys: [day], receipts: []});
        expect(await read(`SELECT ${column} FROM raw.all`)).toEqual([[null]]);
      },
    );

    test('a type that holds what is published takes it over', async () => {
      await fill(warehouse, all, [day], [{...good, text: '12', real: 3, moment: '2024-01-15T00:00:00Z'}]);
      const spec = table(
        'raw.all',
        {...every, text: 'int64', real: 'int64', moment: 'date', whole: 'string', yes: 'string'},
        ['whole'],
      );
      const row = {game_date: next, text: 1, real: 2, moment: day, whole: 'a', yes: 'b'};
      await publish(spec, [row]);
      expect(
        await read(`SELECT text, real, moment, whole, yes FROM raw.all WHERE game_date = '${day}'`),
      ).toEqual([[12, 3, day, '1', 'true']]);
    });

    test('a table that nobody published into anew is read in the columns that are declared now', async () => {
      await fill(warehouse, all, [day], [good]);
      const read = {...same('box', changed, [day])};
      const spec = table('out.sums', {game_date: 'date', whole: 'float64', fresh: 'int64'}, ['game_date']);
      const query = 'SELECT game_date, whole, fresh FROM box';
      const rowsOf = async () => {
        const staged = await stageQuery(warehouse, {table: spec, query, inputs: [read]});
        const {rows} = await warehouse.select({
          from: {staged},
          columns: ['whole', 'fresh'],
          where: undefined,
          keys: [day],
        });
        await warehouse.discard(staged);
        return rows;
      };
      expect(await rowsOf()).toEqual([[1, null]]);
      await publish(changed, [anew]);
      expect(await rowsOf()).toEqual([[1, null]]);
      await fill(warehouse, changed, [day], [{...anew, game_date: day}]);
      expect(await rowsOf()).toEqual([[0.5, 1]]);
    });

    test('rows of another slicing leave with it', async () => {
      await fill(warehouse, all, [day], [good]);
      const {game_date: _date, ...rest} = every;
      const bySeason = table('raw.all', {season: 'string', ...rest}, ['whole'], {
        kind: 'season',
        calendar: 'nba',
        column: 'season',
      });
      await fill(warehouse, bySeason, ['2023-24'], []);
      expect(await read('SELECT count(*) FROM raw.all')).toEqual([[0]]);
    });

    test('a query is cast to the declared columns in their order, whatever its own', async () => {
      const spec = table('out.sums', {game_date: 'date', total: 'int64', ratio: 'float64'}, ['game_date']);
      const query =
        "SELECT 0.1 AS RATIO, sum(x) AS total, '2024-01-15' AS game_date FROM (VALUES (1), (2)) t(x);";
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
      const cases: readonly (readonly [string, RegExp, number | undefined])[] = [
        [
          "SELECT 'é' AS é,\n  poins AS points FROM partitions",
          /^assets\/a.sql:2:3: .*"poins" not found/,
          19,
        ],
        ['SELECT game_date,\n 1 AS points FROM gmaes', /^assets\/a.sql:2:19: .*gmaes/, 36],
        ["SELECT 'ü' FROM WHERE 1", /^assets\/a.sql:1:17: syntax error/, 16],
        ['SELECT 1) UNION (SELECT 2', /^assets\/a.sql:1:9: syntax error/, 8],
        ['SELECT 1; DROP TABLE x', /^assets\/a.sql holds 2 statements/, undefined],
        ['SELECT 1 AS a) TO x; --', /syntax error/, 13],
        ['DELETE FROM gameplan.receipts', /syntax error/, undefined],
        ['', /^assets\/a.sql is empty/, undefined],
        ['-- nothing', /^assets\/a.sql is empty/, undefined],
        [
          'SELECT game_date FROM partitions',
          /^assets\/a.sql lacks the column 'points' that out.wrong declares\.$/,
          undefined,
        ],
        [
          'SELECT *, 1 AS points FROM partitions',
          /^assets\/a.sql returns the column 'season', which out.wrong does not/,
          undefined,
        ],
        ["SELECT game_date, 'many' AS points FROM partitions", /^assets\/a.sql: .*'many'/, undefined],
        [
          'SELECT game_date,\n CAST(season AS BIGINT) AS points FROM partitions',
          /^assets\/a.sql:2:2: .*2023-24/,
          19,
        ],
      ];
      for (const [query, message, offset] of cases) {
        const error: unknown = await stageQuery(warehouse, {table: spec, query}).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        // Only what hangs on the rows is worth another try with fewer of them.
        const kind = /'many'|AS BIGINT/.test(query) ? 'query' : 'statement';
        expect(error, query).toMatchObject({kind, message: expect.stringMatching(message), offset});
      }
    });

    test('an upstream without published keys is an empty relation, even without a table', async () => {
      const query =
        'SELECT p.game_date, count(a.whole) AS n FROM partitions p LEFT JOIN soft a USING (game_date) GROUP BY 1';
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
          query: 'SELECT game_date FROM a ORDER BY game_date DESC',
          inputs: [same('a', all, given)],
        });
      const seen = async (given: readonly string[]) =>
        (await warehouse.readQuery(request(given), never)).rows.flat();
      expect(await seen(['2024-01-17', '2024-01-15'])).toEqual(['2024-01-17', '2024-01-15']);
      expect(await seen(['2024-01-16', '2024-01-15'])).toEqual(['2024-01-16', '2024-01-15']);
      expect(await seen(['2024-01-01', '2024-01-16'])).toEqual(['2024-01-16', '2024-01-15'].slice(0, 1));
      expect(await seen(['2024-01-16'])).toEqual(['2024-01-16']);
    });

    test('reads give plain values, take parameters and change nothing', async () => {
      await fill(warehouse, all, [day], [good]);
      const {rows} = await warehouse.read(
        "SELECT 1::HUGEINT, (2::HUGEINT ** 70)::HUGEINT, 1.25::DECIMAL(10, 2), TIMESTAMPTZ '2024-01-15 12:00:00+02', [1, 2], INTERVAL 1 DAY, whole FROM raw.all WHERE text = $text AND game_date = $day",
        {text: 'Dončić 🏀', day},
      );
      expect(rows).toEqual([[1, 2n ** 70n, 1.25, '2024-01-15T10:00:00Z', '[1, 2]', '1 day', 1]]);
      for (const sql of [
        'DELETE FROM raw.all',
        'DROP TABLE raw.all',
        "INSERT INTO gameplan.receipts (asset) VALUES ('x')",
        'COMMIT; DELETE FROM raw.all',
      ]) {
        await expect(warehouse.read(sql), sql).rejects.toThrow();
      }
      expect((await warehouse.read('SELECT count(*) FROM raw.all')).rows).toEqual([[1]]);
    });

    test('the function library means the same in every query', async () => {
      const {rows} = await warehouse.read(`SELECT safe_divide(1, 0), safe_divide(1, 4), safe_divide(NULL, 2),
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

    test('rows that fail halfway and rows that stop leave nothing behind', async () => {
      async function* broken(): AsyncGenerator<readonly Row[]> {
        yield [good];
        throw new Error('the source broke');
      }
      const request = {table: all, partitions: dates(day), inputs: []};
      await expect(warehouse.stageRows({...request, rows: broken()}, never)).rejects.toThrow(
        'the source broke',
      );
      await expect(
        warehouse.stageRows({...request, rows: [[good]]}, AbortSignal.abort()),
      ).rejects.toMatchObject({kind: 'cancelled'});
      const staged = await warehouse.stageRows({...request, rows: [[]]}, never);
      const {rows} = await warehouse.select({
        from: {staged},
        columns: ['whole'],
        where: 'whole > 0',
        keys: [day],
      });
      expect(rows).toEqual([]);
    });

    test('a condition of the manifest stays a condition', async () => {
      await fill(warehouse, all, [day], [good]);
      const select = (where: string) =>
        warehouse.select({from: {table: all}, columns: ['whole'], where, keys: [day]});
      expect((await select("text LIKE 'D%' OR whole = 9 -- both")).rows).toEqual([[1]]);
      await expect(select('true) UNION SELECT (1')).rejects.toThrow(/syntax error/);
      await expect(select('wole = 1')).rejects.toThrow(/wole/);
    });
  });
}
