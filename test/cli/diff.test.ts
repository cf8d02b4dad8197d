import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

function change(file: string, from: string, to: string): void {
  const before = readFileSync(path.join(project.root, file), 'utf8');
  expect(before).toContain(from);
  project.write(file, before.replace(from, to));
}

/** Lets `raw.points` return what `rows.json` says. */
function readFromFile(): void {
  project.write(
    'assets/points.ts',
    `import {readFileSync} from 'node:fs';
export const rows = async ({partition}) => {
  const rows = JSON.parse(readFileSync(new URL('../rows.json', import.meta.url), 'utf8'));
  return Object.entries(rows).map(([player, points]) => ({game_date: partition.key, player, points}));
};
`,
  );
}

const held = async (sql: string) => JSON.parse((await project.run('query', sql, '--json')).out);

test('a changed query is shown by what it would publish, and nothing is published', async () => {
  await project.run('materialize');
  const same = await project.run('diff', 'stats.totals@2024-01-15');
  expect(same).toMatchObject({code: 0, err: ''});
  expect(same.out).toMatch(
    /^stats\.totals@2024-01-15 {2}fresh, published \S+ ms ago\n\nRows: 0 added, 0 removed, 0 changed, 1 the same\n$/,
  );
  change('assets/totals.sql', 'sum(points)', 'max(points)');
  const {out} = await project.run('diff', 'stats.totals@2024-01-15');
  expect(out.replace(/published .* ago/, 'published ago')).toBe(`stats.totals@2024-01-15  stale, published ago
  because its query changed

Rows: 0 added, 0 removed, 1 changed, 0 the same
  changed columns: total in 1

  changed  game_date 2024-01-15: total 31 -> 16
`);
  expect(await held('SELECT total FROM stats.totals ORDER BY game_date')).toEqual([
    {total: 31},
    {total: 33},
    {total: 37},
  ]);
  expect(JSON.parse((await project.run('runs', '--json')).out)).toHaveLength(1);
  expect(
    JSON.parse((await project.run('explain', 'stats.totals@2024-01-15', '--json')).out).attempts,
  ).toHaveLength(1);
  expect(await held('SELECT count(*) AS n FROM gameplan.receipts')).toEqual([{n: 9}]);
});

test('what code returns now is shown row by row, and what would be refused says so', async () => {
  // A process loads a module once, so what it returns is told by a file.
  readFromFile();
  project.write('rows.json', '{"ana": 15, "bo": 16}');
  await project.run('materialize');
  project.write('rows.json', '{"ana": 15, "cy": 105}');
  const {out} = await project.run('diff', 'raw.points@2024-01-15', '--limit', '1');
  expect(out).toContain('Rows: 1 added, 1 removed, 0 changed, 1 the same\n');
  expect(out).toContain(
    'These rows would not be published: range(points): 1 row has points outside 0 to 100',
  );
  expect(out).toContain('  added    game_date 2024-01-15, player cy: points 105\n');
  expect(out).toContain('  removed  game_date 2024-01-15, player bo: points 16\n');
  const json = JSON.parse((await project.run('diff', 'raw.points@2024-01-15', '--json')).out);
  expect(json).toMatchObject({
    version: 1,
    asset: 'raw.points',
    state: 'fresh',
    kind: 'rows',
    rows: {added: 1, removed: 1, changed: 0, same: 1},
  });
});

test('what is not published counts as no rows', async () => {
  await project.run('materialize', 'raw.points');
  const {out} = await project.run('diff', 'stats.totals@2024-01-15');
  expect(out).toContain('stats.totals@2024-01-15  missing, not published\n');
  expect(out).toContain('Rows: 1 added, 0 removed, 0 changed, 0 the same\n');
});

