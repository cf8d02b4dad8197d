import {afterEach, beforeEach, expect, test} from 'vitest';
import {Answers} from '../kit/answers.ts';
import {ToyProject} from './command-line.ts';
import {expectFits, expectGolden} from './golden.ts';
import {printed} from './printed.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

const LATER = ['--now', '2024-02-01T15:00:00Z'] as const;
/** But the cache of parsed files. */
const written = () => project.files().filter(name => name !== '.gameplan');
const healed = async (...args: readonly string[]) =>
  JSON.parse((await project.run('heal', '--json', ...args)).out);

for (const width of [80, 200]) {
  test(`what is recent is filled, the rest is told, ${width} columns wide`, async () => {
    project.columns = width;
    project.declare('assets:\n', 'healing: {auto_within: 16 days, retry_budget: 1}\nassets:\n');
    project.write('fail-2024-01-18', '');
    const text = await printed(project, ['heal', '--dry-run'], ['heal'], ['heal'], ['heal', ...LATER]);
    // How long it took decides where the line breaks.
    const steady = text.replaceAll(/^Run RUN: [\s\S]*?\n\n/gm, 'Run RUN\n\n');
    expectGolden(`print/heal-${width}.txt`, steady);
    expectFits(text, width);
  });
}

test('a second pass right after does nothing, and a dry run writes nothing', async () => {
  const before = written();
  expect(await healed('--dry-run')).toMatchObject({
    planned: {making: 9, partitions: expect.arrayContaining([expect.stringMatching(/@/)])},
    filled: 0,
    runs: [],
  });
  expect(written()).toEqual(before);
  expect(await healed()).toMatchObject({filled: 9, failed: 0});
  expect(await healed()).toMatchObject({filled: 0, runs: [], planned: {making: 0, following: 0}});
  expect((await project.run('heal')).out).toBe('Nothing to heal.\n');
});

test('who asked for a pass, and why, is on record with its runs, and what happens can be read as it does', async () => {
  const {out} = await project.run('heal', '--events', '--by', 'bo', '--reason', 'before the meeting');
  const events = out.split('\n').filter(line => line.startsWith('{'));
  expect(JSON.parse(events[0] ?? '')).toMatchObject({kind: 'run-started', requested: 9});
  expect(out.split('\n').at(-2)).toBe('Healed: 9 filled, 0 unchanged or not needed, 0 failed.');
  expect((await project.run('runs', 'show', 'last')).out).toContain('by bo: before the meeting');
});

test('never more than allowed in one pass', async () => {
  project.declare('assets:\n', 'healing: {at_most: 4 partitions}\nassets:\n');
  const filled: number[] = [];
  for (;;) {
    const pass = await healed();
    if (pass.filled === 0) break;
    filled.push(pass.filled);
  }
  expect(Math.max(...filled)).toBeLessThanOrEqual(4);
  expect((await project.run('plan')).out).toContain('Nothing to do.');
});

test('in quiet hours nothing is made', async () => {
  project.declare('assets:\n', "healing: {quiet: '06:00-08:00'}\nassets:\n");
  const before = written();
  expect(await healed()).toMatchObject({quiet: true, filled: 0, runs: []});
  expect(written()).toEqual(before);
  expect(await healed(...LATER)).toMatchObject({quiet: false, filled: 9});
});

test('a site that answers again heals what it failed long ago, and all that follows', async () => {
  let isDown = true;
  const answers = await Answers.open(({path, response}) => {
    if (isDown) response.statusCode = 500;
    return isDown ? 'down' : JSON.stringify({points: Number(path.slice(-2))});
  });
  try {
    project.write('assets/box.ts', FETCHING);
    project.write('assets/points.ts', READING);
    project.write('pipeline.yaml', fetched(answers.url));
    await project.run('materialize');
    const down = await healed(...LATER);
    expect(down).toMatchObject({filled: 0, failed: 0, runs: []});
    expect(down.left['too-old']).toMatchObject({count: 9, oldest: {partition: 'landing.box@2024-01-15'}});
    expect(down.left.parked).toEqual({count: 0, oldest: null, partitions: []});
    isDown = false;
    await project.run('materialize', 'landing.box', '--dates', '2024-01-18');
    expect(await healed(...LATER)).toMatchObject({filled: 8, failed: 0});
    expect((await project.run('plan')).out).toContain('Nothing to do.');
  } finally {
    answers.close();
  }
});

