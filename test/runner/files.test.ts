/** Fetches over HTTP: stored as they came, tried again, never replaced by less, asked again on the clock. */
import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, expect, test} from 'vitest';
import {type Answering, Answers, FETCHED, LANDED} from '../kit/answers.ts';
import {at, ended, listed, manifest, Project, tally} from '../kit/project.ts';

const NOW = at('2024-01-04T12:00:00Z');
const DATES = ['2024-01-01', '2024-01-02', '2024-01-03'];
const [FIRST = '', BAD = ''] = DATES;
const LANDING = {files: 'assets/fetch.ts', path: 'scores/{game_date}/', site: 'league', retries: 0};
const RAW = {
  rows: 'assets/land.ts',
  upstream: {answers: 'landing.scores'},
  columns: {game_date: 'date', game_id: 'string', points: 'int64'},
  key: ['game_id'],
};
const ASSETS = {'landing.scores': LANDING, 'raw.scores': RAW};

let project: Project;
let answers: Answers;
afterEach(() => {
  project.remove();
  answers.close();
});

const body = (path: string, points = 1): string =>
  JSON.stringify({games: [{id: `g${path.slice(1)}`, points}]});
const usual: Answering = ({path}) => body(path);

function declare(assets: object): string {
  const sites = {league: {url: answers.url, concurrency: 4}};
  return manifest({calendars: listed({'2023-24': DATES}), sites, assets});
}

async function open(assets: object = ASSETS, answering: Answering = usual, code = FETCHED): Promise<void> {
  answers = await Answers.open(answering);
  project = new Project(
    {'pipeline.yaml': declare(assets), 'assets/fetch.ts': code, 'assets/land.ts': LANDED},
    NOW,
  );
}

const stored = (date: string): readonly string[] =>
  readdirSync(join(project.root, '.gameplan/store/scores', date)).sort();

test('answers are stored byte for byte, landed once, and not asked for again', async () => {
  await open(ASSETS, ({path}) => `${body(path)}\n `);
  expect(tally(await project.materialize())).toEqual({succeeded: 6});
  const [generation = ''] = stored(FIRST);
  expect(project.text(`.gameplan/store/scores/${FIRST}/${generation}/answer.json`)).toBe(
    `${body(`/${FIRST}`)}\n `,
  );
  expect(await project.query('SELECT game_id FROM raw.scores ORDER BY ALL')).toEqual(
    DATES.map(date => [`g${date}`]),
  );
  expect((await project.materialize()).counts.requested).toBe(0);
  expect(answers.total).toBe(3);
});

test('an answer that is as before leaves the objects and all that reads them', async () => {
  await open();
  await project.materialize();
  const before = stored(FIRST);
  const done = await project.materialize({force: true, select: 'landing.scores'});
  expect(tally(done)).toEqual({unchanged: 3});
  expect(stored(FIRST)).toEqual([...before, 'receipt.json']);
  expect((await project.materialize()).counts.requested).toBe(0);
});

test('a corrected answer is a new generation beside the old one, and reaches its own rows alone', async () => {
  await open();
  await project.materialize();
  answers.answering = ({path}) => body(path, path === `/${BAD}` ? 7 : 1);
  await project.materialize({force: true, select: 'landing.scores'});
  expect(ended(await project.materialize())).toEqual([`raw.scores@${BAD} succeeded`]);
  expect(stored(BAD)).toHaveLength(2);
  expect(await project.query('SELECT points FROM raw.scores ORDER BY game_date')).toEqual([[1], [7], [1]]);
});

test('what fails for a while is asked again, as often as declared', async () => {
  const failing: Answering = ({path, count, response}) => {
    if (path !== `/${BAD}` || count > 2) return body(path);
    response.statusCode = 503;
    return 'in trouble';
  };
  await open({...ASSETS, 'landing.scores': {...LANDING, retries: 2}}, failing);
  const done = await project.materialize();
  expect(tally(done)).toEqual({succeeded: 6});
  expect(Object.fromEntries(answers.asked)).toEqual({[`/${FIRST}`]: 1, [`/${BAD}`]: 3, '/2024-01-03': 1});
  const retries = done.events.filter(({kind}) => kind === 'retrying');
  expect(retries.map(event => (event.kind === 'retrying' ? [event.key, event.attempt] : []))).toEqual([
    [BAD, 1],
    [BAD, 2],
  ]);
});

