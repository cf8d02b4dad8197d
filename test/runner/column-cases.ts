/** What every warehouse must make of values of every type, and of those that do not fit. */
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {Row} from '../../runner/asset.ts';
import type {Warehouse} from '../../runner/warehouse.ts';
import type {TestEngine} from '../kit/warehouses.ts';
import {temporaryFolder} from './ledger-cases.ts';
import {all, dates, day, every, fill, good, never, stageRows} from './warehouse-fixture.ts';

export function columnCases(engine: TestEngine): void {
  let folder: string;
  let warehouse: Warehouse;
  beforeEach(async () => {
    folder = temporaryFolder();
    warehouse = await engine.open(folder);
  });
  afterEach(() => warehouse.close());
  const read = async (sql: string) => (await warehouse.read(engine.sql(folder, sql))).rows;

  test('every type comes back as it went in', async () => {
    const rows: readonly Row[] = [
      good,
      {...good, whole: 2n ** 60n, real: -0.1, yes: false, moment: '2024-01-15 19:30:00.1234567', text: ''},
      {...good, whole: -3, real: Number.NaN, moment: '1969-12-31T19:00:00.5-05:00', text: 'a\u0000b'},
      {game_date: day, yes: null, whole: 4, real: null, text: null, moment: null},
    ];
    await fill(warehouse, all, [day], rows);
    const found = await warehouse.read(engine.sql(folder, 'SELECT * FROM raw.all'));
    expect(found.columns).toEqual(Object.keys(every));
    expect(found.rows.toSorted((a, b) => Number(a[2]) - Number(b[2]))).toEqual([
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
    // BigQuery's page is as long as 10 MB hold.
    if (engine.engine === 'duckdb')
      expect(Math.max(...pages.map(({length}) => length))).toBeLessThan(5_000 * 0.8);
  });

  test('reading rows ends where it is cancelled, and the warehouse goes on', async () => {
    await fill(warehouse, all, [day], [good]);
    const cancelled = async () => {
      for await (const _ of warehouse.rows({table: all, keys: [day]}, AbortSignal.abort()))
        throw new Error('a page came');
    };
    await expect(cancelled()).rejects.toThrow(expect.objectContaining({kind: 'cancelled'}));
    expect(await read('SELECT count(*) FROM raw.all')).toEqual([[1]]);
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
    // BigQuery is told the keys with what is asked of them, and refuses them there.
    if (engine.engine === 'duckdb')
      await expect(stageRows(warehouse, all, ["15 January'; --"], [])).rejects.toThrow(/is not a date/);
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
}
