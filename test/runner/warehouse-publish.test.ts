import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DuckDBConnection} from '@duckdb/node-api';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import type {Partitioning} from '../../planner/pipeline.ts';
import {openDuckdb} from '../../runner/duckdb.ts';
import type {Receipt, ReceiptKind, Warehouse} from '../../runner/warehouse.ts';
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

const engines = [
  {
    name: 'DuckDB',
    open: (folder: string) => openDuckdb({path: join(folder, 'warehouse.duckdb')}),
    /** Makes the engine's call number `at` from now on fail, counting none before `start`; gives the way back. */
    failAt: (at: number): (() => number) => {
      let calls = 0;
      const fail = (): void => {
        calls += 1;
        if (calls === at) throw new Error(`{"exception_type":"IO","exception_message":"call ${at} broke"}`);
      };
      const run = DuckDBConnection.prototype.run;
      const createAppender = DuckDBConnection.prototype.createAppender;
      vi.spyOn(DuckDBConnection.prototype, 'run').mockImplementation(async function (
        this: DuckDBConnection,
        ...args
      ) {
        if (args[0] !== 'ROLLBACK') fail();
        return await run.apply(this, args);
      });
      vi.spyOn(DuckDBConnection.prototype, 'createAppender').mockImplementation(async function (
        this: DuckDBConnection,
        ...args
      ) {
        fail();
        return await createAppender.apply(this, args);
      });
      return () => {
        vi.restoreAllMocks();
        return calls;
      };
    },
  },
];
const points = table('raw.points', {game_date: 'date', player: 'int64', points: 'int64'}, ['player']);
const row = (game_date: string, player: number, scored: number) => ({game_date, player, points: scored});
const keys = ['2024-01-15', '2024-01-16'];

