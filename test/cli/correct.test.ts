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
const points = `raw.points@${DAY}`;
const why = ['--reason', 'the source was wrong that day.'];

test('a forgotten partition shows its cone, asks, and is told by every reader', async () => {
  const text = await printed(
    project,
    ['forget', points, ...why],
    ['plan'],
    ['explain', points],
    ['runs'],
    ['runs', 'show', 'last'],
  );
  expect(project.asked).toEqual(['Forget?']);
  expectGolden('print/forget.txt', text);
  expect((await project.run('status')).out).toMatch(/9\s+requested:\s+9\s+succeeded/);
  expect((await project.run('materialize')).out).toMatch(/3 requested: 1 succeeded, 2 not needed/);
  expect((await project.run('plan')).out).toContain('Nothing to do.');
});

test('a partition that is marked fresh keeps its rows, and nothing downstream becomes stale', async () => {
  project.write(
    'assets/totals.sql',
    'SELECT game_date, sum(points + 0)::BIGINT AS total FROM points GROUP BY 1\n',
  );
  const text = await printed(
    project,
    ['mark', `stats.totals@2024-01-15..${DAY}`, '--fresh', ...why],
    ['plan'],
    ['explain', `stats.totals@${DAY}`],
    ['runs'],
  );
  expect(project.asked).toEqual(['Mark as fresh?']);
  expectGolden('print/mark.txt', text);
});

describe('what is not done', () => {
  const unchanged = async () => (await project.run('runs')).out.split('\n').length;

  test('an answer of no, and a dry run, write nothing', async () => {
    const before = await unchanged();
    project.answer = false;
    expect(await project.run('forget', points, ...why)).toMatchObject({
      code: 1,
      err: 'Nothing was changed.\n',
    });
    project.asked.length = 0;
    const dry = await project.run('forget', points, ...why, '--dry-run');
    expect(dry).toMatchObject({code: 0, err: ''});
    expect(dry.out).toContain('1 partition downstream becomes stale, up to 1 more if those change:');
    expect(project.asked).toEqual([]);
    expect(await unchanged()).toBe(before);
    project.answer = true;
    await project.run('forget', points, ...why, '--yes');
    expect(project.asked).toEqual([]);
    expect(await unchanged()).toBe(before + 1);
  });

  test('what cannot be forgotten or marked is refused with its cause and its mend', async () => {
    project.write('fail-2024-01-18', '');
    await project.run('forget', 'raw.points@2024-01-18', ...why);
    await project.run('materialize');
    const wrong: readonly (readonly string[])[] = [
      ['forget', points],
      ['forget', points, '--reason', ' '],
      ['mark', points, ...why],
      ['mark', 'raw.poinst@2024-01-16', '--fresh', ...why],
      ['forget', 'raw.points', ...why],
      ['forget', 'raw.points@2024-01-17', ...why],
      ['forget', 'raw.points@2025-*', ...why],
      ['forget', 'raw.points@2024-01-18', ...why],
      ['mark', 'raw.points@2024-01-15,2024-01-18', '--fresh', ...why],
      ['mark', points, '--fresh', ...why],
    ];
    expectGolden('print/correct-refused.txt', await printed(project, ...wrong));
  });

  test('as JSON a correction says what follows, and which run wrote it', async () => {
    const said = JSON.parse((await project.run('forget', points, ...why, '--by', 'bo', '--json')).out);
    expect(said).toMatchObject({
      version: 1,
      kind: 'forget',
      asset: 'raw.points',
      keys: [DAY],
      by: 'bo',
      downstream: [
        {asset: 'stats.totals', stale: 1, ifChanged: 0},
        {asset: 'stats.running', stale: 0, ifChanged: 1},
      ],
    });
    const shown = JSON.parse((await project.run('runs', 'show', said.run, '--json')).out);
    expect(shown).toMatchObject({kind: 'forget', by: 'bo', why: why[1]});
    expect(shown.attempts[0].reasons).toEqual([{kind: 'forgotten-by', by: 'bo', why: why[1]}]);
  });
});
