/** Files that are damaged, locked, in the way or on a full disk: a clear error, nothing lost, no partition blamed. */
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {afterEach, expect, test} from 'vitest';
import {StoreError} from '../../runner/store.ts';
import {WarehouseError} from '../../runner/warehouse.ts';
import type {Workshop} from '../../runner/workshop.ts';
import {at, listed, manifest, Project, rowsFrom, tally} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const DATES = ['2024-01-01', '2024-01-02', '2024-01-03'];
const columns = {game_date: 'date', points: 'int64'};
const ASSETS = {
  'raw.scores': {rows: 'assets/scores.ts', columns, key: ['game_date'], batch: 1},
  'mart.double': {sql: 'assets/double.sql', upstream: {scores: 'raw.scores'}, columns, key: ['game_date']},
  'landing.notes': {files: 'assets/notes.ts', path: 'notes/{game_date}/'},
};
const NOTES = `import type {Files} from 'gameplan';
export const files: Files = async ({partition: {key}, put}) => {
  await put('note.txt', key);
};\n`;
const WAREHOUSE = '.gameplan/warehouse.duckdb';

let project: Project;
afterEach(() => project.remove());

function open(sql = 'SELECT game_date, 2 * points AS points FROM scores'): void {
  project = new Project(
    {
      'pipeline.yaml': manifest({calendars: listed({'2023-24': DATES}), assets: ASSETS}),
      'assets/scores.ts': rowsFrom('scores'),
      'assets/double.sql': sql,
      'assets/notes.ts': NOTES,
    },
    NOW,
  );
  project.data('scores', Object.fromEntries(DATES.map((date, i) => [date, [{game_date: date, points: i}]])));
}

/** After the cause is gone: no failure is held against any partition, and all is made. */
async function expectNoBlame(kept = 0): Promise<void> {
  const plan = await project.plan();
  expect(plan.states).toMatchObject({missing: 9 - kept, fresh: kept});
  const reasons = plan.partitions.flatMap(partition => partition.reasons.map(({kind}) => kind));
  expect(reasons).not.toContain('last-attempt-failed');
  expect(tally(await project.materialize())).toEqual({succeeded: 9 - kept});
  expect(await project.query('SELECT sum(points) FROM mart.double')).toEqual([[6]]);
}

async function lastStatus(): Promise<string | undefined> {
  const {ledger, close} = await project.open();
  const [run] = ledger.runs(1);
  await close();
  return run?.end?.status;
}

test('a warehouse that is no database is named, its bytes stay, and the run ends as failed', async () => {
  open();
  project.write(WAREHOUSE, 'not a database\n'.repeat(1000));
  await expect(project.materialize({select: 'raw.scores'})).rejects.toThrow(
    /warehouse\.duckdb' cannot be opened.*move it and the ledger away/,
  );
  expect(project.text(WAREHOUSE)).toBe('not a database\n'.repeat(1000));
  expect(await lastStatus()).toBe('failed');
  rmSync(join(project.root, WAREHOUSE));
  await expectNoBlame();
});

