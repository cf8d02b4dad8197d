/** What every warehouse must tell of new rows beside the published ones. */
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {TableSpec, Warehouse} from '../../runner/warehouse.ts';
import type {TestEngine} from '../kit/warehouses.ts';
import {temporaryFolder} from './ledger-cases.ts';
import {fill, never, stageRows, table} from './warehouse-fixture.ts';

const DAY = '2024-01-15';
const NEXT = '2024-01-16';
const SPEC = table(
  'raw.points',
  {game_date: 'date', player: 'string', points: 'int64', share: 'float64', note: 'string'},
  ['game_date', 'player'],
);

function row(player: string, points: number | null, share: number | null = 0.5, key = DAY) {
  return {game_date: key, player, points, share, note: null};
}

export function compareCases(engine: TestEngine): void {
  let warehouse: Warehouse;
  beforeEach(async () => {
    warehouse = await engine.open(temporaryFolder());
  });
  afterEach(() => warehouse.close());

  async function compare(
    rows: readonly ReturnType<typeof row>[],
    about: {readonly spec?: TableSpec; readonly isPublished?: boolean; readonly limit?: number} = {},
  ) {
    const {spec = SPEC, isPublished = true, limit = 5} = about;
    const staged = await stageRows(warehouse, spec, [DAY], rows);
    try {
      return await warehouse.compare({staged, key: DAY, isPublished, limit});
    } finally {
      await warehouse.discard(staged);
    }
  }

  describe('rows against the published ones', () => {
    beforeEach(async () => {
      await fill(
        warehouse,
        SPEC,
        [DAY, NEXT],
        [row('ana', 15), row('bo', 16), row('cy', null, null), row('ana', 99, 0.5, NEXT)],
      );
    });

    test('are the same, whatever their order, and other dates do not count', async () => {
      expect(await compare([row('cy', null, null), row('bo', 16), row('ana', 15)])).toEqual({
        added: 0,
        removed: 0,
        changed: 0,
        same: 3,
        columns: {},
        examples: [],
        newColumns: [],
        oldColumns: [],
      });
    });

    test('are added, removed and changed, and each changed column is counted', async () => {
      const found = await compare([row('ana', 17, 0.25), row('cy', 3, null), row('di', 4)]);
      expect(found).toMatchObject({
        added: 1,
        removed: 1,
        changed: 2,
        same: 0,
        columns: {points: 2, share: 1},
      });
      expect(found.examples).toEqual([
        {
          kind: 'changed',
          key: {game_date: DAY, player: 'ana'},
          columns: [
            {name: 'points', was: 15, is: 17},
            {name: 'share', was: 0.5, is: 0.25},
          ],
        },
        {
          kind: 'changed',
          key: {game_date: DAY, player: 'cy'},
          columns: [{name: 'points', was: null, is: 3}],
        },
        {
          kind: 'added',
          key: {game_date: DAY, player: 'di'},
          columns: [
            {name: 'points', was: null, is: 4},
            {name: 'share', was: null, is: 0.5},
            {name: 'note', was: null, is: null},
          ],
        },
        {
          kind: 'removed',
          key: {game_date: DAY, player: 'bo'},
          columns: [
            {name: 'points', was: 16, is: null},
            {name: 'share', was: 0.5, is: null},
            {name: 'note', was: null, is: null},
          ],
        },
      ]);
    });

    test('may differ by 1e-9 of the larger, and no more', async () => {
      const rows = (share: number) => [row('ana', 15, share), row('bo', 16), row('cy', null, null)];
      expect(await compare(rows(0.5 * (1 + 0.9e-9)))).toMatchObject({changed: 0, same: 3});
      expect(await compare(rows(0.5 * (1 + 1.1e-9)))).toMatchObject({
        changed: 1,
        same: 2,
        columns: {share: 1},
      });
      expect(await compare(rows(Number.NaN))).toMatchObject({changed: 1});
    });

    test('give as many examples of each kind as are asked for', async () => {
      const found = await compare(
        Array.from({length: 9}, (_, i) => row(`p${i}`, i)),
        {limit: 2},
      );
      expect(found).toMatchObject({added: 9, removed: 3});
      expect(found.examples.map(({kind, key}) => `${kind} ${key['player']}`)).toEqual([
        'added p0',
        'added p1',
        'removed ana',
        'removed bo',
      ]);
    });

    test('count as none where nothing is published', async () => {
      expect(await compare([row('ana', 15)], {isPublished: false})).toMatchObject({
        added: 1,
        removed: 0,
        same: 0,
      });
    });

    test('are compared in the columns that both have, as the type that is declared', async () => {
      const spec = table(
        'raw.points',
        {game_date: 'date', player: 'string', points: 'float64', assists: 'int64'},
        ['game_date', 'player'],
      );
      const rows = [
        {game_date: DAY, player: 'ana', points: 15, assists: 1},
        {game_date: DAY, player: 'bo', points: 16.5, assists: 1},
      ];
      const staged = await warehouse.stageRows(
        {table: spec, partitions: [{key: DAY, season: null}], inputs: [], rows: [rows]},
        never,
      );
      expect(await warehouse.compare({staged, key: DAY, isPublished: true, limit: 1})).toMatchObject({
        added: 0,
        removed: 1,
        changed: 1,
        same: 1,
        newColumns: ['assists'],
        oldColumns: ['share', 'note'],
        examples: [
          {kind: 'changed', key: {player: 'bo'}, columns: [{name: 'points', was: 16, is: 16.5}]},
          {kind: 'removed'},
        ],
      });
    });
  });

  test('a table that is not there holds nothing', async () => {
    expect(await compare([row('ana', 15)])).toMatchObject({added: 1, removed: 0, changed: 0, same: 0});
  });

  test('a table of one partition is compared whole', async () => {
    const totals = table('totals', {player: 'int64', points: 'int64'}, ['player'], {kind: 'all'});
    const staging = (points: number) =>
      warehouse.stageQuery(
        {
          table: totals,
          query: `SELECT 1 AS player, ${points} AS points`,
          queryPath: 't.sql',
          partitions: [{key: 'all', season: null}],
          inputs: [],
        },
        never,
      );
    const first = await staging(1);
    await warehouse.publish({staged: first, keys: ['all'], receipts: []});
    await warehouse.discard(first);
    const staged = await staging(2);
    expect(await warehouse.compare({staged, key: 'all', isPublished: true, limit: 1})).toMatchObject({
      changed: 1,
      examples: [{kind: 'changed', key: {player: 1}, columns: [{name: 'points', was: 1, is: 2}]}],
    });
  });
}
