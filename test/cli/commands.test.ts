import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readFileSync, rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

const duckdb = pathToFileURL(createRequire(import.meta.url).resolve('@duckdb/node-api')).href;
const warehouse = () => path.join(project.root, '.gameplan/warehouse.duckdb');

describe('the main job', () => {
  test('plan, materialize, plan again', async () => {
    const first = await project.run('plan', '--detailed-exitcode');
    expect(first.code).toBe(2);
    expect(first.out).toContain('Plan: 9 to materialize (9 missing)');
    const made = await project.run('materialize');
    expect(made.err).toBe('');
    expect(made.out).toMatch(/Run \S+: 9 requested: 9 succeeded in/);
    expect(made.code).toBe(0);
    const again = await project.run('plan', '--detailed-exitcode');
    expect(again.code).toBe(0);
    expect(again.out).toContain('Nothing to do. Compared definitions and inputs of 3 assets, 9 partitions');
  });

  test('materialize with nothing to do says so and does not open the warehouse', async () => {
    await project.run('materialize');
    rmSync(warehouse());
    const again = await project.run('materialize');
    expect(again).toMatchObject({code: 0, err: ''});
    expect(again.out).toContain('Nothing to do.');
    expect(existsSync(warehouse())).toBe(false);
  });

  test('nothing is done where the calendar is not known and what makes it was not asked for', async () => {
    const targets = readFileSync(path.join(project.root, 'pipeline.yaml'), 'utf8').match(
      /^targets:\n( .*\n)+/m,
    );
    project.write(
      'pipeline.yaml',
      `name: toy
calendars:
  days:
    asset: raw.days
    date: game_date
    season: season
    game: game_id
    status: status
    timezone: America/New_York
    seasons: {from: 2023-24, rolls_over: 07-01}
${targets?.[0]}assets:
  raw.days:
    sql: assets/days.sql
    partition_by: season
    columns: {season: string, game_date: date, game_id: string, status: string}
    key: [game_id]
  stats.counts:
    sql: assets/counts.sql
    columns: {game_date: date, games: int64}
    key: [game_date]
    upstream: {days: raw.days}
`,
    );
    project.write(
      'assets/days.sql',
      "SELECT season, DATE '2024-01-15' AS game_date, 'g1' AS game_id, 'final' AS status FROM partitions\n",
    );
    project.write('assets/counts.sql', 'SELECT game_date, count(*) AS games FROM days GROUP BY 1\n');
    const first = await project.run('materialize', 'stats.counts');
    expect(first).toMatchObject({code: 1, err: ''});
    expect(first.out).toContain('The calendar is not known yet');
    expect((await project.run('materialize', 'stats.counts', '--json')).code).toBe(1);
    expect(await project.run('materialize')).toMatchObject({code: 0, err: ''});
    expect(await project.run('materialize', 'stats.counts')).toMatchObject({code: 0, err: ''});
  });

  test('a query that can never run is told once with its place, before anything is made', async () => {
    project.write(
      'assets/totals.sql',
      'SELECT game_date,\n  sum(point)::BIGINT AS total FROM points GROUP BY game_date\n',
    );
    const before = project.files();
    for (const command of ['materialize', 'validate']) {
      const {code, out, err} = await project.run(command);
      expect(code).toBe(1);
      expect(`${out}${err}`).toContain(
        "assets/totals.sql:2:7 error [unknown-column] No relation that is read here has a column 'point'. Did you mean 'points'?",
      );
    }
    expect(project.files().filter(name => name !== '.gameplan')).toEqual(before);
  });

  test('a dry run prints the plan and touches nothing', async () => {
    const before = project.files();
    const dry = await project.run('materialize', '--dry-run');
    expect(dry.out).toBe((await project.run('plan', '--now', '2024-02-01T12:00:00Z')).out);
    expect(project.files().filter(name => name !== '.gameplan')).toEqual(before);
  });

  test('a failure is told once with its cause, what reads it is passed over, and the same command goes on', async () => {
    project.write('fail-2024-01-16', '');
    const made = await project.run('materialize');
    expect(made.code).toBe(1);
    expect(made.out).toContain('failed raw.points@2024-01-16: the source answered HTTP 503 for 2024-01-16');
    expect(made.out).toContain('skipped stats.totals (1)  2024-01-16');
    expect(made.out).toContain('To go on: run the same command again');
    rmSync(path.join(project.root, 'fail-2024-01-16'));
    const again = await project.run('materialize');
    expect(again.code).toBe(0);
    expect(again.out).toMatch(/Run \S+: 3 requested: 3 succeeded in/);
  });

  test('as JSON every event is a line and the summary adds up', async () => {
    project.write('fail-2024-01-16', '');
    const {out, code} = await project.run('materialize', '--json');
    const lines = out
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(code).toBe(1);
    expect(lines[0]).toMatchObject({kind: 'run-started', pipeline: 'toy', target: 'local'});
    const {requested, ...summary} = lines.at(-1);
    expect(summary.kind).toBe('summary');
    const outcomes = [
      'succeeded',
      'unchanged',
      'not-needed',
      'failed',
      'quarantined',
      'skipped',
      'cancelled',
    ];
    expect(outcomes.reduce((sum, outcome) => sum + summary[outcome], 0)).toBe(requested);
    expect(lines.filter(({kind}) => kind === 'partition-ended')).toHaveLength(requested);
  });

  test('as JSON nothing to do is a summary of nothing', async () => {
    await project.run('materialize');
    const {out, code} = await project.run('materialize', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({kind: 'summary', run: null, requested: 0});
  });

  test('interrupted, it starts nothing more, exits with 130 and goes on from there', async () => {
    project.onOutput = text => {
      if (text.includes('"batch-started"')) project.interrupt();
    };
    const first = await project.run('materialize', '--json', '--concurrency', '1');
    expect(first.code).toBe(130);
    project.onOutput = () => undefined;
    const summary = JSON.parse(first.out.trimEnd().split('\n').at(-1) ?? '');
    expect(summary.cancelled).toBeGreaterThan(0);
    const again = await project.run('materialize');
    expect(again.code).toBe(0);
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
  });

  test('only what is selected is made', async () => {
    await project.run('materialize', 'raw.points', '--dates', '2024-01-15,2024-01-18');
    const {out} = await project.run('plan', 'raw.*', '--json');
    expect(JSON.parse(out).partitions).toEqual([
      {
        asset: 'raw.points',
        key: '2024-01-16',
        state: 'missing',
        action: 'run',
        reasons: [{kind: 'never-materialized'}],
      },
    ]);
  });

  test('a plan says what it leaves out, stale or missing, and how to have it too', async () => {
    const waiting = (await project.run('plan', 'stats.totals')).out;
    expect(waiting).toContain(
      'Left out: 3 missing partitions that are waited for (raw.points@2024-01-15 and 2 more); select\n+stats.totals to make them too.\n',
    );
    await project.run('materialize');
    const code = readFileSync(path.join(project.root, 'assets/points.ts'), 'utf8');
    project.write('assets/points.ts', code.replace('day + index', 'day + 2 * index'));
    const {out} = await project.run('plan', 'stats.running', '--force');
    expect(out).toContain(
      'Left out: 2 stale partitions upstream of what is asked for (raw.points@2024-01-15 and 1 more);\nselect +stats.running to make them too.\n',
    );
    const json = JSON.parse((await project.run('plan', 'stats.running', '--force', '--json')).out);
    expect(json.leftOut).toEqual([
      {
        state: 'stale',
        count: 2,
        first: 'raw.points@2024-01-15',
        readers: ['stats.running'],
        because: ['selection'],
      },
    ]);
    expect((await project.run('plan', '+stats.running', '--force')).out).not.toContain('Left out');
  });

  test('what a removed asset has published is told, and is no state of what is declared', async () => {
    await project.run('materialize');
    project.declare('stats.running:', 'stats.sums:');
    const {out} = await project.run('status');
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      'Recorded besides, of assets that the manifest does not declare: stats.running (3 partitions). What they published stays, and nothing reads it.',
    );
    expect(JSON.parse((await project.run('status', '--json')).out)).toMatchObject({
      states: {fresh: 6, missing: 3, orphan: 0},
      undeclared: [{asset: 'stats.running', partitions: 3}],
    });
  });

  test('dates can come from a file', async () => {
    project.write('dates.txt', '# the first week\n2024-01-15\n\n2024-01-16 # a Tuesday\n');
    const {out} = await project.run('plan', 'raw.points', '--dates', 'dates.txt', '--json');
    expect(JSON.parse(out).actions.run).toBe(2);
  });
});

