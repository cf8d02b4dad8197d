/** Ledgers of every older version, made by its migrations and filled: brought to today's with every fact, and kept. */
import {spawnSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {AssetName} from '../../planner/pipeline.ts';
import type {Ledger} from '../../runner/ledger.ts';
import {openLedger, readLedger} from '../../runner/ledger-open.ts';
import {fileLedger} from '../../runner/ledger-place.ts';
import {LEDGER_VERSION, MIGRATIONS} from '../../runner/ledger-schema.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gameplan-older-'));
  path = join(folder, 'ledger.sqlite');
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

const OLDER = Array.from({length: LEDGER_VERSION - 1}, (_, i) => i + 1);

/** What each version's own tables are filled with. */
const FACTS: readonly string[] = [
  `
  INSERT INTO log (at, kind, run, detail) VALUES (1, 'outcomes', 'r1', '{}'), (2, 'calendar', NULL, '{}');
  INSERT INTO assets VALUES (1, 'raw.games'), (2, 'stats.it''s');
  INSERT INTO fingerprints VALUES
    (1, '00000000000000000000000000000001', '{"query":"a"}'),
    (2, '00000000000000000000000000000002', '{"query":"b"}');
  INSERT INTO partitions (asset, key, sequence, published, version_hi, version_lo, digest_hi, digest_lo, fingerprint,
    changed_at, arrived_at, lost_at, read_at, entry_hi, entry_lo, rows, expected, found, absent, published_at,
    duration_ms, tried_at, outcome, failures, tried_fingerprint, tried_digest_hi, tried_digest_lo, error)
  VALUES
    (1, '2024-01-15', 1, 1, 4294967295, 7, 3, 4, 1, 1, 1, 0, 0, 5, 6, 9007199254740991, 15, 14, '["g1"]', 1700.5, 2.5,
      1700.5, 0, 0, 1, 3, 4, NULL),
    (1, '2024-01-16', 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, -1, -1, NULL, 0, 0, 1800, 3, 2, 2, 8, 9, 'HTTP 503'),
    (2, 'all', 1, 1, 1, 2, 3, 4, 2, 1, 1, 0, 0, 0, 0, 0, -1, -1, NULL, 1701, 3, 1701, 1, 0, 2, 3, 4, NULL);
  INSERT INTO runs (id, pipeline, target, command, started_at, ended_at, status, counts) VALUES
    ('r0', 'old name', 'local', 'gameplan materialize', 10, 20, 'succeeded', '{"requested":1}'),
    ('r1', 'nba', 'local', 'gameplan materialize', 30, NULL, NULL, NULL);
  INSERT INTO attempts (sequence, run, asset, key, outcome, started_at, ended_at, duration_ms, error, reasons,
    fingerprint, digest, version, rows)
  VALUES
    (1, 'r1', 1, '2024-01-15', 'succeeded', 11, 12, 1, NULL, '[]', 1, '0000000300000004', 'ffffffff00000007', 4),
    (1, 'r1', 1, '2024-01-16', 'failed', 11, 12, 1, 'HTTP 503', '[]', 2, NULL, NULL, NULL);
  INSERT INTO intents VALUES ('i1', 'r1', 'raw.games', '["2024-01-17"]', 'rows', '{"digest":"d"}', 13);
  INSERT INTO calendars VALUES ('nba', 'd1');
  INSERT INTO calendar_games VALUES ('nba', '2024-01-15', 'g1', '2023-24', '["BOS","NYK"]', 'final', 14.5);
  `,
  `UPDATE runs SET kind = 'forget', asked_by = 'ada', why = 'it was wrong' WHERE id = 'r0';`,
  `UPDATE runs SET plan = 'p1' WHERE id = 'r1';`,
  `
  INSERT INTO events (at, run, asset, key, game, kind, severity, source, detail)
    VALUES (10, 'r1', 1, '2024-01-15', 'g1', 'source-degraded', 'warning', 'nba', '14 of 15');
  INSERT INTO tries (run, asset, key, source, outcome, expected, found, detail, at, duration_ms)
    VALUES ('r1', 1, '2024-01-15', 'nba', 'partial', 15, 14, NULL, 10, 3);
  `,
  `
  INSERT INTO sessions (run, pid, host, born, command, started_at, beat, beat_at) VALUES
    ('r1', 999999999, 'elsewhere', 'b', 'gameplan materialize', 30, 1, 31);
  INSERT INTO leases VALUES (1, '2024-01-17', 'r1');
  `,
];

function make(version: number): void {
  const database = new DatabaseSync(path);
  try {
    MIGRATIONS.slice(0, version).forEach((migration, index) => {
      database.exec(migration);
      database.exec(FACTS[index] ?? '');
    });
    database.exec(`PRAGMA application_id = ${0x67706c6e}; PRAGMA user_version = ${version}`);
  } finally {
    database.close();
  }
}

type Tables = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** Every row of every table. */
function tablesOf(file: string): Tables {
  const database = new DatabaseSync(file, {readOnly: true});
  try {
    const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    return Object.fromEntries(
      names.map(({name}) => [
        String(name),
        database
          .prepare(`SELECT * FROM "${name}"`)
          .all()
          .map(row => ({...row})),
      ]),
    );
  } finally {
    database.close();
  }
}

/** The rows of `newer`, of tables and columns that `older` has. */
function cutTo(older: Tables, newer: Tables): Tables {
  return Object.fromEntries(
    Object.entries(older).map(([name, rows]) => {
      const columns = Object.keys(rows[0] ?? {});
      const kept = (newer[name] ?? []).map(row =>
        Object.fromEntries(columns.map(column => [column, row[column]])),
      );
      return [name, rows.length === 0 ? [] : kept];
    }),
  );
}

