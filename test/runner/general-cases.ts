/** What every warehouse must do with rows on their way: stage, judge, publish, cancel. */
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {Warehouse} from '../../runner/warehouse.ts';
import type {TestEngine} from '../kit/warehouses.ts';
import {temporaryFolder} from './ledger-cases.ts';
import {
  dates,
  fill,
  never,
  pairs,
  plainAudit,
  receipt,
  same,
  stageQuery,
  stageRows,
  table,
} from './warehouse-fixture.ts';

const points = table('raw.points', {game_date: 'date', player: 'int64', points: 'int64'}, ['player']);
const shares = table('analytics.shares', {game_date: 'date', player: 'int64', share: 'float64'}, ['player']);
const row = (game_date: string, player: number, scored: number | null) => ({
  game_date,
  player,
  points: scored,
});

export function generalCases(engine: TestEngine): void {
  let folder: string;
  let warehouse: Warehouse;
  beforeEach(async () => {
    folder = temporaryFolder();
    warehouse = await engine.open(folder);
  });
  afterEach(() => warehouse.close());
  const read = async (sql: string) => (await warehouse.read(engine.sql(folder, sql))).rows;

  test('rows from TypeScript are staged, judged and published with their receipts', async () => {
    const rows = [row('2024-01-15', 1, 10), row('2024-01-15', 2, null), row('2024-01-16', 1, 7)];
    const staged = await stageRows(warehouse, points, ['2024-01-15', '2024-01-16', '2024-01-17'], rows);
    const {partitions, foreign} = await plainAudit(warehouse, staged);
    expect(foreign).toEqual([]);
    expect(partitions.map(({key, rows: count, violations}) => [key, count, violations.length])).toEqual([
      ['2024-01-15', 2, 0],
      ['2024-01-16', 1, 0],
      ['2024-01-17', 0, 0],
    ]);
    expect(partitions.map(({version}) => version.length)).toEqual([16, 16, 16]);
    const receipts = ['2024-01-15', '2024-01-16'].map(key => receipt('raw.points', key));
    await warehouse.publish({staged, keys: ['2024-01-15', '2024-01-16'], receipts});
    await warehouse.discard(staged);
    expect(await read('SELECT * FROM raw.points ORDER BY game_date, player')).toEqual([
      ['2024-01-15', 1, 10],
      ['2024-01-15', 2, null],
      ['2024-01-16', 1, 7],
    ]);
    expect(await warehouse.receipts(['intent-1', 'none'])).toEqual(receipts);
  });

  test('a query sees its edges cut to their keys, its partitions and its windows', async () => {
    await fill(
      warehouse,
      points,
      ['2024-01-13', '2024-01-14', '2024-01-15'],
      [row('2024-01-13', 1, 1), row('2024-01-14', 1, 10), row('2024-01-15', 1, 100)],
    );
    const staged = await stageQuery(warehouse, {
      table: shares,
      query: `SELECT p.game_date, box.player, sum(box.points) AS share
          FROM partitions p JOIN box_window w ON w.key = p.game_date JOIN box ON box.game_date = w.upstream_key
          WHERE p.season = '2023-24' GROUP BY 1, 2 -- the end;`,
      partitions: dates('2024-01-14', '2024-01-15'),
      inputs: [
        {
          edge: 'box',
          table: points,
          keys: ['2024-01-13', '2024-01-14'],
          window: pairs(
            ['2024-01-14', '2024-01-15', '2024-01-15', '2024-01-15'],
            ['2024-01-13', '2024-01-13', '2024-01-14', '2024-01-15'],
          ),
        },
      ],
    });
    await warehouse.publish({staged, keys: ['2024-01-14', '2024-01-15'], receipts: []});
    expect(await read('SELECT * FROM analytics.shares ORDER BY game_date, player')).toEqual([
      ['2024-01-14', 1, 1],
      ['2024-01-15', 1, 11],
    ]);
    await warehouse.discard(staged);
  });

  test('rows of a key that was not asked for are seen by the audit', async () => {
    await fill(
      warehouse,
      points,
      ['2024-01-15', '2024-01-16'],
      [row('2024-01-15', 1, 1), row('2024-01-16', 1, 2)],
    );
    const staged = await stageQuery(warehouse, {
      table: points,
      query: 'SELECT * FROM box UNION ALL SELECT NULL, 3, 3;',
      inputs: [same('box', points, ['2024-01-15', '2024-01-16'])],
    });
    expect((await plainAudit(warehouse, staged)).foreign).toEqual([
      {key: '2024-01-16', rows: 1},
      {key: 'null', rows: 1},
    ]);
  });

  test('a cancelled staging stops at once', async () => {
    const stop = new AbortController();
    const running = warehouse.stageQuery(
      {
        table: points,
        query: `SELECT DATE '2024-01-15' AS game_date, count(*) AS player, 0 AS points FROM ${engine.endless}`,
        queryPath: 'assets/slow.sql',
        partitions: dates('2024-01-15'),
        inputs: [],
      },
      stop.signal,
    );
    setTimeout(() => stop.abort(), 100);
    await expect(running).rejects.toMatchObject({kind: 'cancelled'});
    await expect(stageRows(warehouse, points, ['2024-01-15'], [])).resolves.toBeDefined();
    expect(never.aborted).toBe(false);
  });
}
