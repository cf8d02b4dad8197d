/** What the engine says that nobody touched is believed; the rest of the rows is read. */
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Standing} from '../../runner/standing.ts';
import {tableFaults} from '../../runner/verify-tables.ts';
import type {Warehouse} from '../../runner/warehouse.ts';
import {Toy} from '../kit/toy.ts';
import {inMemory, onBigquery} from '../kit/warehouses.ts';
import {fill, receipt, table} from './warehouse-fixture.ts';

const [DAY1, DAY2, DAY3] = ['2024-01-15', '2024-01-16', '2024-01-17'] as const;
const DAYS = [DAY1, DAY2, DAY3];
const HOUR_MS = 3_600_000;
const COLUMNS = {game_date: 'date', points: 'int64'} as const;
const toy = new Toy({assets: {'raw.points': {columns: COLUMNS, key: ['points']}}});
const asset = toy.asset('raw.points');
const {hash} = asset.fingerprint;

for (const engine of [inMemory, onBigquery()]) {
  const tells = engine.engine === 'bigquery';

  describe(engine.name, () => {
    let folder: string;
    let warehouse: Warehouse;
    /** Keys that versions were asked of. */
    let read: (readonly string[] | 'all')[];
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'gameplan-verify-'));
      warehouse = await engine.open(folder);
      const rows = DAYS.map((game_date, points) => ({game_date, points}));
      await fill(warehouse, table('raw.points', COLUMNS, ['points']), DAYS, rows);
      read = [];
    });
    afterEach(async () => {
      await warehouse.close();
      await rm(folder, {recursive: true});
    });

    /** Faults by key, where receipts say that rows were published so long ago and have a version that is wrong. */
    async function faults(
      hoursAgo: Readonly<Record<string, number>>,
      about: {readonly readsAll?: boolean} = {},
    ): Promise<Readonly<Record<string, string | undefined>>> {
      const standings = new Map<string, Standing>();
      for (const [key, hours] of Object.entries(hoursAgo)) {
        const at = Date.now() - hours * HOUR_MS;
        const times = {at, arrivedAt: at, publishedAt: at, madeAt: at};
        const said = {...receipt('raw.points', key, {fingerprint: hash}), ...times};
        standings.set(key, {receipt: said, place: {kind: 'table'}});
      }
      const spied = new Proxy(warehouse, {
        get(target, name) {
          if (name === 'versions')
            return (request: Parameters<Warehouse['versions']>[0]) => {
              read.push(request.keys);
              return target.versions(request);
            };
          const own: unknown = Reflect.get(target, name);
          return typeof own === 'function' ? own.bind(target) : own;
        },
      });
      const fingerprints = new Map([[hash, asset.fingerprint]]);
      const found = await tableFaults(spied, {
        name: 'raw.points',
        declared: asset.asset,
        standings,
        fingerprints,
        readsAll: about.readsAll ?? false,
      });
      return Object.fromEntries([...found].map(([key, fault]) => [key, fault?.kind]));
    }

    test('nothing is read of what nobody touched since it was published, where the engine tells', async () => {
      const believed = tells ? undefined : 'rows-changed';
      expect(await faults({[DAY1]: 0, [DAY2]: 0, [DAY3]: 0})).toEqual({
        [DAY1]: believed,
        [DAY2]: believed,
        [DAY3]: believed,
      });
      expect(read).toEqual(tells ? [] : ['all']);
    });

    test('what was touched since then is read, and it alone', async () => {
      const believed = tells ? undefined : 'rows-changed';
      expect(await faults({[DAY1]: 0, [DAY2]: 2, [DAY3]: 0})).toEqual({
        [DAY1]: believed,
        [DAY2]: 'rows-changed',
        [DAY3]: believed,
      });
      expect(read).toEqual(tells ? [[DAY2]] : ['all']);
    });

    test('rows of keys that nobody published are told', async () => {
      expect(await faults({[DAY1]: 0, [DAY2]: 0})).toMatchObject({[DAY3]: 'rows-undeclared'});
      expect(read).toEqual(tells ? [[DAY3]] : ['all']);
    });

    test('rows that are gone are told', async () => {
      expect(await faults({[DAY1]: 0, [DAY2]: 0, [DAY3]: 0, '2024-01-18': 0})).toMatchObject({
        '2024-01-18': 'rows-changed',
      });
    });

    test('all are read where that is asked for', async () => {
      const changed = Object.fromEntries(DAYS.map(day => [day, 'rows-changed']));
      expect(await faults({[DAY1]: 0, [DAY2]: 0, [DAY3]: 0}, {readsAll: true})).toEqual(changed);
      expect(read).toEqual(['all']);
    });
  });
}
