import {readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {DuckDBInstance} from '@duckdb/node-api';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {openLedger} from '../../runner/ledger-open.ts';
import {fileLedger} from '../../runner/ledger-place.ts';
import {beginOwn, endOwn, ownProcess} from '../../runner/liveness.ts';
import {ToyProject} from './command-line.ts';

const OBJECTS = `assets:
  landing.days:
    files: assets/days.ts
    path: days/{game_date}/
  api.points:
    export: {format: json, path: 'points/{game_date}.json'}
    sql: assets/api.sql
    upstream: {points: raw.points}
`;
const DAYS = `import type {Files} from 'gameplan';

export const files: Files = async ({partition, put}) => {
  await put('day.json', JSON.stringify({day: partition.key}));
};
`;

let project: ToyProject;
beforeEach(async () => {
  project = new ToyProject();
  project.declare('assets:\n', OBJECTS);
  project.write('assets/days.ts', DAYS);
  project.write('assets/api.sql', 'SELECT player, points FROM points ORDER BY ALL\n');
  project.columns = 80;
  expect((await project.run('materialize')).code).toBe(0);
});
afterEach(() => project.remove());

const stored = (...names: readonly string[]): string => path.join(project.root, '.gameplan', ...names);

/** Changes the warehouse behind the tool's back. */
async function tamper(...statements: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(stored('warehouse.duckdb'));
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

function tamperLedger(...statements: readonly string[]): void {
  const database = new DatabaseSync(stored('ledger.sqlite'));
  for (const statement of statements) database.exec(statement);
  database.close();
}

function generationOf(date: string): string {
  const folder = stored('store/days', date);
  return path.join(
    folder,
    readdirSync(folder)
      .filter(name => name !== 'receipt.json')
      .at(-1) ?? '',
  );
}

const ledger = () => project.run('verify');
const data = () => project.run('verify', '--data');

test('what nobody touched agrees, also after corrections and what came out unchanged', async () => {
  expect(await ledger()).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringContaining('\n15 partitions agree; 0 differ.\n'),
  });
  expect(await data()).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringContaining('\n15 partitions agree; 0 differ.\n'),
  });
  await project.run('materialize', '--force');
  await project.run('forget', 'stats.totals@2024-01-15', '--reason', 'a test');
  await project.run('forget', 'landing.days@2024-01-15', '--reason', 'a test');
  await project.run('forget', 'api.points@2024-01-15', '--reason', 'a test');
  project.write(
    'assets/totals.sql',
    'SELECT game_date, 0 + sum(points)::BIGINT AS total FROM points GROUP BY 1\n',
  );
  await project.run('mark', 'stats.totals@2024-01-16', '--fresh', '--reason', 'a test');
  expect(await ledger()).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringContaining('15 partitions agree'),
  });
  expect(await data()).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringContaining('12 partitions agree; 0 differ.'),
  });
  const files = project.files();
  await ledger();
  await data();
  expect(project.files()).toEqual(files);
});

test('columns that come and go are no edited rows', async () => {
  const columns = 'columns: {game_date: date, player: string, points: {type: int64, unit: points}}';
  const text = readFileSync(path.join(project.root, 'pipeline.yaml'), 'utf8');
  const declare = (is: string) =>
    project.write(
      'pipeline.yaml',
      text
        .replace(columns, is)
        .replace(/ +checks: .*\n/, '')
        .replace('points.ts', `points-${is.length}.ts`),
    );
  project.write('assets/totals.sql', 'SELECT game_date, count(*)::BIGINT AS total FROM points GROUP BY 1\n');
  project.write('assets/api.sql', 'SELECT player FROM points\n');
  for (const is of [
    'columns: {game_date: date, player: string, points: float64, bonus: int64}',
    'columns: {game_date: date, player: string, bonus: int64}',
  ]) {
    declare(is);
    project.write(
      `assets/points-${is.length}.ts`,
      `import type {Rows} from 'gameplan';
export const rows: Rows = async ({partition}) => [{game_date: partition.key, player: 'ana'${is.includes('points') ? ', points: 1.5' : ''}, bonus: 1}];
`,
    );
    const made = await project.run('materialize', 'raw.points', '--dates', '2024-01-16');
    expect(made.out).toContain('1 succeeded');
    expect((await data()).out).toContain('15 partitions agree; 0 differ.');
  }
  // The old columns are known from what is kept beside the receipts.
  await project.run('ledger', 'rebuild', '--yes');
  await project.run('materialize', 'raw.points', '--dates', '2024-01-18');
  expect((await data()).out).toContain('15 partitions agree; 0 differ.');
});

