/** Runs that are killed: the next start settles what was written by its receipts, and the rows come out the same. */
import {spawnSync} from 'node:child_process';
import {afterEach, describe, expect, test} from 'vitest';
import {StoreError} from '../../runner/store.ts';
import type {Workshop} from '../../runner/workshop.ts';
import {Answers, FETCHED, LANDED} from '../kit/answers.ts';
import type {Point} from '../kit/dying.ts';
import {at, type Done, listed, manifest, Project, tally} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const DATES = ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-04'];
const columns = {game_date: 'date', game_id: 'string', points: 'int64'};
const ASSETS = {
  'raw.given': {rows: 'assets/given.ts', columns, key: ['game_id'], batch: 2},
  'landing.copies': {
    files: 'assets/copy.ts',
    path: 'copies/{game_date}/',
  },
  'raw.copies': {
    rows: 'assets/land.ts',
    upstream: {answers: 'landing.copies'},
    columns,
    key: ['game_id'],
    batch: 2,
  },
  'mart.sum': {
    sql: 'assets/sum.sql',
    upstream: {given: {asset: 'raw.given', window: 'season to date', through: 'today'}, copies: 'raw.copies'},
    columns: {game_date: 'date', points: 'int64'},
    key: ['game_date'],
    batch: 3,
  },
  'exports.sum': {
    sql: 'assets/export.sql',
    export: {format: 'csv', path: 'v1/{game_date}.csv'},
    upstream: {sum: 'mart.sum'},
  },
};
const FILES = {
  'pipeline.yaml': manifest({calendars: listed({'2023-24': DATES}), assets: ASSETS}),
  'assets/given.ts': `import type {Rows} from 'gameplan';
export const rows: Rows = async ({partition: {key}}) => [{game_date: key, game_id: key, points: Number(key.slice(-1))}];\n`,
  'assets/copy.ts': `import type {Files} from 'gameplan';
export const files: Files = async ({partition: {key}, put}) => {
  await put('a.json', JSON.stringify({games: [{id: key, points: 10 * Number(key.slice(-1))}]}));
  await put('b.json', JSON.stringify({games: []}));
};\n`,
  'assets/land.ts': LANDED,
  'assets/sum.sql': `SELECT p.game_date, c.points + (SELECT sum(g.points) FROM given_window AS w JOIN given AS g
  ON g.game_date = w.upstream_key WHERE w.key = p.game_date) AS points
FROM partitions AS p JOIN copies AS c ON c.game_date = p.game_date`,
  'assets/export.sql': 'SELECT * FROM sum',
};
const SUMS = [11, 23, 36, 50];

let project: Project;
afterEach(() => project.remove());

function killedRun(point: Point, skipped: number): {signal: string | null; out: string} {
  const script = new URL('../kit/killed-run.ts', import.meta.url).pathname;
  const {signal, stdout, stderr} = spawnSync(
    process.execPath,
    [script, project.root, String(NOW), point, String(skipped)],
    {encoding: 'utf8'},
  );
  if (signal === null && stdout === '') throw new Error(stderr);
  return {signal, out: stdout};
}

async function expectWhole(): Promise<void> {
  expect(await project.query('SELECT points FROM mart.sum ORDER BY game_date')).toEqual(
    SUMS.map(sum => [sum]),
  );
  expect(DATES.map(date => project.text(`.gameplan/store/v1/${date}.csv`))).toEqual(
    DATES.map((date, i) => `game_date,points\r\n${date},${SUMS[i]}\r\n`),
  );
  const again = await project.materialize();
  expect([again.counts.requested, again.warehouseCalls]).toEqual([0, 0]);
}

const succeededIn = ({outcomes}: Done): number =>
  [...outcomes.values()].filter(outcome => outcome === 'succeeded').length;