test('what goes on failing fails, what reads it is skipped, and the next run asks for it alone', async () => {
  const failing: Answering = ({path, response}) => {
    if (path !== `/${BAD}`) return body(path);
    response.statusCode = 500;
    return 'broken';
  };
  await open({...ASSETS, 'landing.scores': {...LANDING, retries: 1}}, failing);
  const done = await project.materialize();
  expect(tally(done)).toEqual({succeeded: 4, failed: 1, skipped: 1});
  expect(done.errors.get(`landing.scores@${BAD}`)).toMatch(/HTTP 500/);
  expect(answers.asked.get(`/${BAD}`)).toBe(2);
  answers.answering = usual;
  expect(ended(await project.materialize())).toEqual([
    `landing.scores@${BAD} succeeded`,
    `raw.scores@${BAD} succeeded`,
  ]);
  expect(answers.total).toBe(5);
});

test('a site that never answers is given up after the timeout', async () => {
  await open({...ASSETS, 'landing.scores': {...LANDING, timeout: '1s'}}, ({path}) =>
    path === `/${BAD}` ? undefined : body(path),
  );
  const done = await project.materialize();
  expect(tally(done)).toEqual({succeeded: 4, failed: 1, skipped: 1});
  expect(done.errors.get(`landing.scores@${BAD}`)).toMatch(/within 1 s|Timed out after 1 s/);
});

test('an answer that is no JSON, of another shape, or empty is a named error, and the last good one stays', async () => {
  await open();
  await project.materialize();
  const wrong: Record<string, string> = {
    [FIRST]: '<html>down for maintenance</html>',
    [BAD]: '{"games": [{"id": 7}]}',
    '2024-01-03': '',
  };
  answers.answering = ({path}) => wrong[path.slice(1)] ?? '';
  const done = await project.materialize({force: true, select: 'landing.scores'});
  expect(tally(done)).toEqual({failed: 3});
  expect(done.errors.get(`landing.scores@${FIRST}`)).toMatch(/not JSON.*<html>down/);
  expect(done.errors.get(`landing.scores@${BAD}`)).toMatch(/games\.0\.id/);
  expect(done.errors.get('landing.scores@2024-01-03')).toMatch(/empty|not JSON/);
  expect(await project.query('SELECT count(*) FROM raw.scores')).toEqual([[3]]);
  // What was put is beside the good one and is no generation.
  expect(stored(FIRST)).toHaveLength(2);
  await project.materialize({select: 'raw.scores', force: true});
  expect(await project.query('SELECT count(*) FROM raw.scores')).toEqual([[3]]);
});

test('a fetch that puts nothing fails', async () => {
  const nothing = `import type {Files} from 'gameplan';\nexport const files: Files = async () => undefined;\n`;
  await open({'landing.scores': LANDING}, usual, nothing);
  const done = await project.materialize();
  expect(tally(done)).toEqual({failed: 3});
  expect(done.errors.get(`landing.scores@${FIRST}`)).toMatch(/Nothing was put/);
});

test('objects whose writing is not waited for are part of what was fetched', async () => {
  const careless = `import type {Files} from 'gameplan';
export const files: Files = async ({partition, site, put}) => {
  const answer = await site.get(partition.key);
  void put('a.json', answer.bytes);
  void put('b.json', 'b');
};\n`;
  await open({'landing.scores': LANDING}, usual, careless);
  const done = await project.materialize();
  expect(done.errors).toEqual(new Map());
  expect(done.events.flatMap(event => (event.kind === 'partition-ended' ? [event.rows] : []))).toEqual([
    2, 2, 2,
  ]);
  expect(tally(await project.materialize({force: true}))).toEqual({unchanged: 3});
});

test('code without a site is told to declare one', async () => {
  const {site: _, ...bare} = LANDING;
  await open({'landing.scores': bare});
  const done = await project.materialize();
  expect(done.errors.get(`landing.scores@${FIRST}`)).toMatch(/declares no site; give it 'site:'/);
});

