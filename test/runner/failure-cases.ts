/**
 * What every warehouse must hold when one of its own calls fails: all of what was, or all of what was to be. DuckDB always
 * the first; of BigQuery a call may also fail that only asked how the job is doing, which then goes through.
 */
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Warehouse} from '../../runner/warehouse.ts';
import type {TestEngine} from '../kit/warehouses.ts';
import {temporaryFolder} from './ledger-cases.ts';
import {fill, receipt, stageQuery, stageRows, table} from './warehouse-fixture.ts';

const points = table('raw.points', {game_date: 'date', player: 'int64', points: 'int64'}, ['player']);
const [first, second] = ['2024-01-15', '2024-01-16'] as const;
const keys = [first, second];
const rows = (one: number, two: number) => [
  {game_date: first, player: one, points: one},
  {game_date: second, player: two, points: two},
];

export function failureCases({failAt, ...engine}: TestEngine): void {
  describe.skipIf(failAt === undefined)('a failure at any call', () => {
    let folder: string;
    let warehouse: Warehouse;
    beforeEach(async () => {
      folder = temporaryFolder();
      warehouse = await engine.open(folder);
    });
    afterEach(() => warehouse.close());

    const held = async () => {
      const query = engine.sql(folder, 'SELECT game_date, player, points FROM raw.points');
      return (await warehouse.read(query)).rows.toSorted((a, b) => String(a).localeCompare(String(b)));
    };

    /** Tries it with its first call broken, with its second, and so on until none is left; gives how many there were. */
    async function breakEach(
      prepare: (at: number) => Promise<() => Promise<unknown>>,
      look: (at: number, isBroken: boolean) => Promise<void>,
    ): Promise<number> {
      for (let at = 1; ; at += 1) {
        const work = await prepare(at);
        const breaking = failAt?.(at);
        const error = await work().then(
          () => undefined,
          (reason: Error) => reason,
        );
        const isReached = (breaking?.restore() ?? 0) >= at;
        // BigQuery may do without an answer, such as to how far a job is.
        if (error !== undefined) expect(error.message).toContain(`call ${at} broke`);
        else if (engine.engine === 'duckdb') expect(isReached).toBe(false);
        await look(at, error !== undefined);
        if (!isReached) return at - 1;
      }
    }

    test('of a publication leaves rows and receipts wholly old or wholly new', async () => {
      await fill(warehouse, points, keys, rows(0, 0));
      let before = await held();
      const calls = await breakEach(
        async at => {
          const staged = await stageRows(warehouse, points, keys, rows(at, at));
          const receipts = keys.map(key => receipt(points.name, key, {intent: `intent ${at}`}));
          return () => warehouse.publish({staged, keys, receipts});
        },
        async (at, isBroken) => {
          const found = await held();
          const count = (await warehouse.receipts([`intent ${at}`])).length;
          const isNew = count === 2;
          expect(count).toBe(isNew ? 2 : 0);
          expect(found).toEqual(isNew ? keys.map(key => [key, at, at]) : before);
          if (!isBroken) expect(isNew).toBe(true);
          else if (engine.engine === 'duckdb') expect(isNew).toBe(false);
          before = found;
        },
      );
      // DuckDB: BEGIN, DELETE, INSERT, the appender of receipts, COMMIT.
      expect(calls).toBeGreaterThanOrEqual(engine.engine === 'duckdb' ? 5 : 3);
    });

    const hold = async (run: string, one: number) => {
      const staged = await stageRows(warehouse, points, keys, rows(one, one).slice(0, 1));
      const partitions = keys.map(key => ({key, rows: 1, error: run, violations: []}));
      return () => warehouse.holdBack({staged, run, at: 1, partitions});
    };
    const kept = async () => [
      (await warehouse.heldBack()).map(({key, run}) => `${key} ${run}`).toSorted(),
      await Promise.all(keys.map(key => warehouse.heldRows({asset: points.name, key}))),
    ];
    const keptOf = (run: string, one: number) => [
      keys.map(key => `${key} ${run}`),
      [[JSON.stringify(rows(one, one)[0])], []],
    ];
    /** What a broken call may leave. */
    const either = (before: unknown, after: unknown) =>
      engine.engine === 'duckdb' ? [before] : [before, after];

    test('of holding back leaves what is held back wholly old or wholly new', async () => {
      const work = await hold('run 0', 0);
      await work();
      let before = await kept();
      expect(before).toEqual(keptOf('run 0', 0));
      await breakEach(
        at => hold(`run ${at}`, at),
        async (at, isBroken) => {
          const after = keptOf(`run ${at}`, at);
          const found = await kept();
          expect(isBroken ? either(before, after) : [after]).toContainEqual(found);
          before = found;
        },
      );
    });

    test('of a publication lets all go that was held back, or nothing', async () => {
      const nothing = [[], [[], []]];
      const work = await hold('run 0', 0);
      await work();
      await breakEach(
        async at => {
          const staged = await stageRows(warehouse, points, keys, rows(at, at));
          const receipts = keys.map(key => receipt(points.name, key, {intent: `intent ${at}`}));
          return () => warehouse.publish({staged, keys, receipts});
        },
        async (_, isBroken) => {
          const found = await kept();
          expect(isBroken ? either(keptOf('run 0', 0), nothing) : [nothing]).toContainEqual(found);
        },
      );
    });

    test('of a staging leaves the table as it was and the warehouse usable', async () => {
      await fill(warehouse, points, keys, rows(1, 1));
      const before = await held();
      const calls = await breakEach(
        async () => () =>
          stageQuery(warehouse, {
            table: points,
            query: 'SELECT * FROM old',
            inputs: [{edge: 'old', table: points, keys: [first], window: undefined}],
          }),
        async () => expect(await held()).toEqual(before),
      );
      expect(calls).toBeGreaterThanOrEqual(3);
    });
  });
}
