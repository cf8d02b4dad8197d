import {spawnSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {describe, expect, onTestFinished, test} from 'vitest';
import type {Ledger} from '../../runner/ledger.ts';
import {LedgerError} from '../../runner/ledger-error.ts';
import {openLedger, readLedger} from '../../runner/ledger-open.ts';
import {fileLedger} from '../../runner/ledger-place.ts';
import {LEDGER_VERSION} from '../../runner/ledger-schema.ts';
import {failed, hex, spelledOut, succeeded, temporaryFolder} from './ledger-cases.ts';

function open(path = join(temporaryFolder(), 'ledger.sqlite')): Ledger {
  const ledger = openLedger({place: fileLedger(path), now: () => 5000});
  onTestFinished(() => ledger.close());
  return ledger;
}

const counts = {
  requested: 1,
  succeeded: 1,
  unchanged: 0,
  'not-needed': 0,
  failed: 0,
  quarantined: 0,
  skipped: 0,
  cancelled: 0,
};

describe('the packed copy', () => {
  test('a snapshot says the same after it was packed, brought forward and packed by another layout', () => {
    const path = join(temporaryFolder(), 'ledger.sqlite');
    const ledger = open(path);
    const many = Array.from({length: 2_500}, (_, i) =>
      i % 7 === 0
        ? failed({key: `k${i}`, error: `error ${i}`})
        : succeeded({key: `k${i}`, version: hex(i), absent: i % 5 === 0 ? [`g${i}`] : []}),
    );
    ledger.startRun({id: 'r1', pipeline: 'nba', target: 'local', command: 'materialize', startedAt: 1});
    ledger.recordOutcomes({run: 'r1', outcomes: many});
    const plain = spelledOut(ledger.snapshot());
    ledger.endRun('r1', {endedAt: 9, status: 'succeeded', counts});
    expect(spelledOut(ledger.snapshot())).toEqual(plain);

    ledger.recordOutcomes({run: 'r2', outcomes: [succeeded({key: 'k0'}), succeeded({key: 'new'})]});
    const forward = spelledOut(ledger.snapshot());
    expect(forward).not.toEqual(plain);
    expect(readLedger(fileLedger(path), spelledOut)).toEqual(forward);

    const database = new DatabaseSync(path);
    for (const damage of [
      `head = json_set(head, '$.format', 1)`,
      `head = json_set(head, '$.format', 3), hot = substr(hot, 1, 100)`,
      `rest = CAST(rest || 'x' AS BLOB)`,
      `head = '{"format": 3,'`,
    ]) {
      database.exec(`UPDATE packed SET ${damage}`);
      expect(readLedger(fileLedger(path), spelledOut), damage).toEqual(forward);
    }
    database.close();
  });

  test.for([
    [`key_lists SET texts = '["k0"'`],
    [`key_lists SET texts = '["k0"]'`],
    ['key_lists SET days = substr(days, 1, 41)'],
    ['key_lists SET days = substr(days, 1, 40)'],
    ['packed SET keys = 99'],
    [`packed SET head = 'null'`],
  ])('is passed over where it does not fit its keys: UPDATE %s', ([damage]) => {
    const path = join(temporaryFolder(), 'ledger.sqlite');
    const ledger = open(path);
    const dates = Array.from({length: 2_000}, (_, i) => new Date(i * 86_400_000).toISOString().slice(0, 10));
    ledger.startRun({id: 'r1', pipeline: 'nba', target: 'local', command: 'materialize', startedAt: 1});
    const seasons = ['2022-23', '2023-24'].map(season => succeeded({asset: 'raw.season', key: season}));
    ledger.recordOutcomes({run: 'r1', outcomes: [...dates.map(date => succeeded({key: date})), ...seasons]});
    const plain = spelledOut(ledger.snapshot());
    ledger.endRun('r1', {endedAt: 9, status: 'succeeded', counts});
    const database = new DatabaseSync(path);
    database.exec('PRAGMA foreign_keys = OFF');
    database.exec(`UPDATE ${damage}`);
    database.close();
    expect(readLedger(fileLedger(path), spelledOut)).toEqual(plain);
  });
});

test('what a killed process had recorded is there, for readers and for the next run', () => {
  const path = join(temporaryFolder(), 'ledger.sqlite');
  const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const script = `
    const {openLedger} = await import(${here('../../runner/ledger-open.ts')});
    const ledger = openLedger({place: {kind: 'file', path: ${JSON.stringify(path)}}, now: () => 1});
    ledger.recordOutcomes({run: 'r1', outcomes: [${JSON.stringify(succeeded())}]});
    ledger.writeIntents([{id: 'i1', run: 'r1', asset: 'raw.games', keys: ['k'], kind: 'rows', payload: null}]);
    process.kill(process.pid, 'SIGKILL');`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {encoding: 'utf8'});
  expect([run.signal, run.stderr]).toEqual(['SIGKILL', '']);
  expect(readLedger(fileLedger(path), ({assets}) => assets)).toEqual(['raw.games']);
  const ledger = open(path);
  expect(ledger.snapshot().assets).toEqual(['raw.games']);
  expect(ledger.openIntents().map(({id}) => id)).toEqual(['i1']);
});

