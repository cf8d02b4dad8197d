/** How much is at work at once, in which order, and what becomes of the rest when a site gives nothing any more. */
import {afterEach, describe, expect, test} from 'vitest';
import {failuresAmong} from '../../report/failures.ts';
import {Answers, FETCHED} from '../kit/answers.ts';
import {at, listed, manifest, Project, tally} from '../kit/project.ts';

const NOW = at('2026-03-01T12:00:00Z');
const FIRST = Array.from({length: 10}, (_, i) => `2024-01-${i + 10}`);
const SECOND = Array.from({length: 10}, (_, i) => `2025-01-${i + 10}`);
const CALENDARS = listed({'2023-24': FIRST, '2024-25': SECOND});
const DATES = [...FIRST, ...SECOND];
const columns = {game_date: 'date', points: 'int64'};

let project: Project;
const open: Answers[] = [];
afterEach(() => {
  project.remove();
  for (const answers of open.splice(0)) answers.close();
});

async function answering(answer: Parameters<typeof Answers.open>[0]): Promise<Answers> {
  const answers = await Answers.open(answer);
  open.push(answers);
  return answers;
}

const landing = (site: string) => ({files: 'assets/fetch.ts', path: `${site}/{game_date}/`, site});

function openProject(about: object, files: Record<string, string> = {}): void {
  project = new Project(
    {'pipeline.yaml': manifest({calendars: CALENDARS, ...about}), 'assets/fetch.ts': FETCHED, ...files},
    NOW,
  );
}

describe('a site whose quota is used up', () => {
  test('is not asked again; what was not made is skipped with the cause, and is what --failed means', async () => {
    const site = await answering(({response, count, path}) => {
      if (path <= '/2024-01-13') return JSON.stringify({games: [{id: path, points: count}]});
      response.statusCode = 403;
      return 'Your monthly quota has been exceeded.';
    });
    openProject({
      sites: {league: {url: site.url, concurrency: 1}},
      assets: {'landing.games': landing('league')},
    });
    const done = await project.materialize();
    expect(tally(done)).toEqual({succeeded: 4, skipped: 16});
    expect(site.total).toBe(5);
    const {ledger, close} = await project.open();
    const attempts = ledger.findRun(done.run)?.attempts ?? [];
    await close();
    expect(attempts.at(-1)?.reasons).toMatchObject([{kind: 'site-closed', site: 'league'}]);
    expect(failuresAmong(attempts).get('landing.games')?.size).toBe(16);
    // Nothing was tried, so nothing is on its way to being parked.
    const plan = await project.plan();
    expect(new Set(plan.partitions.map(({action}) => action))).toEqual(new Set(['run']));
  });

  test('with a long Retry-After is one as well', async () => {
    const site = await answering(({response}) => {
      response.statusCode = 429;
      response.setHeader('retry-after', '3600');
      return 'slow down';
    });
    openProject({
      sites: {league: {url: site.url, concurrency: 1}},
      assets: {'landing.games': landing('league')},
    });
    expect(tally(await project.materialize())).toEqual({skipped: 20});
    expect(site.total).toBe(1);
  });
});

test('an error of its own around it is still the closed site, and no failure', async () => {
  const site = await answering(({response}) => {
    response.statusCode = 402;
    return 'pay first';
  });
  openProject(
    {sites: {league: {url: site.url, concurrency: 1}}, assets: {'landing.games': landing('league')}},
    {
      'assets/fetch.ts': `export const files = async ({partition, site}) => {
  try { await site.get(partition.key); } catch (cause) { throw new Error('no games', {cause}); }
};\n`,
    },
  );
  expect(tally(await project.materialize())).toEqual({skipped: 20});
});

test('a slow site does not keep a quick one waiting: both take the longer time, not the sum', async () => {
  const slow = await answering(({path, response}) => {
    setTimeout(() => response.end(JSON.stringify({games: [{id: path, points: 1}]})), 100);
    return undefined;
  });
  const quick = await answering(({path}) => JSON.stringify({games: [{id: path, points: 1}]}));
  openProject({
    sites: {slow: {url: slow.url, concurrency: 1}, quick: {url: quick.url, concurrency: 1}},
    assets: {'landing.a': landing('slow'), 'landing.b': landing('quick')},
  });
  const order: string[] = [];
  await project.materialize({
    onEvent: event => {
      if (event.kind === 'partition-ended') order.push(event.asset);
    },
  });
  // All of the quick one's are done before half of the slow one's.
  expect(order.lastIndexOf('landing.b')).toBeLessThan(30);
});

/** Leaves when each partition began and ended. */
const TIMED = `import {appendFileSync} from 'node:fs';
const log = (line) => appendFileSync(new URL('../log', import.meta.url), line + '\\n');
export const rows = async ({partition: {key}}) => {
  log('begin ' + key);
  await new Promise(done => setTimeout(done, 80));
  log('end ' + key);
  return [{game_date: key, points: 1}];
};\n`;
const TABLE = {rows: 'assets/timed.ts', columns, key: ['game_date'], batch: 1};