describe('a run that is killed', () => {
  const points: readonly [Point, number][] = [
    ['before-publish', 0],
    ['before-publish', 2],
    ['after-publish', 0],
    ['after-publish', 4],
    ['after-put', 3],
    ['after-object', 1],
    ['between-export-and-receipt', 0],
    ['between-export-and-receipt', 1],
  ];
  test.each(points)('%s, after %i that were not, is finished by the next one', async (point, skipped) => {
    project = new Project(FILES, NOW);
    expect(killedRun(point, skipped).signal).toBe('SIGKILL');
    const {ledger, close} = await project.open();
    const [intent] = ledger.openIntents();
    const [run] = ledger.runs(1);
    await close();
    expect(run?.end).toBeUndefined();
    if (point !== 'after-put') expect(intent).toBeDefined();
    const done = await project.materialize();
    expect(tally(done)).toEqual({succeeded: succeededIn(done)});
    const settled = await project.open();
    expect(settled.ledger.openIntents()).toEqual([]);
    await settled.close();
    await expectWhole();
  });

  test('what it had published is not made again', async () => {
    project = new Project(FILES, NOW);
    killedRun('after-publish', 0);
    const {ledger, close} = await project.open();
    const intents = ledger.openIntents().filter(({kind}) => kind === 'rows');
    await close();
    // Several batches are at work at once, and whichever was published first ended the process.
    const tables = await project.query(
      "SELECT table_schema || '.' || table_name FROM information_schema.tables",
    );
    const kept: string[] = [];
    for (const {asset, keys} of intents) {
      if (!tables.some(([name]) => name === asset)) continue;
      const rows = await project.query(`SELECT game_date FROM ${asset} WHERE game_date = '${keys[0]}'`);
      if (rows.length > 0) kept.push(...keys.map(key => `${asset}@${key}`));
    }
    expect(kept).not.toEqual([]);
    const done = await project.materialize();
    expect([...done.outcomes.keys()].filter(ref => kept.includes(ref))).toEqual([]);
    await expectWhole();
  });

  test('between an export and its receipt leaves no export that is taken for another', async () => {
    project = new Project(FILES, NOW);
    await project.materialize();
    // Two are made at a time, so it is either of them that was written when the process died.
    const exported = () => DATES.map(date => project.text(`.gameplan/store/v1/${date}.csv`));
    const before = exported();
    project.write('assets/export.sql', 'SELECT game_date, points + 1 AS points FROM sum');
    expect(killedRun('between-export-and-receipt', 0).signal).toBe('SIGKILL');
    expect(exported()).not.toEqual(before);
    project.write('assets/export.sql', FILES['assets/export.sql']);
    await project.materialize();
    await expectWhole();
  });

  test('again and again makes its way', async () => {
    project = new Project(FILES, NOW);
    for (let round = 0; round < 4; round++) expect(killedRun('after-publish', 0).signal).toBe('SIGKILL');
    expect(killedRun('never', 0).signal).toBeNull();
    await expectWhole();
  });
});

test('a process that is killed while a site is slow loses that fetch alone', async () => {
  let slow: (() => void) | undefined;
  const answers = await Answers.open(({path, response}) => {
    if (path !== '/2024-01-03') return JSON.stringify({games: [{id: path, points: 1}]});
    slow ??= () => response.destroy();
    return undefined;
  });
  const {'raw.copies': raw} = ASSETS;
  project = new Project(
    {
      ...FILES,
      'assets/copy.ts': FETCHED,
      'pipeline.yaml': manifest({
        calendars: listed({'2023-24': DATES}),
        sites: {league: {url: answers.url, concurrency: 1}},
        assets: {
          'landing.copies': {...ASSETS['landing.copies'], site: 'league', retries: 0, timeout: '1m'},
          'raw.copies': raw,
        },
      }),
    },
    NOW,
  );
  // The site's pool lets one through at a time: two answers are stored when the third hangs.
  const stop = new AbortController();
  const done = await project.materialize({
    stop: stop.signal,
    cancel: stop.signal,
    onEvent: event => {
      if (event.kind === 'partition-ended' && event.key === '2024-01-02' && event.asset === 'landing.copies')
        setTimeout(() => stop.abort(), 200);
    },
  });
  expect(done.outcomes.get('landing.copies@2024-01-03')).toBe('cancelled');
  slow?.();
  answers.answering = ({path}) => JSON.stringify({games: [{id: path, points: 1}]});
  const next = await project.materialize();
  expect([...next.outcomes.keys()].filter(ref => ref.startsWith('landing')).sort()).toEqual([
    'landing.copies@2024-01-03',
    'landing.copies@2024-01-04',
  ]);
  answers.close();
});