describe('rows edited behind our back are found, and made right by the command that is told', () => {
  const cases = [
    [
      'a changed value',
      "UPDATE raw.points SET points = 99 WHERE game_date = '2024-01-16' AND player = 'bo'",
      'not with the values',
    ],
    [
      'a deleted row',
      "DELETE FROM raw.points WHERE game_date = '2024-01-16' AND player = 'bo'",
      '1 row in the table, 1 fewer',
    ],
    ['an added row', "INSERT INTO raw.points VALUES ('2024-01-16', 'cy', 3)", '3 rows in the table, 1 more'],
    [
      'a partition without rows',
      "DELETE FROM raw.points WHERE game_date = '2024-01-16'",
      '0 rows in the table, 2 fewer',
    ],
  ] as const;
  test.each(cases)('%s', async (_, statement, told) => {
    await tamper(statement);
    expect((await ledger()).code).toBe(0);
    const {code, out} = await data();
    expect(code).toBe(1);
    expect(out).toContain(told);
    expect(out).toContain('14 partitions agree; 1 differs.');
    const mend = /'gameplan (materialize raw\.points --force\s+--dates 2024-01-16)'/.exec(out)?.[1] ?? '';
    expect((await project.run(...mend.split(/\s+/))).code).toBe(0);
    expect((await data()).out).toContain('15 partitions agree; 0 differ.');
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
  });
});

test('rows that no receipt speaks of are found by their key', async () => {
  await tamper(
    "INSERT INTO raw.points VALUES ('2024-01-17', 'cy', 3)",
    'INSERT INTO raw.points VALUES (NULL, NULL, 3)',
  );
  const {code, out} = await data();
  expect(code).toBe(1);
  expect(out).toContain('2024-01-17, null');
  expect(out).toMatch(/delete the rows by the program that\s+wrote them/);
  expect((await project.run('verify', '--data', '--to', '2024-01-16')).code).toBe(0);
  expect((await project.run('verify', '--data', 'stats.totals')).code).toBe(0);
});

test('a table that is gone is found by both', async () => {
  await tamper('DROP TABLE stats.totals');
  expect((await data()).out).toContain('its table is not in the warehouse');
  expect((await ledger()).out).toContain('12 partitions agree; 3 differ.');
});

describe('objects edited behind our back are found, and made right by force', () => {
  test.each([
    [
      'changed bytes of a fetch',
      () => writeFileSync(path.join(generationOf('2024-01-16'), 'day.json'), '{}'),
    ],
    ['a lost object of a fetch', () => rmSync(path.join(generationOf('2024-01-16'), 'day.json'))],
    ['changed bytes of an export', () => writeFileSync(stored('store/points/2024-01-16.json'), '[]')],
    ['a lost export', () => rmSync(stored('store/points/2024-01-16.json'))],
  ])('%s', async (_, edit) => {
    edit();
    expect((await ledger()).code).toBe(0);
    const {code, out} = await data();
    expect(code).toBe(1);
    expect(out).toContain('14 partitions agree; 1 differs.');
    const mend = /'gameplan (materialize \S+ --force\s+--dates 2024-01-16)'/.exec(out)?.[1] ?? '';
    expect((await project.run(...mend.split(/\s+/))).code).toBe(0);
    expect((await data()).out).toContain('15 partitions agree; 0 differ.');
  });
});

test('a manifest that cannot be read is told with its mend, and hides nothing else', async () => {
  const folder = generationOf('2024-01-16');
  writeFileSync(path.join(folder, 'manifest.json'), '{}');
  const {code, out} = await data();
  expect(code).toBe(1);
  expect(out).toContain("'days/2024-01-16/' counts as not published.");
  expect(out).toContain('14 partitions agree; 1 differs.');
  rmSync(folder, {recursive: true});
  await project.run('ledger', 'rebuild', '--yes');
  expect((await project.run('materialize')).out).toContain('1 succeeded');
  for (const verified of [await ledger(), await data()])
    expect(verified.out).toContain('15 partitions agree; 0 differ.');
});

describe('a ledger that is not as the receipts say', () => {
  test('is told by partition, with what both say', async () => {
    tamperLedger(
      "UPDATE partitions SET rows = 7, version_lo = version_lo + 1, sequence = sequence + 1000 WHERE key = '2024-01-16' AND asset = (SELECT id FROM assets WHERE name = 'raw.points')",
      "DELETE FROM partitions WHERE key = '2024-01-15' AND asset = (SELECT id FROM assets WHERE name = 'stats.totals')",
    );
    await tamper("DELETE FROM gameplan.receipts WHERE asset = 'stats.running' AND key = '2024-01-18'");
    rmSync(path.join(generationOf('2024-01-18'), 'manifest.json'));
    const {code, out} = await ledger();
    expect(code).toBe(1);
    expect(out).toContain('rows 7 and 2');
    expect(out).toContain('the ledger does not have it published');
    expect(out).toContain('and there is no receipt of it');
    expect(out).toContain("'gameplan ledger rebuild'");
    expect(out).toContain('11 partitions agree; 4 differ.');
    const {differences} = JSON.parse((await project.run('verify', '--json')).out);
    expect(differences.map(({asset, parts}: {asset: string; parts: string[]}) => [asset, parts])).toEqual([
      ['landing.days', ['published']],
      ['raw.points', ['version', 'rows']],
      ['stats.running', ['published']],
      ['stats.totals', ['published']],
    ]);
  });

  test('and one that is gone or damaged is told, while the data can be verified', async () => {
    rmSync(stored('ledger.sqlite'));
    expect((await ledger()).out).toContain('0 partitions agree; 15 differ.');
    writeFileSync(stored('ledger.sqlite'), 'no ledger'.repeat(1000));
    const {code, out, err} = await ledger();
    expect(code).toBe(1);
    expect(err).toContain('gameplan ledger rebuild');
    expect(out).toContain('15 differ');
    expect((await data()).out).toContain('15 partitions agree; 0 differ.');
  });
});