test('a changed fetch is listed and fetched only by force', async () => {
  await open();
  await project.materialize();
  project.write('assets/fetch.ts', FETCHED.replace('answer.json(shape)', 'answer.json(shape) /* twice */'));
  expect((await project.materialize()).counts.requested).toBe(0);
  project.write('assets/fetch.ts', FETCHED.replace("'answer.json'", "'body.json'"));
  const plan = await project.plan();
  expect(plan.partitions.map(({state, action}) => [state, action])).toEqual(
    DATES.map(() => ['stale', undefined]),
  );
  expect((await project.materialize()).counts.requested).toBe(0);
  expect(answers.total).toBe(3);
});

test('a refresh asks again when its time has come, until it ends', async () => {
  await open({...ASSETS, 'landing.scores': {...LANDING, refresh: {every: '12h', until: '2d'}}});
  await project.materialize();
  expect((await project.materialize({now: NOW + 11 * 3_600_000})).counts.requested).toBe(0);
  project.now = NOW + 13 * 3_600_000;
  const later = await project.materialize();
  // The first date's two days are over: it is due from the end of its day.
  expect(later.outcomes.get('landing.scores@2024-01-03')).toBe('unchanged');
  expect(later.outcomes.get('raw.scores@2024-01-03')).toBe('not-needed');
  expect(later.outcomes.has(`landing.scores@${FIRST}`)).toBe(false);
  project.now = NOW + 40 * 86_400_000;
  await project.materialize();
  project.now += 86_400_000;
  expect((await project.materialize()).counts.requested).toBe(0);
});

test('an object that is gone or damaged is an error of what reads it', async () => {
  await open();
  await project.materialize();
  const [generation = ''] = stored(BAD);
  project.write(`.gameplan/store/scores/${BAD}/${generation}/answer.json`, body(`/${BAD}`, 99));
  const done = await project.materialize({select: 'raw.scores', force: true});
  expect(tally(done)).toEqual({unchanged: 2, failed: 1});
  expect(done.errors.get(`raw.scores@${BAD}`)).toMatch(/does not hold the bytes/);
});

test('a window over files gives their objects by key', async () => {
  const counting = `import type {Rows} from 'gameplan';
export const rows: Rows = async ({partition, inputs}) => {
  const keys: string[] = [];
  for await (const object of inputs['answers']?.objects() ?? []) keys.push(object.key);
  return [{game_date: partition.key, keys: keys.join(' ')}];
};\n`;
  const windowed = {
    rows: 'assets/count.ts',
    upstream: {answers: {asset: 'landing.scores', window: 'season to date', required: false}},
    columns: {game_date: 'date', keys: 'string'},
    key: ['game_date'],
    empty: 'allowed',
  };
  await open({'landing.scores': LANDING, 'raw.count': windowed}, ({path, response}) => {
    if (path !== `/${BAD}`) return body(path);
    response.statusCode = 404;
    return 'none';
  });
  project.write('assets/count.ts', counting);
  expect(tally(await project.materialize())).toEqual({succeeded: 5, failed: 1});
  expect(await project.query('SELECT keys FROM raw.count ORDER BY game_date')).toEqual([
    [''],
    [FIRST],
    [FIRST],
  ]);
});

test('an object that is no text is read byte for byte', async () => {
  const fetching = `import type {Files} from 'gameplan';
export const files: Files = async ({put}) => {
  await put('report.pdf', Uint8Array.of(0x25, 0xff, 0x00, 0xfe));
  return undefined;
};\n`;
  const reading = `import type {Rows} from 'gameplan';
export const rows: Rows = async ({partition, inputs}) => {
  const all: string[] = [];
  for await (const {bytes} of inputs['answers']?.objects() ?? []) all.push(bytes.join(' '));
  return [{game_date: partition.key, game_id: all.join(), points: 0}];
};\n`;
  await open(ASSETS, usual, fetching);
  project.write('assets/land.ts', reading);
  await project.materialize();
  expect(await project.query('SELECT DISTINCT game_id FROM raw.scores')).toEqual([['37 255 0 254']]);
});