test('a warehouse that another process holds names it, three times over, and parks nothing', async () => {
  open();
  mkdirSync(join(project.root, '.gameplan'), {recursive: true});
  const script = `import {DuckDBInstance} from '@duckdb/node-api';
    const instance = await DuckDBInstance.create(${JSON.stringify(join(project.root, WAREHOUSE))});
    process.stdin.once('data', () => { instance.closeSync(); process.exit(0); });
    process.stdout.write('held');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  for (let run = 0; run < 3; run++) {
    await expect(project.materialize({select: 'raw.scores'})).rejects.toThrow(
      new RegExp(`held by process ${child.pid} `),
    );
  }
  const ended = once(child, 'exit');
  child.stdin.write('end');
  await ended;
  await expectNoBlame();
});

test('fetches that were done before the warehouse failed are kept', async () => {
  open();
  project.write(WAREHOUSE, 'not a database\n'.repeat(1000));
  await expect(project.materialize()).rejects.toThrow(WarehouseError);
  const {states} = await project.plan({select: 'landing.notes'});
  rmSync(join(project.root, WAREHOUSE));
  await expectNoBlame(states.fresh);
});

test('a ledger of a newer version is refused before anything is touched', async () => {
  open();
  await project.materialize();
  const file = join(project.root, '.gameplan/ledger.sqlite');
  const ledger = new DatabaseSync(file);
  ledger.exec('PRAGMA user_version = 99');
  ledger.close();
  const before = readFileSync(file);
  await expect(project.materialize({force: true})).rejects.toThrow(/written by a newer gameplan/);
  expect(readFileSync(file)).toEqual(before);
});

test("a file where the folder '.gameplan' should be is named", async () => {
  open();
  writeFileSync(join(project.root, '.gameplan'), 'in the way');
  await expect(project.materialize()).rejects.toThrow(/\.gameplan\/ledger\.sqlite' cannot be created/);
  rmSync(join(project.root, '.gameplan'));
  await expectNoBlame();
});

test('a file where a folder of the store should be fails those partitions by name', async () => {
  open();
  project.write('.gameplan/store/notes', 'in the way');
  const done = await project.materialize();
  expect(tally(done)).toEqual({failed: 3, succeeded: 6});
  expect(done.errors.get('landing.notes@2024-01-01')).toMatch(/store cannot use '.*notes/);
});

test('a query that the engine refuses is told with path, line and column', async () => {
  open('SELECT game_date,\n  2 * pionts AS points\nFROM scores');
  const done = await project.materialize();
  expect(tally(done)).toEqual({failed: 3, succeeded: 6});
  expect(done.errors.get('mart.double@2024-01-01')).toMatch(/^assets\/double\.sql:2:7: .*pionts/);
});

test('code that cannot be loaded fails its own partitions', async () => {
  open();
  project.write('assets/notes.ts', `import './nowhere.ts';\n${NOTES}`);
  const done = await project.materialize();
  expect(tally(done)).toEqual({failed: 3, succeeded: 6});
  expect(done.errors.get('landing.notes@2024-01-02')).toMatch(
    /'assets\/notes\.ts' cannot be loaded: .*nowhere/,
  );
});

test('a disk that is full while a run writes tables is told, and the next run finishes', async () => {
  // Of more bytes than the limit, in a process that may write no file larger than that.
  open();
  const wide = {
    ...ASSETS['mart.double'],
    columns: {game_date: 'date', points: 'int64', noise: 'string'},
    key: ['points', 'game_date'],
  };
  const assets = {'raw.scores': ASSETS['raw.scores'], 'mart.double': wide};
  project.write('pipeline.yaml', manifest({calendars: listed({'2023-24': DATES}), assets}));
  project.write(
    'assets/double.sql',
    `SELECT s.game_date, s.points + i AS points, md5(CAST(i AS VARCHAR)) AS noise FROM scores AS s, range(200000) AS r(i)`,
  );
  const script = new URL('../kit/killed-run.ts', import.meta.url).pathname;
  const {status, stderr} = spawnSync(
    'sh',
    [
      '-c',
      `trap '' XFSZ; ulimit -f 8192; exec "$0" "$@"`,
      process.execPath,
      script,
      project.root,
      String(NOW),
      'never',
    ],
    {encoding: 'utf8'},
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(/disk of the warehouse is full/);
  expect(await lastStatus()).toBe('failed');
  const {reasons} = (await project.plan()).partitions.at(-1) ?? {reasons: []};
  expect(reasons.map(({kind}) => kind)).toEqual(['never-materialized']);
  await project.materialize();
  expect(await project.query('SELECT count(*) FROM mart.double')).toEqual([[600_000]]);
  expect((await project.materialize()).counts.requested).toBe(0);
});

// Of the other moments, the errors are those that the warehouse's and the store's own tests get from a real one.
const FULL = 'The disk is full; free some space and run again.';

test('a disk that is full as rows are published ends the run, and nothing is lost', async () => {
  open();
  await project.materialize({select: 'landing.notes'});
  let publications = 0;
  const through = (workshop: Workshop): Workshop => ({
    ...workshop,
    async warehouse() {
      const warehouse = await workshop.warehouse();
      return new Proxy(warehouse, {
        get(target, name) {
          const found: unknown = Reflect.get(target, name);
          if (name === 'publish')
            return async (request: Parameters<typeof target.publish>[0]) => {
              if (++publications > 1) throw new WarehouseError('disk-full', FULL);
              await target.publish(request);
            };
          return typeof found === 'function' ? found.bind(target) : found;
        },
      });
    },
  });
  await expect(project.materialize({through})).rejects.toThrow(FULL);
  expect(await lastStatus()).toBe('failed');
  const {ledger, close} = await project.open();
  const [run] = ledger.runs(1);
  expect(run?.end?.counts).toMatchObject({requested: 6, succeeded: 1, cancelled: 5, failed: 0});
  expect(ledger.openIntents()).toEqual([]);
  await close();
  await expectNoBlame(4);
});

test('a disk that is full as an answer is stored ends the run, and nothing is lost', async () => {
  open();
  await project.materialize({select: 'raw.scores mart.double'});
  const through = (workshop: Workshop): Workshop => ({
    ...workshop,
    store() {
      const store = workshop.store();
      return {
        ...store,
        async draft(path) {
          const draft = await store.draft(path);
          return Object.assign(Object.create(draft), {
            put: () => Promise.reject(new StoreError('disk-full', FULL)),
          });
        },
      };
    },
  });
  await expect(project.materialize({through})).rejects.toThrow(FULL);
  expect(await lastStatus()).toBe('failed');
  await expectNoBlame(6);
});