function mostAtOnce(): number {
  let [most, now] = [0, 0];
  for (const line of project.text('log').trim().split('\n')) {
    now += line.startsWith('begin') ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}

describe('limits', () => {
  test.each([
    ['by themselves', {}, {}, 2],
    ['of all batches', {limits: {batches: 4}}, {}, 4],
    ['of an asset', {limits: {batches: 4}}, {concurrency: 1}, 2],
    ['of a pool', {limits: {batches: 4}, pools: {heavy: 3}}, {pool: 'heavy'}, 3],
  ])('%s hold', async (_, about, own, expected) => {
    openProject(
      {...about, assets: {'raw.a': {...TABLE, ...own}, 'raw.b': {...TABLE, ...own}}},
      {'assets/timed.ts': TIMED},
    );
    const {pipeline, close} = await project.open();
    await close();
    await project.materialize({concurrency: pipeline.limits});
    expect(mostAtOnce()).toBe(expected);
  });

  test('of a pool hold over all of its members', async () => {
    openProject(
      {
        limits: {batches: 4},
        pools: {heavy: 1},
        assets: {'raw.a': {...TABLE, pool: 'heavy'}, 'raw.b': {...TABLE, pool: 'heavy'}},
      },
      {'assets/timed.ts': TIMED},
    );
    await project.materialize({concurrency: {fetches: 8, batches: 4}});
    expect(mostAtOnce()).toBe(1);
  });

  test('name a pool that is not declared', async () => {
    openProject(
      {pools: {heavy: 1}, assets: {'raw.a': {...TABLE, pool: 'heavi'}}},
      {'assets/timed.ts': TIMED},
    );
    await expect(project.plan()).rejects.toThrow(
      "[unknown-pool] No pool is named 'heavi'. Did you mean 'heavy'?",
    );
  });
});

const begun = (): readonly string[] =>
  project
    .text('log')
    .split('\n')
    .flatMap(line => (line.startsWith('begin ') ? [line.slice(6)] : []));

describe('the order of keys', () => {
  test('is the oldest first, or the newest', async () => {
    openProject({assets: {'raw.a': {...TABLE, concurrency: 1}}}, {'assets/timed.ts': TIMED});
    await project.materialize({order: 'newest'});
    expect(begun()).toEqual(DATES.toReversed());
    project.remove();
    openProject({assets: {'raw.a': {...TABLE, concurrency: 1}}}, {'assets/timed.ts': TIMED});
    await project.materialize({});
    expect(begun()).toEqual(DATES);
  });

  test('never comes before what a partition reads', async () => {
    const sum = {
      sql: 'assets/sum.sql',
      columns,
      key: ['game_date'],
      upstream: {own: {asset: 'mart.sum', window: 'previous'}, a: 'raw.a'},
    };
    openProject(
      {assets: {'raw.a': TABLE, 'mart.sum': sum}},
      {
        'assets/timed.ts': TIMED,
        'assets/sum.sql': `SELECT a.game_date, a.points + coalesce((SELECT max(own.points) FROM own), 0) AS points FROM a`,
      },
    );
    expect(tally(await project.materialize({order: 'newest'}))).toEqual({succeeded: 40});
    expect(await project.query('SELECT max(points) FROM mart.sum')).toEqual([[10]]);
  });
});

describe('by season', () => {
  const FAILING = TIMED.replace(
    "log('begin ' + key);",
    "log('begin ' + key); if (key === '2024-01-12') throw new Error('down');",
  );
  const ASSETS = {
    'raw.a': TABLE,
    'mart.a': {sql: 'assets/a.sql', columns, key: ['game_date'], upstream: {a: 'raw.a'}},
  };

  test('a season is wholly made before the next begins', async () => {
    openProject({assets: ASSETS}, {'assets/timed.ts': TIMED, 'assets/a.sql': 'SELECT * FROM a'});
    const order: string[] = [];
    const done = await project.materialize({
      bySeason: true,
      onEvent: event => {
        if (event.kind === 'partition-ended') order.push(event.key);
      },
    });
    expect(tally(done)).toEqual({succeeded: 40});
    expect(order.slice(0, 20).every(key => key < '2025')).toBe(true);
  });

  test('one in which something fails is the last', async () => {
    openProject({assets: ASSETS}, {'assets/timed.ts': FAILING, 'assets/a.sql': 'SELECT * FROM a'});
    const done = await project.materialize({bySeason: true});
    expect(done.counts).toMatchObject({requested: 40, succeeded: 18, failed: 1, skipped: 21});
    expect(begun().filter(key => key > '2025')).toEqual([]);
    const {ledger, close} = await project.open();
    const last = ledger.findRun(done.run)?.attempts.at(-1);
    await close();
    expect(last?.reasons).toEqual([{kind: 'season-stopped', season: '2023-24', count: 2}]);
  });

  test('what is parked, and what waits for it, stops no season', async () => {
    openProject({assets: ASSETS}, {'assets/timed.ts': FAILING, 'assets/a.sql': 'SELECT * FROM a'});
    for (const _ of [1, 2, 3]) await project.materialize({bySeason: true});
    const done = await project.materialize({bySeason: true});
    expect(done.counts).toMatchObject({requested: 22, succeeded: 20, failed: 0, skipped: 2});
    expect(
      begun()
        .filter(key => key > '2025')
        .sort(),
    ).toEqual(SECOND);
  });
});
