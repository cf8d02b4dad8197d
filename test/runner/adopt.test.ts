/** Taking over what an older platform made: tables by plain SQL and objects in folders, with nothing made again. */
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {classify} from '../../planner/classify.ts';
import {fingerprintOf} from '../../planner/fingerprint.ts';
import {parseSelectedRange} from '../../planner/selected-range.ts';
import {type AdoptedAsset, type AdoptionOrder, adopt, surveyAll} from '../../runner/adopt.ts';
import {readStandings, restore, snapshotOf, verifyData, verifyLedger} from '../../runner/receipts.ts';
import {at, lines, manifest, Project, SCHEDULE, scheduledCalendar} from '../kit/project.ts';

const DATES = ['2024-01-10', '2024-01-11', '2024-01-12', '2024-01-13'];
const [D1 = '', D2 = '', D3 = '', D4 = ''] = DATES;
const NOW = at('2024-02-01T12:00:00Z');
const SCORES = {files: 'assets/fetch.ts', path: 'scores/{game_date}/'};
const BOX = {
  rows: 'assets/box.ts',
  upstream: {scores: 'landing.scores'},
  columns: {game_date: 'date', game_id: 'string', points: 'int64'},
  key: ['game_id'],
  covers: {column: 'game_id'},
  checks: [{range: {column: 'points', min: 0, max: 200}}],
};
const FORM = {
  sql: 'assets/form.sql',
  upstream: {
    box: {asset: 'raw.box', window: 'season to date', required: false},
    odds: {asset: 'raw.odds', required: false},
  },
  columns: {game_date: 'date', total: 'int64'},
  key: ['game_date'],
};
const ODDS = {
  external: {table: 'others.odds'},
  columns: {game_date: 'date', line: 'float64'},
  key: ['game_date'],
};
const SUMMARY = {
  sql: 'assets/summary.sql',
  export: {format: 'json', path: 'api/{game_date}.json'},
  upstream: {form: 'mart.form'},
};
const ASSETS = {
  'raw.schedule': SCHEDULE,
  'landing.scores': SCORES,
  'raw.box': BOX,
  'raw.odds': ODDS,
  'mart.form': FORM,
  'api.summary': SUMMARY,
};
const FILES = {
  'assets/schedule.ts': "export const rows = async () => { throw new Error('asked again'); };\n",
  'assets/fetch.ts': "export const files = async () => { throw new Error('fetched again'); };\n",
  'assets/box.ts': "export const rows = async () => { throw new Error('made again'); };\n",
  'assets/form.sql': 'SELECT p.game_date, 0 AS total FROM partitions p, box, box_window, odds\n',
  'assets/summary.sql': 'SELECT total FROM form\n',
};
/** Of the second date the old platform lost the box scores, and of the third the objects. */
const OLD = [
  'CREATE SCHEMA raw; CREATE SCHEMA mart; CREATE SCHEMA others',
  'CREATE TABLE raw.schedule (season VARCHAR, game_id VARCHAR, game_date DATE, home VARCHAR, away VARCHAR, status VARCHAR)',
  ...DATES.map(
    date => `INSERT INTO raw.schedule VALUES ('2023-24', 'g${date}', '${date}', 'BOS', 'LAL', 'final')`,
  ),
  'CREATE TABLE raw.box (game_date DATE, game_id VARCHAR, points BIGINT)',
  ...[D1, D3, D4].map(date => `INSERT INTO raw.box VALUES ('${date}', 'g${date}', 100)`),
  'CREATE TABLE mart.form (game_date DATE, total BIGINT)',
  ...DATES.map(date => `INSERT INTO mart.form VALUES ('${date}', 7)`),
  'CREATE TABLE others.odds (game_date DATE, line DOUBLE)',
  ...DATES.map(date => `INSERT INTO others.odds VALUES ('${date}', 2.5)`),
];

let project: Project;
beforeEach(async () => {
  project = new Project({...FILES, 'pipeline.yaml': declare(ASSETS)}, NOW);
  await run(...OLD);
  for (const date of [D1, D2, D4]) put(`scores/${date}/late/answer.json`, `{"of": "${date}"}`);
});
afterEach(() => project.remove());

