/** Orphans on real DuckDB and a real store: read by nobody, kept until someone prunes, and then gone with a receipt. */
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Warehouse} from '../../runner/warehouse.ts';
import type {Workshop} from '../../runner/workshop.ts';
import {at, type Done, ended, lines, listed, manifest, Project} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const [DAY1, DAY2, DAY3] = ['2024-01-01', '2024-01-02', '2024-01-03'] as const;
const columns = {game_date: 'date', points: 'int64'};
type Assets = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
const ASSETS: Assets = {
  'raw.given': {rows: 'assets/given.ts', columns, key: ['game_date']},
  'landing.copies': {files: 'assets/copy.ts', path: 'copies/{season}/{game_date}/'},
  'mart.sum': {
    sql: 'assets/sum.sql',
    upstream: {given: {asset: 'raw.given', window: 'season to date', through: 'today'}},
    columns,
    key: ['game_date'],
    batch: 'season',
  },
  'mart.total': {
    sql: 'assets/total.sql',
    partition_by: 'all',
    upstream: {given: {asset: 'raw.given', window: 'all'}},
    columns: {points: 'int64'},
    key: ['points'],
  },
  'exports.given': {
    sql: 'assets/export.sql',
    export: {format: 'csv', path: 'v1/{game_date}.csv'},
    upstream: {given: 'raw.given'},
  },
};
const declared = (dates: readonly string[], assets: Assets = ASSETS) =>
  manifest({calendars: listed({'2023-24': dates}), assets});
const FILES = {
  'pipeline.yaml': declared([DAY1, DAY2, DAY3]),
  'assets/given.ts': `import type {Rows} from 'gameplan';
export const rows: Rows = async ({partition: {key}}) => [{game_date: key, points: Number(key.slice(-1))}];\n`,
  'assets/copy.ts': `import type {Files} from 'gameplan';
export const files: Files = async ({partition: {key}, put}) => { await put('a.json', key); };\n`,
  'assets/sum.sql': `SELECT w.key AS game_date, sum(g.points)::BIGINT AS points
FROM given_window AS w JOIN given AS g ON g.game_date = w.upstream_key GROUP BY w.key`,
  'assets/total.sql': 'SELECT sum(points)::BIGINT AS points FROM given',
  'assets/export.sql': 'SELECT * FROM given',
};

let project: Project;
beforeEach(async () => {
  project = new Project(FILES, NOW);
  await project.materialize();
  project.write('pipeline.yaml', declared([DAY1, DAY3]));
});
afterEach(() => project.remove());

const isThere = (path: string): boolean => existsSync(join(project.root, '.gameplan/store', path));
const rows = async (table: string) =>
  (await project.query(`SELECT points FROM ${table} ORDER BY ALL`)).flat();
const adds = ({counts: {requested, ...others}}: Done): boolean =>
  requested === Object.values(others).reduce((sum, count) => sum + count, 0);
const orphans = async () => lines(await project.plan()).filter(line => line.includes(' orphan '));
const ORPHANS = ['raw.given', 'landing.copies', 'mart.sum', 'exports.given'].map(name => `${name}@${DAY2}`);

describe('a date that vanished', () => {
  test('is in no window of what is made again, and stays where it is', async () => {
    const done = await project.materialize();
    expect(ended(done).filter(line => line.includes(DAY2))).toEqual([]);
    expect(await rows('mart.sum')).toEqual([1, 3, 4]);
    expect(await rows('mart.total')).toEqual([4]);
    expect(await rows('raw.given')).toEqual([1, 2, 3]);
    expect([isThere(`copies/2023-24/${DAY2}`), isThere(`v1/${DAY2}.csv`)]).toEqual([true, true]);
    expect(await orphans()).toEqual(ORPHANS.map(ref => `${ref} orphan -: undeclared`));
  });

  test('is made again as missing was never said: it is there, up to date, when it comes back', async () => {
    await project.materialize();
    project.write('pipeline.yaml', declared([DAY1, DAY2, DAY3]));
    await project.materialize();
    expect([await rows('mart.sum'), await rows('mart.total')]).toEqual([[1, 3, 6], [6]]);
  });
});