function open(about: {readonly now?: number; readonly warn?: (text: string) => void} = {}): Ledger {
  return openLedger({
    place: fileLedger(path),
    now: () => about.now ?? Date.parse('2024-02-01T12:00:00Z'),
    warn: about.warn,
  });
}

describe.each(OLDER)('a ledger of version %i', version => {
  test('keeps every fact, is kept as it was, and that is told once', () => {
    make(version);
    const before = tablesOf(path);
    const warnings: string[] = [];
    open({warn: text => warnings.push(text)}).close();
    open({warn: text => warnings.push(text)}).close();
    const copy = join(folder, `ledger.sqlite.version-${version}-20240201T120000Z`);
    expect(warnings).toEqual([
      `The ledger is brought from version ${version} to ${LEDGER_VERSION}; as it was, it is kept as ${copy}`,
    ]);
    expect(tablesOf(copy)).toEqual(before);
    expect(cutTo(before, tablesOf(path))).toEqual(before);
  });

  test('answers as today', () => {
    make(version);
    const ledger = open();
    try {
      expect(ledger.owner()).toBe('nba');
      const snapshot = ledger.snapshot();
      expect(snapshot.assets).toEqual(['raw.games', "stats.it's"]);
      const record = snapshot.find('raw.games' as AssetName);
      expect(record).toMatchObject({keys: ['2024-01-15', '2024-01-16'], publishedCount: 1});
      expect([record?.rows[0], record?.version.hi[0], record?.absent.get(0)]).toEqual([
        Number.MAX_SAFE_INTEGER,
        0xffff_ffff,
        ['g1'],
      ]);
      expect(snapshot.calendars.get('nba')?.games).toMatchObject([{id: 'g1', teams: ['BOS', 'NYK']}]);
      expect(ledger.runs(9).map(({id}) => id)).toEqual(['r1', 'r0']);
      expect(ledger.findRun('r1')?.attempts).toHaveLength(2);
      expect(ledger.openIntents().map(({id}) => id)).toEqual(['i1']);
      expect(ledger.events({})).toHaveLength(version < 4 ? 0 : 1);
      expect(ledger.tries({asset: 'raw.games', key: '2024-01-15'}, 9)).toHaveLength(version < 4 ? 0 : 1);
    } finally {
      ledger.close();
    }
    expect(readLedger(fileLedger(path), ({assets}) => assets)).toEqual(['raw.games', "stats.it's"]);
  });

  test('is left whole by a migration that fails midway', ({skip}) => {
    make(version);
    const tables = MIGRATIONS.slice(version).flatMap(text => [...text.matchAll(/CREATE TABLE (\w+)/g)]);
    const last = tables.at(-1)?.[1];
    if (last === undefined) return skip('the newer versions have no table more, in whose way one could be');
    const database = new DatabaseSync(path);
    database.exec(`CREATE TABLE ${last} (other TEXT)`);
    database.close();
    const before = tablesOf(path);
    expect(() => open()).toThrow(
      `The ledger '${path}' cannot be brought to version ${LEDGER_VERSION}: table ${last} already exists. It was left as it was.`,
    );
    expect(tablesOf(path)).toEqual(before);
    expect(versionOf(path)).toBe(version);
  });

  test.skipIf(version > 1)('is left whole by a process that is killed midway', () => {
    make(version);
    const before = tablesOf(path);
    const script = `
      const {DatabaseSync} = await import('node:sqlite');
      const {MIGRATIONS} = await import(${JSON.stringify(new URL('../../runner/ledger-schema.ts', import.meta.url).href)});
      const database = new DatabaseSync(${JSON.stringify(path)});
      database.exec('PRAGMA journal_mode = WAL; PRAGMA cache_size = 1; BEGIN IMMEDIATE');
      for (const migration of MIGRATIONS.slice(${version})) database.exec(migration);
      process.kill(process.pid, 'SIGKILL');`;
    const {signal} = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    expect(signal).toBe('SIGKILL');
    expect(tablesOf(path)).toEqual(before);
    open().close();
    expect(cutTo(before, tablesOf(path))).toEqual(before);
  });
});

test('a copy of another version that a plan finds is made too, before it is read', () => {
  make(2);
  expect(readLedger(fileLedger(path), ({assets}) => assets)).toHaveLength(2);
  expect(copies()).toHaveLength(1);
});

test('the newest three copies are kept, and nothing else is taken away', () => {
  const stamps = ['2024-01-05', '2024-01-01', '2024-01-04', '2024-01-02', '2024-01-03'];
  for (const day of stamps) {
    make(1);
    open({now: Date.parse(`${day}T00:00:00Z`)}).close();
    for (const rest of ['', '-wal', '-shm']) rmSync(`${path}${rest}`, {force: true});
  }
  expect(copies()).toEqual([
    'ledger.sqlite.version-1-20240103T000000Z',
    'ledger.sqlite.version-1-20240104T000000Z',
    'ledger.sqlite.version-1-20240105T000000Z',
  ]);
});

test('a copy never takes the name of another', () => {
  for (let time = 0; time < 2; time++) {
    make(1);
    open().close();
    for (const rest of ['', '-wal', '-shm']) rmSync(`${path}${rest}`, {force: true});
  }
  expect(copies()).toEqual([
    'ledger.sqlite.version-1-20240201T120000Z',
    'ledger.sqlite.version-1-20240201T120000Z-2',
  ]);
});

test('a ledger of today and an empty one are not copied', () => {
  open().close();
  open().close();
  expect(copies()).toEqual([]);
});

function copies(): readonly string[] {
  return readdirSync(folder)
    .filter(name => name.includes('version-') || name.includes('backup'))
    .toSorted();
}

function versionOf(file: string): number {
  return readFileSync(file).readUInt32BE(60);
}
