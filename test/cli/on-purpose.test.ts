/** What a plan alone would not do: dropping orphans, making protected partitions again, forcing. */
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';
import {expectGolden} from './golden.ts';
import {printed} from './printed.ts';

let project: ToyProject;
beforeEach(async () => {
  project = new ToyProject();
  await project.run('materialize');
});
afterEach(() => project.remove());

const DAY = '2024-01-16';
const why = ['--reason', 'the date was a mistake'];

test('changed columns are named in the plan, with what becomes of the rows that are published', async () => {
  const totals = (columns: string, select: string): void => {
    project.declare(
      'sql: assets/totals.sql\n    columns: {game_date: date, total: int64}',
      `sql: assets/totals.sql\n    columns: {game_date: date, ${columns}}`,
    );
    project.write('assets/totals.sql', `SELECT game_date, ${select} FROM points GROUP BY 1\n`);
  };
  totals('total: float64, best: int64', 'sum(points) AS total, max(points) AS best');
  const first = await printed(project, ['plan', 'stats.totals'], ['explain', `stats.totals@${DAY}`]);
  totals('best: int64', 'max(points) AS best');
  const second = await printed(project, ['plan', 'stats.totals']);
  expectGolden('print/schema-changed.txt', `${first}\n${second}`);
});

describe('--prune', () => {
  beforeEach(async () => {
    project.declare(`      - {date: ${DAY}, season: 2023-24}\n`, '');
    await project.run('materialize');
  });

  test('lists what would go, asks, drops it, and says so', async () => {
    const text = await printed(
      project,
      ['plan'],
      ['plan', '--prune'],
      ['materialize', '--prune', ...why],
      ['runs', '--limit', '1'],
      ['plan', '--prune'],
    );
    expect(project.asked).toEqual(['Drop them?']);
    expectGolden('print/prune.txt', text);
  });

  test('drops nothing where the answer is no, without it, or in a dry run', async () => {
    const count = async () =>
      (await project.run('query', 'SELECT count(*) AS n FROM raw.points', '--csv')).out.split(/\s+/)[1];
    project.answer = false;
    expect(await project.run('materialize', '--prune')).toMatchObject({
      code: 1,
      err: 'Nothing was changed.\n',
    });
    await project.run('materialize', '--prune', '--dry-run');
    await project.run('materialize', '--yes');
    expect(await count()).toBe('6');
    expect((await project.run('plan', '--prune', '--detailed-exitcode')).code).toBe(2);
    expect((await project.run('materialize', '--prune', '--yes')).code).toBe(0);
    expect(await count()).toBe('4');
    expect((await project.run('plan', '--prune', '--detailed-exitcode')).code).toBe(0);
  });
});

test('a plan file that drops or forces is recorded with who applied it', async () => {
  await project.run('plan', 'raw.points', '--force', '--dates', DAY, '--out', 'plan.json');
  await project.run('materialize', 'plan.json', '--by', 'bo');
  const [run] = JSON.parse((await project.run('runs', '--json')).out);
  expect(run).toMatchObject({by: 'bo', end: {counts: {requested: 1}}});
  project.declare(`      - {date: ${DAY}, season: 2023-24}\n`, '');
  await project.run('materialize');
  await project.run('plan', '--prune', '--out', 'plan.json');
  expect((await project.run('materialize', 'plan.json')).out).toMatch(/3 requested: 3 succeeded/);
  expect(project.asked).toEqual(['Drop them?']);
  const [last, before] = JSON.parse((await project.run('runs', '--json')).out);
  expect([last.by, before.by]).toEqual(['ada', undefined]);
});

test('what is protected is skipped with the way to make it again, and made where someone allows it', async () => {
  project.declare('    sql: assets/totals.sql', '    sql: assets/totals.sql\n    protect: true');
  project.write(
    'assets/totals.sql',
    'SELECT game_date, sum(points + 1)::BIGINT AS total FROM points GROUP BY 1\n',
  );
  const text = await printed(
    project,
    ['plan'],
    ['materialize'],
    ['materialize', 'stats.totals', '--force'],
    ['materialize', '--allow-protected', ...why],
    ['runs', 'show', 'last'],
    ['plan'],
  );
  expectGolden('print/protected.txt', text);
  const runs = JSON.parse((await project.run('runs', '--limit', '3', '--json')).out);
  const statuses = runs.map(({end}: {end: {status: string}}) => end.status);
  expect(statuses, 'as the exit codes say').toEqual(['succeeded', 'failed', 'succeeded']);
});

test('what is forced is shown with the cone that follows, and recorded with who and why', async () => {
  const text = await printed(
    project,
    ['plan', 'raw.points', '--force', '--dates', DAY],
    ['materialize', 'raw.points', '--force', '--dates', DAY, '--reason', 'looked wrong', '--by', 'bo'],
    ['runs', '--limit', '1'],
    ['plan', '--force', '--dates', DAY],
  );
  expectGolden('print/force.txt', text);
  const [run] = JSON.parse((await project.run('runs', '--json')).out);
  expect(run).toMatchObject({kind: 'run', by: 'bo', why: 'looked wrong'});
  const {follows} = JSON.parse(
    (await project.run('plan', 'raw.points', '--force', '--dates', DAY, '--json')).out,
  );
  expect(follows).toEqual([
    {asset: 'stats.totals', stale: 1, ifChanged: 0},
    {asset: 'stats.running', stale: 0, ifChanged: 1},
  ]);
});