describe('ledger rebuild', () => {
  const plan = async () =>
    JSON.parse((await project.run('plan', '--json', '--all', '--now', '2024-02-02T12:00:00Z')).out);
  const rebuild = () => project.run('ledger', 'rebuild', '--yes');

  test('gives a ledger by which the plan is the same, and keeps the old one', async () => {
    await project.run('forget', 'landing.days@2024-01-15', '--reason', 'a test');
    project.write(
      'assets/totals.sql',
      'SELECT game_date, 1 + sum(points)::BIGINT AS total FROM points GROUP BY 1\n',
    );
    await project.run('materialize', 'stats.totals', '--dates', '2024-01-16');
    const before = await plan();
    const {code, out, err} = await rebuild();
    expect({code, err}).toEqual({code: 0, err: ''});
    expect(out).toContain('By receipts: 14 partitions of 5 assets published, 1 withdrawn.');
    const [, backup = ''] = /The old one is kept as (.+)/.exec(out) ?? [];
    expect(readFileSync(backup).subarray(0, 6).toString()).toBe('SQLite');
    const after = await plan();
    expect(after.partitions).toEqual(before.partitions);
    expect((await ledger()).out).toContain('15 partitions agree; 0 differ.');
    expect((await project.run('runs')).out).toContain('No run yet');
  });

  test.each([
    ['is gone', () => rmSync(stored('ledger.sqlite'))],
    ['is damaged', () => writeFileSync(stored('ledger.sqlite'), 'no ledger'.repeat(1000))],
    [
      'has a damaged page',
      () => {
        const bytes = readFileSync(stored('ledger.sqlite'));
        writeFileSync(stored('ledger.sqlite'), bytes.fill(7, 4096, bytes.length - 4096));
      },
    ],
  ])('is the way out of a ledger that %s', async (_, edit) => {
    const before = await plan();
    edit();
    expect(await rebuild()).toMatchObject({code: 0, err: ''});
    expect((await plan()).partitions).toEqual(before.partitions);
    expect((await project.run('materialize')).out).toContain('Nothing to do.');
  });

  test('counts what lay in a lost table as not published, so that it is made again', async () => {
    await tamper('DROP TABLE stats.totals');
    expect((await rebuild()).out).toContain('The table stats.totals is not in the warehouse');
    expect((await project.run('materialize')).code).toBe(0);
    for (const verified of [await ledger(), await data()])
      expect(verified.out).toContain('15 partitions agree; 0 differ.');
  });

  test('touches nothing where it is not wanted, or where another process has the ledger', async () => {
    const old = readFileSync(stored('ledger.sqlite'));
    project.answer = false;
    expect(await project.run('ledger', 'rebuild')).toMatchObject({code: 1, err: 'Nothing was changed.\n'});
    const other = new DatabaseSync(stored('ledger.sqlite'));
    other.exec('BEGIN; SELECT * FROM runs');
    expect(await rebuild()).toMatchObject({
      code: 1,
      err: expect.stringContaining('is in use by another process'),
    });
    other.close();
    expect(readFileSync(stored('ledger.sqlite')).equals(old)).toBe(true);
    expect(readdirSync(stored()).filter(name => name.includes('rebuil'))).toEqual([]);
    expect((await rebuild()).code).toBe(0);
  });

  test('waits for no run that is at work: it is refused, and says who that is', async () => {
    const other = openLedger({place: fileLedger(stored('ledger.sqlite')), now: Date.now});
    beginOwn('at-work');
    other.beginSession({
      ...ownProcess(),
      run: 'at-work',
      command: 'gameplan materialize',
      startedAt: Date.now(),
    });
    expect(await rebuild()).toMatchObject({
      code: 1,
      err: expect.stringContaining('is in use by run at-work (gameplan materialize; process'),
    });
    other.close();
    endOwn('at-work');
    expect((await rebuild()).code).toBe(0);
  });

  test('makes no empty ledger where the warehouse is gone', async () => {
    rmSync(stored('warehouse.duckdb'));
    for (const command of [['ledger', 'rebuild', '--yes'], ['verify']]) {
      const {code, err} = await project.run(...command);
      expect(code).toBe(1);
      expect(err).toContain(
        "There is no warehouse '.gameplan/warehouse.duckdb' of target 'local', and there is a ledger",
      );
    }
  });

  test('leaves the file of another program alone', async () => {
    rmSync(stored('ledger.sqlite'));
    tamperLedger('CREATE TABLE notes (text TEXT)');
    expect(await rebuild()).toMatchObject({code: 1, err: expect.stringContaining('another program')});
    expect((await project.run('ledger')).code).toBe(64);
  });
});