test('a pass turns to a lower source where the better one fails, and asks that one again once it answers', async () => {
  let isDown = true;
  const answers = await Answers.open(({path, response}) => {
    const isLeague = path.startsWith('/nba');
    if (isDown && isLeague) response.statusCode = 500;
    return isDown && isLeague ? 'down' : JSON.stringify({points: isLeague ? 10 : 20});
  });
  try {
    for (const site of ['nba', 'bdl']) project.write(`assets/${site}.ts`, FETCHING.replace('box', site));
    project.write(
      'assets/points.ts',
      READING.replace('inputs.box', 'inputs[source]').replace('{partition,', '{partition, source,'),
    );
    project.write('pipeline.yaml', cascading(answers.url));
    expect(await healed()).toMatchObject({filled: 6, failed: 3, planned: {making: 6, following: 3}});
    const points = async () =>
      (await project.run('query', 'SELECT DISTINCT points FROM raw.points', '--csv')).out;
    expect(await points()).toBe('points\n20\n');
    expect(await healed()).toMatchObject({runs: []});
    isDown = false;
    expect(await healed(...LATER)).toMatchObject({filled: 6, failed: 0});
    expect(await points()).toBe('points\n10\n');
    expect(await healed(...LATER)).toMatchObject({runs: []});
  } finally {
    answers.close();
  }
});

const cascading = (url: string) => `name: toy
calendars:
  days:
    dates:
      - {date: 2024-01-15, season: 2023-24}
      - {date: 2024-01-16, season: 2023-24}
      - {date: 2024-01-18, season: 2023-24}
    timezone: America/New_York
sites: {league: {url: '${url}'}}
assets:
  landing.nba: {files: assets/nba.ts, path: 'nba/{game_date}/', site: league, retries: 0}
  landing.bdl: {files: assets/bdl.ts, path: 'bdl/{game_date}/', site: league, retries: 0}
  raw.points:
    rows: assets/points.ts
    sources: [{name: nba, upstream: landing.nba}, {name: bdl, upstream: landing.bdl, quality: 85}]
    columns: {game_date: date, player: string, points: int64}
    key: [game_date, player]
`;
const FETCHING = `import type {Files} from 'gameplan';
export const files: Files = async ({partition, site, put}) => {
  await put('answer.json', (await site.get('/box/' + partition.key)).bytes);
};
`;
const READING = `import {type Rows, z} from 'gameplan';
const Shape = z.object({points: z.number()});
export const rows: Rows = async ({partition, inputs}) => {
  const found = [];
  for await (const object of inputs.box.objects())
    found.push({game_date: partition.key, player: 'ana', points: object.json(Shape).points});
  return found;
};
`;
const fetched = (url: string) => `name: toy
calendars:
  days:
    dates:
      - {date: 2024-01-15, season: 2023-24}
      - {date: 2024-01-16, season: 2023-24}
      - {date: 2024-01-18, season: 2023-24}
    timezone: America/New_York
healing: {auto_within: 5 days}
sites: {league: {url: '${url}'}}
assets:
  landing.box: {files: assets/box.ts, path: 'box/{game_date}/', site: league, retries: 0}
  raw.points:
    rows: assets/points.ts
    upstream: {box: landing.box}
    columns: {game_date: date, player: string, points: int64}
    key: [game_date, player]
  stats.totals:
    sql: assets/totals.sql
    columns: {game_date: date, total: int64}
    key: [game_date]
    upstream: {points: raw.points}
`;