/** The workshop with another `publish`, or another ledger. */
function withPublish(workshop: Workshop, publish: (real: () => Promise<void>) => Promise<void>): Workshop {
  return {
    ...workshop,
    async warehouse() {
      const warehouse = await workshop.warehouse();
      return new Proxy(warehouse, {
        get(target, name) {
          const found: unknown = Reflect.get(target, name);
          if (name === 'publish')
            return (request: Parameters<typeof target.publish>[0]) => publish(() => target.publish(request));
          return typeof found === 'function' ? found.bind(target) : found;
        },
      });
    },
  };
}

test('a publication that throws publishes nothing, and is tried again by the next run', async () => {
  project = new Project(FILES, NOW);
  let count = 0;
  const done = await project.materialize({
    select: 'raw.given',
    through: workshop =>
      withPublish(workshop, async real => {
        if (++count === 1) throw new Error('the engine gave up');
        await real();
      }),
  });
  expect(tally(done)).toEqual({failed: 2, succeeded: 2});
  const {ledger, close} = await project.open();
  expect(ledger.openIntents()).toEqual([]);
  await close();
  expect(await project.query('SELECT count(*) FROM raw.given')).toEqual([[2]]);
  await project.materialize();
  await expectWhole();
});

test('an intent that cannot be written publishes nothing and says nothing else', async () => {
  project = new Project(FILES, NOW);
  const done = project.materialize({
    select: 'raw.given',
    through: workshop => {
      const ledger = new Proxy(workshop.ledger, {
        get(target, name) {
          const found: unknown = Reflect.get(target, name);
          if (name === 'writeIntents')
            return () => {
              throw new Error('no room for an intent');
            };
          return typeof found === 'function' ? found.bind(target) : found;
        },
      });
      return {...workshop, ledger};
    },
  });
  expect(tally(await done)).toEqual({failed: 4});
  expect((await project.plan({select: 'raw.given'})).states).toMatchObject({missing: 4, fresh: 0});
  await project.materialize();
  await expectWhole();
});

test('a publication that throws after it was committed is known for what it is', async () => {
  project = new Project(FILES, NOW);
  let count = 0;
  const done = await project.materialize({
    select: 'raw.given',
    through: workshop =>
      withPublish(workshop, async real => {
        await real();
        if (++count === 1) throw new Error('the connection broke');
      }),
  });
  expect(tally(done)).toEqual({succeeded: 4});
  expect(await project.query('SELECT count(*) FROM raw.given')).toEqual([[4]]);
  await project.materialize();
  await expectWhole();
});

test('a fetch that throws after it was committed is known for what it is at the next start', async () => {
  project = new Project(FILES, NOW);
  let isFirst = true;
  const done = await project.materialize({
    through: workshop => ({
      ...workshop,
      store() {
        const store = workshop.store();
        return {
          ...store,
          async draft(path) {
            const draft = await store.draft(path);
            return new Proxy(draft, {
              get(target, name) {
                const found: unknown = Reflect.get(target, name, target);
                if (name !== 'commit') return typeof found === 'function' ? found.bind(target) : found;
                return async (receipt: Parameters<typeof draft.commit>[0]) => {
                  const committed = await draft.commit(receipt);
                  if (!isFirst) return committed;
                  isFirst = false;
                  throw new StoreError('other', 'The connection broke.');
                };
              },
            });
          },
        };
      },
    }),
  });
  const [failed] = [...done.outcomes].filter(([, outcome]) => outcome === 'failed');
  expect(failed?.[0]).toContain('landing.copies@');
  const next = await project.materialize();
  expect(next.outcomes.has(failed?.[0] ?? 'none@none')).toBe(false);
  await expectWhole();
});
