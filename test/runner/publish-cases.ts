/** What every warehouse must do when rows are published, receipts written and partitions dropped. */
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {Partitioning} from '../../planner/pipeline.ts';
import type {Receipt, ReceiptKind, Warehouse} from '../../runner/warehouse.ts';
import type {TestEngine} from '../kit/warehouses.ts';
import {temporaryFolder} from './ledger-cases.ts';
import {
  dates,
  fill,
  never,
  pairs,
  plainAudit,
  receipt,
  stageQuery,
  stageRows,
  table,
} from './warehouse-fixture.ts';

const points = table('raw.points', {game_date: 'date', player: 'int64', points: 'int64'}, ['player']);
const row = (game_date: string, player: number, scored: number) => ({game_date, player, points: scored});
const keys = ['2024-01-15', '2024-01-16'];

export function publishCases(engine: TestEngine): void {
  let folder: string;
  let warehouse: Warehouse;
  beforeEach(async () => {
    folder = temporaryFolder();
    warehouse = await engine.open(folder);
  });
  afterEach(() => warehouse.close());
  const read = async (sql: string) => (await warehouse.read(engine.sql(folder, sql))).rows;
  const held = async () =>
    (await read('SELECT game_date, player, points FROM raw.points')).toSorted((a, b) =>
      String(a) < String(b) ? -1 : 1,
    );

  test('only the keys of a publication are replaced, and an empty partition loses its old rows', async () => {
    await fill(
      warehouse,
      points,
      [...keys, '2024-01-17'],
      [row('2024-01-15', 1, 1), row('2024-01-16', 1, 2), row('2024-01-17', 1, 3)],
    );
    const staged = await stageRows(
      warehouse,
      points,
      [...keys, '2024-01-17'],
      [row('2024-01-16', 2, 20), row('2024-01-17', 2, 30)],
    );
    await warehouse.publish({staged, keys, receipts: []});
    expect(await held()).toEqual([
      ['2024-01-16', 2, 20],
      ['2024-01-17', 1, 3],
    ]);
  });

  test('receipts alone may be written, for partitions that came out unchanged', async () => {
    await fill(warehouse, points, keys, [row('2024-01-15', 1, 1)]);
    const staged = await stageRows(warehouse, points, keys, []);
    const unchanged = receipt('raw.points', keys[0] ?? '', {
      kind: 'unchanged',
      intent: 'second',
      expected: 3,
      found: 2,
      absent: ['0022300001'],
    });
    await warehouse.publish({staged, keys: [], receipts: [unchanged]});
    expect(await warehouse.receipts(['second'])).toEqual([unchanged]);
    expect(await held()).toEqual([['2024-01-15', 1, 1]]);
  });

  // Each write has an intent of its own: one that is repeated would be known to be done.
  test('the last receipt of a partition tells when its rows came, changed and were made', async () => {
    const [first = '', second = ''] = keys;
    const write = (kind: ReceiptKind, at: number, key = first, more: Partial<Receipt> = {}) =>
      warehouse.writeReceipts({
        receipts: [receipt('raw.points', key, {kind, at, intent: `intent ${at}`, ...more})],
      });
    await write('published', 1);
    await write('published', 2, second, {tried: '00000000000000cc', entry: '00000000000000dd'});
    await write('forgotten', 3);
    await write('published', 4);
    await write('published', 5);
    await write('unchanged', 6);
    await write('marked', 7, first, {by: 'Ann', why: 'checked'});
    await write('dropped', 8, second);
    expect(await warehouse.lastReceipts()).toEqual([
      {
        ...receipt('raw.points', first, {
          kind: 'marked',
          at: 7,
          intent: 'intent 7',
          by: 'Ann',
          why: 'checked',
        }),
        ...{arrivedAt: 4, publishedAt: 5, madeAt: 6},
      },
      {
        ...receipt('raw.points', second, {kind: 'dropped', at: 8, intent: 'intent 8'}),
        ...{arrivedAt: 0, publishedAt: 2, madeAt: 2},
      },
    ]);
  });

  test('the parts of a fingerprint are kept once, with the receipts that name it', async () => {
    const fingerprint = {hash: 'f'.repeat(64), parts: {columns: 'points:int64', key: '[]'}};
    const other = {hash: 'e'.repeat(64), parts: {columns: ''}};
    const staged = await stageRows(warehouse, points, keys, []);
    for (const fingerprints of [[fingerprint], [fingerprint, other]])
      await warehouse.publish({staged, keys: [], receipts: [], fingerprints});
    await warehouse.close();
    warehouse = await engine.open(folder);
    await warehouse.writeReceipts({receipts: [], fingerprints: [other]});
    expect(await warehouse.fingerprints()).toEqual([fingerprint, other]);
  });

  test('what was published is there after closing and opening again', async () => {
    await fill(warehouse, points, keys, [row('2024-01-15', 1, 1)]);
    await warehouse.close();
    warehouse = await engine.open(folder);
    expect(await held()).toEqual([['2024-01-15', 1, 1]]);
    expect(await warehouse.lastReceipts()).toHaveLength(2);
  });

  test('many stagings at once keep apart, and their publications come one after another', async () => {
    const days = Array.from({length: 12}, (_, i) => `2024-02-${String(i + 1).padStart(2, '0')}`);
    await Promise.all(
      days.map(async (day, i) => {
        const staged =
          i % 2 === 0
            ? await stageRows(warehouse, points, [day], [row(day, i, i)])
            : await stageQuery(warehouse, {
                table: points,
                query: `SELECT game_date, ${i} AS player, ${i} AS points FROM partitions`,
                partitions: dates(day),
              });
        const {partitions} = await plainAudit(warehouse, staged);
        expect(partitions.map(({key, rows}) => [key, rows])).toEqual([[day, 1]]);
        await warehouse.publish({
          staged,
          keys: [day],
          receipts: [receipt('raw.points', day, {intent: day})],
        });
        await warehouse.discard(staged);
      }),
    );
    expect(await held()).toEqual(days.map((day, i) => [day, i, i]));
    expect(await warehouse.receipts(days)).toHaveLength(12);
  });

  test('names and keys with quotes, brackets and comments stay names and keys', async () => {
    // https://cloud.google.com/bigquery/docs/schemas#flexible-column-names says which letters there may be.
    const isFree = engine.engine === 'duckdb';
    const nasty = isFree ? `x"; DROP TABLE "raw"."points"; --'` : 'x OR 1=1 -- # <&>';
    const other = isFree ? 'b") (' : 'b | c: 5% +';
    const name = isFree ? `sch"ema.ta'ble"; --` : 'schema.ta-ble é -- x';
    const edge = isFree ? 'ed"ge;--' : `ed"ge';--`;
    const partitioning: Partitioning = {kind: 'season', calendar: 'nba', column: nasty};
    const spec = table(name, {[nasty]: 'string', [other]: 'int64', Ü: 'string'}, [other, 'Ü'], partitioning);
    const hostile = [`2023-24'; DELETE FROM points; --`, '$keys', 'Jokić 🏀', '', '\\', 'null'];
    const rows = hostile.map((key, i) => ({[nasty]: key, [other]: i, Ü: key}));
    await fill(warehouse, points, ['2024-01-15'], []);
    await fill(warehouse, spec, hostile, rows);
    const staged = await stageQuery(warehouse, {
      table: spec,
      query: `SELECT * FROM ${isFree ? `"${edge.replace('"', '""')}"` : `\`${edge}\``}`,
      partitions: hostile.map(key => ({key, season: key})),
      inputs: [{edge, table: spec, keys: hostile, window: pairs(hostile, hostile)}],
    });
    const {partitions, foreign} = await plainAudit(warehouse, staged);
    expect(foreign).toEqual([]);
    expect(partitions.map(({key, rows: count}) => [key, count])).toEqual(hostile.map(key => [key, 1]));
    expect(await warehouse.findUnchanged(staged, hostile)).toEqual(hostile);
    await warehouse.publish({
      staged,
      keys: hostile.slice(0, 3),
      receipts: hostile.map(key => receipt(spec.name, key)),
    });
    const {rows: found} = await warehouse.select({
      from: {table: spec},
      columns: ['Ü', null],
      where: undefined,
      keys: hostile.slice(2),
    });
    expect(found.toSorted()).toEqual(
      hostile
        .slice(2)
        .map(key => [key, null])
        .toSorted(),
    );
    expect(await warehouse.receipts([`'; DROP TABLE gameplan.receipts; --`])).toEqual([]);
    expect(await held()).toEqual([]);
  });

  test('what is dropped loses its rows with its receipt, and a key of another slicing has none', async () => {
    await fill(
      warehouse,
      points,
      ['2024-01-15', '2024-01-16'],
      [row('2024-01-15', 1, 1), row('2024-01-16', 1, 2)],
    );
    const dropped = (intent: string, keys: readonly string[], of = points) =>
      warehouse.writeReceipts({
        receipts: keys.map(key => receipt(of.name, key, {kind: 'dropped', intent, by: 'ada', why: 'gone'})),
        dropped: {table: of, keys},
      });
    await dropped('i9', ['2024-01-16', '2023-24', 'all']);
    expect(await read('SELECT points FROM raw.points')).toEqual([[1]]);
    const found = await warehouse.receipts(['i9']);
    expect(found.toSorted((a, b) => a.key.localeCompare(b.key))).toMatchObject([
      {key: '2023-24'},
      {key: '2024-01-16', kind: 'dropped', by: 'ada', why: 'gone'},
      {key: 'all'},
    ]);
    const whole = {...points, partitioning: {kind: 'all'} as const};
    await dropped('i10', ['2024-01-15'], whole);
    expect(await read('SELECT points FROM raw.points')).toEqual([[1]]);
  });

  test('a table of one partition is replaced whole', async () => {
    const totals = table('totals', {player: 'int64', points: 'int64'}, ['player'], {kind: 'all'});
    for (const scored of [1, 2]) {
      const partitions = [{key: 'all', season: null}];
      const query = `SELECT 1 AS player, ${scored} AS points FROM partitions WHERE key = 'all'`;
      const staged = await warehouse.stageQuery(
        {table: totals, query, queryPath: 't.sql', partitions, inputs: []},
        never,
      );
      expect((await plainAudit(warehouse, staged)).partitions).toMatchObject([{key: 'all', rows: 1}]);
      if (scored > 1) expect(await warehouse.findUnchanged(staged, ['all'])).toEqual([]);
      await warehouse.publish({staged, keys: ['all'], receipts: []});
      expect(await warehouse.findUnchanged(staged, ['all'])).toEqual(['all']);
      await warehouse.discard(staged);
      expect(await read('SELECT * FROM totals')).toEqual([[1, scored]]);
    }
  });
}
