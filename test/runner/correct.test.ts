/** Corrections of the ledger on real DuckDB and a real store, and corrections that are killed at every point. */
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {PartitionKey} from '../../planner/pipeline.ts';
import {correct} from '../../runner/correct.ts';
import type {Store} from '../../runner/store.ts';
import type {Warehouse} from '../../runner/warehouse.ts';
import {at, lines, listed, manifest, Project} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const DATES = ['2024-01-01', '2024-01-02', '2024-01-03'];
const columns = {game_date: 'date', points: 'int64'};
const FILES = {
  'pipeline.yaml': manifest({
    calendars: listed({'2023-24': DATES}),
    assets: {
      'raw.given': {rows: 'assets/given.ts', columns, key: ['game_date']},
      'landing.copies': {files: 'assets/copy.ts', path: 'copies/{game_date}/'},
      'mart.sum': {
        sql: 'assets/sum.sql',
        upstream: {given: {asset: 'raw.given', window: 'season to date', through: 'today', at_least: '50%'}},
        columns,
        key: ['game_date'],
      },
      'exports.sum': {
        sql: 'assets/export.sql',
        export: {format: 'csv', path: 'v1/{game_date}.csv'},
        upstream: {sum: 'mart.sum'},
      },
    },
  }),
  'assets/given.ts': `import type {Rows} from 'gameplan';
export const rows: Rows = async ({partition: {key}}) => [{game_date: key, points: Number(key.slice(-1))}];\n`,
  'assets/copy.ts': `import type {Files} from 'gameplan';
export const files: Files = async ({partition: {key}, put}) => { await put('a.json', key); };\n`,
  'assets/sum.sql': `SELECT w.key AS game_date, sum(g.points)::BIGINT AS points
FROM given_window AS w JOIN given AS g ON g.game_date = w.upstream_key GROUP BY w.key`,
  'assets/export.sql': 'SELECT * FROM sum',
};

let project: Project;
beforeEach(async () => {
  project = new Project(FILES, NOW);
  await project.materialize();
});
afterEach(() => project.remove());

/** Puts something between a correction and its tools. */
interface Between {
  readonly warehouse?: (real: Warehouse) => Partial<Warehouse>;
  readonly store?: (real: Store) => Partial<Store>;
}

let corrections = 0;

async function corrected(
  kind: 'forget' | 'mark',
  asset: string,
  keys: readonly string[],
  between: Between = {},
): Promise<readonly string[]> {
  const target = await project.open();
  const name = [...target.pipeline.assets.keys()].find(known => known === asset);
  if (name === undefined) throw new Error(`There is no asset ${asset}`);
  const real = await target.warehouse();
  const store = target.store();
  try {
    return await correct(
      {
        ...target,
        run: `correction-${++corrections}`,
        clock: () => project.now,
        warehouse: async () => through(real, between.warehouse?.(real) ?? {}),
        store: () => ({...store, ...between.store?.(store)}),
      },
      {
        kind,
        asset: name,
        keys: keys as readonly PartitionKey[], // a test's own keys
        by: 'ada',
        why: 'a bad feed',
        allowProtected: false,
        now: project.now,
        command: 'test',
      },
    );
  } finally {
    await target.close();
  }
}

