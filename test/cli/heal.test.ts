import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {openLedger} from '../../runner/ledger-open.ts';
import {fileLedger} from '../../runner/ledger-place.ts';
import {ownProcess} from '../../runner/liveness.ts';
import {Answers} from '../kit/answers.ts';
import {ToyProject} from './command-line.ts';
import {expectFits, expectGolden} from './golden.ts';
import {printed} from './printed.ts';
import {FETCHING, READING} from './watched-project.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

function inLedger<T>(use: (ledger: ReturnType<typeof openLedger>) => T): T {
  const ledger = openLedger({
    place: fileLedger(path.join(project.root, '.gameplan/ledger.sqlite')),
    now: Date.now,
  });
  try {
    return use(ledger);
  } finally {
    ledger.close();
  }
}

/** Its process began before this machine did. */
const KILLED = {...ownProcess(), id: 'killed', trigger: 'page', by: 'bo', born: '0'} as const;
// biome-ignore lint/suspicious/noTemplateCurlyInString: as the manifest has it
const PING = '${HEALING_PING_URL}';

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

test('every pass is on record with what asked for it and what came of it, and one that was killed is told by the next', async () => {
  project.write('fail-2024-01-18', '');
  expect((await healed('--by', 'bo')).pass).toMatchObject({trigger: 'command', outcome: 'failed'});
  inLedger(ledger => ledger.beginPass({...KILLED, startedAt: project.begun}));
  expect((await healed('--dry-run')).pass).toBeNull();
  await healed();
  const told = inLedger(ledger => ledger.passes(9)).map(({trigger, by, end}) => [trigger, by, end?.outcome]);
  expect(told.toSorted()).toEqual(
    [
      ['command', 'bo', 'failed'],
      ['page', 'bo', 'died'],
      ['command', undefined, 'nothing'],
    ].toSorted(),
  );
});

test('a pass that cannot do its work is on record as broken', async () => {
  project.write('assets/totals.sql', 'SELECT game_date, nothing AS total FROM points\n');
  expect((await project.run('heal')).code).toBe(1);
  const [pass] = inLedger(ledger => ledger.passes(1));
  expect(pass?.end).toMatchObject({outcome: 'broken', error: expect.stringContaining('nothing')});
});

describe('an address outside', () => {
  const asked: string[] = [];
  let answers: Answers;
  beforeEach(async () => {
    asked.length = 0;
    answers = await Answers.open(({path, response}) => {
      asked.push(path);
      if (path.startsWith('/down')) response.statusCode = 500;
      return 'OK';
    });
    project.declare('assets:\n', `healing: {ping: '${PING}'}\nassets:\n`);
  });
  afterEach(() => answers.close());

  test('hears when a pass begins and how it ends, and nothing of a dry run', async () => {
    project.env = {HEALING_PING_URL: `${answers.url}/mine`};
    await project.run('heal', '--dry-run');
    expect(asked).toEqual([]);
    await project.run('heal');
    expect(asked).toEqual(['/mine/start', '/mine']);
    project.write('assets/totals.sql', 'SELECT game_date, 2::BIGINT + nothing AS total FROM points\n');
    await project.run('heal');
    expect(asked.slice(2)).toEqual(['/mine/start', '/mine/fail']);
  });

  test('that does not answer is said, without the address, and changes nothing', async () => {
    project.env = {HEALING_PING_URL: `${answers.url}/down`};
    const {code, err} = await project.run('heal');
    expect(code).toBe(0);
    expect(err).toContain("The address of 'healing.ping' was not told of the success: it answered 500.");
    expect(err).not.toContain(answers.url);
    expect(asked).toEqual(['/down/start', '/down', '/down', '/down']);
  });

  test('that has a user and a password is told, and neither is printed', async () => {
    project.env = {HEALING_PING_URL: `${answers.url.replace('//', '//ada:hush-4711@')}/mine`};
    const {err} = await project.run('heal');
    expect(err).toBe('');
    expect(asked).toEqual(['/mine/start', '/mine']);
  });

  test('that is not set is said, and other commands do without it', async () => {
    const {code, err} = await project.run('heal');
    expect(code).toBe(0);
    expect(err).toContain(`'${PING}' of 'healing.ping' is not set`);
    expect((await project.run('plan')).err).toBe('');
  });
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

test('in quiet hours nothing is made, and the pass is on record', async () => {
  project.declare('assets:\n', "healing: {quiet: '06:00-08:00'}\nassets:\n");
  const before = written();
  const pass = {trigger: 'schedule', outcome: 'quiet'};
  expect(await healed('--trigger', 'schedule')).toMatchObject({quiet: true, filled: 0, runs: [], pass});
  expect(written()).toEqual(['.gameplan/ledger.sqlite', ...before]);
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
