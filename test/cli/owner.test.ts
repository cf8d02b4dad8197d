/** Two pipelines that would share a ledger or a warehouse, and one that got another name. */
import {rmSync} from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {DuckDBInstance} from '@duckdb/node-api';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

const LEDGER = '.gameplan/ledger.sqlite';
const stored = (name: string) => path.join(project.root, name);

/** A second manifest in the same folder that declares one asset, under a name of its own. */
function declareOther(): void {
  project.write(
    'other.yaml',
    `name: other
calendars:
  days: {dates: [{date: 2024-01-15, season: 2023-24}], timezone: America/New_York}
targets:
  local:
    warehouse: {engine: duckdb, path: .gameplan/warehouse.duckdb}
    store: {kind: folder, path: .gameplan/store}
    ledger: .gameplan/ledger.sqlite
assets:
  raw.points:
    description: Points.
    rows: assets/points.ts
    columns: {game_date: date, player: string, points: int64}
    key: [game_date, player]
`,
  );
}

const OTHERS = "is of the pipeline 'toy', and this manifest is named 'other'";
const MEND =
  "Give each its own 'ledger', 'warehouse' and 'store' under 'targets'; or, where it is the same pipeline under a new name, run 'gameplan ledger rename'.";

test.for([
  ['plan'],
  ['status'],
  ['materialize'],
  ['materialize', '--prune', '--yes'],
  ['runs'],
  ['gaps'],
  ['verify'],
  ['events'],
  ['ledger', 'rebuild', '--yes'],
])('%j of another pipeline in the folder is refused, and nothing is lost', async command => {
  await project.run('materialize');
  declareOther();
  const said = await project.run(...command, '--manifest', 'other.yaml');
  expect(said.code).toBe(1);
  expect(said.out).toBe('');
  expect(said.err).toMatch(/^error: The (ledger|warehouse) '/);
  expect(said.err).toContain(`${OTHERS}. ${MEND}`);
  expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
});

test('a warehouse of another pipeline is refused where the ledger is its own', async () => {
  await project.run('materialize');
  declareOther();
  for (const rest of ['', '-wal', '-shm']) rmSync(stored(`${LEDGER}${rest}`), {force: true});
  const said = await project.run('materialize', '--manifest', 'other.yaml');
  expect(said.code).toBe(1);
  expect(said.err).toContain(`warehouse.duckdb' ${OTHERS}. ${MEND}`);
  const read = await project.run('query', 'SELECT count(*) FROM raw.points', '--manifest', 'other.yaml');
  expect(read.code).toBe(1);
  expect(read.err).toContain(OTHERS);
});

test('a renamed pipeline takes both over, and everything is fresh', async () => {
  await project.run('materialize');
  project.declare('name: toy', 'name: hoops');
  expect((await project.run('plan')).code).toBe(1);
  const said = await project.run('ledger', 'rename');
  expect(said).toEqual({
    code: 0,
    out: `The ledger '${LEDGER}' is of 'toy', the manifest of 'hoops'.\nThey are of 'hoops' now.\n`,
    err: '',
  });
  expect(project.asked).toEqual(["Take it over as 'hoops'?"]);
  expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
  expect((await project.run('query', 'SELECT count(*) AS n FROM raw.points', '--json')).code).toBe(0);
  expect((await project.run('materialize')).code).toBe(0);
});

test('who says no keeps the old name', async () => {
  await project.run('materialize');
  project.declare('name: toy', 'name: hoops');
  project.answer = false;
  expect((await project.run('ledger', 'rename')).code).toBe(1);
  project.declare('name: toy', 'name: toy');
  expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
});

test('renaming where nothing was made says so', async () => {
  const said = await project.run('ledger', 'rename');
  expect(said).toEqual({code: 1, out: '', err: `error: There is no ledger '${LEDGER}' to rename.\n`});
});

test('a ledger and a warehouse from before are of whoever opens them first', async () => {
  await project.run('materialize');
  const database = new DatabaseSync(stored(LEDGER));
  database.exec('DELETE FROM meta');
  database.close();
  const instance = await DuckDBInstance.create(stored('.gameplan/warehouse.duckdb'));
  const connection = await instance.connect();
  await connection.run('DROP TABLE gameplan.meta');
  connection.closeSync();
  instance.closeSync();
  expect((await project.run('materialize')).code).toBe(0);
  expect((await project.run('query', 'SELECT 1')).code).toBe(0);
  declareOther();
  expect((await project.run('plan', '--manifest', 'other.yaml')).err).toContain(`ledger.sqlite' ${OTHERS}`);
  expect((await project.run('query', 'SELECT 1', '--manifest', 'other.yaml')).err).toContain(
    `warehouse.duckdb' ${OTHERS}`,
  );
});