for (const engine of engines) {
  describe(engine.name, () => {
    let folder: string;
    let warehouse: Warehouse;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'gameplan-publish-'));
      warehouse = await engine.open(folder);
    });
    afterEach(async () => {
      vi.restoreAllMocks();
      await warehouse.close();
      await rm(folder, {recursive: true});
    });
    const read = async (sql: string) => (await warehouse.read(sql)).rows;
    const held = () => read('SELECT game_date, player, points FROM raw.points ORDER BY ALL');

    test('a failure at any call of a publication leaves rows and receipts wholly old', async () => {
      const old = [row('2024-01-15', 1, 1), row('2024-01-16', 1, 2)];
      await fill(warehouse, points, keys, old);
      const before = await held();
      let calls = Number.POSITIVE_INFINITY;
      for (let at = 1; at <= calls; at += 1) {
        const staged = await stageRows(warehouse, points, keys, [
          row('2024-01-15', 7, 7),
          row('2024-01-16', 8, 8),
        ]);
        const restore = engine.failAt(at);
        const receipts = keys.map(key => receipt('raw.points', key, {intent: `intent ${at}`}));
        const ended = await warehouse.publish({staged, keys, receipts}).then(
          () => 'published',
          (error: Error) => error.message,
        );
        const made = restore();
        await warehouse.discard(staged);
        if (made < at) {
          calls = made;
          expect(ended).toBe('published');
          expect(await warehouse.receipts([`intent ${at}`])).toHaveLength(2);
        } else {
          expect(ended).toContain(`call ${at} broke`);
          expect(await held()).toEqual(before);
          expect(await warehouse.receipts([`intent ${at}`])).toEqual([]);
        }
      }
      // BEGIN, DELETE, INSERT, the appender of receipts, COMMIT.
      expect(calls).toBe(5);
      expect(await held()).toEqual([
        ['2024-01-15', 7, 7],
        ['2024-01-16', 8, 8],
      ]);
    });

    test('a failure at any call leaves what is held back wholly old, also where a publication lets it go', async () => {
      const hold = async (run: string, all: readonly ReturnType<typeof row>[]) => {
        const staged = await stageRows(warehouse, points, keys, all);
        const partitions = keys.map(key => ({key, rows: 1, error: run, violations: []}));
        return {staged, done: () => warehouse.holdBack({staged, run, at: 1, partitions})};
      };
      const kept = async () => [
        (await warehouse.heldBack()).map(({key, run}) => `${key} ${run}`),
        await Promise.all(keys.map(key => warehouse.heldRows({asset: points.name, key}))),
      ];
      const first = await hold('first', [row('2024-01-15', 1, 1), row('2024-01-16', 1, 2)]);
      await first.done();
      await warehouse.discard(first.staged);
      const before = await kept();
      const tryAll = async (work: (at: number) => Promise<() => Promise<void>>): Promise<number> => {
        for (let at = 1; ; at += 1) {
          const done = await work(at);
          const restore = engine.failAt(at);
          const error = await done().then(
            () => undefined,
            (reason: Error) => reason,
          );
          const made = restore();
          if (made < at) return made;
          expect(error?.message).toContain(`call ${at} broke`);
          expect(await kept()).toEqual(before);
        }
      };
      const publishing = await stageRows(warehouse, points, keys, [row('2024-01-15', 1, 1)]);
      const receipts = keys.map(key => receipt(points.name, key));
      await tryAll(async () => () => warehouse.publish({staged: publishing, keys, receipts}));
      expect(await kept()).toEqual([[], [[], []]]);
      await (await hold('first', [row('2024-01-15', 1, 1), row('2024-01-16', 1, 2)])).done();
      const calls = await tryAll(async () => (await hold('second', [row('2024-01-15', 9, 9)])).done);
      expect(calls).toBeGreaterThan(4);
      expect((await kept())[1]).toEqual([['{"game_date":"2024-01-15","player":9,"points":9}'], []]);
    });

    test('a failure at any call of a staging leaves the table as it was and the warehouse usable', async () => {
      await fill(warehouse, points, keys, [row('2024-01-15', 1, 1)]);
      let calls = Number.POSITIVE_INFINITY;
      for (let at = 1; at <= calls; at += 1) {
        const restore = engine.failAt(at);
        const staging = stageQuery(warehouse, {
          table: points,
          query: 'SELECT * FROM old',
          inputs: [{edge: 'old', table: points, keys: ['2024-01-15'], window: undefined}],
        });
        const staged = await staging.catch(() => undefined);
        const made = restore();
        if (made < at) calls = made;
        expect(staged === undefined).toBe(made >= at);
        if (staged !== undefined) await warehouse.discard(staged);
        expect(await held()).toEqual([['2024-01-15', 1, 1]]);
      }
      expect(calls).toBeGreaterThan(3);
    });

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

    test('the last receipt of a partition tells when its rows came, changed and were made', async () => {
      const [first = '', second = ''] = keys;
      const write = (kind: ReceiptKind, at: number, key = first, more: Partial<Receipt> = {}) =>
        warehouse.writeReceipts({receipts: [receipt('raw.points', key, {kind, at, ...more})]});
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
          ...receipt('raw.points', first, {kind: 'marked', at: 7, by: 'Ann', why: 'checked'}),
          ...{arrivedAt: 4, publishedAt: 5, madeAt: 6},
        },
        {
          ...receipt('raw.points', second, {kind: 'dropped', at: 8}),
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
      const nasty = `x"; DROP TABLE "raw"."points"; --'`;
      const partitioning: Partitioning = {kind: 'season', calendar: 'nba', column: nasty};
      const spec = table(
        `sch"ema.ta'ble"; --`,
        {[nasty]: 'string', 'b") (': 'int64', Ü: 'string'},
        ['b") (', 'Ü'],
        partitioning,
      );
      const hostile = [`2023-24'; DELETE FROM points; --`, '$keys', 'Jokić 🏀', '', '\\', 'null'];
      const rows = hostile.map((key, i) => ({[nasty]: key, 'b") (': i, Ü: key}));
      await fill(warehouse, points, ['2024-01-15'], []);
      await fill(warehouse, spec, hostile, rows);
      const request = {
        table: spec,
        query: `SELECT * FROM "ed""ge;--"`,
        partitions: hostile.map(key => ({key, season: key})),
        inputs: [
          {
            edge: 'ed"ge;--',
            table: spec,
            keys: hostile,
            window: pairs(hostile, hostile),
          },
        ],
      };
      const staged = await stageQuery(warehouse, request);
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
      const dropped = (keys: readonly string[], of = points) =>
        warehouse.writeReceipts({
          receipts: keys.map(key =>
            receipt(of.name, key, {kind: 'dropped', intent: 'i9', by: 'ada', why: 'gone'}),
          ),
          dropped: {table: of, keys},
        });
      await dropped(['2024-01-16', '2023-24', 'all']);
      expect(await read('SELECT points FROM raw.points')).toEqual([[1]]);
      expect(await warehouse.receipts(['i9'])).toMatchObject([
        {key: '2024-01-16', kind: 'dropped', by: 'ada', why: 'gone'},
        {key: '2023-24'},
        {key: 'all'},
      ]);
      const whole = {...points, partitioning: {kind: 'all'} as const};
      await dropped(['2024-01-15'], whole);
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
  });
}
