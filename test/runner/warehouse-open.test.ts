import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {statSync} from 'node:fs';
import {mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Worker} from 'node:worker_threads';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {openDuckdb} from '../../runner/duckdb.ts';
import {openFile} from '../../runner/duckdb-open.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gameplan-open-'));
});
afterEach(() => rm(folder, {recursive: true}));

const open = (path: string, waitMs = 0) => openDuckdb({path, waitMs});
const outcome = (opening: Promise<unknown>) =>
  opening.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Another process that holds the file until it is told to end. */
async function holder(path: string) {
  const script = `import {DuckDBInstance} from '@duckdb/node-api';
    const instance = await DuckDBInstance.create(${JSON.stringify(path)});
    process.stdin.once('data', () => { instance.closeSync(); process.exit(0); });
    process.stdout.write('held');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    pid: child.pid,
    end: async () => {
      const ended = once(child, 'exit');
      child.stdin.write('end');
      await ended;
    },
  };
}

test('a file that another process holds is an error that names the process, after a bounded wait', async () => {
  const path = join(folder, 'warehouse.duckdb');
  const other = await holder(path);
  try {
    const began = performance.now();
    const error = await outcome(open(path, 250));
    expect(performance.now() - began).toBeGreaterThan(90);
    expect(performance.now() - began).toBeLessThan(5000);
    expect(error).toMatchObject({kind: 'locked', message: expect.stringContaining(`process ${other.pid} (`)});
    expect(error).toMatchObject({message: expect.stringContaining('node')});
  } finally {
    await other.end();
  }
});

test('a file that is let go during the wait is opened', async () => {
  const path = join(folder, 'warehouse.duckdb');
  const other = await holder(path);
  const opening = open(path, 20_000);
  await other.end();
  const warehouse = await opening;
  expect((await warehouse.read('SELECT 1')).rows).toEqual([[1]]);
  await warehouse.close();
});

test('a file that this process holds is not opened twice, and again once it is closed', async () => {
  const path = join(folder, 'warehouse.duckdb');
  const first = await open(path);
  expect(await outcome(open(path))).toMatchObject({
    kind: 'locked',
    message: expect.stringContaining('this process'),
  });
  await first.close();
  await (await open(path)).close();
});

test('a missing folder is made, and one that cannot be made is an error', async () => {
  await (await open(join(folder, 'a', 'b', 'warehouse.duckdb'))).close();
  await writeFile(join(folder, 'file'), 'x');
  const error = await outcome(open(join(folder, 'file', 'warehouse.duckdb')));
  expect(error).toMatchObject({kind: 'unreadable', message: expect.stringContaining('another path')});
});

test('a new file is whole from the first moment that others see it', async () => {
  const paths = Array.from({length: 12}, (_, i) => join(folder, `new-${i}.duckdb`));
  const watcher = new Worker(WATCHER, {eval: true, workerData: paths});
  const seen = once(watcher, 'message') as Promise<[number[]]>; // as WATCHER posts it
  await once(watcher, 'online');
  for (const path of paths) await (await openFile({path})).close();
  const [whole] = paths.slice(-1).map(path => statSync(path).size);
  const [sizes] = await seen;
  expect(sizes.filter(size => size !== whole)).toEqual([]);
  expect(sizes).toHaveLength(paths.length);
  expect(await readdir(folder)).toHaveLength(paths.length);
});

/** Looks for each file without a pause, and posts the size that each has when it is there. Bytes. */
const WATCHER = `
const {statSync} = require('node:fs');
const {parentPort, workerData} = require('node:worker_threads');
parentPort.postMessage(workerData.map(path => {
  for (;;) {
    const found = statSync(path, {throwIfNoEntry: false});
    if (found !== undefined) return found.size;
  }
}));`;

test('what is no DuckDB file is left alone and said', async () => {
  const path = join(folder, 'warehouse.duckdb');
  await writeFile(path, 'hello '.repeat(2000));
  const error = await outcome(open(path, 5000));
  expect(error).toMatchObject({
    kind: 'unreadable',
    message: expect.stringMatching(/not a valid DuckDB.*move it and the ledger away/),
  });
  await mkdir(join(folder, 'directory'));
  expect(await outcome(open(join(folder, 'directory')))).toMatchObject({kind: 'unreadable'});
});

test('a run that outgrows its memory says so and leaves the warehouse usable', async () => {
  const warehouse = await openDuckdb({path: ':memory:', memoryLimit: '40MB', threads: 1});
  const huge = 'SELECT length(list(repeat(a::VARCHAR, 50))::VARCHAR) FROM range(10000000) t(a)';
  expect(await outcome(warehouse.read(huge))).toMatchObject({
    kind: 'other',
    message: expect.stringContaining('memory'),
  });
  expect((await warehouse.read('SELECT 1')).rows).toEqual([[1]]);
  await warehouse.close();
});

test('a full disk is named, and what was published stays', async () => {
  const path = join(folder, 'warehouse.duckdb');
  // The shell's limit on the size of a file stands for a full disk: the engine's write fails in the same place.
  const script = `import {openDuckdb} from ${JSON.stringify(join(import.meta.dirname, '../../runner/duckdb.ts'))};
    process.on('SIGXFSZ', () => {});
    const spec = {name: 'raw.big', key: ['n'], partitioning: {kind: 'all'},
      columns: [{name: 'n', type: 'int64'}, {name: 'text', type: 'string'}]};
    const warehouse = await openDuckdb({path: ${JSON.stringify(path)}, now: Date.now});
    const made = [];
    for (const rows of [10, 300000]) {
      const query = \`SELECT a AS n, md5(a::VARCHAR) || md5((-a)::VARCHAR) AS text FROM range(\${rows}) t(a)\`;
      const staged = await warehouse.stageQuery({table: spec, query, queryPath: 'big.sql',
        partitions: [{key: 'all', season: null}], inputs: []}, new AbortController().signal);
      made.push(await warehouse.publish({staged, keys: ['all'], receipts: []}).then(() => 'published', error => error.kind));
    }
    process.stdout.write(made.join(' '), () => process.exit(0));`;
  const child = spawn(
    'sh',
    ['-c', 'ulimit -f 8192; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', script],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  await once(child, 'exit');
  expect(said).toBe('published disk-full');
  const warehouse = await open(path);
  expect((await warehouse.read('SELECT count(*) FROM raw.big')).rows).toEqual([[10]]);
  await warehouse.close();
});