describe('--prune', () => {
  test('drops rows and objects with a receipt, counts them, and leaves nothing to do', async () => {
    await project.materialize();
    const done = await project.materialize({prune: true});
    expect(ended(done)).toEqual(ORPHANS.map(ref => `${ref} succeeded`).sort());
    expect([done.counts.requested, adds(done)]).toEqual([4, true]);
    expect(await rows('raw.given')).toEqual([1, 3]);
    expect(await rows('mart.sum')).toEqual([1, 4]);
    expect(isThere(`v1/${DAY2}.csv`)).toBe(false);
    expect(isThere(`v1/${DAY1}.csv`)).toBe(true);
    expect(project.text(`.gameplan/store/v1/${DAY2}.csv.receipt.json`)).toContain('"kind":"dropped"');
    expect(project.text(`.gameplan/store/copies/2023-24/${DAY2}/receipt.json`)).toContain('"kind":"dropped"');
    expect(
      await project.query("SELECT asset, key, kind FROM gameplan.receipts WHERE kind = 'dropped' ORDER BY 1"),
    ).toEqual([
      ['mart.sum', DAY2, 'dropped'],
      ['raw.given', DAY2, 'dropped'],
    ]);
    const again = await project.materialize({prune: true});
    expect([again.counts.requested, again.warehouseCalls]).toEqual([0, 0]);
  });

  test('drops with the work of the same run, and its count adds up', async () => {
    const done = await project.materialize({prune: true});
    expect([done.counts.succeeded, adds(done)]).toEqual([6, true]);
    expect(await rows('mart.total')).toEqual([4]);
    expect((await project.materialize({prune: true})).counts.requested).toBe(0);
  });

  test('drops only what is selected', async () => {
    await project.materialize();
    await project.materialize({prune: true, select: 'mart.*'});
    expect(await orphans()).toHaveLength(3);
    await project.materialize({prune: true, range: {from: DAY3}});
    expect(await orphans()).toHaveLength(3);
  });

  test('leaves what is protected, unless someone allows it', async () => {
    await project.materialize();
    const protect = {...ASSETS, 'raw.given': {...ASSETS['raw.given'], protect: true}};
    project.write('pipeline.yaml', declared([DAY1, DAY3], protect));
    const done = await project.materialize({prune: true, select: 'raw.given'});
    expect([ended(done), adds(done)]).toEqual([[`raw.given@${DAY2} skipped`], true]);
    expect(await rows('raw.given')).toEqual([1, 2, 3]);
    await project.materialize({prune: true, select: 'raw.given', allowProtected: true});
    expect(await rows('raw.given')).toEqual([1, 3]);
  });

  test('is cancelled with the run that an interrupt ends', async () => {
    await project.materialize();
    const stop = new AbortController();
    stop.abort();
    const done = await project.materialize({prune: true, stop: stop.signal});
    expect(done.counts).toMatchObject({requested: 4, cancelled: 4});
    expect(await rows('raw.given')).toEqual([1, 2, 3]);
  });
});

describe('a drop that is killed', () => {
  const through = (changed: (real: Warehouse) => Partial<Warehouse>, store: Partial<Workshop> = {}) => ({
    through: (workshop: Workshop): Workshop => ({
      ...workshop,
      ...store,
      warehouse: async () => {
        const real = await workshop.warehouse();
        const own = changed(real);
        return new Proxy(real, {
          get: (target, name) => {
            const value = Reflect.get({...own}, name) ?? Reflect.get(target, name, target);
            return typeof value === 'function' ? value.bind(target) : value;
          },
        });
      },
    }),
  });
  const killed = (): never => {
    throw new Error('killed');
  };

  test('before its commit has not happened, and after it is told by the next start', async () => {
    await project.materialize();
    const asked = {prune: true, select: 'raw.given'};
    const before = through(() => ({writeReceipts: killed, receipts: killed}));
    await expect(project.materialize({...asked, ...before})).rejects.toThrow('killed');
    expect(await rows('raw.given')).toEqual([1, 2, 3]);
    await project.materialize();
    const after = through(real => ({
      writeReceipts: async request => {
        await real.writeReceipts(request);
        killed();
      },
      receipts: killed,
    }));
    await expect(project.materialize({...asked, ...after})).rejects.toThrow('killed');
    expect([await rows('raw.given'), (await orphans()).length]).toEqual([[1, 3], 4]);
    expect((await project.materialize()).counts.requested).toBe(0);
    expect(await orphans()).toHaveLength(3);
  });

  test('between its receipt and its objects is ended by the next start', async () => {
    await project.materialize();
    const {root} = project;
    const target = await project.open();
    const store = target.store();
    await target.close();
    const dying = {...store, drop: async () => killed()};
    const asked = {prune: true, select: 'exports.given', ...through(() => ({}), {store: () => dying})};
    await expect(project.materialize(asked)).rejects.toThrow('killed');
    expect([isThere(`v1/${DAY2}.csv`), project.root]).toEqual([true, root]);
    await project.materialize();
    expect([isThere(`v1/${DAY2}.csv`), (await orphans()).length]).toEqual([false, 3]);
  });
});
