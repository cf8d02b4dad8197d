/** Whole runs whose objects lie in a bucket: fetches, what is made of them, and exports, with all that can break. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {StorageOperation, Trouble} from '../google/storage-fault.ts';
import {type StorageServer, startStorageServer} from '../google/storage-server.ts';
import {LANDED} from '../kit/answers.ts';
import {at, listed, manifest, Project, tally} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const DATES = ['2024-01-01', '2024-01-02', '2024-01-03'];
const columns = {game_date: 'date', game_id: 'string', points: 'int64'};
const ASSETS = {
  'landing.copies': {files: 'assets/copy.ts', path: 'copies/{game_date}/'},
  'raw.copies': {rows: 'assets/land.ts', upstream: {answers: 'landing.copies'}, columns, key: ['game_id']},
  'exports.copies': {
    sql: 'assets/export.sql',
    export: {format: 'csv', path: 'v1/{game_date}.csv'},
    upstream: {copies: 'raw.copies'},
  },
};
const FILES = {
  'assets/copy.ts': `import type {Files} from 'gameplan';
export const files: Files = async ({partition: {key}, put}) => {
  await put('a.json', JSON.stringify({games: [{id: key, points: 10 * Number(key.slice(-1))}]}));
  await put('b.json', JSON.stringify({games: []}));
};\n`,
  'assets/land.ts': LANDED,
  'assets/export.sql': 'SELECT game_date, points FROM copies',
};

let server: StorageServer;
let project: Project;
beforeEach(async () => {
  server = await startStorageServer({buckets: {games: {location: 'us-west2'}}});
  const local = {
    warehouse: {engine: 'duckdb', memory_limit: '256MB'},
    store: {kind: 'gcs', bucket: 'games', prefix: 'nba/', endpoint: server.url},
  };
  const text = manifest({calendars: listed({'2023-24': DATES}), targets: {local}, assets: ASSETS});
  project = new Project({...FILES, 'pipeline.yaml': text}, NOW);
});
afterEach(async () => {
  project.remove();
  await server.close();
});

const objects = (part: string): readonly string[] =>
  server
    .bucket('games')
    .names()
    .filter(name => name.includes(part));

async function expectWhole(): Promise<void> {
  const rows = await project.query('SELECT points FROM raw.copies ORDER BY game_date');
  expect(rows).toEqual([[10], [20], [30]]);
  const exported = DATES.map(date => server.bucket('games').find(`nba/v1/${date}.csv`)?.bytes.toString());
  expect(exported).toEqual(DATES.map((date, i) => `game_date,points\r\n${date},${10 * (i + 1)}\r\n`));
  const again = await project.materialize();
  expect([again.counts.requested, again.warehouseCalls]).toEqual([0, 0]);
}

/** No attempt is counted against a partition. */
async function expectNoBlame(): Promise<void> {
  const plan = await project.plan();
  const reasons = plan.partitions.flatMap(each => each.reasons.map(({kind}) => kind));
  expect(reasons).not.toContain('last-attempt-failed');
  expect(plan.partitions.filter(({action}) => action === 'skip')).toEqual([]);
}

test('a run keeps its objects in the bucket, and the next one has nothing to do', async () => {
  expect(tally(await project.materialize())).toEqual({succeeded: 9});
  expect(objects('manifest.json')).toHaveLength(3);
  expect(objects('a.json')).toHaveLength(3);
  await expectWhole();
});

const TROUBLES: readonly Trouble[] = [
  {kind: 'status', status: 503, when: 'after'},
  {kind: 'reset', when: 'before'},
  {kind: 'reset', when: 'after'},
];
test.each(TROUBLES)('a bucket that fails again and again ($kind $when) changes nothing', async trouble => {
  const all: readonly StorageOperation[] = ['objects.insert', 'objects.get', 'objects.media', 'objects.list'];
  for (let skip = 0; skip < 60; skip += 3) server.fail({on: all, skip, trouble});
  expect(tally(await project.materialize())).toEqual({succeeded: 9});
  expect(objects('manifest.json')).toHaveLength(3);
  expect(objects('a.json')).toHaveLength(3);
  await expectWhole();
});

test.each([1, 4, 8])(
  'credentials revoked after %i writes end the run with the mend, and the next one goes on',
  async writes => {
    const refused = {kind: 'status', status: 401, when: 'before'} as const;
    for (const on of ['objects.insert', 'objects.get', 'objects.media', 'objects.list'] as const)
      server.fail({on, skip: on === 'objects.insert' ? writes : 99, times: 999, trouble: refused});
    await expect(project.materialize()).rejects.toMatchObject({name: 'StoreError', kind: 'credentials'});
    await expectNoBlame();
    server.heal();
    const done = await project.materialize();
    expect(Object.keys(tally(done))).toEqual(['succeeded']);
    await expectWhole();
  },
);

test.each([
  {
    what: 'a permission to write',
    spoil: () => server.bucket('games').denied.add('storage.objects.create'),
    kind: 'denied',
  },
  {
    what: 'a service that answers',
    spoil: () =>
      server.fail({on: 'objects.insert', times: 999, trouble: {kind: 'status', status: 503, when: 'before'}}),
    kind: 'unreachable',
  },
])('without $what no partition is to blame', async ({spoil, kind}) => {
  spoil();
  await expect(project.materialize()).rejects.toMatchObject({name: 'StoreError', kind});
  await expectNoBlame();
  server.bucket('games').denied.clear();
  server.heal();
  expect(tally(await project.materialize())).toEqual({succeeded: 9});
  await expectWhole();
});

test.each([
  ['after-put', 3],
  ['after-object', 1],
  ['between-export-and-receipt', 1],
] as const)(
  'a run that is killed %s, after %i that were not, is finished by the next one',
  async (point, skipped) => {
    const script = new URL('../kit/killed-run.ts', import.meta.url).pathname;
    const given = [script, project.root, String(NOW), point, String(skipped)];
    const [, signal] = await once(spawn(process.execPath, given, {stdio: 'inherit'}), 'exit');
    expect(signal).toBe('SIGKILL');
    const done = await project.materialize();
    expect(Object.keys(tally(done))).toEqual(['succeeded']);
    const {ledger, close} = await project.open();
    expect(ledger.openIntents()).toEqual([]);
    await close();
    await expectWhole();
  },
);