describe('files that are not what they should be', () => {
  test('reading a ledger that does not exist creates nothing', () => {
    const folder = temporaryFolder();
    expect(readLedger(fileLedger(join(folder, 'none', 'ledger.sqlite')), found => found)).toMatchObject({
      sequence: 0,
      assets: [],
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('reading a ledger leaves its bytes as they are and nothing beside it', () => {
    const path = join(temporaryFolder(), 'ledger.sqlite');
    const ledger = openLedger({place: fileLedger(path), now: () => 1});
    ledger.recordOutcomes({run: 'r1', outcomes: [succeeded()]});
    ledger.close();
    const before = readFileSync(path);
    expect(readLedger(fileLedger(path), ({assets}) => assets)).toEqual(['raw.games']);
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(dirname(path))).toEqual(['ledger.sqlite']);
  });

  test('a reader sees what a writer in another connection has committed', () => {
    const path = join(temporaryFolder(), 'ledger.sqlite');
    const ledger = open(path);
    ledger.recordOutcomes({run: 'r1', outcomes: [succeeded()]});
    expect(readLedger(fileLedger(path), ({assets}) => assets)).toEqual(['raw.games']);
  });

  test('an empty file becomes a ledger when it is opened and reads as an empty one before', () => {
    const path = join(temporaryFolder(), 'ledger.sqlite');
    writeFileSync(path, '');
    expect(readLedger(fileLedger(path), ({sequence}) => sequence)).toBe(0);
    expect(open(path).snapshot().sequence).toBe(0);
  });

  const both = [
    ['openLedger', (path: string) => openLedger({place: fileLedger(path), now: () => 1})],
    ['readLedger', (path: string) => readLedger(fileLedger(path), ({assets}) => assets)],
  ] as const;

  describe.each(both)('%s', (_, use) => {
    const problem = (path: string): LedgerError => {
      try {
        use(path);
      } catch (error) {
        if (error instanceof LedgerError) return error;
        throw error;
      }
      throw new Error('no error');
    };

    test('refuses a ledger of a newer version and leaves it alone', () => {
      const path = join(temporaryFolder(), 'ledger.sqlite');
      openLedger({place: fileLedger(path), now: () => 1}).close();
      const database = new DatabaseSync(path);
      database.exec('PRAGMA user_version = 99');
      database.close();
      const before = readFileSync(path);
      const error = problem(path);
      expect(error.kind).toBe('newer');
      expect(error.message).toBe(
        `The ledger '${path}' was written by a newer gameplan (version 99; this one knows ${LEDGER_VERSION}). Update gameplan, or use the one that wrote it.`,
      );
      expect(readFileSync(path)).toEqual(before);
    });

    test('refuses a file that is not SQLite and leaves it alone', () => {
      const path = join(temporaryFolder(), 'ledger.sqlite');
      writeFileSync(path, 'name: nba\n'.repeat(500));
      expect(problem(path)).toMatchObject({kind: 'not-a-ledger', path});
      expect(readFileSync(path, 'utf8')).toBe('name: nba\n'.repeat(500));
    });

    test('refuses a SQLite file of another program and leaves it alone', () => {
      const path = join(temporaryFolder(), 'ledger.sqlite');
      const database = new DatabaseSync(path);
      database.exec('CREATE TABLE tickets (id INTEGER)');
      database.close();
      const before = readFileSync(path);
      expect(problem(path)).toMatchObject({kind: 'other-program'});
      expect(readFileSync(path)).toEqual(before);
    });

    test('names a damaged file', () => {
      const path = join(temporaryFolder(), 'ledger.sqlite');
      const ledger = openLedger({place: fileLedger(path), now: () => 1});
      const outcomes = Array.from({length: 500}, (_, i) => succeeded({key: `k${i}`}));
      ledger.recordOutcomes({run: 'r1', outcomes});
      ledger.close();
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.fill(0x5a, 4096));
      let error: unknown;
      try {
        error = problem(path);
      } catch {
        // Opening reads the first page alone, which is whole.
        const opened = open(path);
        error = catchError(() => opened.snapshot());
      }
      expect(error).toMatchObject({kind: 'damaged', path});
    });

    test('refuses a folder', () => {
      const path = join(temporaryFolder(), 'ledger.sqlite');
      mkdirSync(path);
      expect(problem(path)).toMatchObject({kind: 'unreadable', path});
    });
  });

  test('a folder that cannot be made is an error with its mend', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const path = join(folder, 'file', 'ledger.sqlite');
    expect(catchError(() => openLedger({place: fileLedger(path), now: () => 1}))).toMatchObject({
      kind: 'unreadable',
      path,
    });
    expect(existsSync(path)).toBe(false);
  });

  test('a ledger that may not be written is an error with its mend', ({skip}) => {
    skip(process.getuid?.() === 0, 'the superuser may write every file');
    const path = join(temporaryFolder(), 'ledger.sqlite');
    openLedger({place: fileLedger(path), now: () => 1}).close();
    chmodSync(path, 0o400);
    expect(catchError(() => openLedger({place: fileLedger(path), now: () => 1}))).toMatchObject({
      kind: 'unreadable',
      path,
    });
  });
});

function catchError(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