function through(real: Warehouse, changed: Partial<Warehouse>): Warehouse {
  return new Proxy(real, {
    get: (target, name) => {
      const value = Reflect.get({...changed}, name) ?? Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const killed = (): never => {
  throw new Error('killed');
};

const receipts = () =>
  project.query(
    `SELECT asset, key, kind, "by", why, version FROM gameplan.receipts WHERE kind NOT IN ('published', 'unchanged') ORDER BY rowid`,
  );
const stateOf = async (asset: string) => lines(await project.plan()).filter(line => line.startsWith(asset));
const sums = async () => (await project.query('SELECT points FROM mart.sum ORDER BY game_date')).flat();

describe('forgotten rows', () => {
  test('stay where they are and are read by nobody, until they are made again', async () => {
    expect(await sums()).toEqual([1, 3, 6]);
    expect(await corrected('forget', 'raw.given', ['2024-01-02', '2024-01-03'])).toEqual([
      '2024-01-02',
      '2024-01-03',
    ]);
    await project.materialize({select: 'mart.sum'});
    expect(await project.query('SELECT count(*) FROM raw.given')).toEqual([[3]]);
    expect(await sums()).toEqual([1, 1, 6]);
    await project.materialize();
    expect(await sums()).toEqual([1, 3, 6]);
    expect((await project.materialize()).counts.requested).toBe(0);
  });

  test('have a receipt that says who and why', async () => {
    const [[version]] = (await project.query(
      "SELECT version FROM gameplan.receipts WHERE asset = 'raw.given' AND key = '2024-01-02'",
    )) as [[string]];
    await corrected('forget', 'raw.given', ['2024-01-02']);
    expect(await receipts()).toEqual([
      ['raw.given', '2024-01-02', 'forgotten', 'ada', 'a bad feed', version],
    ]);
  });
});

test('what is marked fresh keeps its version, and what reads it is not made again', async () => {
  project.write('assets/sum.sql', FILES['assets/sum.sql'].replace('sum(g.points)', 'sum(g.points + 100)'));
  expect(await stateOf('mart.sum')).toHaveLength(3);
  await corrected('mark', 'mart.sum', DATES);
  expect(await stateOf('mart.sum')).toEqual([]);
  expect((await receipts()).map(([, key, kind]) => `${key} ${kind}`)).toEqual(
    DATES.map(key => `${key} marked`),
  );
  expect((await project.materialize()).counts.requested).toBe(0);
  expect(await sums()).toEqual([1, 3, 6]);
});

describe('forgotten objects', () => {
  test('of a fetch stay as a generation, and a new one voids the correction', async () => {
    await corrected('forget', 'landing.copies', ['2024-01-02']);
    const receipt = JSON.parse(project.text('.gameplan/store/copies/2024-01-02/receipt.json'));
    expect(receipt).toMatchObject({kind: 'forgotten', by: 'ada', why: 'a bad feed', key: '2024-01-02'});
    expect(await stateOf('landing.copies')).toEqual(['landing.copies@2024-01-02 missing run: forgotten']);
    expect((await project.materialize()).counts).toMatchObject({requested: 1, succeeded: 1});
  });

  test('of an export stay, and its receipt says that it is forgotten', async () => {
    await corrected('forget', 'exports.sum', ['2024-01-02']);
    expect(project.text('.gameplan/store/v1/2024-01-02.csv')).toBe('game_date,points\r\n2024-01-02,3\r\n');
    expect(JSON.parse(project.text('.gameplan/store/v1/2024-01-02.csv.receipt.json'))).toMatchObject({
      kind: 'forgotten',
      why: 'a bad feed',
    });
    expect((await project.materialize()).counts).toMatchObject({requested: 1, succeeded: 1});
    expect(JSON.parse(project.text('.gameplan/store/v1/2024-01-02.csv.receipt.json')).kind).toBeUndefined();
  });
});

describe('a correction that is killed', () => {
  const openIntents = async (): Promise<number> => {
    const {ledger, close} = await project.open();
    const count = ledger.openIntents().length;
    await close();
    return count;
  };

  test('before its receipts has not happened', async () => {
    const before = {writeReceipts: killed, receipts: killed};
    await expect(corrected('forget', 'raw.given', DATES, {warehouse: () => before})).rejects.toThrow(
      'killed',
    );
    expect(await openIntents()).toBe(1);
    expect((await project.materialize()).counts.requested).toBe(0);
    expect(await openIntents()).toBe(0);
    expect(await stateOf('raw.given')).toEqual([]);
  });

  test('by an error of the warehouse ends as failed, with nothing corrected', async () => {
    const full = {writeReceipts: () => Promise.reject(new Error('the disk is full'))};
    await expect(corrected('forget', 'raw.given', DATES, {warehouse: () => full})).rejects.toThrow(
      'disk is full',
    );
    const {ledger, close} = await project.open();
    expect([ledger.openIntents(), ledger.findRun(`correction-${corrections}`)?.end]).toMatchObject([
      [],
      {status: 'failed', counts: {requested: 0}},
    ]);
    await close();
    expect(await stateOf('raw.given')).toEqual([]);
  });

  test('after its receipts is told to the ledger by the next start', async () => {
    const after = (real: Warehouse): Partial<Warehouse> => ({
      writeReceipts: async request => {
        await real.writeReceipts(request);
        killed();
      },
      receipts: killed,
    });
    await expect(corrected('forget', 'raw.given', ['2024-01-02'], {warehouse: after})).rejects.toThrow(
      'killed',
    );
    expect([await openIntents(), await stateOf('raw.given')]).toEqual([1, []]);
    const {outcomes} = await project.materialize();
    expect(outcomes.get('raw.given@2024-01-02')).toBe('succeeded');
    expect([...outcomes.keys()]).not.toContain('raw.given@2024-01-01');
    const {ledger, close} = await project.open();
    expect(
      ledger.attempts({asset: 'raw.given', key: '2024-01-02'}, 9).map(({reasons}) => reasons[0]?.kind),
    ).toEqual(['forgotten', 'forgotten-by', 'never-materialized']);
    await close();
  });

  test('while marking is settled with the inputs that it took', async () => {
    project.write('assets/sum.sql', FILES['assets/sum.sql'].replace('sum(g.points)', 'sum(g.points + 100)'));
    const after = (real: Warehouse): Partial<Warehouse> => ({
      writeReceipts: async request => {
        await real.writeReceipts(request);
        killed();
      },
      receipts: killed,
    });
    await expect(corrected('mark', 'mart.sum', DATES, {warehouse: after})).rejects.toThrow('killed');
    expect((await project.materialize()).counts.requested).toBe(0);
    expect(await sums()).toEqual([1, 3, 6]);
  });

  test('between two objects has happened to the first alone', async () => {
    let written = 0;
    const second = (real: Store): Partial<Store> => ({
      replace: async (path, bytes) => {
        if (++written === 2) killed();
        await real.replace(path, bytes);
      },
    });
    await expect(corrected('forget', 'landing.copies', DATES, {store: second})).rejects.toThrow('killed');
    expect([...(await project.materialize()).outcomes]).toEqual([['landing.copies@2024-01-01', 'succeeded']]);
  });
});