function declare(assets: object): string {
  return manifest({calendars: scheduledCalendar(), assets});
}

async function run(...statements: readonly string[]): Promise<void> {
  const path = join(project.root, '.gameplan/warehouse.duckdb');
  mkdirSync(dirname(path), {recursive: true});
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

function put(name: string, text: string): void {
  const file = join(project.root, '.gameplan/store', name);
  mkdirSync(dirname(file), {recursive: true});
  writeFileSync(file, text);
}

let runs = 0;

async function takeOver(
  selected: string,
  about: Partial<AdoptionOrder> = {},
): Promise<ReadonlyMap<string, AdoptedAsset>> {
  const target = await project.open();
  try {
    const meant = parseSelectedRange(selected, target.pipeline);
    if ('diagnostics' in meant) throw new Error(meant.diagnostics.map(({message}) => message).join('\n'));
    const order = {by: 'ana', why: 'made by the old jobs', now: project.now, command: 'test'};
    const adopted = await adopt(
      {...target, run: `adopting-${++runs}`, clock: () => project.now},
      {...meant, from: undefined, anyway: false, ...order, ...about},
    );
    return new Map(adopted.map(each => [each.asset, each]));
  } finally {
    await target.close();
  }
}

const keysOf = (adopted: AdoptedAsset | undefined): readonly string[] =>
  adopted?.found.map(({key}) => key) ?? [];

/** What ledger and receipts, receipts and data, and a ledger made anew from receipts say against each other. */
async function compared(): Promise<readonly string[]> {
  const {pipeline, sources, ledger, ...target} = await project.open();
  try {
    const [warehouse, store] = [await target.warehouse(), target.store()];
    const known = [...pipeline.assets.values()].map(asset => fingerprintOf(asset, sources));
    const standings = await readStandings({warehouse, store, known});
    const isMeant = (): boolean => true;
    const told = verifyLedger({snapshot: ledger.snapshot(), standings, atWork: new Set(), isMeant});
    const anew = snapshotOf(await restore(pipeline, warehouse, standings));
    const frame = classify({pipeline, sources, ledger: anew, now: project.now});
    const data = await verifyData({pipeline, warehouse, store, standings, isMeant, frame, readsAll: false});
    expect(data.agree).toBeGreaterThan(0);
    return [...told.differences, ...data.differences, ...data.damaged].map(each => JSON.stringify(each));
  } finally {
    await target.close();
  }
}

describe('an old platform', () => {
  test('is taken over in dependency order, and the first plan is its true gaps', async () => {
    const adopted = await takeOver('*@2023-10-01..2024-06-30');
    expect([...adopted.keys()]).toEqual([
      'raw.schedule',
      'landing.scores',
      'raw.box',
      'raw.odds',
      'mart.form',
      'api.summary',
    ]);
    expect(keysOf(adopted.get('landing.scores'))).toEqual([D1, D2, D4]);
    expect(adopted.get('landing.scores')?.absent).toEqual([D3]);
    expect(adopted.get('raw.box')?.absent).toEqual([D2]);
    expect(keysOf(adopted.get('mart.form'))).toEqual(DATES);
    expect(adopted.get('api.summary')?.problem).toBe(
      "it is an export, which 'gameplan materialize api.summary' makes of what it reads",
    );
    const plan = await project.plan();
    expect(lines(plan)).toEqual([
      `landing.scores@${D3} missing run: never-materialized`,
      `raw.box@${D2} missing run: never-materialized`,
      `raw.box@${D3} fresh run-if: upstream-planned`,
      `mart.form@${D3} fresh run-if: upstream-planned`,
      `mart.form@${D4} fresh run-if: upstream-planned`,
      ...DATES.map(date => expect.stringContaining(`api.summary@${date} missing`)),
    ]);
    expect(await compared()).toEqual([]);
  });

  test('is taken over once: what is published already is left alone', async () => {
    await takeOver('*@*');
    const again = await takeOver('*@*');
    expect([...again.values()].map(({found, known}) => [found.length, known])).toEqual([
      [0, 1],
      [0, 3],
      [0, 3],
      [0, 4],
      [0, 4],
      [0, 0],
    ]);
  });

  test('is recorded with who and why, in the receipts and in the ledger', async () => {
    await takeOver('*@*');
    const rows = await project.query('SELECT DISTINCT kind, "by", why FROM gameplan.receipts');
    expect(rows).toEqual([['published', 'ana', 'made by the old jobs']]);
    const [generation = ''] = readdirSync(join(project.root, '.gameplan/store/scores', D1)).filter(
      name => name !== 'late',
    );
    const written = JSON.parse(project.text(`.gameplan/store/scores/${D1}/${generation}/manifest.json`));
    expect(written).toMatchObject({by: 'ana', why: 'made by the old jobs'});
    expect(written.objects).toMatchObject([
      {name: 'late/answer.json', place: `scores/${D1}/late/answer.json`},
    ]);
    const target = await project.open();
    const [record] = target.ledger.runs(1);
    await target.close();
    expect(record).toMatchObject({kind: 'adopt', by: 'ana', end: {status: 'succeeded'}});
  });

  test('looked at without writing is as it was', async () => {
    await takeOver('raw.schedule@*');
    const target = await project.open();
    const meant = parseSelectedRange('raw.box@*', target.pipeline);
    if ('diagnostics' in meant) throw new Error('it is right');
    const order = {by: '', why: '', now: NOW, command: '', from: undefined, anyway: false};
    const {ledger, pipeline, sources} = target;
    const [box] = await surveyAll(
      {
        pipeline,
        sources,
        snapshot: ledger.snapshot(),
        clock: () => NOW,
        warehouse: await target.warehouse(),
        store: target.store(),
      },
      {...meant, ...order},
    );
    await target.close();
    expect(keysOf(box)).toEqual([D1, D3, D4]);
    expect(await project.query("SELECT count(*) FROM gameplan.receipts WHERE asset = 'raw.box'")).toEqual([
      [0],
    ]);
  });
});

describe('rows', () => {
  test('that do not pass the checks of today are refused, unless they are wanted anyway', async () => {
    await run(`UPDATE raw.box SET points = 900 WHERE game_date = '${D3}'`);
    await takeOver('raw.schedule@*');
    const refused = (await takeOver('raw.box@*')).get('raw.box');
    expect(keysOf(refused)).toEqual([D1, D4]);
    expect(refused?.refused).toMatchObject([
      {key: D3, because: expect.stringContaining('range(points): 1 row')},
    ]);
    expect(refused?.refused[0]?.because).toContain('--anyway takes it over all the same');
    const anyway = (await takeOver('raw.box@*', {anyway: true})).get('raw.box');
    expect(anyway?.found).toMatchObject([{key: D3, despite: expect.stringContaining('range(points)')}]);
  });

  test('that hold fewer games than the calendar are partial', async () => {
    await run(`INSERT INTO raw.schedule VALUES ('2023-24', 'other', '${D1}', 'MIA', 'NYK', 'final')`);
    await takeOver('raw.schedule@*');
    const covers = {...BOX, covers: {column: 'game_id', at_least: '50%'}};
    project.write('pipeline.yaml', declare({...ASSETS, 'raw.box': covers}));
    await takeOver('raw.box@*');
    const target = await project.open();
    const row = target.ledger.snapshot().find('raw.box' as never);
    await target.close();
    expect(row?.absent.get(row.keys.indexOf(D1))).toEqual(['other']);
  });

  test('of a table with other columns are left alone, with the mend', async () => {
    await takeOver('raw.schedule@*');
    await run('ALTER TABLE raw.box ADD COLUMN book VARCHAR');
    expect((await takeOver('raw.box@*')).get('raw.box')?.problem).toBe(
      "its table has the column 'book', not declared by raw.box, and the next publication would drop what is not: declare it, or take it out of the table",
    );
    await run('ALTER TABLE raw.box DROP COLUMN book', 'ALTER TABLE raw.box RENAME COLUMN points TO pts');
    expect((await takeOver('raw.box@*')).get('raw.box')?.problem).toBe(
      "its table has no column 'points': declare the columns of raw.box as they are there, or add what is absent to the table",
    );
    await run(
      'ALTER TABLE raw.box RENAME COLUMN pts TO points',
      "ALTER TABLE raw.box ALTER points TYPE VARCHAR USING 'many'",
    );
    expect((await takeOver('raw.box@*')).get('raw.box')?.problem).toMatch(
      /^its table cannot be read as raw\.box declares it \(.*many.*\): declare the columns as they are there$/s,
    );
  });

  test('that are not there, with their whole table, are gaps', async () => {
    await run('DROP TABLE mart.form');
    const adopted = await takeOver('*@*');
    expect(adopted.get('mart.form')).toMatchObject({found: [], problem: undefined, absent: DATES});
  });
});

describe('objects', () => {
  test('are read where they lie, and are checked against their bytes', async () => {
    project.write(
      'assets/box.ts',
      `export const rows = async ({partition, inputs}) => {
  const found = [];
  for await (const {name, text} of inputs.scores.objects()) found.push({game_date: partition.key, game_id: name, points: 1});
  return found;
};
`,
    );
    const {covers: _, checks: __, ...box} = BOX;
    project.write('pipeline.yaml', declare({...ASSETS, 'raw.box': box}));
    await takeOver('raw.schedule@*');
    await takeOver('landing.scores@*');
    const done = await project.materialize({select: 'raw.box', range: {keys: [D1]}});
    expect(done.errors.size).toBe(0);
    expect(await project.query(`SELECT game_id FROM raw.box WHERE game_date = '${D1}'`)).toEqual([
      ['late/answer.json'],
    ]);
    put(`scores/${D2}/late/answer.json`, 'edited');
    expect((await compared()).filter(line => line.includes('landing'))).toEqual([
      JSON.stringify({
        asset: 'landing.scores',
        key: D2,
        fault: {kind: 'object-changed', object: `scores/${D2}/late/answer.json`},
      }),
    ]);
  });

  test('at another place are named there, and nothing is copied', async () => {
    put(`old/${D3}.d/answer.json`, '3');
    await takeOver('raw.schedule@*');
    const adopted = await takeOver('landing.scores@*', {from: 'old/{game_date}.d/'});
    expect(keysOf(adopted.get('landing.scores'))).toEqual([D3]);
    const folder = join(project.root, '.gameplan/store/scores', D3);
    const [generation = ''] = readdirSync(folder);
    expect(readdirSync(join(folder, generation))).toEqual(['manifest.json']);
    expect(readFileSync(join(project.root, `.gameplan/store/old/${D3}.d/answer.json`), 'utf8')).toBe('3');
  });

  test('stay where they lie when their partition is dropped', async () => {
    await takeOver('*@*');
    await run(`DELETE FROM raw.schedule WHERE game_date = '${D4}'`);
    project.write(
      'assets/schedule.ts',
      `export const rows = async () => [${[D1, D2, D3].map(date => `{season: '2023-24', game_id: 'g${date}', game_date: '${date}', home: 'BOS', away: 'LAL', status: 'final'}`)}];\n`,
    );
    await project.materialize({select: 'raw.schedule', force: true, acceptCalendar: true});
    const done = await project.materialize({select: 'landing.scores', prune: true, range: {keys: [D4]}});
    expect(done.outcomes.get(`landing.scores@${D4}`)).toBe('succeeded');
    expect(project.text(`.gameplan/store/scores/${D4}/late/answer.json`)).toBe(`{"of": "${D4}"}`);
  });

  test('that a run fetched for a ledger that is gone are told as that', async () => {
    await takeOver('*@*');
    rmSync(join(project.root, '.gameplan/store/scores', D1, 'late'), {recursive: true});
    for (const end of ['', '-wal', '-shm'])
      rmSync(join(project.root, `.gameplan/ledger.sqlite${end}`), {force: true});
    await takeOver('raw.schedule@*');
    expect((await takeOver('landing.scores@*')).get('landing.scores')?.refused).toMatchObject([
      {key: D1, because: expect.stringContaining("'gameplan ledger rebuild'")},
    ]);
  });
});