test('objects are compared by their bytes where nothing need be fetched', async () => {
  change(
    'pipeline.yaml',
    'assets:\n',
    `sites:
  nba: {url: 'http://127.0.0.1:9'}
assets:
  raw.page:
    files: assets/page.ts
    path: page/{game_date}/
    partition_by: game_date
  raw.answer:
    files: assets/page.ts
    path: answer/{game_date}/
    partition_by: game_date
    site: nba
  out.totals:
    sql: assets/out.sql
    export: {path: 'out/{game_date}.csv', format: csv}
    partition_by: game_date
    upstream: {totals: stats.totals}
`,
  );
  project.write('assets/out.sql', 'SELECT game_date, total FROM totals\n');
  project.write(
    'assets/page.ts',
    `import {readFileSync} from 'node:fs';
export const files = async ({put}) => {
  const objects = JSON.parse(readFileSync(new URL('../objects.json', import.meta.url), 'utf8'));
  for (const [name, text] of Object.entries(objects)) await put(name, text);
};
`,
  );
  project.write('objects.json', JSON.stringify({'a.txt': 'one\ntwo\n', 'b.txt': 'b'}));
  const made = await project.run('materialize');
  expect(made.err).toBe('');
  expect(made.out).toContain('succeeded');
  expect((await project.run('diff', 'out.totals@2024-01-15')).out).toContain(
    'out/2024-01-15.csv: the same 32 bytes\n',
  );
  project.write('assets/out.sql', 'SELECT game_date, total + 1 AS total FROM totals\n');
  expect((await project.run('diff', 'out.totals@2024-01-15')).out).toContain(
    'out/2024-01-15.csv: changed, 32 -> 32 bytes\n  line 2\n  - 2024-01-15,31·\n  + 2024-01-15,32·\n',
  );
  project.write('objects.json', JSON.stringify({'a.txt': 'one\n2\n', 'c.txt': 'c'}));
  const files = project.files();
  const {out} = await project.run('diff', 'raw.page@2024-01-15');
  expect(out).toContain('b.txt: removed, 1 byte\nc.txt: added, 1 byte\n');
  expect(project.files()).toEqual(files);
  const fetched = await project.run('diff', 'raw.answer@2024-01-15');
  expect(fetched.code).toBe(0);
  expect(fetched.out.replaceAll('\n', ' ')).toContain(
    "raw.answer asks the site 'nba', and what it would answer now is known only by fetching",
  );
});

test('a mistake is told as the answer, with its place', async () => {
  expect(await project.run('diff', 'stats.totals@2024-01-15')).toMatchObject({
    code: 1,
    err: "error: Nothing has been made yet; 'gameplan materialize' makes it.\n",
  });
  await project.run('materialize');
  expect((await project.run('diff', 'stats.totals@2024-01-17')).err).toBe(
    "error: 'stats.totals' has no partition '2024-01-17': the nearest are 2024-01-16 and 2024-01-18.\n",
  );
  expect((await project.run('diff', 'stats.total@2024-01-15')).code).toBe(64);
  project.write(
    'assets/totals.sql',
    "SELECT game_date, sum(points)::BIGINT + 'x'::BIGINT AS total FROM points GROUP BY ALL\n",
  );
  const wrong = await project.run('diff', 'stats.totals@2024-01-15');
  expect(wrong).toMatchObject({code: 1, out: ''});
  expect(wrong.err).toMatch(/^error: stats\.totals@2024-01-15 cannot be made now: assets\/totals\.sql/);
  project.write('fail-2024-01-15', '');
  expect((await project.run('diff', 'raw.points@2024-01-15')).err).toBe(
    'error: raw.points@2024-01-15 cannot be made now: the source answered HTTP 503 for 2024-01-15\n',
  );
});

test('a warehouse that someone else holds is waited for, and then named', async () => {
  await project.run('materialize');
  const duckdb = pathToFileURL(createRequire(import.meta.url).resolve('@duckdb/node-api')).href;
  const file = path.join(project.root, '.gameplan/warehouse.duckdb');
  const hold = `import {DuckDBInstance} from ${JSON.stringify(duckdb)};
    await DuckDBInstance.create(${JSON.stringify(file)});
    console.log('held');
    setTimeout(() => process.exit(), 1500);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', hold], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const {code, out} = await project.run('diff', 'stats.totals@2024-01-15');
  expect(code).toBe(0);
  expect(out).toContain('1 the same');
});