describe('commands that read', () => {
  beforeEach(async () => {
    await project.run('materialize');
  });

  test('status counts every state and names the last run', async () => {
    const {out, code} = await project.run('status');
    expect(code).toBe(0);
    expect(out).toContain('Partitions: 9 fresh, 0 partial, 0 stale, 0 missing');
    expect(out).toMatch(/stats.running +3\n/);
    expect(out).toMatch(/Last run \S+ \(gameplan materialize\), .* ago: succeeded in/);
    const {states, lastRun, assets} = JSON.parse((await project.run('status', '--json')).out);
    expect(states.fresh).toBe(9);
    expect(lastRun.end.counts.succeeded).toBe(9);
    expect(assets.map(({asset}: {asset: string}) => asset)).toEqual([
      'raw.points',
      'stats.totals',
      'stats.running',
    ]);
  });

  test('explain goes back to the root', async () => {
    const {out, code} = await project.run('explain', 'stats.running@2024-01-18');
    expect(code).toBe(0);
    expect(out).toContain('stats.running@2024-01-18  fresh');
    expect(out).toContain(
      '← totals: stats.totals (season to date, not required)  2024-01-15, 2024-01-16, 2 fresh',
    );
    expect(out).toContain('← points: raw.points  2024-01-15, 2024-01-16, 2 fresh');
    const json = JSON.parse((await project.run('explain', 'stats.totals@2024-01-15', '--json')).out);
    expect(json).toMatchObject({
      state: 'fresh',
      publication: {rows: 1},
      inputs: [{asset: 'raw.points', rows: 2}],
    });
  });

  test('explain of what does not exist says what there is', async () => {
    expect(await project.run('explain', 'stats.totals@2024-01-17')).toMatchObject({
      code: 1,
      err: "error: 'stats.totals' has no partition '2024-01-17': the nearest are 2024-01-16 and 2024-01-18.\n",
    });
    expect((await project.run('explain', 'stats.totals@2023-10-01')).err).toContain(
      'they go from 2024-01-15 to 2024-01-18',
    );
    expect(await project.run('explain', 'stats.total@2024-01-15')).toMatchObject({
      code: 64,
      err: "error: No asset named 'stats.total'. Did you mean 'stats.totals'?\n",
    });
    expect((await project.run('explain', 'stats.totals')).code).toBe(64);
  });

  test('query prints a table, JSON and CSV', async () => {
    const sql = 'SELECT game_date, total FROM stats.running ORDER BY game_date -- as made';
    expect(await project.run('query', sql)).toEqual({
      code: 0,
      out: 'game_date   total\n2024-01-15      0\n2024-01-16     31\n2024-01-18     64\n',
      err: '',
    });
    expect(JSON.parse((await project.run('query', sql, '--json')).out)[1]).toEqual({
      game_date: '2024-01-16',
      total: 31,
    });
    const csv = await project.run('query', sql, '--csv', '--limit', '1');
    expect(csv).toEqual({
      code: 0,
      out: 'game_date,total\n2024-01-15,0\n',
      err: 'The first 1 rows; --limit shows more.\n',
    });
  });

  test('query says that there are no rows', async () => {
    const sql = 'SELECT game_date FROM stats.totals WHERE total > 1000';
    expect(await project.run('query', sql)).toEqual({code: 0, out: 'game_date\n', err: 'No rows.\n'});
    expect((await project.run('query', sql, '--csv')).err).toBe('');
  });

  test('query with a limit of its own gives so many rows, and no more than --limit', async () => {
    const sql = 'SELECT game_date FROM stats.running ORDER BY game_date LIMIT 2';
    expect((await project.run('query', sql)).out).toBe('game_date\n2024-01-15\n2024-01-16\n');
    expect(await project.run('query', sql, '--limit', '1')).toEqual({
      code: 0,
      out: 'game_date\n2024-01-15\n',
      err: 'The first 1 rows; --limit shows more.\n',
    });
  });

  test('query refuses whatever is not one SELECT', async () => {
    for (const sql of ['DELETE FROM stats.totals', 'SELECT 1; DROP TABLE stats.totals', 'SELEC 1']) {
      const {code, err} = await project.run('query', sql);
      expect(code).toBe(64);
      expect(err).toContain('this is not one SELECT');
    }
    expect((await project.run('query', 'SELECT count(*) AS n FROM stats.totals')).out).toBe('n\n3\n');
  });

  test('query of a table that is not there says so', async () => {
    const {code, err} = await project.run('query', 'SELECT * FROM stats.nothing');
    expect(code).toBe(1);
    expect(err).toContain('nothing does not exist');
    expect(err).not.toContain('Internal error');
  });

  test('query says who holds the warehouse', async () => {
    const holder = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import {DuckDBInstance} from ${JSON.stringify(duckdb)};
         await DuckDBInstance.create(${JSON.stringify(warehouse())});
         console.log('held');
         setInterval(() => undefined, 1000);`,
      ],
      {stdio: ['ignore', 'pipe', 'inherit']},
    );
    try {
      await once(holder.stdout, 'data');
      const {code, err} = await project.run('query', 'SELECT 1');
      expect(code).toBe(1);
      expect(err).toContain(String(holder.pid));
    } finally {
      holder.kill();
      await once(holder, 'exit');
    }
  });

  test('runs lists them and runs show tells one', async () => {
    const list = await project.run('runs');
    expect(list.out).toMatch(/succeeded .* 9 requested: 9 succeeded/);
    const [{id}] = JSON.parse((await project.run('runs', '--json')).out);
    const shown = await project.run('runs', 'show', id);
    expect(shown.out).toContain(`Run ${id}: succeeded in`);
    expect(shown.out).toMatch(/raw.points +3 succeeded/);
    expect((await project.run('runs', 'show', 'last', '--json')).out).toContain('"attempts"');
    expect(await project.run('runs', 'show', 'none')).toMatchObject({code: 1, out: ''});
  });

  test('lineage and schema', async () => {
    expect((await project.run('lineage', '+stats.totals')).out).toBe(
      'raw.points (rows, by date)\nstats.totals (sql, by date)\n  ← points: raw.points\n\n2 assets, 1 edge.\n',
    );
    expect(JSON.parse((await project.run('lineage', '--json')).out).edges).toHaveLength(2);
    expect((await project.run('schema', 'raw.points')).out).toBe(
      [
        'raw.points: Points of two players a date.',
        '  column     type    unit    key  description',
        '  game_date  date            key',
        '  player     string          key',
        '  points     int64   points',
        '',
      ].join('\n'),
    );
    expect(JSON.parse((await project.run('schema')).out)).toMatchObject({type: 'object'});
  });

  test('test runs the fixtures, and compares batches', async () => {
    expect(await project.run('test')).toMatchObject({code: 0, err: ''});
    const batches = await project.run('test', '--batches');
    expect(batches).toMatchObject({code: 0, err: ''});
    expect(batches.out).toContain('passed stats.running');
    project.write(
      'assets/totals.sql',
      'SELECT game_date, 2 * sum(points)::BIGINT AS total FROM points GROUP BY ALL',
    );
    const wrong = await project.run('test', '--json');
    expect(wrong.code).toBe(1);
    expect(JSON.parse(wrong.out)).toMatchObject({passed: 0, failed: 1});
  });

  test('test tells a mistake in a file of cases with its place', async () => {
    project.write('assets/totals.test.yaml', '- {name: a, partitions: [2024-01-15], expects: []}\n');
    const said = await project.run('test');
    expect(said).toMatchObject({code: 1, out: ''});
    expect(said.err).toContain("assets/totals.test.yaml:1:39 error [unknown-key] Unknown key 'expects'.");
    expect(said.err).toContain('2 errors.');
  });

  test('test names a file of cases that belongs to no query', async () => {
    project.write('assets/total.test.yaml', '[]');
    const said = await project.run('test');
    expect(said).toMatchObject({code: 0});
    expect(said.err).toBe(
      "warning: 'assets/total.test.yaml' is never run: no asset has the query 'assets/total.sql'. Did you mean 'assets/totals.sql'?\n",
    );
    expect((await project.run('test', 'stats.totals')).err).toBe('');
  });
});

describe('mistakes', () => {
  test('an invalid manifest tells every mistake with its place and exits with 1', async () => {
    project.write(
      'pipeline.yaml',
      readFileSync(path.join(project.root, 'pipeline.yaml'), 'utf8')
        .replace('points: raw.points', 'points: raw.pionts')
        .replace('group: raw', 'gruop: raw'),
    );
    for (const command of ['validate', 'plan', 'materialize', 'status']) {
      const {code, out, err} = await project.run(command);
      expect(code).toBe(1);
      expect(out).toBe('');
      expect(err).toContain('pipeline.yaml:21:5 error [unknown-key]');
      expect(err).toContain("Did you mean 'raw.points'?");
      expect(err.trimEnd()).toMatch(/\n2 errors\.$/);
    }
    const json = JSON.parse((await project.run('validate', '--json')).out);
    expect(json.valid).toBe(false);
    expect(json.diagnostics[0]).toMatchObject({
      severity: 'error',
      file: 'pipeline.yaml',
      line: 21,
      column: 5,
    });
  });

  test('a query that reads what is no edge is told in its own file', async () => {
    project.write('assets/totals.sql', 'SELECT game_date, 1 AS total FROM pionts');
    const {code, err} = await project.run('plan');
    expect(code).toBe(1);
    expect(err).toContain('assets/totals.sql:1:35 error');
  });

  test('a folder without a manifest says where it looked', async () => {
    const {code, err} = await project.run('plan', '-C', 'assets');
    expect(code).toBe(1);
    expect(err).toContain("There is no manifest 'assets/pipeline.yaml'");
    expect((await project.run('plan', '-C', 'nowhere')).code).toBe(64);
  });

  test('the manifest may have another name', async () => {
    project.write('other.yaml', readFileSync(path.join(project.root, 'pipeline.yaml'), 'utf8'));
    rmSync(path.join(project.root, 'pipeline.yaml'));
    expect((await project.run('validate', '--manifest', 'other.yaml')).out).toContain(
      'The pipeline is valid: 3 assets',
    );
  });

  test('a wrong command exits with 64 and says what is wrong', async () => {
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [['paln'], "unknown command 'paln'"],
      [['plan', '--frmo', '2024-01-01'], "unknown option '--frmo'"],
      [['plan', '--from', 'yesterday'], 'It must be a date'],
      [['plan', '--from', '2024-02-01', '--to', '2024-01-01'], 'is after --to'],
      [['plan', '--limit', '0'], 'whole number from 1'],
      [['plan', '--now', 'soon'], 'It must be a time'],
      [['plan', '--season', '2023'], 'It must be a season'],
      [['plan', '--dates', 'nowhere.txt'], 'neither a list of dates'],
      [['plan', 'raw.pionts'], "Did you mean 'raw.points'?"],
      [['explain'], "missing required argument 'partition'"],
      [['query', 'SELECT 1', '--json', '--csv'], 'choose one'],
    ];
    for (const [args, text] of wrong) {
      const {code, out, err} = await project.run(...args);
      expect({args, code, out}).toEqual({args, code: 64, out: ''});
      expect(err).toContain(text);
    }
  });

  test('an unknown target is a mistake that names those there are', async () => {
    const {code, err} = await project.run('plan', '--target', 'lcoal');
    expect(code).toBe(1);
    expect(err).toContain('lcoal');
  });

  test.each([
    [['mcp', '--limit', '3'], '--limit says how much a run may make: give --allow-actions as well.'],
    [['serve', '--schedule', '0 7 * * *'], '--schedule says when to heal: give --heal as well.'],
  ])('%j means nothing by itself', async (args, told) => {
    expect(await project.run(...args)).toEqual({code: 64, out: '', err: `error: ${told}\n`});
  });

  test('a ledger that is none is refused and left alone', async () => {
    project.write(
      '.gameplan/ledger.sqlite',
      'not a ledger at all, just a text that is long enough to be read',
    );
    const {code, err} = await project.run('materialize');
    expect(code).toBe(1);
    expect(err).toContain('ledger.sqlite');
    expect(err).not.toContain('Internal error');
    expect(readFileSync(path.join(project.root, '.gameplan/ledger.sqlite'), 'utf8')).toContain(
      'not a ledger',
    );
  });
});

describe('help', () => {
  test('every command has examples, and asking for help is no mistake', async () => {
    const {code, out} = await project.run('--help');
    expect(code).toBe(0);
    const names = [...out.matchAll(/^ {2}([a-z]+) /gm)]
      .map(([, name]) => name ?? '')
      .filter(name => name !== 'help');
    expect(names.length).toBeGreaterThanOrEqual(10);
    for (const name of names) {
      const help = await project.run(name, '--help');
      expect(help.code).toBe(0);
      expect(help.out).toContain('Examples:');
    }
  });

  test('the version', async () => {
    expect(await project.run('--version')).toEqual({code: 0, out: '1.2.3\n', err: ''});
  });
});
