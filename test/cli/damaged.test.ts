/**
 * Files that are damaged, another program's or of another kind: every command says which, what is wrong and the way
 * out, and none of them takes for fresh what was never made.
 */
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {DuckDBInstance} from '@duckdb/node-api';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
const place = (name: string) => path.join(project.root, '.gameplan', name);
const spare = () => path.join(project.root, 'whole');

/** Two of three dates are made; the files of a run that was killed lie beside. */
beforeAll(async () => {
  project = new ToyProject();
  project.write('pipeline.yaml', withFiles(readFileSync(path.join(project.root, 'pipeline.yaml'), 'utf8')));
  project.write(
    'assets/page.ts',
    `export const files = async ({partition, put}) => { await put('page.json', JSON.stringify(partition.key)); };\n`,
  );
  project.write('fail-2024-01-16', '');
  expect((await project.run('materialize')).code).toBe(1);
  cpSync(path.join(project.root, '.gameplan'), spare(), {recursive: true});
});
afterAll(() => project.remove());

function withFiles(manifest: string): string {
  return `${manifest}  raw.pages:
    description: A page a date.
    files: assets/page.ts
    retries: 0
`;
}

function restore(): void {
  rmSync(path.join(project.root, '.gameplan'), {recursive: true, force: true});
  cpSync(spare(), path.join(project.root, '.gameplan'), {recursive: true});
}

function overwrite(file: string, at: number, length: number, seed: number): void {
  const bytes = readFileSync(file);
  let state = seed;
  for (let i = Math.max(0, at); i < Math.min(bytes.length, at + length); i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  writeFileSync(file, bytes);
}

async function duckdbAt(file: string): Promise<void> {
  rmSync(file, {recursive: true, force: true});
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run('CREATE TABLE t (i INTEGER)');
  connection.closeSync();
  instance.closeSync();
}

function sqliteAt(file: string): void {
  rmSync(file, {recursive: true, force: true});
  const database = new DatabaseSync(file);
  database.exec('CREATE TABLE tickets (id INTEGER)');
  database.close();
}

function folderAt(file: string): void {
  rmSync(file, {recursive: true, force: true});
  mkdirSync(file);
}

const LEDGER = 'ledger.sqlite';
const WAREHOUSE = 'warehouse.duckdb';

const manifests = (): readonly string[] =>
  readdirSync(place('store'), {recursive: true, encoding: 'utf8'})
    .filter(name => name.endsWith('manifest.json'))
    .map(name => place(path.join('store', name)));

const READ_LEDGER = [
  ['plan', '--json'],
  ['status'],
  ['explain', 'raw.points@2024-01-15'],
  ['runs'],
  ['gaps'],
  ['materialize'],
];
const READ_WAREHOUSE = [
  ['query', 'SELECT count(*) AS n FROM raw.points'],
  ['verify'],
  ['verify', '--data'],
  ['materialize'],
];

type Damage = () => void | Promise<void>;

/** Damage of a file whatever it is. */
const damages = (file: string): readonly (readonly [string, Damage])[] => [
  ['emptied', () => writeFileSync(place(file), '')],
  ['cut to 10 bytes', () => truncateSync(place(file), 10)],
  ['cut to 5000 bytes', () => truncateSync(place(file), 5000)],
  ['cut in half', () => truncateSync(place(file), statSync(place(file)).size >> 1)],
  ['with another header', () => overwrite(place(file), 0, 64, 1)],
  ['with random bytes in its header', () => overwrite(place(file), 16, 84, 1)],
  ['a text', () => writeFileSync(place(file), 'name: nba\n'.repeat(1000))],
  ['zeros', () => writeFileSync(place(file), Buffer.alloc(200_000))],
  ['a folder', () => folderAt(place(file))],
];

const WAYS_OUT = /gameplan ledger rebuild|move that (file|folder) away|back from a backup|Put the file back/;

test.for([
  ...damages(LEDGER),
  ["another program's", () => sqliteAt(place(LEDGER))] as const,
  ['a DuckDB file', () => duckdbAt(place(LEDGER))] as const,
])('a ledger that is %s', async ([, damage]) => {
  for (const command of READ_LEDGER) {
    restore();
    await damage();
    const said = await project.run(...command);
    expect(said, command[0]).toMatchObject({code: 1, out: ''});
    expect(said.err).toContain(`error: The ledger '${place(LEDGER)}' `);
    expect(said.err).toMatch(WAYS_OUT);
    expect(said.err).not.toMatch(/Internal error|\n\s+at /);
  }
});

test.for([
  ...damages(WAREHOUSE),
  ['a SQLite file', () => sqliteAt(place(WAREHOUSE))] as const,
  ['one whose log is a folder', () => folderAt(place(`${WAREHOUSE}.wal`))] as const,
])('a warehouse that is %s', async ([, damage]) => {
  for (const command of READ_WAREHOUSE) {
    restore();
    await damage();
    const said = await project.run(...command);
    expect(said, command[0]).toMatchObject({code: 1, out: ''});
    expect(said.err).toContain(`error: The warehouse '${place(WAREHOUSE)}' cannot be opened: `);
    expect(said.err).toMatch(WAYS_OUT);
    expect(said.err).not.toMatch(/Internal error|\n\s+at /);
  }
});

test('a SQLite file in the place of the warehouse is called that', async () => {
  restore();
  sqliteAt(place(WAREHOUSE));
  expect((await project.run('query', 'SELECT 1')).err).toContain('cannot be opened: It is a SQLite file. ');
});

test('an empty ledger beside a filled warehouse is written anew', async () => {
  restore();
  writeFileSync(place(LEDGER), '');
  expect((await project.run('plan')).err).toBe(
    `error: The ledger '${place(LEDGER)}' is empty, but the warehouse '${place(WAREHOUSE)}' is not. 'gameplan ledger rebuild' writes it anew from the receipts there; or bring it back from a backup.\n`,
  );
  expect((await project.run('ledger', 'rebuild', '--yes')).code).toBe(0);
  expect(freshIn((await project.run('status')).out)).toBe(10);
});

test.for([
  ['ledger', LEDGER, '-wal'],
  ['warehouse', WAREHOUSE, '.wal'],
])('random bytes as the log of the %s are not taken for records', async ([, file = '', suffix = '']) => {
  restore();
  writeFileSync(place(`${file}${suffix}`), Buffer.alloc(5000, 7));
  expect(freshIn((await project.run('status')).out)).toBe(10);
  expect((await project.run('verify')).code).toBe(0);
});

test.for<readonly [string, (file: string) => void]>([
  ['cut', file => truncateSync(file, 20)],
  ['emptied', file => writeFileSync(file, '')],
  ['another JSON', file => writeFileSync(file, '[]')],
])('manifests of the store that are %s are told by verify', async ([, damage]) => {
  restore();
  for (const file of manifests()) damage(file);
  const said = await project.run('verify', '--data');
  expect(said.code).toBe(1);
  expect(said.out).toContain('is damaged. Remove its folder and fetch that partition again.');
});

/** Never more than were made. */
function freshIn(text: string): number {
  return Number(/(\d+) fresh/.exec(text)?.[1] ?? 0);
}

test('random bytes anywhere in the ledger are told, or change nothing for the worse', {
  timeout: 60_000,
}, async () => {
  restore();
  const whole = readFileSync(path.join(spare(), LEDGER));
  const pages = whole.length / 4096;
  const spots = [
    ...Array.from({length: pages - 1}, (_, i) => ({at: (i + 1) * 4096, length: 4096})),
    ...Array.from({length: pages - 1}, (_, i) => ({at: (i + 1) * 4096 + 3700, length: 396})),
    // Where the cells of a page lie, a few bytes each.
    ...Array.from({length: 60}, (_, i) => ({
      at: (1 + (i % (pages - 1))) * 4096 + 4080 - i * 11,
      length: 1 + (i % 9),
    })),
  ];
  let told = 0;
  for (const {at, length} of spots) {
    for (const rest of ['-wal', '-shm']) rmSync(place(`${LEDGER}${rest}`), {force: true});
    writeFileSync(place(LEDGER), whole);
    overwrite(place(LEDGER), at, length, at);
    for (const command of ['status', 'gaps']) {
      const said = await project.run(command);
      if (said.code === 0) expect(freshIn(said.out)).toBeLessThanOrEqual(10);
      else {
        told++;
        expect(said).toMatchObject({code: 1, out: ''});
        expect(said.err).toMatch(/^error: The ledger '.*' is damaged/);
        expect(said.err).toContain('gameplan ledger rebuild');
      }
    }
  }
  expect(told).toBeGreaterThan(10);
});
